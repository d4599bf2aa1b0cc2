import type { GitHub } from '../github.ts';
import { atLeast } from '../permissions.ts';
import type { Account } from '../state/account.ts';
import type { Repository } from '../state/repository.ts';
import { accountView } from './account-view.ts';
import { nodeId } from './node-id.ts';

/** Every template that a repository lists, by what its name says. */
const templates: Readonly<{ [name: string]: string }> = {
  archive_url: '/{archive_format}{/ref}',
  assignees_url: '/assignees{/user}',
  blobs_url: '/git/blobs{/sha}',
  branches_url: '/branches{/branch}',
  collaborators_url: '/collaborators{/collaborator}',
  comments_url: '/comments{/number}',
  commits_url: '/commits{/sha}',
  compare_url: '/compare/{base}...{head}',
  contents_url: '/contents/{+path}',
  contributors_url: '/contributors',
  deployments_url: '/deployments',
  downloads_url: '/downloads',
  events_url: '/events',
  forks_url: '/forks',
  git_commits_url: '/git/commits{/sha}',
  git_refs_url: '/git/refs{/sha}',
  git_tags_url: '/git/tags{/sha}',
  hooks_url: '/hooks',
  issue_comment_url: '/issues/comments{/number}',
  issue_events_url: '/issues/events{/number}',
  issues_url: '/issues{/number}',
  keys_url: '/keys{/key_id}',
  labels_url: '/labels{/name}',
  languages_url: '/languages',
  merges_url: '/merges',
  milestones_url: '/milestones{/number}',
  notifications_url: '/notifications{?since,all,participating}',
  pulls_url: '/pulls{/number}',
  releases_url: '/releases{/id}',
  stargazers_url: '/stargazers',
  statuses_url: '/statuses/{sha}',
  subscribers_url: '/subscribers',
  subscription_url: '/subscription',
  tags_url: '/tags',
  teams_url: '/teams',
  trees_url: '/git/trees{/sha}',
};

export const repositoryUrl = (github: GitHub, repository: Repository) => `${github.api}/repos/${repository.fullName}`;

/** `minimal-repository` */
export function minimalRepositoryView(github: GitHub, repository: Repository) {
  const url = repositoryUrl(github, repository);
  return {
    id: repository.id,
    node_id: nodeId('Repository', repository.id),
    name: repository.name,
    full_name: repository.fullName,
    private: repository.isPrivate,
    owner: accountView(github, repository.owner),
    html_url: `${github.origin}/${repository.fullName}`,
    description: null,
    fork: repository.parent !== null,
    url,
    ...Object.fromEntries(Object.entries(templates).map(([name, path]) => [name, `${url}${path}`])),
  };
}

/** `repository`, as webhooks and pull requests hold it */
export function repositoryView(github: GitHub, repository: Repository) {
  const forks = github.repositories.filter(({ parent }) => parent === repository).length;
  const open = [...repository.issues.values()].filter(({ state }) => state === 'open').length;
  const clone = `${github.origin}/${repository.fullName}.git`;
  const at = repository.createdAt.toISOString();
  return {
    ...minimalRepositoryView(github, repository),
    created_at: at,
    updated_at: at,
    pushed_at: at,
    git_url: clone.replace(/^https?/, 'git'),
    ssh_url: `git@${new URL(github.origin).hostname}:${repository.fullName}.git`,
    clone_url: clone,
    svn_url: `${github.origin}/${repository.fullName}`,
    homepage: null,
    size: 0,
    stargazers_count: 0,
    watchers_count: 0,
    language: null,
    has_issues: true,
    has_projects: true,
    has_downloads: true,
    has_wiki: true,
    has_pages: false,
    has_discussions: false,
    forks_count: forks,
    mirror_url: null,
    archived: false,
    disabled: false,
    open_issues_count: open,
    license: null,
    allow_forking: true,
    is_template: false,
    web_commit_signoff_required: false,
    topics: [],
    visibility: repository.isPrivate ? 'private' : 'public',
    forks,
    open_issues: open,
    watchers: 0,
    default_branch: repository.defaultBranch,
  };
}

/** `full-repository`, as one that asks sees it */
export function fullRepositoryView(github: GitHub, repository: Repository, asks: Account | null) {
  const access = asks === null ? 'read' : repository.access(asks);
  const { parent, source } = repository;
  return {
    ...repositoryView(github, repository),
    permissions: {
      admin: atLeast(access, 'admin'),
      maintain: atLeast(access, 'admin'),
      push: atLeast(access, 'write'),
      triage: atLeast(access, 'write'),
      pull: atLeast(access, 'read'),
    },
    network_count: 0,
    subscribers_count: 0,
    ...(repository.owner.type === 'Organization' ? { organization: accountView(github, repository.owner) } : {}),
    ...(parent === null ? {} : { parent: repositoryView(github, parent), source: repositoryView(github, source!) }),
  };
}
