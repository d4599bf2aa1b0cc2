import { escapeHtml } from './html.ts';

/** Looks the same in light and dark, on a narrow screen and on paper; no script, nothing is loaded from anywhere. */
const style = `:root{color-scheme:light dark;--ink:#1f2328;--paper:#fff;--soft:#59636e;--line:#d1d9e0;--well:#f6f8fa;--good:#1a7f37;--bad:#cf222e;--mixed:#9a6700;--goodwell:#dafbe1;--badwell:#ffebe9;--link:#0969da}
@media screen and (prefers-color-scheme:dark){:root{--ink:#f0f6fc;--paper:#0d1117;--soft:#9198a1;--line:#3d444d;--well:#151b23;--good:#3fb950;--bad:#f85149;--mixed:#d29922;--goodwell:#12261e;--badwell:#25171c;--link:#4493f8}}
*{box-sizing:border-box}body{margin:0 auto;padding:24px 20px 64px;max-width:1080px;font:15px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif;color:var(--ink);background:var(--paper)}
h1{font-size:24px;line-height:1.25;margin:4px 0 12px}h2{font-size:18px;margin:36px 0 12px;padding-bottom:6px;border-bottom:1px solid var(--line)}h3{font-size:15px;margin:0}
code,pre,.mono{font:13px/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}code,td,dd,h3{overflow-wrap:anywhere}.soft{color:var(--soft)}
table{border-collapse:collapse;margin:8px 0;max-width:100%}th,td{border:1px solid var(--line);padding:5px 11px;text-align:left;vertical-align:top}th{background:var(--well);font-weight:600}
.same{color:var(--good)}.different{color:var(--bad)}.verdict{border-left:5px solid;padding:12px 18px;margin:0 0 20px;border-radius:4px}.verdict h1{margin:0;color:var(--ink)}
.verdict.same{background:var(--goodwell)}.verdict.different{background:var(--badwell)}.verdict.mixed{color:var(--mixed);background:var(--well)}.verdict.unknown{color:var(--soft);background:var(--well)}.verdict p{margin:6px 0 0;color:var(--ink)}
dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:4px 16px;margin:8px 0}dt{color:var(--soft)}dd{margin:0}
td.here{outline:3px solid var(--ink);outline-offset:-3px;font-weight:700}details{border:1px solid var(--line);border-radius:6px;margin:12px 0;break-inside:avoid-page}
summary{cursor:pointer;padding:9px 14px;background:var(--well);border-radius:6px}details>div{padding:6px 14px 12px}
pre{background:var(--well);border:1px solid var(--line);border-radius:6px;padding:10px 12px;overflow-x:auto;margin:8px 0}pre span{display:block;min-height:1.45em;white-space:pre}
pre .del{background:var(--badwell)}pre .add{background:var(--goodwell)}pre .at{color:var(--soft)}
.pictures{display:grid;grid-template-columns:repeat(auto-fit,minmax(240px,1fr));gap:12px;margin:10px 0}figure{margin:0;break-inside:avoid}figcaption{color:var(--soft);font-size:13px}
img{max-width:100%;height:auto;border:1px solid var(--line);background:#fff;display:block}svg{max-width:100%;height:auto;display:block;margin:8px 0}svg.np{width:680px}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(140px,1fr));gap:10px;margin:14px 0}.tile{border:1px solid var(--line);border-radius:6px;padding:10px 14px;background:var(--well)}.tile b{display:block;font-size:26px;line-height:1.2}
.wide{overflow-x:auto}ol.next li{margin:6px 0}ol.next code{display:block;background:var(--well);padding:5px 9px;border-radius:4px;margin-top:3px}footer{margin-top:40px;color:var(--soft);font-size:13px}
@media print{body{padding:0;max-width:none;font-size:12px}details::details-content{content-visibility:visible;height:auto}pre,pre span{white-space:pre-wrap}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}`;

/**
 * One HTML page that holds all it shows. `title` is anyone's text; `body` is HTML, in which all that is anyone's went
 * through `escapeHtml`. The page allows itself no script and nothing from outside, should something slip through.
 */
export function htmlPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
${body}
</body>
</html>
`;
}
