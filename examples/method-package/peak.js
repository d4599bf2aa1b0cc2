// Two spectra are the same when their highest peaks stand no further apart than `window`, whatever the noise.

/** The line of `x y` whose y is largest. */
function peakOf(bytes) {
  const rows = new TextDecoder().decode(bytes).trim().split('\n');
  const points = rows.map(row => row.trim().split(/\s+/).map(Number)).filter(([x, y]) => Number.isFinite(x + y));
  return points.reduce((top, point) => (top && top[1] >= point[1] ? top : point), null);
}

export default {
  name: 'peak',
  promise: 'The highest peaks of two spectra (lines of x y) stand no further apart than window.',
  options: [
    { name: 'window', type: 'number', fallback: 0.1, least: 0, promise: 'Largest distance, in the unit of x.' },
  ],
  compare(path, from, toward, options) {
    const [mine, theirs] = [peakOf(from), peakOf(toward)];
    if (!mine || !theirs) return { same: false, reason: `${path} holds no lines of two numbers.` };
    const apart = Math.abs(mine[0] - theirs[0]);
    const worst = { at: 'x of the highest peak', from: mine[0], toward: theirs[0] };
    return {
      same: apart <= options.window,
      compared: 1,
      differing: apart <= options.window ? 0 : 1,
      max_abs: apart,
      worst,
    };
  },
};
