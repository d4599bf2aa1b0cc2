/* What is counted, as Prometheus reads it: https://prometheus.io/docs/instrumenting/exposition_formats/ */

export type Labels = Readonly<Record<string, string>>;

interface Metric {
  readonly name: string;
  lines(): string[];
}

const escaped = (value: string) => value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

function series(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/** Label values come from closed lists only, so that nobody outside can make the page grow. */
export class Counter implements Metric {
  readonly name: string;
  readonly #help: string;
  readonly #values = new Map<string, number>();

  constructor(name: string, help: string) {
    this.name = name;
    this.#help = help;
  }

  add(labels: Labels = {}, by = 1): void {
    const key = series(labels);
    this.#values.set(key, (this.#values.get(key) ?? 0) + by);
  }

  lines(): string[] {
    const values = this.#values.size === 0 ? [['', 0] as const] : [...this.#values];
    return [...head(this.name, this.#help, 'counter'), ...values.map(([key, value]) => `${this.name}${key} ${value}`)];
  }
}

export class Gauge implements Metric {
  readonly name: string;
  readonly #help: string;
  readonly #read: () => number;

  constructor(name: string, help: string, read: () => number) {
    this.name = name;
    this.#help = help;
    this.#read = read;
  }

  lines(): string[] {
    return [...head(this.name, this.#help, 'gauge'), `${this.name} ${this.#read()}`];
  }
}

/** Seconds. */
const bounds = [0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

export class Histogram implements Metric {
  readonly name: string;
  readonly #help: string;
  readonly #counts = bounds.map(() => 0);
  #sum = 0;
  #count = 0;

  constructor(name: string, help: string) {
    this.name = name;
    this.#help = help;
  }

  observe(seconds: number): void {
    this.#sum += seconds;
    this.#count++;
    for (const [index, bound] of bounds.entries()) if (seconds <= bound) this.#counts[index]!++;
  }

  lines(): string[] {
    return [
      ...head(this.name, this.#help, 'histogram'),
      ...bounds.map((bound, index) => `${this.name}_bucket{le="${bound}"} ${this.#counts[index]}`),
      `${this.name}_bucket{le="+Inf"} ${this.#count}`,
      `${this.name}_sum ${this.#sum}`,
      `${this.name}_count ${this.#count}`,
    ];
  }
}

function head(name: string, help: string, type: string): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}

/** All that the App counts. */
export class Metrics {
  readonly deliveries = new Counter('corroborate_deliveries_total', 'Webhook deliveries, by event.');
  readonly judgements = new Counter('corroborate_judgements_total', 'Judgements, by verdict.');
  readonly judging = new Histogram('corroborate_judging_seconds', 'Time that one judgement took.');
  readonly shown = new Histogram(
    'corroborate_verdict_seconds',
    'Time from a delivery to all that it leads to being shown on its pull request.',
  );
  readonly outcomes = new Counter('corroborate_pull_requests_total', 'Looks at pull requests, by where they stand.');
  readonly failures = new Counter(
    'corroborate_failures_total',
    'Work that failed, by code, and whether it is tried again.',
  );
  readonly calls = new Counter('corroborate_api_calls_total', "Calls of GitHub's API, by method and status.");
  readonly gitRequests = new Counter(
    'corroborate_git_requests_total',
    'Requests of git over HTTP, which are no API calls, by status.',
  );
  readonly restarts = new Counter(
    'corroborate_judging_thread_restarts_total',
    'Judging threads that were ended and replaced.',
  );
  readonly #gauges: Gauge[] = [
    new Gauge('process_resident_memory_bytes', 'Resident memory.', () => process.memoryUsage.rss()),
    new Gauge('nodejs_heap_used_bytes', 'Heap in use, judging threads aside.', () => process.memoryUsage().heapUsed),
    new Gauge('process_uptime_seconds', 'Since the process started.', () => process.uptime()),
  ];

  gauge(name: string, help: string, read: () => number): void {
    this.#gauges.push(new Gauge(name, help, read));
  }

  /** `text/plain; version=0.0.4` */
  page(): string {
    const { deliveries, judgements, judging, shown, outcomes, failures, calls, gitRequests, restarts } = this;
    const all: Metric[] = [
      deliveries,
      judgements,
      judging,
      shown,
      outcomes,
      failures,
      calls,
      gitRequests,
      restarts,
      ...this.#gauges,
    ];
    return `${all.flatMap(metric => metric.lines()).join('\n')}\n`;
  }
}
