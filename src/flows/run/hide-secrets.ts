import type { Redaction } from '../../domain/redaction.ts';
import type { CapturedFile } from '../../machine/files/captured-file.ts';

/** A file is never altered: one that holds a secret is known by digest and size alone. */
export function withoutSecrets(redaction: Redaction, files: readonly CapturedFile[]) {
  const hidden = new Map<CapturedFile, CapturedFile>();
  const notes: string[] = [];
  for (const file of redaction.isEmpty ? [] : files) {
    if (!file.content || !redaction.holds(file.content)) continue;
    hidden.set(file, { ...file, content: null });
    notes.push(`the content of ${file.path} is not stored, since it holds a secret`);
  }
  return { notes, shown: (all: readonly CapturedFile[]) => all.map(file => hidden.get(file) ?? file) };
}

/** Part of a patch would bring back another source: it is kept whole or not at all. */
export function patchWithoutSecrets<P extends Uint8Array>(
  redaction: Redaction,
  patch: P | null,
): { readonly patch: P | null; readonly notes: readonly string[] } {
  if (patch === null || !redaction.holds(patch)) return { patch, notes: [] };
  return { patch: null, notes: ['source.patch is not kept, since it holds a secret'] };
}
