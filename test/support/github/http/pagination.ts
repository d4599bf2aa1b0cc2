import { type Answer, ok } from './answer.ts';
import type { Call } from './route-handler.ts';

/** One page of a list, with GitHub's `link` header. */
export function page<T>(call: Call, items: readonly T[]): { readonly items: readonly T[]; readonly link: string } {
  const size = Math.min(100, Math.max(1, Number(call.query.get('per_page') ?? 30)));
  const number = Math.max(1, Number(call.query.get('page') ?? 1));
  const last = Math.max(1, Math.ceil(items.length / size));
  const to = (page: number, rel: string) => {
    const url = new URL(call.url);
    url.searchParams.set('page', String(page));
    return `<${url.href}>; rel="${rel}"`;
  };
  const links = [
    ...(number > 1 ? [to(number - 1, 'prev'), to(1, 'first')] : []),
    ...(number < last ? [to(number + 1, 'next'), to(last, 'last')] : []),
  ];
  return { items: items.slice((number - 1) * size, number * size), link: links.join(', ') };
}

export async function listed<T>(
  call: Call,
  items: readonly T[],
  view: (item: T) => unknown,
  within?: string,
): Promise<Answer> {
  const { items: some, link } = page(call, items);
  const views = await Promise.all(some.map(view));
  const body = within === undefined ? views : { total_count: items.length, [within]: views };
  return ok(body, link === '' ? {} : { link });
}
