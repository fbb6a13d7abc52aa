import { type Finding, type Frame, isStandardLibrary, type Report, type Verdict } from '@tidemark/model';
import { type Paint, paint } from '../base/paint.js';
import { quoteArgv } from '../base/shell.js';
import { formatByteRate, formatBytes, formatCount, formatPercent, formatSeconds } from '../base/units.js';
import { sparkline } from './sparkline.js';

export interface TextOptions {
  readonly color: boolean;
  readonly columns: number;
  /** Where the captures were kept, when they were. */
  readonly evidenceDirectory?: string | undefined;
}

const LABEL: Record<Verdict, string> = {
  leak: 'LEAK',
  suspect: 'SUSPECT',
  undecided: 'UNDECIDED',
  clear: 'CLEAR',
  fixed: 'FIXED',
  'not-fixed': 'NOT FIXED',
  worse: 'WORSE',
};
/** Findings shown in full; the others are counted by rule and are all in --json. */
const SHOWN_IN_FULL = 6;

/** A report for people: worst first, every sentence with its number, then what is not known and what to do next. */
export function renderText(hostile: Report, options: TextOptions): string {
  const report = printableReport(hostile);
  const ink = paint(options.color);
  const width = Math.max(60, Math.min(options.columns, 110));
  const worthTelling = report.findings.filter((f) => f.verdict !== 'clear');
  const lines = [header(report, ink), ''];
  for (const finding of worthTelling.slice(0, SHOWN_IN_FULL)) lines.push(...findingLines(finding, ink, width), '');
  const rest = worthTelling.slice(SHOWN_IN_FULL);
  if (rest.length > 0) lines.push(`And ${rest.length} more, of lower rank: --json lists them all.`, '');
  lines.push(...alsoSeen(report, ink, width));
  for (const note of report.notes.filter((n) => n.level !== 'info')) {
    lines.push(
      ...wrapped(`${note.level === 'error' ? ink.bad('Problem') : ink.warn('Note')}     `, note.text, width, 9),
    );
  }
  lines.push(reportFooter(report, ink, 'nothing grows that should not', options.evidenceDirectory));
  return `${lines.join('\n')}\n`;
}

/** Names come out of profiles: nothing in them may move the cursor or change colours. */
export function printableReport({ evidence: _, ...report }: Report): Report {
  return JSON.parse(JSON.stringify(report), (_key, value: unknown) =>
    typeof value === 'string'
      ? value.replace(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/g, ' ')
      : value,
  ) as Report;
}

function header(report: Report, ink: Paint): string {
  const { subject, window } = report;
  return [
    ink.strong(subject.service),
    subject.goVersion,
    subject.build && `build ${subject.build.slice(0, 12)}`,
    subject.pid !== null &&
      `pid ${subject.pid}${subject.ageSeconds !== null ? `, up ${formatSeconds(subject.ageSeconds)}` : ''}`,
    subject.pid === null && subject.ageSeconds !== null && `up ${formatSeconds(subject.ageSeconds)}`,
    `${window.looks} look${window.looks === 1 ? '' : 's'} in ${formatSeconds(window.seconds)}`,
  ]
    .filter((part): part is string => typeof part === 'string' && part !== '')
    .join(' · ');
}

function verdictInk(verdict: Verdict, ink: Paint): (text: string) => string {
  if (verdict === 'leak' || verdict === 'not-fixed' || verdict === 'worse') return ink.bad;
  if (verdict === 'clear' || verdict === 'fixed') return ink.good;
  return verdict === 'suspect' ? ink.warn : ink.dim;
}

/** One finding: verdict, place, amount, why, stack, what to change, how to prove it. */
export function findingLines(finding: Finding, ink: Paint, width: number): string[] {
  const label = LABEL[finding.verdict];
  const head = `${verdictInk(finding.verdict, ink)(ink.strong(label))}  ${finding.rule}`;
  const lines = [padBetween(head, finding.title, width, ink)];
  if (finding.site) lines.push(`  ${ink.strong(short(finding.site.function))}   ${place(finding.site)}`);
  lines.push(...quantityLines(finding, ink));
  if (finding.evidence.length > 0) {
    lines.push(heading(finding.verdict));
    for (const sentence of finding.evidence) lines.push(...wrapped('  · ', sentence.text, width, 4));
  }
  if (finding.chain.length > 0) {
    const chain = finding.chain.map((c) => c.text).join(' ← ');
    if (finding.rule.startsWith('heap/')) lines.push(...wrapped('Held by  ', chain, width, 9));
    else lines.push(...wrapped('  ', chain, width, 2));
  }
  lines.push(...(finding.source ? sourceLines(finding.source, ink) : []), ...stackLines(finding, ink));
  if (finding.cause) lines.push(...wrapped('Cause    ', finding.cause, width, 9));
  if (finding.fix) lines.push(...wrapped('Change   ', finding.fix, width, 9));
  if (finding.proof) lines.push(`Prove    ${ink.strong(quoteArgv(finding.proof.argv))}`);
  for (const open of finding.unknown) lines.push(...wrapped('Unknown  ', open, width, 9));
  return lines;
}

function heading(verdict: Verdict): string {
  if (verdict === 'leak') return 'Why this is a leak';
  if (verdict === 'suspect') return 'Why this is suspected';
  return verdict === 'undecided' ? 'Why this cannot be told yet' : 'Why';
}

/** The last three parts of a path say which file it is; --json has the whole. */
function place(at: { file: string; line: number }): string {
  if (at.file === '') return '(no file known)';
  const short = at.file.split('/').slice(-3).join('/');
  return at.line > 0 ? `${short}:${at.line}` : short;
}

/** `github.com/acme/shop/internal/pay.(*Gateway).charge` → `pay.(*Gateway).charge`: as the code itself writes it. */
const short = (name: string) => name.slice(name.slice(0, name.search(/[([]|$/)).lastIndexOf('/') + 1);

/** One goroutine, two goroutines. */
const unitOf = (value: number, unit: string) => (Math.round(value) === 1 && unit === 'goroutines' ? 'goroutine' : unit);

/** `+57.7 MiB in 60 s = 3.4 GiB/h  [95 %: 2.8 … 4.0 GiB/h]   38.4 → 96.1 MiB`, then the plot of the looks. */
function quantityLines(finding: Finding, ink: Paint): string[] {
  const quantity = finding.quantity;
  if (!quantity) return [];
  const amount = (value: number) =>
    quantity.unit === 'bytes'
      ? formatBytes(value)
      : `${formatCount(Math.round(value))} ${unitOf(value, quantity.unit)}`;
  const rate = (value: number, seconds: number) =>
    quantity.unit === 'bytes'
      ? formatByteRate(value / seconds)
      : value / seconds >= 0.95
        ? `${formatCount(value / seconds)} a second`
        : `${formatCount((value / seconds) * 60)} a minute`;
  const signed = (value: number) => (value >= 0 ? `+${amount(value)}` : amount(value));
  // Without a time nothing was seen to grow: it is what there is.
  let line = `  ${ink.strong(quantity.perSeconds ? signed(quantity.value) : amount(quantity.value))}`;
  if (quantity.perSeconds) {
    line += ` in ${formatSeconds(quantity.perSeconds)} = ${rate(quantity.value, quantity.perSeconds)}`;
    if (quantity.interval) {
      const { low, high, level } = quantity.interval;
      line += `  [${formatPercent(level)}: ${rate(low, quantity.perSeconds)} … ${rate(high, quantity.perSeconds)}]`;
    }
  }
  const values = quantity.series?.map(([, value]) => value) ?? [];
  if (values.length > 1) line += `   ${amount(values[0]!)} → ${amount(values.at(-1)!)}`;
  const lines = [line];
  if (values.length > 2) {
    const step = (value: number) =>
      quantity.unit === 'bytes' ? signed(value) : `${value >= 0 ? '+' : ''}${formatCount(Math.round(value))}`;
    const steps = values.slice(1).map((value, i) => step(value - values[i]!));
    const shown = steps.length > 8 ? [...steps.slice(0, 3), '…', ...steps.slice(-3)] : steps;
    lines.push(`  ${sparkline(values)}   ${ink.dim(`${shown.join('  ')} from look to look`)}`);
  }
  if (quantity.timeToLimitSeconds !== undefined) {
    lines.push(`  at this rate the limit is reached in ${ink.strong(formatSeconds(quantity.timeToLimitSeconds))}`);
  }
  return lines;
}

/** Source around the place, the line that matters marked. */
function sourceLines(source: NonNullable<Finding['source']>, ink: Paint): string[] {
  const width = String(source.start + source.lines.length).length + 2;
  return source.lines.map((text, i) => {
    const line = source.start + i;
    const code = text.replaceAll('\t', '    ');
    const marked = line === source.marked;
    const row = `  ${marked ? '►' : ' '} ${String(line).padStart(width)} │ ${code}`.slice(0, 110);
    return marked ? ink.strong(row) : ink.dim(row);
  });
}

/** The stack with the line that matters marked; runs of library frames are folded into one line. */
function stackLines(finding: Finding, ink: Paint): string[] {
  if (finding.stack.length < 2) return [];
  const lines = ['Stack'];
  let folded = 0;
  const flush = () => {
    if (folded > 0) lines.push(ink.dim(`      … ${folded} frame${folded === 1 ? '' : 's'} of the standard library`));
    folded = 0;
  };
  const isSite = (frame: Frame) => frame.function === finding.site?.function && frame.line === finding.site.line;
  const shown = finding.stack.slice(0, 24);
  shown.forEach((frame, i) => {
    const matters = isSite(frame);
    if (!matters && i > 0 && isStandardLibrary(frame.function)) {
      folded++;
      return;
    }
    flush();
    const text = `${short(frame.function)}   ${place(frame)}`;
    lines.push(matters ? `  ${ink.strong(`►   ${text}`)}` : `      ${ink.dim(text)}`);
  });
  folded += finding.stack.length - shown.length;
  flush();
  return lines;
}

function alsoSeen(report: Report, ink: Paint, width: number): string[] {
  const parts = Object.entries(report.checked).map(([what, count]) => `${formatCount(count)} ${what}`);
  const clear = report.findings.filter((f) => f.verdict === 'clear');
  const lines: string[] = [];
  for (const finding of clear.slice(0, 4)) {
    const text = `${finding.rule}  ${finding.site ? short(finding.site.function) : ''}  ${finding.title}`;
    lines.push(...wrapped(`${ink.good('CLEAR')}    `, text, width, 9));
  }
  if (clear.length > 4) lines.push(`         and ${clear.length - 4} more`);
  if (parts.length > 0) lines.push(...wrapped('Checked  ', parts.join(' · '), width, 9));
  return lines;
}

/** The last line: how many of each verdict, where more is told, the exit code. */
export function reportFooter(report: Report, ink: Paint, nothing: string, evidenceDirectory?: string): string {
  const counts = (['leak', 'suspect', 'undecided'] as const)
    .map((verdict) => ({ verdict, n: report.findings.filter((f) => f.verdict === verdict).length }))
    .filter((c) => c.n > 0)
    .map((c) =>
      verdictInk(
        c.verdict,
        ink,
      )(c.verdict === 'undecided' ? `${c.n} undecided` : `${c.n} ${c.verdict}${c.n === 1 ? '' : 's'}`),
    );
  const rule = report.findings.find((f) => f.verdict !== 'clear')?.rule;
  return [
    counts.length > 0 ? counts.join(', ') : ink.good(nothing),
    evidenceDirectory && `evidence in ${evidenceDirectory}`,
    rule && `tidemark explain ${rule}`,
    `exit ${report.exitCode}`,
  ]
    .filter(Boolean)
    .join(' · ');
}

/** Left text, right text, at least two spaces between; colours do not count for the width. */
function padBetween(left: string, right: string, width: number, ink: Paint): string {
  const visible = left.replace(/\u001b\[\d+m/g, '').length;
  return `${left}${' '.repeat(Math.max(2, width - visible - right.length))}${ink.dim(right)}`;
}

/** Breaks at spaces so that no line is wider; continued lines are indented under the text. */
function wrapped(lead: string, text: string, width: number, indent: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width - indent) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines.map((l, i) => (i === 0 ? `${lead}${l}` : `${' '.repeat(indent)}${l}`));
}
