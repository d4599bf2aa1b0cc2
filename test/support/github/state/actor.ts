import type { Permissions } from '../permissions.ts';
import type { Account } from './account.ts';
import type { App, Installation } from './app.ts';
import type { Repository } from './repository.ts';

/** Who makes a call: what a token, or the lack of one, stands for. */
export class Actor {
  readonly kind: 'anonymous' | 'personal' | 'installation' | 'workflow' | 'app';
  /** Who is shown to have done it; null for nobody, and for an App that only speaks of itself. */
  readonly account: Account | null;
  readonly app: App | null;
  readonly installation: Installation | null;
  /** Null for a classic personal token: all that the person may. */
  readonly permissions: Permissions | null;
  readonly repositories: ReadonlySet<number> | null;
  /** Names the token in the counts, never its secret: `installation 3`, `workflow of acme/demo`, `ada`. */
  readonly label: string;
  /** Those that share one rate limit share this. */
  readonly quota: string;
  readonly expires: Date | null;

  constructor(what: {
    readonly kind: Actor['kind'];
    readonly account?: Account | null;
    readonly app?: App | null;
    readonly installation?: Installation | null;
    readonly permissions?: Permissions | null;
    readonly repositories?: ReadonlySet<number> | null;
    readonly label: string;
    readonly quota?: string;
    readonly expires?: Date | null;
  }) {
    this.kind = what.kind;
    this.account = what.account ?? null;
    this.app = what.app ?? null;
    this.installation = what.installation ?? null;
    this.permissions = what.permissions ?? null;
    this.repositories = what.repositories ?? null;
    this.label = what.label;
    this.quota = what.quota ?? what.label;
    this.expires = what.expires ?? null;
  }

  /** Whether the token was given for this repository. */
  reaches(repository: Repository): boolean {
    if (this.installation !== null && !this.installation.covers(repository)) return false;
    return this.repositories === null || this.repositories.has(repository.id);
  }

  /** Whether the repository is there at all for this actor. */
  sees(repository: Repository): boolean {
    if (!repository.isPrivate) return true;
    if (this.kind === 'installation' || this.kind === 'workflow') return this.reaches(repository);
    return this.account !== null && this.reaches(repository) && repository.access(this.account) !== 'none';
  }
}
