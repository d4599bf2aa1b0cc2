import { changeRef, settle } from '../deeds/change-ref.ts';
import { gitHubSignature, refuseProtected, signatureOf } from '../deeds/commit-files.ts';
import { doer } from '../deeds/doer.ts';
import { writeCommit } from '../git/commit.ts';
import type { GitHub } from '../github.ts';
import { created, noContent, ok } from '../http/answer.ts';
import { listed } from '../http/pagination.ts';
import { Refusal } from '../http/refusal.ts';
import { onRepository, type Routes } from '../http/route-handler.ts';
import { needs } from '../permissions.ts';
import type { BranchProtection } from '../state/branch-protection.ts';
import type { Repository } from '../state/repository.ts';
import { accountView } from '../views/account-view.ts';
import { commitView } from '../views/commit-view.ts';
import { repositoryUrl } from '../views/repository-view.ts';
import { resolveCommit } from './resolve-commit.ts';

const reads = needs('contents', 'read');

/** `branch-protection`, which is shown to administrators */
function protectionView(github: GitHub, repository: Repository, branch: string, protection: BranchProtection) {
  const url = `${repositoryUrl(github, repository)}/branches/${branch}/protection`;
  const pushers = [...(protection.pushers ?? [])].flatMap(id => github.accountById(id) ?? []);
  return {
    url,
    ...(protection.requiredChecks.length === 0
      ? {}
      : {
          required_status_checks: {
            url: `${url}/required_status_checks`,
            strict: false,
            contexts: [...protection.requiredChecks],
            contexts_url: `${url}/required_status_checks/contexts`,
            checks: protection.requiredChecks.map(context => ({ context, app_id: null })),
          },
        }),
    enforce_admins: { url: `${url}/enforce_admins`, enabled: true },
    ...(protection.requiresPull
      ? {
          required_pull_request_reviews: {
            url: `${url}/required_pull_request_reviews`,
            dismiss_stale_reviews: false,
            require_code_owner_reviews: false,
            required_approving_review_count: 1,
          },
        }
      : {}),
    ...(protection.pushers === null
      ? {}
      : {
          restrictions: {
            url: `${url}/restrictions`,
            users_url: `${url}/restrictions/users`,
            teams_url: `${url}/restrictions/teams`,
            apps_url: `${url}/restrictions/apps`,
            users: pushers.filter(({ type }) => type === 'User').map(account => accountView(github, account)),
            teams: [],
            apps: [],
          },
        }),
  };
}

const admin = needs('administration', 'read', { asPerson: 'admin' });

export const branchRoutes: Routes = {
  'GET /repos/{owner}/{repo}/branches': onRepository(reads, call => {
    const { github, repository } = call;
    const branches = [...repository.git.refs.list('refs/heads')];
    return listed(call, branches, ([ref, sha]) => {
      const name = ref.slice('refs/heads/'.length);
      const commit = { sha, url: `${repositoryUrl(github, repository)}/commits/${sha}` };
      return { name, commit, protected: repository.protections.has(name) };
    });
  }),
  'GET /repos/{owner}/{repo}/branches/{branch}': onRepository(reads, async ({ github, repository, path }) => {
    const name = path.branch!;
    const sha = repository.branch(name);
    if (sha === undefined) throw new Refusal(404, 'Branch not found');
    const url = `${repositoryUrl(github, repository)}/branches/${name}`;
    return ok({
      name,
      commit: commitView(github, repository, (await repository.git.commit(sha))!),
      _links: { self: url, html: `${github.origin}/${repository.fullName}/tree/${name}` },
      protected: repository.protections.has(name),
      protection: {
        enabled: repository.protections.has(name),
        required_status_checks: { enforcement_level: 'off', contexts: [], checks: [] },
      },
      protection_url: `${url}/protection`,
    });
  }),
  'GET /repos/{owner}/{repo}/branches/{branch}/protection': onRepository(admin, ({ github, repository, path }) => {
    const protection = repository.protections.get(path.branch!);
    if (protection === undefined) throw new Refusal(404, 'Branch not protected');
    return ok(protectionView(github, repository, path.branch!, protection));
  }),
  'DELETE /repos/{owner}/{repo}/branches/{branch}/protection': onRepository(
    needs('administration', 'write', { asPerson: 'admin' }),
    ({ repository, path }) => {
      if (!repository.protections.delete(path.branch!)) throw new Refusal(404, 'Branch not protected');
      return noContent();
    },
  ),
  'POST /repos/{owner}/{repo}/branches/{branch}/rename': onRepository(
    needs('administration', 'write', { asPerson: 'write' }),
    async ({ github, repository, actor, path, body }) => {
      const [from, to] = [path.branch!, body.new_name as string];
      const sha = repository.branch(from);
      if (sha === undefined) throw new Refusal(404, 'Branch not found');
      if (repository.branch(to) !== undefined) throw new Refusal(422, 'The branch name is taken.');
      await repository.exclusively(async () => {
        // Pull requests go along with the name.
        for (const pull of repository.pulls()) if (pull.baseBranch === from) pull.baseBranch = to;
        if (repository.defaultBranch === from) repository.defaultBranch = to;
        await repository.git.refs.write(`refs/heads/${to}`, sha);
        await repository.git.refs.remove(`refs/heads/${from}`);
        const updates = [
          { ref: `refs/heads/${from}`, before: sha, after: null },
          { ref: `refs/heads/${to}`, before: null, after: sha },
        ];
        await settle(github, repository, updates, doer(actor));
      });
      const url = `${repositoryUrl(github, repository)}/branches/${to}`;
      return created({
        name: to,
        commit: commitView(github, repository, (await repository.git.commit(sha))!),
        _links: { self: url, html: `${github.origin}/${repository.fullName}/tree/${to}` },
        protected: false,
        protection: {},
        protection_url: `${url}/protection`,
      });
    },
  ),
  'POST /repos/{owner}/{repo}/merges': onRepository(
    needs('contents', 'write'),
    async ({ github, repository, actor, body }) => {
      const { base, head, commit_message: message = null } = body;
      if (repository.branch(base) === undefined) throw new Refusal(404, 'Base does not exist');
      const theirs = await resolveCommit(repository, head).catch(() => {
        throw new Refusal(404, 'Head does not exist');
      });
      const by = doer(actor);
      let already = false;
      const { after } = await changeRef(github, repository, `refs/heads/${base}`, by, async before => {
        if (before === null) throw new Refusal(404, 'Base does not exist');
        already = await repository.git.isAncestor(theirs, before);
        if (already) return before;
        refuseProtected(repository, base, by);
        const tree = await repository.git.mergeTrees(before, theirs);
        if (tree === undefined) throw new Refusal(409, 'Merge conflict');
        const id = await writeCommit(repository.git.objects, {
          tree,
          parents: [before, theirs],
          author: signatureOf(by.account, github.now()),
          committer: gitHubSignature(github.now()),
          message: message ?? `Merge ${head} into ${base}`,
        });
        repository.signed.add(id);
        return id;
      });
      if (already) return noContent();
      return created(commitView(github, repository, (await repository.git.commit(after!))!));
    },
  ),
};
