import type { PullRequest, TargetRepository } from '../domain/pull-request/pull-request.ts';
import type { CheckView } from '../domain/pull-request/pull-request-view.ts';
import { type Api, ask } from './api.ts';
import { annotationsDigest, writeStamp } from './check-stamp.ts';

/** What GitHub takes: https://docs.github.com/en/rest/checks/runs */
const limits = { summary: 65_535, annotations: 50, annotationTitle: 255, message: 64 * 1024, actions: 3 };

/**
 * Brings one check run on the head commit to its view, in no call or one. Annotations can be added only, so other ones
 * need a new run: GitHub shows the newest of a name.
 * @param afresh also where it shows that already: "Re-run" made GitHub wait for it
 */
export async function showCheck(
  api: Api,
  { owner, name: repo }: TargetRepository,
  pull: Pick<PullRequest, 'checks'> & { readonly head: { readonly commit: string } },
  check: CheckView,
  afresh: boolean,
): Promise<void> {
  const stands = pull.checks.find(({ name }) => name === check.name);
  if (stands?.digest === check.digest && !afresh) return;
  const { annotations, ...output } = outputOf(check);
  const fields = {
    owner,
    repo,
    status: check.status,
    ...(check.conclusion === null ? {} : { conclusion: check.conclusion }),
    external_id: writeStamp(check),
    actions: check.actions.slice(0, limits.actions),
  };
  if (stands !== undefined && stands.annotations === annotationsDigest(check)) {
    const route = 'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}';
    await ask(api, route, { ...fields, check_run_id: stands.id, output });
  } else {
    const route = 'POST /repos/{owner}/{repo}/check-runs';
    const run = { ...fields, name: check.name, head_sha: pull.head.commit };
    const refusals = annotations.length > 0 ? [422] : [];
    const { status } = await ask(api, route, { ...run, output: { ...output, annotations } }, refusals);
    // An annotation that GitHub will not take must not hide the verdict; the summary names every fault.
    if (status === 422) await ask(api, route, { ...run, output });
  }
}

/** Cut to what GitHub takes: a text that is too long must not cost the whole verdict. */
function outputOf({ title, summary, annotations }: CheckView) {
  return {
    title,
    summary: cut(summary, limits.summary),
    annotations: annotations.slice(0, limits.annotations).map(annotation => ({
      ...annotation,
      title: cut(annotation.title, limits.annotationTitle),
      message: cutBytes(annotation.message, limits.message),
    })),
  };
}

const cut = (text: string, most: number) =>
  text.length > most ? `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…` : text;

/** @param most bytes of UTF-8 */
function cutBytes(text: string, most: number): string {
  if (Buffer.byteLength(text) <= most) return text;
  const kept = Buffer.from(text).subarray(0, most - 8);
  return `${kept.toString('utf8').replace(/\ufffd$/, '')}…`;
}
