import { request as requestPlainly } from 'node:http';
import { request as requestSecurely } from 'node:https';

const redirects = new Set([301, 302, 303, 307, 308]);

/** As much of a `Response` as @octokit/request looks at. */
interface LightResponse {
  readonly status: number;
  readonly statusText: string;
  readonly url: string;
  readonly headers: Headers;
  /** The whole text: what Octokit hands on where it is told not to read JSON itself. */
  readonly body: string;
  text(): Promise<string>;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/**
 * `fetch` for calls of GitHub's API, over connections that stay open: with a third of the work of Node's own, which shows
 * where many deliveries come at once. What is sent on elsewhere goes the usual way.
 */
export async function lightFetch(url: string, init: RequestInit): Promise<LightResponse | Response> {
  const { method = 'GET', body = null, signal } = init;
  const headers = init.headers as Record<string, string>;
  if (body !== null && body !== undefined && typeof body !== 'string') return fetch(url, init);
  const send = () => exchange(url, method, headers, body, signal ?? null);
  let answer: Awaited<ReturnType<typeof exchange>>;
  try {
    answer = await send();
  } catch (error) {
    // A connection that was kept may be closed just as it is used again. What was written may have been done.
    if (method !== 'GET' || (error as { reused?: boolean }).reused !== true) throw error;
    answer = await send();
  }
  if (redirects.has(answer.status)) return fetch(url, init);
  return answer;
}

function exchange(
  url: string,
  method: string,
  headers: Record<string, string>,
  body: string | null | undefined,
  signal: AbortSignal | null,
): Promise<LightResponse> {
  return new Promise((fulfil, reject) => {
    const request = url.startsWith('https:') ? requestSecurely : requestPlainly;
    const length = body == null ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const options = { method, headers: { ...headers, ...length }, ...(signal === null ? {} : { signal }) };
    const sent = request(url, options, response => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.once('error', reject);
      response.once('end', () => {
        const bytes = Buffer.concat(parts);
        const text = bytes.toString('utf8');
        fulfil({
          status: response.statusCode!,
          statusText: response.statusMessage ?? '',
          url,
          headers: new Headers(
            Object.entries(response.headers).map(
              ([name, value]) => [name, [value].flat().join(', ')] as [string, string],
            ),
          ),
          body: text,
          text: async () => text,
          arrayBuffer: async () => new Uint8Array(bytes).buffer,
        });
      });
    });
    sent.once('error', error => reject(Object.assign(error, { reused: sent.reusedSocket })));
    sent.end(body ?? undefined);
  });
}
