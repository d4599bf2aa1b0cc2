import { assessProject } from '../domain/assessment.ts';
import { parseBranchPath } from '../domain/branch-layout.ts';
import type { Assessment, Project } from '../domain/generated/shapes.ts';
import { makeReport, type Report } from '../domain/report.ts';
import type { RecordStore } from '../store/record-store.ts';
import { readAgreed, readHistory, readProject, readSettledRequests, requireTip } from './branch-documents.ts';

export interface ProjectReport {
  readonly project: Project;
  readonly assessment: Assessment;
  readonly report: Report;
}

/** The project's reproducibility as the branch's agreed requests give it, computed anew and not read from a file. */
export async function reportProject(store: RecordStore): Promise<ProjectReport> {
  const tip = await requireTip(store);
  const [project, history, requests, files] = await Promise.all([
    readProject(tip),
    readHistory(tip),
    readSettledRequests(tip),
    tip.files('records'),
  ]);
  const assessment = assessProject(await readAgreed(tip, requests), project);
  const records = files.filter(file => parseBranchPath(file.path)?.kind === 'record').length;
  return { project, assessment, report: makeReport(project, assessment, records, history.length) };
}
