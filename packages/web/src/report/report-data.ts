import type {
  Evidence,
  Finding,
  GoroutineGroup,
  GoroutineSeries,
  GoroutineWaits,
  HeapSeries,
  HeapSite,
  Report,
  SignalSeries,
  Verdict,
} from '@tidemark/model';
import type { FlameGraph } from '@tidemark/pprof';
import { isNumber } from '../base/format.js';
import { type Cone, cleanPoints, type Point } from '../charts/chart-data.js';

/** What the JSON script tag of a report holds. */
export interface ReportData {
  readonly report: Report;
  readonly flame?: FlameGraph | null;
  /** Number of findings by verdict, those included that the page was too small for. */
  readonly counts?: Readonly<Partial<Record<Verdict, number>>>;
}

/** Worst first; of a change after those of a program. */
export const VERDICTS: readonly Verdict[] = ['leak', 'worse', 'not-fixed', 'suspect', 'undecided', 'fixed', 'clear'];

const list = <T>(value: readonly T[] | null | undefined): readonly T[] => (Array.isArray(value) ? value : []);

/**
 * Reads the script tag's text. Lists that are missing become empty ones, so that no part of the page has to ask;
 * null where the template holds no report. Throws SyntaxError where the text is no JSON.
 */
export function readReportData(text: string): ReportData | null {
  const data = JSON.parse(text) as {
    report?: Partial<Report>;
    flame?: FlameGraph | null;
    counts?: ReportData['counts'];
  } | null;
  if (!data?.report || typeof data.report !== 'object') return null;
  const given = data.report;
  const report = {
    ...given,
    tool: { name: 'tidemark', version: '?', command: '', ...given.tool },
    subject: {
      service: 'unknown service',
      instance: null,
      build: null,
      goVersion: null,
      pid: null,
      ageSeconds: null,
      ...given.subject,
    },
    window: { from: '', to: '', seconds: 0, looks: 0, ...given.window },
    findings: list(given.findings).map(completeFinding),
    checked: given.checked ?? {},
    notes: list(given.notes),
    evidence: list(given.evidence),
  } as Report;
  return { report, flame: data.flame ?? null, counts: data.counts ?? {} };
}

function completeFinding(finding: Finding): Finding {
  return {
    ...finding,
    evidence: [...list(finding.evidence)],
    chain: [...list(finding.chain)],
    stack: [...list(finding.stack)],
    related: [...list(finding.related)],
    unknown: [...list(finding.unknown)],
  };
}

/** Worst verdict first; within one verdict the order that the diagnosis ranked. */
export function rankFindings(findings: readonly Finding[]): Finding[] {
  const rank = (f: Finding) => {
    const i = VERDICTS.indexOf(f.verdict);
    return i < 0 ? VERDICTS.length : i;
  };
  return [...findings].sort((a, b) => rank(a) - rank(b));
}

export function evidenceOf(report: Report, kind: 'heap-series'): HeapSeries[];
export function evidenceOf(report: Report, kind: 'goroutine-series'): GoroutineSeries[];
export function evidenceOf(report: Report, kind: 'signal-series'): SignalSeries[];
export function evidenceOf(report: Report, kind: 'goroutine-waits'): GoroutineWaits[];
export function evidenceOf(report: Report, kind: Evidence['kind']): Evidence[] {
  return list(report.evidence).filter((e) => e?.kind === kind);
}

/** Seconds over which a quantity's value was added: as told, else the window's. */
export function spanSeconds(finding: Finding, report: Report): number {
  const told = finding.quantity?.perSeconds;
  return isNumber(told) && told > 0 ? told : report.window.seconds;
}

/** The values that a finding rests on: its own series, else its site's in the evidence. */
export function findingPoints(finding: Finding, report: Report): Point[] {
  const own = cleanPoints(finding.quantity?.series);
  if (own.length > 0 || !finding.site) return own;
  const { function: name, file, line } = finding.site;
  const here = (s: { function: string; file: string; line: number }) =>
    s.function === name && s.file === file && s.line === line;
  if (finding.quantity?.unit === 'goroutines') {
    for (const series of evidenceOf(report, 'goroutine-series')) {
      const groups = list(series.groups).filter((g) => here(g.site));
      if (groups.length === 0) continue;
      return cleanPoints(
        list(series.looks).map((look, i) => [look.atMs, groups.reduce((sum, g) => sum + (list(g.counts)[i] ?? 0), 0)]),
      );
    }
    return [];
  }
  for (const series of evidenceOf(report, 'heap-series')) {
    const site = list(series.sites).find((s) => here(s.site));
    if (site) return cleanPoints(list(series.snapshots).map((s, i) => [s.atMs, list(site.inuseBytes)[i]]));
  }
  return [];
}

/** The interval of what was added, from the point where the growth began. */
export function findingCone(finding: Finding, points: readonly Point[]): Cone | null {
  const interval = finding.quantity?.interval;
  if (!interval || !isNumber(interval.low) || !isNumber(interval.high) || points.length < 2) return null;
  const since = finding.quantity?.since ? Date.parse(finding.quantity.since) : Number.NaN;
  const from = points.find(([ms]) => !(ms < since)) ?? points[0]!;
  const toMs = points[points.length - 1]![0];
  return toMs > from[0] ? { from, toMs, low: interval.low, high: interval.high } : null;
}

export interface SiteRow {
  readonly key: string;
  readonly site: HeapSite;
  readonly first: number | null;
  readonly last: number | null;
  readonly change: number | null;
  readonly allocated: number | null;
}

const at = (values: readonly (number | null)[], i: number): number | null => {
  const value = values.at(i);
  return isNumber(value) ? value : null;
};
const minus = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a - b);

/** Every heap site with what it held first and last, and what it allocated meanwhile. */
export function siteRows(series: readonly HeapSeries[]): SiteRow[] {
  return series.flatMap((s, n) =>
    list(s.sites).map((site, i) => {
      const inuse = list(site.inuseBytes);
      const alloc = list(site.allocBytes);
      const first = at(inuse, 0);
      const last = at(inuse, -1);
      return {
        key: `${n}.${i}`,
        site,
        first,
        last,
        change: minus(last, first),
        allocated: minus(at(alloc, -1), at(alloc, 0)),
      };
    }),
  );
}

export interface GroupRow {
  readonly key: string;
  readonly group: GoroutineGroup;
  readonly first: number | null;
  readonly last: number | null;
  readonly change: number | null;
}

export function groupRows(series: readonly GoroutineSeries[]): GroupRow[] {
  return series.flatMap((s, n) =>
    list(s.groups).map((group, i) => {
      const counts = list(group.counts);
      const first = at(counts, 0);
      const last = at(counts, -1);
      return { key: `${n}.${i}`, group, first, last, change: minus(last, first) };
    }),
  );
}
