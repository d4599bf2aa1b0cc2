import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

interface Package {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
}

/**
 * The licences of every package of which a module is in the bundle, as their authors ask: name, version and full text.
 * @param modules absolute paths of the bundled modules
 * @throws Error for a package that comes without a licence's text: such a one cannot be given away
 */
export function thirdPartyLicenses(top: string, modules: Iterable<string>): string {
  const packages = new Map<string, string[]>();
  for (const module of modules) {
    const folder = packageFolder(relative(top, module).split(sep));
    if (folder === null) continue;
    packages.set(folder, [...(packages.get(folder) ?? []), module]);
  }
  const sections = [...packages].sort().map(([folder, bundled]) => {
    const { name, version, license } = JSON.parse(readFileSync(join(top, folder, 'package.json'), 'utf8')) as Package;
    const texts = licenceFiles(join(top, folder));
    if (texts.length === 0) texts.push(...bundled.flatMap(licenceAtHead));
    if (texts.length === 0 && license === 'Apache-2.0') texts.push("Its text is that of this package's own LICENSE.");
    if (texts.length === 0) throw new Error(`${name} is bundled, but its licence (${license}) stands nowhere in it`);
    return [`${name} ${version} (${license})`, '', ...texts].join('\n');
  });
  const head = 'The command holds code of these packages, under their own licences.';
  return `${[head, ...sections].join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}

/** `node_modules/a/node_modules/@b/c/x.js` is of `node_modules/a/node_modules/@b/c`; null for our own modules. */
function packageFolder(parts: readonly string[]): string | null {
  const at = parts.lastIndexOf('node_modules');
  if (at < 0) return null;
  return join(...parts.slice(0, at + (parts[at + 1]!.startsWith('@') ? 3 : 2)));
}

function licenceFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter(file => /^(licen[cs]e|copying|notice)/i.test(file))
    .sort()
    .map(file => readFileSync(join(folder, file), 'utf8').trim());
}

/** The comment that a file begins with, where that is its licence. */
function licenceAtHead(file: string): string[] {
  const head = /^\s*(?:\/\*[\s\S]*?\*\/|(?:\/\/.*\n)+)/.exec(readFileSync(file, 'utf8'))?.[0] ?? '';
  return /copyright/i.test(head) ? [head.trim()] : [];
}
