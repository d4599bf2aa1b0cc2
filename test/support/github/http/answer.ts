/** What a route answers. */
export interface Answer {
  readonly status: number;
  /** Undefined for none; a buffer is sent as it is. */
  readonly body: unknown;
  readonly headers: { readonly [name: string]: string };
}

export const ok = (body: unknown, headers: Answer['headers'] = {}): Answer => ({ status: 200, body, headers });
export const created = (body: unknown): Answer => ({ status: 201, body, headers: {} });
export const noContent = (): Answer => ({ status: 204, body: undefined, headers: {} });
