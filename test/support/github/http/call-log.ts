import type { Actor } from '../state/actor.ts';

export interface LoggedCall {
  readonly at: Date;
  /** Of the actor: `installation 1004`, `workflow of acme/demo`, `ada`, `app demo`, `anonymous`. */
  readonly by: string;
  readonly kind: Actor['kind'];
  /** As the description names it; `POST /graphql` for every GraphQL request; method and path where there is none. */
  readonly route: string;
  readonly path: string;
  /** Reads are GET and HEAD, and GraphQL queries. */
  readonly writes: boolean;
  status: number;
}

/** Every API call that came in, refused ones too; git over HTTP is not counted, as GitHub does not count it. */
export class CallLog {
  readonly all: LoggedCall[] = [];

  /** @param by the actor's label, a part of the route, or a test */
  of(by: string | ((call: LoggedCall) => boolean)): readonly LoggedCall[] {
    const test = typeof by === 'function' ? by : (call: LoggedCall) => call.by === by || call.route === by;
    return this.all.filter(test);
  }

  count(by: string | ((call: LoggedCall) => boolean) = () => true): {
    readonly calls: number;
    readonly reads: number;
    readonly writes: number;
  } {
    const calls = this.of(by);
    const writes = calls.filter(call => call.writes).length;
    return { calls: calls.length, reads: calls.length - writes, writes };
  }

  clear(): void {
    this.all.length = 0;
  }
}
