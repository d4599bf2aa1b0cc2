import { LimitedMap } from './limited-map.ts';
import type { NamedRepository } from './repository-access.ts';

const remembered = 20_000;

/** What was seen of pull requests: all of it can be read again, and saves calls only. */
export class PullRequestMemory {
  readonly #ours = new LimitedMap<string, boolean>(remembered);
  readonly #heads = new LimitedMap<string, number>(remembered);
  readonly #settled = new LimitedMap<string, true>(remembered);

  /** Of one repository: whether the records branch is a pull request's base. */
  of({ id }: Pick<NamedRepository, 'id'>) {
    return {
      get: (number: number) => this.#ours.get(`${id} ${number}`),
      set: (number: number, isOurs: boolean) => this.#ours.set(`${id} ${number}`, isOurs),
      numberAt: (commit: string) => this.#heads.get(`${id} ${commit}`),
      sawHead: (commit: string, number: number) => this.#heads.set(`${id} ${commit}`, number),
      isSettled: (number: number) => this.#settled.get(`${id} ${number}`) ?? false,
      setSettled: (number: number, isSettled: boolean) => {
        if (isSettled) this.#settled.set(`${id} ${number}`, true);
        else this.#settled.delete(`${id} ${number}`);
      },
    };
  }
}
