import type { Finding, Report } from '@tidemark/model';
import { describe, expect, it } from 'vitest';
import { sparkline } from './sparkline.js';
import { renderText } from './text.js';

const finding: Finding = {
  fingerprint: '00',
  rule: 'heap/site-grows',
  verdict: 'leak',
  title: '1 of 412 places',
  subject: { service: 'shop', instance: null, build: null },
  site: { function: 'main.(*Server).remember', file: 'internal/shop/cache.go', line: 41 },
  quantity: {
    unit: 'bytes',
    value: 60_503_000,
    perSeconds: 60,
    interval: { low: 49_000_000, high: 70_000_000, level: 0.95 },
    series: [
      [0, 40_265_318],
      [20_000, 60_817_408],
      [40_000, 80_640_000],
      [60_000, 100_768_318],
    ],
  },
  errorChance: 1e-12,
  evidence: [{ text: 'of 58.1 MiB allocated here meanwhile, 57.7 MiB is still live', values: {}, sources: [] }],
  chain: [],
  stack: [
    { function: 'runtime.mapassign', file: 'runtime/map.go', line: 1 },
    { function: 'main.(*Server).remember', file: 'internal/shop/cache.go', line: 41 },
    { function: 'net/http.HandlerFunc.ServeHTTP', file: 'net/http/server.go', line: 1 },
    { function: 'net/http.(*conn).serve', file: 'net/http/server.go', line: 2 },
  ],
  related: [],
  cause: null,
  fix: 'bound s.seen',
  unknown: ['time until the limit'],
  moreSeconds: null,
  proof: { argv: ['tidemark', 'diagnose', 'http://127.0.0.1:6060', '--for', '60s'] },
};

const report = (findings: Finding[], more: Partial<Report> = {}): Report => ({
  $schema: 'tidemark.schema.json',
  schemaVersion: 1,
  tool: { name: 'tidemark', version: 'dev', command: 'diagnose' },
  subject: { service: 'shop', instance: null, build: 'a1b2c3d', goVersion: 'go1.26.8', pid: 4127, ageSeconds: 840 },
  window: { from: '2026-01-01T00:00:00Z', to: '2026-01-01T00:01:00Z', seconds: 60, looks: 4 },
  verdict: 'leak',
  exitCode: 1,
  findings,
  checked: { places: 412 },
  notes: [],
  ...more,
});

describe('renderText', () => {
  const text = renderText(report([finding]), { color: false, columns: 100, evidenceDirectory: '.tidemark/4127' });

  it('says what, how much, how fast, where, why, what to change and how to prove it', () => {
    for (const part of [
      'shop · go1.26.8 · build a1b2c3d · pid 4127, up 14 min · 4 looks in 60 s',
      'LEAK  heap/site-grows',
      'main.(*Server).remember   internal/shop/cache.go:41',
      '+57.7 MiB in 60 s = 3.4 GiB/h  [95 %: 2.7 GiB/h … 3.9 GiB/h]   38.4 MiB → 96.1 MiB',
      '▁▃▆█',
      '· of 58.1 MiB allocated here meanwhile, 57.7 MiB is still live',
      'Change   bound s.seen',
      'Prove    tidemark diagnose http://127.0.0.1:6060 --for 60s',
      'Unknown  time until the limit',
      '1 leak · evidence in .tidemark/4127 · tidemark explain heap/site-grows · exit 1',
    ]) {
      expect(text).toContain(part);
    }
  });

  it('marks the line that matters and folds the library', () => {
    expect(text).toContain('►   main.(*Server).remember');
    expect(text).toContain('… 2 frames of the standard library');
  });

  it('keeps to the width and has no colour codes without colours', () => {
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(110);
    expect(text.includes('\u001b')).toBe(false);
    expect(renderText(report([finding]), { color: true, columns: 100 })).toContain('\u001b[31m');
  });

  it('strips what could drive a terminal from names that came out of a profile', () => {
    const hostile = { ...finding, site: { function: 'main.\u001b[2Jevil\r\n', file: 'a\u0007.go', line: 1 } };
    const out = renderText(report([hostile]), { color: false, columns: 100 });
    expect(out.includes('\u001b[2J')).toBe(false);
    expect(out.includes('\r')).toBe(false);
  });

  it('a quiet report says so in words', () => {
    const quiet = renderText(report([], { verdict: 'clear', exitCode: 0 }), { color: false, columns: 80 });
    expect(quiet).toContain('nothing grows that should not');
    expect(quiet).toContain('exit 0');
  });
});

describe('sparkline', () => {
  it('spans from the least to the greatest value, in order', () => {
    expect(sparkline([0, 1, 2, 3])).toBe('▁▃▆█');
    expect(sparkline([5, 5, 5])).toBe('▁▁▁');
    expect(sparkline([])).toBe('');
    expect(sparkline(Array.from({ length: 100 }, (_, i) => i)).length).toBe(24);
  });
});
