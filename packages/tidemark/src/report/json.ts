import type { Report } from '@tidemark/model';

/** One versioned document. Evidence is left out unless asked for: it can be megabytes. */
export function renderJson(report: Report, options: { evidence?: boolean } = {}): string {
  const { evidence, ...rest } = report;
  return `${JSON.stringify(options.evidence ? { ...rest, evidence } : rest, null, 2)}\n`;
}
