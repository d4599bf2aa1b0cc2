import { type Evidence, noEvidence, type TextHunk } from '../../domain/comparison-report/evidence.ts';
import { textHunk } from '../../domain/comparison-report/text-hunk.ts';
import { usualPixelRule } from '../image/image-measures.ts';
import { imageKind } from '../image/read-image.ts';
import type { Budget, Method, Options } from '../method.ts';
import { compilePattern, cutMatches } from '../text/cut-matches.ts';
import { readText } from '../text/read-text.ts';
import { imagePair } from './image-pair.ts';
import { numberPlot } from './number-plot.ts';

/**
 * What a person wants to see of two files that a method holds for different: both pictures, the curves of their
 * numbers, or the first lines that differ. It decides nothing, so a file that cannot be read just shows nothing. Without
 * `pictures` images are known as such and not decoded.
 */
export async function evidenceOf(
  path: string,
  from: Uint8Array,
  toward: Uint8Array,
  method: Method,
  options: Options,
  budget: Budget,
  pictures: boolean,
): Promise<Evidence> {
  if (imageKind(from) !== null || imageKind(toward) !== null) {
    const images = pictures ? await imagePair(from, toward, pixelRule(method, options)) : noPictures;
    return { ...noEvidence, images };
  }
  const { numbers, plot, largest } = await plotOf(path, from, toward, method, options, budget);
  // Numbers that are off within a tolerance are lines that differ: a hunk of them would mislead.
  const isNumeric = method.name === 'numeric';
  return {
    images: null,
    numbers,
    plot,
    largest,
    hunk: isNumeric && numbers ? null : hunkOf(from, toward, method, options, budget),
  };
}

const noPictures = { from: null, toward: null, difference: null, because: null };

function pixelRule(method: Method, options: Options) {
  if (method.name !== 'image') return usualPixelRule;
  return { threshold: options.threshold as number, ignoreAntialiasing: options.ignore_antialiasing as boolean };
}

async function plotOf(
  path: string,
  from: Uint8Array,
  toward: Uint8Array,
  method: Method,
  options: Options,
  budget: Budget,
): Promise<Pick<Evidence, 'numbers' | 'plot' | 'largest'>> {
  try {
    return await numberPlot(path, from, toward, method.name === 'numeric' ? options : null, budget);
  } catch {
    return { numbers: false, plot: null, largest: null };
  }
}

function hunkOf(
  from: Uint8Array,
  toward: Uint8Array,
  method: Method,
  options: Options,
  budget: Budget,
): TextHunk | null {
  const [ours, theirs] = [readText(from), readText(toward)];
  if (!('text' in ours) || !('text' in theirs)) return null;
  if (method.word !== 'default') return textHunk(ours.text, theirs.text);
  const patterns = (options.ignore as readonly string[]).map(compilePattern);
  let steps = budget.steps;
  return textHunk(ours.text, theirs.text, line => {
    const ended = options.normalize_eol === true ? line.replace(/\r\n?/g, '\n') : line;
    if (patterns.length === 0) return ended;
    const found = cutMatches(ended, patterns, steps);
    steps -= found.steps;
    return found.cut?.text ?? ended;
  });
}
