import { Problem } from '../domain/problem.ts';
import { type Api, ask } from './api.ts';
import type { Received } from './received.ts';

/** GitHub gives no more at once. */
export const perPage = 100;
/** Of one list: whoever floods a pull request must not make the App read without end. */
const mostPages = 10;

export interface ReadList {
  readonly items: readonly Received[];
  /** How many lie between the oldest hundred and the newest nine hundred of a longer list, and were left out. */
  readonly unread: number;
}

/** A list that grows at its end, in the order that it has. The pages after the first are asked for at the same time. */
export async function readList(
  api: Api,
  route: string,
  parameters: { readonly [name: string]: unknown },
): Promise<ReadList> {
  const read = async (page: number) => ask(api, route, { ...parameters, per_page: perPage, page });
  const first = await read(1);
  const last = lastPage(first.headers.link, route);
  const from = Math.max(2, last - mostPages + 2);
  const pages = await Promise.all(Array.from({ length: last - from + 1 }, (_, index) => read(from + index)));
  return {
    items: [first, ...pages].flatMap(({ data }) => data.list()),
    unread: (from - 2) * perPage,
  };
}

/** Of the header `link`: `<https://…?per_page=100&page=2>; rel="next", <https://…&page=7>; rel="last"` */
function lastPage(link: unknown, route: string): number {
  if (link === undefined || link === '') return 1;
  const last = /[?&]page=(\d{1,6})[^<>]*>; *rel="last"/.exec(String(link));
  if (last !== null) return Math.max(1, Number(last[1]));
  if (!String(link).includes('rel="next"')) return 1;
  throw new Problem('INVALID', `The answer to ${route} has more pages, but does not say how many. Try again.`);
}
