import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Scientist } from './scientist.ts';

/** What Corroborate may add to: its own folder, the records and requests, their logs, and git's store of objects. */
const own =
  /^\.git\/(?:corroborate|objects|refs\/heads\/(?:records|diffs)|logs\/refs\/heads\/(?:records|diffs)|refs\/remotes|logs\/refs\/remotes)(?:\/|$)/;
/** Folders whose lists of names change with what is in them. */
const ownParents = /^\.git(?:\/(?:refs(?:\/heads)?|logs(?:\/refs(?:\/heads)?)?))?$/;

/** Every file of a clone: kind, mode, time of its last change to the nanosecond, and digest. */
export function everything(of: Scientist): Map<string, string> {
  const found = new Map<string, string>();
  const visit = (path: string) => {
    const name = relative(of.clone, path);
    if (own.test(name)) return;
    const stats = lstatSync(path, { bigint: true });
    if (stats.isDirectory()) {
      if (!ownParents.test(name)) found.set(name, `folder ${stats.mode} ${name === '' ? '' : stats.mtimeNs}`);
      for (const child of readdirSync(path)) visit(join(path, child));
      return;
    }
    const content = stats.isSymbolicLink() ? readlinkSync(path) : readFileSync(path);
    const digest = createHash('sha256').update(content).digest('hex');
    found.set(name, `${stats.mode} ${stats.mtimeNs} ${stats.ctimeNs} ${stats.ino} ${digest}`);
  };
  visit(of.clone);
  return found;
}
