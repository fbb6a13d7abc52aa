import type { Finding, Report } from '@tidemark/model';
import { paint } from '../base/paint.js';
import { formatCount } from '../base/units.js';
import { printableReport, reportFooter } from './text.js';

/** A scan for people: one paragraph a finding, with the way that leads to it. */
export function renderScan(hostile: Report, options: { color: boolean; columns: number }): string {
  const report = printableReport(hostile);
  const ink = paint(options.color);
  const lines: string[] = [];
  for (const finding of report.findings) {
    const label = finding.verdict === 'leak' ? ink.bad('LEAK   ') : ink.warn('SUSPECT');
    lines.push(`${label}  ${ink.strong(place(finding))}  ${ink.dim(finding.rule)}`);
    lines.push(`         ${finding.title}`);
    for (const step of finding.related) lines.push(ink.dim(`           ${at(step, finding)}  ${step.message}`));
    for (const said of finding.evidence.filter((one) => one.values.tool !== undefined))
      lines.push(`         Also    ${said.text}`);
    const measured =
      finding.quantity && finding.evidence.find((one) => one.values[finding.quantity!.unit] !== undefined);
    if (measured) lines.push(`         Seen    ${measured.text}`);
    if (finding.cause) lines.push(`         Cause   ${finding.cause}`);
    if (finding.fix) lines.push(`         Change  ${finding.fix}`);
    for (const open of finding.unknown) lines.push(`         Unknown ${open}`);
    lines.push('');
  }
  for (const note of report.notes) lines.push(`${note.level === 'info' ? 'Note' : ink.warn('Note')}     ${note.text}`);
  const packages = report.checked.packages ?? 0;
  const clean = `nothing found in ${formatCount(packages)} package${packages === 1 ? '' : 's'}`;
  lines.push(reportFooter(report, ink, clean));
  return `${lines.join('\n')}\n`;
}

const place = (finding: Finding) => `${finding.site!.file}:${finding.site!.line}`;

/** Steps in the same file need only their line. */
const at = (step: { file: string; line: number }, finding: Finding) =>
  step.file === finding.site!.file ? `:${step.line}` : `${step.file}:${step.line}`;
