/**
 * GitHub's Markdown as lines for a terminal, as a reader sees it at first: what is folded stays folded, and of pictures
 * their names.
 */
export function markdownLines(markdown: string, width: number): string[] {
  const text = unfolded(markdown.replace(/<!--[\s\S]*?-->/g, ''))
    .replace(/<img[^>]*alt="([^"]*)"[^>]*>/g, '[picture: $1]')
    .replace(/<\/(?:td|th)>\s*<(?:td|th)[^>]*>/g, ' | ')
    .replace(/<\/?tr[^>]*>/g, '\n')
    .replace(/<br\s*\/?>/g, '\n')
    .replace(/<[^<>]+>/g, '')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/\*\*([^*\n]+)\*\*/g, '$1')
    .replace(/\\([\\`*_[\]#|~-])/g, '$1')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&')
    .replaceAll('\u200b', '');
  const lines = text.split('\n').map(line => line.trimEnd());
  const kept = lines.filter((line, index) => line !== '' || (index > 0 && lines[index - 1] !== ''));
  return tables(kept).flatMap(line => wrapped(line, width));
}

/** `<details>` as one line; one that is open as its content. */
function unfolded(markdown: string): string {
  const innermost = /<details( open)?>\s*<summary>([\s\S]*?)<\/summary>((?:(?!<details)[\s\S])*?)<\/details>/;
  let text = markdown;
  while (innermost.test(text)) {
    text = text.replace(innermost, (_, open, summary, content) => (open ? `▾ ${summary}\n${content}` : `▸ ${summary}`));
  }
  return text;
}

/** Columns of Markdown tables that line up. */
function tables(lines: readonly string[]): string[] {
  const out: string[] = [];
  for (let at = 0; at < lines.length; at++) {
    if (!lines[at]!.startsWith('|')) {
      out.push(lines[at]!);
      continue;
    }
    const rows: string[][] = [];
    for (; at < lines.length && lines[at]!.startsWith('|'); at++) {
      const cells = lines[at]!.replace(/^\||\|$/g, '')
        .split(/(?<!\\)\|/)
        .map(cell => cell.trim());
      if (!cells.every(cell => /^:?-+:?$/.test(cell))) rows.push(cells);
    }
    at--;
    const widths = rows[0]!.map((_, column) => Math.max(...rows.map(row => [...(row[column] ?? '')].length)));
    for (const row of rows)
      out.push(
        row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd(),
      );
  }
  return out;
}

function wrapped(line: string, width: number): string[] {
  const out: string[] = [];
  let rest = line;
  while ([...rest].length > width) {
    const space = rest.lastIndexOf(' ', width);
    const end = space > width / 2 ? space : width;
    out.push(rest.slice(0, end));
    rest = `  ${rest.slice(end).trimStart()}`;
  }
  return [...out, rest];
}
