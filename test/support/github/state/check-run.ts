import type { App } from './app.ts';
import type { Repository } from './repository.ts';

/** What one App has to say about one commit. */
export interface CheckSuite {
  readonly id: number;
  readonly repository: Repository;
  readonly app: App;
  readonly headSha: string;
  readonly headBranch: string | null;
  readonly createdAt: Date;
  updatedAt: Date;
}

export interface CheckOutput {
  title: string | null;
  summary: string | null;
  text: string | null;
}

export interface CheckAction {
  readonly label: string;
  readonly description: string;
  readonly identifier: string;
}

export interface CheckAnnotation {
  readonly path: string;
  readonly start_line: number;
  readonly end_line: number;
  readonly start_column?: number;
  readonly end_column?: number;
  readonly annotation_level: string;
  readonly message: string;
  readonly title?: string;
  readonly raw_details?: string;
}

export interface CheckRun {
  readonly id: number;
  readonly suite: CheckSuite;
  name: string;
  status: 'queued' | 'in_progress' | 'completed';
  conclusion: string | null;
  startedAt: Date;
  completedAt: Date | null;
  externalId: string;
  detailsUrl: string | null;
  output: CheckOutput;
  /** Each request appends to those that are there. */
  readonly annotations: CheckAnnotation[];
  actions: readonly CheckAction[];
}
