import type { Account } from './account.ts';

/** A protected branch. Administrators are bound too; only those on the list may push. */
export class BranchProtection {
  /** Account ids (people's or bots') that may push; null: all who may write. */
  pushers: Set<number> | null;
  /** Changes come by pull request only, but for those who may bypass it. */
  requiresPull: boolean;
  readonly requiredChecks: readonly string[];

  constructor({
    pushers = null,
    requiresPull = false,
    requiredChecks = [],
  }: {
    readonly pushers?: readonly Account[] | null;
    readonly requiresPull?: boolean;
    readonly requiredChecks?: readonly string[];
  } = {}) {
    this.pushers = pushers === null ? null : new Set(pushers.map(({ id }) => id));
    this.requiresPull = requiresPull;
    this.requiredChecks = requiredChecks;
  }

  /** @returns why somebody may not push straight to the branch, in GitHub's words */
  refusal(account: Account | null): string | undefined {
    const listed = account !== null && this.pushers?.has(account.id) === true;
    if (listed) return undefined;
    if (this.requiresPull) return 'Changes must be made through a pull request.';
    if (this.requiredChecks.length > 0) {
      return `${this.requiredChecks.length} of ${this.requiredChecks.length} required status checks are expected.`;
    }
    if (this.pushers !== null) return "You're not authorized to push to this branch.";
    return undefined;
  }
}
