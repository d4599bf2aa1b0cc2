import { escapeHtml } from '../html.ts';
import { axisTicks, tickText } from './axis-ticks.ts';
import { shortened } from './comparison-report.ts';
import type { Curve, NumberPanel } from './evidence.ts';

/** Pixels of the drawing; it scales with the page. */
const width = 680;
const left = 92;
const right = 14;
const top = 26;
const overlayHeight = 170;
const gap = 34;
const differenceHeight = 84;
const bottom = 40;
const height = top + overlayHeight + gap + differenceHeight + bottom;

/** Colours that tell apart in light and in dark, to the colour-blind too. */
const style = `.np{font:11px system-ui,-apple-system,"Segoe UI",sans-serif;color:#1f2328}
.np text{fill:currentColor}.np .m{fill:#59636e}.np .g{stroke:#d1d9e0;stroke-width:1}.np .z{stroke:#818b98;stroke-width:1}
.np path,.np line,.np circle{vector-effect:non-scaling-stroke}.np path{fill:none;stroke-linejoin:round;stroke-linecap:round}.np .t{stroke:#0969da;stroke-width:3.5;stroke-opacity:.45}
.np .f{stroke:#bc4c00;stroke-width:1.3}.np .d{stroke:#cf222e;stroke-width:1.3}.np .w{fill:none;stroke:#cf222e;stroke-width:1.5}
@media screen and (prefers-color-scheme:dark){.np{color:#f0f6fc}.np .m{fill:#9198a1}.np .g{stroke:#3d444d}.np .z{stroke:#656c76}
.np .t{stroke:#4493f8}.np .f{stroke:#f0883e}.np .d,.np .w{stroke:#f85149}}`;

/**
 * Both sides of a column laid over each other, and below it from - toward, on one x axis: an SVG picture that stands by
 * itself or in a page.
 */
export function numberPlotSvg(panel: NumberPanel): string {
  const title = escapeHtml(shortened(panel.title === '' ? 'values' : panel.title, 60));
  const xTitle = escapeHtml(shortened(panel.x, 60));
  const x = scaleOf(
    [panel.from, panel.toward].flatMap(curve => curve.x),
    left,
    width - right,
    0,
  );
  const overlay = scaleOf(
    [panel.from, panel.toward].flatMap(curve => curve.y),
    top + overlayHeight,
    top,
    0.05,
  );
  const floor = top + overlayHeight + gap;
  const difference = scaleOf([0, ...panel.difference.y], floor + differenceHeight, floor, 0.08);
  const xTicks = axisTicks(x.least, x.largest, 7);
  const label = `${title} by ${xTitle}: from and toward, and their difference`;
  return [
    `<svg class="np" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">`,
    `<style>${style}</style><title>${label}</title>`,
    legend(title),
    frame(overlay, top, overlayHeight, 6),
    ...xTicks.map(
      tick => `<line class="g" x1="${x.at(tick)}" x2="${x.at(tick)}" y1="${top}" y2="${top + overlayHeight}"/>`,
    ),
    `<path class="t" d="${pathOf(panel.toward, x, overlay)}"/>`,
    `<path class="f" d="${pathOf(panel.from, x, overlay)}"/>`,
    `<text x="${left}" y="${floor - 7}">from − toward</text>`,
    frame(difference, floor, differenceHeight, 4),
    ...xTicks.map(
      tick => `<line class="g" x1="${x.at(tick)}" x2="${x.at(tick)}" y1="${floor}" y2="${floor + differenceHeight}"/>`,
    ),
    `<line class="z" x1="${left}" x2="${width - right}" y1="${difference.at(0)}" y2="${difference.at(0)}"/>`,
    `<path class="d" d="${pathOf(panel.difference, x, difference)}"/>`,
    largest(panel.difference, x, difference),
    ...xTicks.map(tick =>
      tickLabel(x.at(tick), floor + differenceHeight + 14, tickText(tick, stepOf(xTicks)), 'middle'),
    ),
    `<text x="${(left + width - right) / 2}" y="${height - 6}" text-anchor="middle">${xTitle}</text>`,
    '</svg>',
  ].join('\n');
}

function legend(title: string): string {
  return [
    `<text x="${left}" y="14" font-weight="600">${title}</text>`,
    `<path class="t" d="M${width - 150} 10h22"/><text x="${width - 122}" y="14">toward</text>`,
    `<path class="f" d="M${width - 74} 10h22"/><text x="${width - 46}" y="14">from</text>`,
  ].join('');
}

interface Scale {
  readonly least: number;
  readonly largest: number;
  /** Where a value stands, in pixels. */
  at(value: number): number;
}

/** `margin`: how much of the span is left free at either end. */
function scaleOf(values: readonly number[], start: number, end: number, margin: number): Scale {
  let [least, largest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    least = Math.min(least, value);
    largest = Math.max(largest, value);
  }
  if (least > largest) [least, largest] = [0, 1];
  // One value, or several that are too close to 0 to be told apart by a division.
  if (!(largest / 2 - least / 2 > 1e-300)) {
    const around = least === 0 && largest === 0 ? 1 : Math.max(Math.abs(least) / 10, 1e-299);
    [least, largest] = [least - around, largest + around];
  }
  // Halves, so that the span of the largest numbers there are is one too.
  const pad = (largest / 2 - least / 2) * 2 * margin;
  const [low, high] = [finite(least - pad), finite(largest + pad)];
  const at = (value: number) => {
    const part = (value / 2 - low / 2) / (high / 2 - low / 2);
    return Math.round((start + (end - start) * part) * 10) / 10;
  };
  return { least: low, largest: high, at };
}

function finite(value: number): number {
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));
}

function frame(scale: Scale, from: number, high: number, most: number): string {
  const ticks = axisTicks(scale.least, scale.largest, most);
  return [
    ...ticks.map(
      tick => `<line class="g" x1="${left}" x2="${width - right}" y1="${scale.at(tick)}" y2="${scale.at(tick)}"/>`,
    ),
    ...ticks.map(tick => tickLabel(left - 6, scale.at(tick) + 4, tickText(tick, stepOf(ticks)), 'end')),
    `<path class="z" d="M${left} ${from}v${high}H${width - right}"/>`,
  ].join('');
}

function stepOf(ticks: readonly number[]): number {
  return ticks.length > 1 ? ticks[1]! - ticks[0]! : 0;
}

function tickLabel(x: number, y: number, text: string, anchor: string): string {
  return `<text class="m" x="${x}" y="${y}" text-anchor="${anchor}">${text}</text>`;
}

function pathOf({ x, y }: Curve, across: Scale, up: Scale): string {
  const parts: string[] = [];
  let begun = false;
  for (const [index, value] of y.entries()) {
    const place = x[index]!;
    if (Number.isNaN(value) || !Number.isFinite(place)) begun = false;
    else {
      // A first point is drawn by itself too, for one that stands alone between gaps.
      parts.push(begun ? `L${across.at(place)} ${up.at(value)}` : `M${across.at(place)} ${up.at(value)}h0`);
      begun = true;
    }
  }
  return parts.join('');
}

/** A ring around the largest difference. */
function largest({ x, y }: Curve, across: Scale, up: Scale): string {
  let found = -1;
  for (const [index, value] of y.entries()) {
    if (Number.isNaN(value) || !Number.isFinite(x[index]!)) continue;
    if (found < 0 || Math.abs(value) > Math.abs(y[found]!)) found = index;
  }
  return found < 0 ? '' : `<circle class="w" cx="${across.at(x[found]!)}" cy="${up.at(y[found]!)}" r="4"/>`;
}
