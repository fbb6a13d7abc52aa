import type { Finding, Report, Verdict } from '@tidemark/model';
import { formatSeconds, formatValue, isNumber, rateUnit } from '../base/format.js';
import { plural, shorten, splitFunction, visible } from '../base/text.js';
import { type ReportData, rankFindings, spanSeconds, VERDICTS } from './report-data.js';

/** A verdict as a word and as a sign that needs no colour. */
export const VERDICT_WORDS: Record<Verdict, { word: string; sign: string }> = {
  leak: { word: 'Leak', sign: '●' },
  worse: { word: 'Worse', sign: '●' },
  'not-fixed': { word: 'Not fixed', sign: '●' },
  suspect: { word: 'Suspect', sign: '▲' },
  undecided: { word: 'Undecided', sign: '?' },
  fixed: { word: 'Fixed', sign: '✓' },
  clear: { word: 'Clear', sign: '✓' },
};

export interface Headline {
  readonly verdict: Verdict;
  readonly title: string;
  readonly detail: string;
}

const NOUN: Record<Verdict, readonly [one: string, many: string]> = {
  leak: ['leak', 'leaks'],
  worse: ['place is worse', 'places are worse'],
  'not-fixed': ['leak is not fixed', 'leaks are not fixed'],
  suspect: ['suspect', 'suspects'],
  undecided: ['undecided', 'undecided'],
  fixed: ['leak is fixed', 'leaks are fixed'],
  clear: ['place is clear', 'places are clear'],
};

/** The report's answer in words: what is wrong and how bad, or what is still open, or that nothing grows. */
export function headline({ report, counts = {} }: ReportData): Headline {
  const ranked = rankFindings(report.findings);
  const verdict = VERDICTS.includes(report.verdict) ? report.verdict : 'undecided';
  const worst = ranked.find((f) => f.verdict === verdict) ?? ranked[0];
  const count = (v: Verdict) => Math.max(counts[v] ?? 0, ranked.filter((f) => f.verdict === v).length);
  if (verdict === 'clear') {
    return {
      verdict,
      title: 'Nothing grows that should not',
      detail: `${watched(report)} ${checkedWords(report)}`.trim(),
    };
  }
  const others = (['leak', 'worse', 'not-fixed', 'suspect', 'undecided', 'fixed'] as const)
    .filter((v) => v !== verdict && count(v) > 0)
    .map((v) => plural(count(v), ...NOUN[v]));
  if (verdict === 'undecided') {
    const more = Math.max(
      0,
      ...ranked.map((f) => (f.verdict === verdict && isNumber(f.moreSeconds) ? f.moreSeconds : 0)),
    );
    const title = more > 0 ? `Cannot tell yet: watch ${formatSeconds(more)} longer` : 'Cannot tell yet';
    return { verdict, title, detail: `${watched(report)} ${checkedWords(report)}`.trim() };
  }
  const n = Math.max(1, count(verdict));
  const lead = n === 1 ? plural(1, ...NOUN[verdict]) : `${plural(n, ...NOUN[verdict])}; the worst`;
  const title = worst ? `${lead}: ${growth(worst, report)}` : plural(n, ...NOUN[verdict]);
  const parts = [others.length > 0 ? `Also ${others.join(', ')}.` : '', watched(report), checkedWords(report)];
  return { verdict, title, detail: parts.filter(Boolean).join(' ') };
}

/** `cache.(*Server).remember keeps 3.4 GiB more every hour`. */
function growth(finding: Finding, report: Report): string {
  const name = finding.site ? visible(shorten(splitFunction(finding.site.function)[1], 80)) : finding.rule;
  const q = finding.quantity;
  if (!q || !isNumber(q.value) || q.value <= 0) return name;
  const seconds = spanSeconds(finding, report);
  if (!(seconds > 0)) return `${name} added ${formatValue(q.value, q.unit)}`;
  const rate = rateUnit(q.value / seconds, q.unit);
  const amount = formatValue((q.value / seconds) * rate.seconds, q.unit);
  if (q.unit === 'bytes') return `${name} keeps ${amount} more every ${rate.name}`;
  return `${name} adds ${amount} ${q.unit} every ${rate.name}`;
}

function watched(report: Report): string {
  const { looks, seconds } = report.window;
  return looks > 0 ? `${plural(looks, 'look')} in ${formatSeconds(seconds)}.` : '';
}

/** `Checked: 412 sites, 37 groups.` from the report's counts. */
export function checkedWords(report: Report): string {
  const parts = Object.entries(report.checked)
    .filter(([, n]) => isNumber(n))
    .slice(0, 12)
    .map(([what, n]) => `${n.toLocaleString('en-US')} ${visible(shorten(what, 60))}`);
  return parts.length > 0 ? `Checked: ${parts.join(', ')}.` : '';
}
