import type { Report } from '@tidemark/model';

/**
 * A report as workflow commands, which GitHub shows beside the changed lines: `::error file=…,line=…,title=…::text`.
 * A step shows ten of each level; the worst come first.
 */
export function renderGithub(report: Report): string {
  const lines: string[] = [];
  for (const finding of report.findings) {
    if (finding.verdict === 'clear' || !finding.site?.file) continue;
    const level = finding.verdict === 'leak' || finding.verdict === 'worse' ? 'error' : 'warning';
    const where = `file=${property(finding.site.file)},line=${Math.max(1, finding.site.line)},title=${property(finding.rule)}`;
    const text = [finding.title, finding.fix && `Change: ${finding.fix}`].filter(Boolean).join('\n');
    lines.push(`::${level} ${where}::${data(text)}`);
  }
  for (const note of report.notes) if (note.level !== 'info') lines.push(`::warning::${data(note.text)}`);
  return lines.map((line) => `${line}\n`).join('');
}

const data = (text: string) => text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
const property = (text: string) => data(text).replace(/:/g, '%3A').replace(/,/g, '%2C');
