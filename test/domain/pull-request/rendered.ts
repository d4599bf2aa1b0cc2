import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';

/** As GitHub does up to its own alerts, mentions, references and emoji; raw HTML left in to be seen. */
export function rendered(markdown: string): string {
  return micromark(markdown, { extensions: [gfm()], htmlExtensions: [gfmHtml()], allowDangerousHtml: true });
}

/** Every tag in order. Code and the joints that escaping puts in are left out: any word may be in them. */
export function structureOf(html: string): string[] {
  return (html.match(/<[^>]*>/g) ?? []).filter(tag => !/^<\/?(?:code|span)>$/.test(tag));
}

/** What is read outside of code, where GitHub looks for mentions, references and links. */
export function proseOf(html: string): string {
  return html
    .replace(/<pre>[\s\S]*?<\/pre>/g, ' ')
    .replace(/<code>[\s\S]*?<\/code>/g, ' ')
    .replace(/<[^>]*>/g, '');
}
