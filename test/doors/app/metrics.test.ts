import { expect, test } from 'vitest';
import { Counter, Histogram, Metrics } from '../../../src/doors/app/metrics.ts';

test('counts by label, and escapes what a label may hold', () => {
  const counter = new Counter('things_total', 'Things.');
  expect(counter.lines()).toEqual(['# HELP things_total Things.', '# TYPE things_total counter', 'things_total 0']);
  counter.add({ kind: 'a' });
  counter.add({ kind: 'a' });
  counter.add({ kind: '"\\\n' });
  expect(counter.lines().slice(2)).toEqual(['things_total{kind="a"} 2', 'things_total{kind="\\"\\\\\\n"} 1']);
});

test('a histogram counts each time in every bucket that holds it', () => {
  const histogram = new Histogram('wait_seconds', 'Waits.');
  for (const seconds of [0.02, 0.3, 400]) histogram.observe(seconds);
  const lines = histogram.lines();
  expect(lines).toContain('wait_seconds_bucket{le="0.01"} 0');
  expect(lines).toContain('wait_seconds_bucket{le="0.025"} 1');
  expect(lines).toContain('wait_seconds_bucket{le="0.3"} 2');
  expect(lines).toContain('wait_seconds_bucket{le="300"} 2');
  expect(lines).toContain('wait_seconds_bucket{le="+Inf"} 3');
  expect(lines).toContain('wait_seconds_sum 400.32');
  expect(lines.at(-1)).toBe('wait_seconds_count 3');
});

test('the page is what Prometheus reads: each line a comment or a sample, each metric named once', () => {
  const metrics = new Metrics();
  metrics.gauge('corroborate_queue_length', 'Work that waits.', () => 4);
  metrics.calls.add({ method: 'GET', status: '200' });
  const lines = metrics.page().trimEnd().split('\n');
  for (const line of lines) {
    expect(line).toMatch(
      /^(?:# (?:HELP|TYPE) [a-z_]+ .+|[a-z_]+(?:\{[a-z]+="[^"]*"(?:,[a-z]+="[^"]*")*\})? [\d.e+]+)$/i,
    );
  }
  const typed = lines.filter(line => line.startsWith('# TYPE')).map(line => line.split(' ')[2]);
  expect(new Set(typed).size).toBe(typed.length);
  expect(lines).toContain('corroborate_queue_length 4');
});
