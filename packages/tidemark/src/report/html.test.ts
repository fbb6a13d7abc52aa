import type { Finding, HeapSite, Report } from '@tidemark/model';
import type { FlameGraph, FlameNode } from '@tidemark/pprof';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderHtml } from './html.js';

const TEMPLATE =
  '<head><title>Tidemark report</title></head><script id="tidemark-data" type="application/json">null</script><p>after</p>';

function report(more: Partial<Report> = {}): Report {
  return {
    $schema: '',
    schemaVersion: 1,
    tool: { name: 'tidemark', version: '0', command: '' },
    subject: { service: 'shop', instance: null, build: null, goVersion: null, pid: null, ageSeconds: null },
    window: { from: '2026-01-01T00:00:00Z', to: '2026-01-01T00:01:00Z', seconds: 60, looks: 2 },
    verdict: 'clear',
    exitCode: 0,
    findings: [],
    checked: {},
    notes: [],
    ...more,
  };
}

function finding(more: Partial<Finding> = {}): Finding {
  return {
    fingerprint: '0',
    rule: 'heap/site-grows',
    verdict: 'suspect',
    title: '',
    subject: { service: 'shop', instance: null, build: null },
    site: null,
    quantity: null,
    errorChance: null,
    evidence: [],
    chain: [],
    stack: [],
    related: [],
    cause: null,
    fix: null,
    unknown: [],
    moreSeconds: null,
    proof: null,
    ...more,
  };
}

/** What a browser would read: the text of the data's element, up to the first end tag. */
function dataOf(html: string) {
  const [, text] = /<script id="tidemark-data" type="application\/json">([\s\S]*?)<\/script>/.exec(html)!;
  return JSON.parse(text!);
}

describe('renderHtml', () => {
  it('puts any text into the page so that it comes back the same and ends no element', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: fc.nat(0xffff).map((c) => String.fromCharCode(c)) }),
          fc.constantFrom('</script>', '<!--<script>', "$&$'$`", '\u2028'),
        ),
        (text) => {
          const html = renderHtml(report({ subject: { ...report().subject, service: text } }), { template: TEMPLATE });
          expect(dataOf(html).report.subject.service).toBe(text);
          expect(html.endsWith('</script><p>after</p>')).toBe(true);
          expect(html.match(/<script/g)).toHaveLength(1);
          expect(html.match(/<\/title>/g)).toHaveLength(1);
        },
      ),
    );
  });

  it('holds the worst of too many findings, and tells the true number and what is left out', () => {
    const many = Array.from({ length: 10_000 }, (_, i) => finding({ verdict: i === 9_999 ? 'leak' : 'suspect' }));
    const data = dataOf(renderHtml(report({ findings: many }), { template: TEMPLATE }));
    expect(data.report.findings.length).toBe(1000);
    expect(data.report.findings[0].verdict).toBe('leak');
    expect(data.counts).toEqual({ leak: 1, suspect: 9_999 });
    expect(data.report.notes.at(-1).text).toBe('This page holds 1000 of 10000 findings; --json holds all.');
  });

  it('stays below 50 MB whatever it is given', () => {
    const name = 'x'.repeat(100_000);
    const site = { function: name, file: name, line: 1 };
    const heavy = finding({
      site,
      stack: Array.from({ length: 5000 }, () => site),
      evidence: Array.from({ length: 500 }, () => ({ text: name, values: {}, sources: [] })),
    });
    const html = renderHtml(report({ findings: Array.from({ length: 300 }, () => heavy) }), { template: TEMPLATE });
    expect(html.length).toBeLessThan(50e6);
    expect(dataOf(html).report.findings.length).toBeGreaterThan(0);
  });

  it('never cuts a command: a long one is left out', () => {
    const argv = (length: number) => finding({ proof: { argv: ['tidemark', 'a'.repeat(length)] } });
    const data = dataOf(renderHtml(report({ findings: [argv(900), argv(5000)] }), { template: TEMPLATE }));
    expect(data.report.findings.map((f: Finding) => f.proof?.argv[1]?.length ?? null)).toEqual([900, null]);
  });

  it('keeps the sites that hold most and leaves the statistics’ samples out', () => {
    const site = (i: number): HeapSite => ({
      site: { function: `f${i}`, file: 'a.go', line: i },
      stack: [],
      stacks: 1,
      inuseBytes: [0, i],
      inuseObjects: [0, 1],
      allocBytes: [0, i],
      allocObjects: [0, 1],
      strata: [{ objectBytes: 8, allocSamples: [0, 1], inuseSamples: [0, 1] }],
    });
    const evidence = [
      {
        kind: 'heap-series' as const,
        rateBytes: 1,
        snapshots: [],
        sites: Array.from({ length: 6000 }, (_, i) => site(i)),
        limits: [],
      },
    ];
    const { sites } = dataOf(renderHtml(report({ evidence }), { template: TEMPLATE })).report.evidence[0];
    expect(sites.length).toBe(5000);
    expect(sites[0].site.function).toBe('f5999');
    expect(sites[0].strata).toEqual([]);
  });

  it('cuts a flame graph that is too deep or too wide, from the leaves up', () => {
    const node = (children: FlameNode[]): FlameNode => ({
      name: 'f',
      site: { function: 'f', file: '', line: 0 },
      value: 1,
      self: 0,
      base: 0,
      baseSelf: 0,
      inlined: false,
      children,
    });
    let deep = node([]);
    for (let i = 0; i < 100_000; i++) deep = node([deep]);
    const flame: FlameGraph = { root: deep, sampleType: 'inuse_space', unit: 'bytes', dropped: 0, depth: 100_000 };
    const data = dataOf(renderHtml(report(), { template: TEMPLATE, flame }));
    let depth = 0;
    for (let at = data.flame.root; at.children.length > 0; at = at.children[0]) depth++;
    expect(depth).toBe(512);
    expect(data.flame.dropped).toBe(1);
    expect(data.report.notes).toHaveLength(1);
  });

  it('says what to do where the template has no place for the data', () => {
    expect(() => renderHtml(report(), { template: '<p>' })).toThrow(/no place for data/);
  });
});
