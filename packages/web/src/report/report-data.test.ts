import type { Report } from '@tidemark/model';
import { describe, expect, it } from 'vitest';
import { finding, hostileReport, sampleReport } from '../../test/sample-report.js';
import { flameFromSites } from '../flame/flame-from-sites.js';
import { rateWords } from './finding-index.js';
import { headline } from './headline.js';
import {
  evidenceOf,
  findingCone,
  findingPoints,
  groupRows,
  rankFindings,
  readReportData,
  siteRows,
} from './report-data.js';

const report = sampleReport(20);
const asRead = (r: unknown) => readReportData(JSON.stringify({ report: r }))!;

describe('readReportData', () => {
  it('fills in lists that are missing', () => {
    const { report: read } = asRead({ findings: [{ verdict: 'leak' }] });
    expect(read.findings[0]).toMatchObject({ evidence: [], chain: [], stack: [], related: [], unknown: [] });
    expect(read.evidence).toEqual([]);
    expect(headline(asRead({})).title).toBe('Cannot tell yet');
  });
  it('knows the empty template, and refuses what is no JSON', () => {
    expect(readReportData('null')).toBeNull();
    expect(() => readReportData('{')).toThrow(SyntaxError);
  });
});

describe('headline', () => {
  const of = (more: Partial<Report>) => headline({ report: { ...report, ...more } });
  it('names the worst and its speed', () => {
    expect(of({}).title).toBe('2 leaks; the worst: cache.(*Server).remember keeps 3.4 GiB more every hour');
    expect(of({}).detail).toContain('Also 1 undecided. 7 looks in 60 s.');
    expect(of({ findings: [report.findings[2]!] }).title).toBe(
      '1 leak: pay.(*Gateway).charge.func1 adds 20 goroutines every second',
    );
  });
  it('says how much longer to watch, or that nothing grows and what was checked', () => {
    expect(of({ verdict: 'undecided' }).title).toBe('Cannot tell yet: watch 3 min longer');
    expect(of({ verdict: 'clear', findings: [] })).toMatchObject({
      title: 'Nothing grows that should not',
      detail: '7 looks in 60 s. Checked: 20 heap sites, 37 goroutine groups.',
    });
  });
  it('tells the true number where the page holds fewer', () => {
    expect(headline({ report, counts: { leak: 9_999 } }).title).toMatch(/^9,999 leaks; the worst/);
  });
  it('survives numbers that are none', () => {
    expect(headline(asRead(hostileReport(2))).title).toContain('2 leaks');
  });
});

describe('findings', () => {
  it('come worst first, otherwise in their order', () => {
    expect(rankFindings(report.findings).map((f) => f.verdict)).toEqual(['leak', 'leak', 'undecided', 'clear']);
  });
  it('take their points from the evidence where they have none of their own', () => {
    const index = report.findings[3]!;
    const { series: _, ...quantity } = index.quantity!;
    const points = findingPoints({ ...index, quantity }, report);
    expect(points.map(([, v]) => v)).toEqual(siteRows(evidenceOf(report, 'heap-series'))[1]!.site.inuseBytes);
  });
  it('open their interval where the growth began', () => {
    const leak = finding();
    const points = findingPoints(leak, report);
    const since = new Date(points[2]![0]).toISOString();
    const cone = findingCone({ ...leak, quantity: { ...leak.quantity!, since } }, points)!;
    expect(cone.from).toEqual(points[2]);
    expect(findingCone({ ...leak, quantity: null }, points)).toBeNull();
    expect(findingCone(leak, points.slice(0, 1))).toBeNull();
  });
  it('tell their rate in the unit that fits', () => {
    expect(rateWords(finding(), report)).toBe('+3.4 GiB an hour');
    expect(rateWords(report.findings[2]!, report)).toBe('+20 goroutines a second');
    expect(rateWords(finding({ quantity: null }), report)).toBe('');
  });
});

describe('rows', () => {
  it('hold first, last and change of every site and group', () => {
    const [row] = siteRows(evidenceOf(report, 'heap-series'));
    expect(row!.change).toBeCloseTo(57.7 * 2 ** 20, -3);
    expect(row!.allocated! - row!.change!).toBeCloseTo(6 * 0.06 * 2 ** 20, -1);
    expect(groupRows(evidenceOf(report, 'goroutine-series'))[0]).toMatchObject({ first: 14, last: 1214, change: 1200 });
  });
  it('are unknown where nothing was counted', () => {
    const rows = siteRows(evidenceOf(asRead(hostileReport(1)).report, 'heap-series'));
    expect(rows.at(-1)).toMatchObject({ first: null, last: null, change: null });
  });
});

describe('flameFromSites', () => {
  it('holds what the sites hold, at the first and the last look', () => {
    const [series] = evidenceOf(report, 'heap-series');
    const { root } = flameFromSites(series!)!;
    expect(root.value).toBeCloseTo(series!.snapshots.at(-1)!.inuseBytes);
    expect(root.base).toBeCloseTo(series!.snapshots[0]!.inuseBytes);
    const sum = (n: typeof root): number => n.self + n.children.reduce((s, c) => s + sum(c), 0);
    expect(sum(root)).toBeCloseTo(root.value);
  });
  it('is none where no site holds anything', () => {
    expect(flameFromSites({ kind: 'heap-series', rateBytes: 1, snapshots: [], sites: [], limits: [] })).toBeNull();
  });
});
