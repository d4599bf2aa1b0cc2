import type { TextHunk } from './evidence.ts';

const marks = { both: ' ', toward: '-', from: '+' } as const;

/** A hunk in the unified style: `-` for the targeted side, which is held to be right, `+` for the requester's. */
export function hunkLines({ from, toward, lines, more }: TextHunk): string[] {
  return [
    '--- toward',
    '+++ from',
    `@@ -${toward.start},${toward.count} +${from.start},${from.count} @@`,
    ...lines.flatMap(({ side, text, unended }) => [
      `${marks[side]}${text.replace(/\r$/, '␍')}`,
      ...(unended ? ['\\ No newline at end of file'] : []),
    ]),
    ...(more ? ['… and they differ further on'] : []),
  ];
}
