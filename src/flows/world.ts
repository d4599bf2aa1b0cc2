import type { User } from '../domain/generated/shapes.ts';
import { authorOfUser } from '../domain/user.ts';
import type { Signature } from '../store/record-store.ts';

/** Time and chance, handed in by the doors. */
export interface Chance {
  now(): Date;
  randomBytes(count: number): Uint8Array;
}

/** Who makes a commit: the user, such that the commit tells the user again. */
export function signatureOf(user: User, at: Date): Signature {
  return { ...authorOfUser(user), at };
}
