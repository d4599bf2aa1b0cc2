import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { type PromiseFsClient, writeObject } from 'isomorphic-git';

/**
 * isomorphic-git writes the objects, loose. They are hashed and deflated here: its own way goes through web streams, which
 * take a process some 30 ms to load.
 * @returns the object's id
 */
export function writeLooseObject(
  fs: PromiseFsClient,
  gitdir: string,
  type: 'blob' | 'tree' | 'commit',
  bytes: Uint8Array,
): Promise<string> {
  const whole = Buffer.concat([Buffer.from(`${type} ${bytes.length}\0`), bytes]);
  const oid = createHash('sha1').update(whole).digest('hex');
  return writeObject({ fs, gitdir, type, object: deflateSync(whole), format: 'deflated', oid });
}
