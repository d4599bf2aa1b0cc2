import { Problem } from '../domain/problem.ts';

/** Data that came from outside: what is taken from it is checked on the way. Every reader throws Problem INVALID. */
export class Received {
  readonly #value: unknown;
  /** The call that it answers: `GET /repos/acme/demo/pulls/7`. */
  readonly #call: string;
  readonly #place: string;

  constructor(value: unknown, call: string, place = '') {
    this.#value = value;
    this.#call = call;
    this.#place = place;
  }

  /** Absent or null. */
  get isNull(): boolean {
    return this.#value === undefined || this.#value === null;
  }

  field(name: string): Received {
    const value = this.#value;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw this.#problem('no object');
    const place = this.#place === '' ? name : `${this.#place}.${name}`;
    return new Received(Object.hasOwn(value, name) ? value[name as keyof typeof value] : undefined, this.#call, place);
  }

  list(): Received[] {
    if (!Array.isArray(this.#value)) throw this.#problem('no list');
    return this.#value.map((item, index) => new Received(item, this.#call, `${this.#place}[${index}]`));
  }

  text(): string {
    if (typeof this.#value !== 'string') throw this.#problem('no text');
    return this.#value;
  }

  /** @param what it is not, where the pattern does not match: `no commit` */
  matching(pattern: RegExp, what: string): string {
    const text = this.text();
    if (!pattern.test(text)) throw this.#problem(what);
    return text;
  }

  commit(): string {
    return this.matching(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, "no commit's id");
  }

  /** @returns UTC with milliseconds, as everywhere here, whatever precision it came with */
  time(): string {
    const at = Date.parse(this.matching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/, 'no time'));
    if (Number.isNaN(at)) throw this.#problem('no time');
    return new Date(at).toISOString();
  }

  boolean(): boolean {
    if (typeof this.#value !== 'boolean') throw this.#problem('neither true nor false');
    return this.#value;
  }

  /** A whole number of 0 or more that JavaScript holds exactly. */
  count(): number {
    if (!Number.isSafeInteger(this.#value) || (this.#value as number) < 0) throw this.#problem('no whole number');
    return this.#value as number;
  }

  /** A number that GitHub gives to what it keeps. */
  id(): number {
    if (this.count() === 0) throw this.#problem('no id');
    return this.#value as number;
  }

  /** What was asked for is what came. */
  equal(value: string | number): void {
    if (this.#value !== value) throw this.#problem(`not ${JSON.stringify(value)}`);
  }

  #problem(what: string): Problem {
    const place = this.#place === '' ? 'it' : this.#place;
    return new Problem(
      'INVALID',
      `The answer to ${this.#call} is not what GitHub's description promises: ${place} is ${what}. Nothing was done on the ` +
        'strength of it. See whether a proxy stands between the App and GitHub, and try again.',
    );
  }
}
