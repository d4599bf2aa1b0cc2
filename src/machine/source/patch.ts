import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import type { SourceCapture } from './capture-source.ts';
import { type SourceEntry, treeId } from './tree.ts';

/** A patch is to be the same wherever it is made: none of the user's own settings for diffs. */
const settings = [
  '-c',
  'core.quotePath=true',
  '-c',
  'core.attributesFile=/dev/null',
  '-c',
  'diff.suppressBlankEmpty=false',
  '--no-replace-objects',
];
const form = [
  '-r',
  '-p',
  '--binary',
  '--full-index',
  '--no-renames',
  '--no-color',
  '--no-ext-diff',
  '--no-textconv',
  '--src-prefix=a/',
  '--dst-prefix=b/',
  '--unified=3',
  '--diff-algorithm=myers',
];

/**
 * A patch from one set of files to another, for `git apply`. Only what differs is given, so that the trees made for it
 * are small; their blobs are in the workspace, or in the repositories that it borrows from.
 */
export async function makePatch(
  { git, workspace, format }: Pick<SourceCapture, 'git' | 'workspace' | 'format'>,
  from: readonly SourceEntry[],
  to: readonly SourceEntry[],
): Promise<Buffer> {
  if (from.length === 0 && to.length === 0) return Buffer.alloc(0);
  const trees = new Map<string, Buffer>();
  const keep = (id: string, content: Buffer) => trees.set(id, content);
  const ids = [treeId(from, format, keep), treeId(to, format, keep)];
  for (const [id, content] of trees) writeTree(workspace.objects, id, content);
  // The workspace is a repository of its own, without working tree and attributes.
  const { stdout } = await git.run([...settings, 'diff-tree', ...form, ...ids], {
    cwd: workspace.folder,
    environment: { GIT_DIR: workspace.folder, GIT_ATTR_NOSYSTEM: '1' },
  });
  return stdout;
}

function writeTree(objects: string, id: string, content: Buffer): void {
  const shard = join(objects, id.slice(0, 2));
  mkdirSync(shard, { recursive: true });
  const loose = deflateSync(Buffer.concat([Buffer.from(`tree ${content.length}\0`), content]), { level: 1 });
  writeFileSync(join(shard, id.slice(2)), loose);
}
