import { Problem } from './problem.ts';

/** `YYYYMMDDThhmmssZ-` and ten random hex digits; records and diff requests share the form (design, section 3). */
const form = /^\d{4}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3])[0-5]\d[0-5]\dZ-[0-9a-f]{10}$/;

export function isRecordId(text: string): boolean {
  return form.test(text);
}

/**
 * @param now the time, handed in
 * @param random five random bytes, handed in
 */
export function makeRecordId(now: Date, random: Uint8Array): string {
  if (random.length !== 5) throw new Problem('DEFECT', `an id takes 5 random bytes, not ${random.length}`);
  const second = now.toISOString().slice(0, 19).replace(/[-:]/g, '');
  const digits = Array.from(random, byte => byte.toString(16).padStart(2, '0')).join('');
  return `${second}Z-${digits}`;
}

/** The two shard folders of an id: the first four of its random digits, two and two. */
export function shardsOf(id: string): [string, string] {
  return [id.slice(17, 19), id.slice(19, 21)];
}

/**
 * The one id that a person means: `latest`, `@{n}` (n steps before the latest), the id itself, or any unique prefix or
 * suffix of it (or of its random digits).
 * @param ids the ids there are, newest first
 * @param what the ids are of
 * @throws Problem NOT_FOUND or AMBIGUOUS, naming the candidates
 */
export function resolveRecordId(
  text: string,
  ids: readonly string[],
  what: 'record' | 'diff request' = 'record',
): string {
  const listing = what === 'record' ? 'list' : 'requests';
  const back = text === 'latest' ? 0 : /^@\{(\d{1,9})\}$/.exec(text)?.[1];
  if (back !== undefined) {
    const id = ids[Number(back)];
    if (id !== undefined) return id;
    throw new Problem(
      'NOT_FOUND',
      `no ${what} ${text}: there are ${ids.length}. \`corroborate ${listing}\` shows them.`,
    );
  }
  // People type an id in either case; as it is stored only the T and the Z are capitals.
  const wanted = text.toLowerCase();
  const found = ids.filter(stored => {
    const id = stored.toLowerCase();
    return wanted !== '' && (id.startsWith(wanted) || id.endsWith(wanted) || id.slice(17).startsWith(wanted));
  });
  const exact = found.find(id => id.toLowerCase() === wanted);
  if (exact !== undefined) return exact;
  if (found.length === 1) return found[0]!;
  if (found.length === 0) {
    throw new Problem(
      'NOT_FOUND',
      `no ${what} ${JSON.stringify(text)} here. \`corroborate ${listing}\` shows the ${what}s, \`corroborate pull\` fetches those of the remote.`,
    );
  }
  const shown = found.slice(0, 5).join(', ');
  const more = found.length > 5 ? `, and ${found.length - 5} more` : '';
  throw new Problem(
    'AMBIGUOUS',
    `${JSON.stringify(text)} could be ${found.length} ${what}s: ${shown}${more}. Give more of the id.`,
  );
}
