import type { Case, GoroutineGroup, GoroutineSeries, HeapSeries } from '@tidemark/model';
import { describe, expect, it } from 'vitest';
import { goroutineSiteGrows } from './rule.js';

const at = (name: string, line = 58) => ({ function: name, file: 'shop/pay.go', line });

function group(counts: number[], more: Partial<GoroutineGroup> = {}): GoroutineGroup {
  return {
    site: at('shop.(*Gateway).charge.func1'),
    creator: at('shop.(*Gateway).charge', 56),
    state: null,
    waitsIn: 'chan receive',
    counts,
    stayed: counts.slice(1).map(() => null),
    oldestWaitMinutes: null,
    stack: [at('runtime.gopark', 1), at('shop.(*Gateway).charge.func1')],
    labels: {},
    provenLeaked: false,
    ...more,
  };
}

/** Everybody who was there at a look is still there at the next one. */
const allStay = (counts: number[]) => counts.slice(0, -1);

function judge(groups: GoroutineGroup[], heap: HeapSeries | null = null) {
  const looks = groups[0]!.counts.map((_, i) => ({ capture: `g-${i}`, atMs: i * 15_000, total: 100 }));
  const goroutines: GoroutineSeries = { kind: 'goroutine-series', looks, groups, limits: [] };
  const evidence: Case = {
    subject: { service: 'shop', instance: null, build: null, goVersion: null, pid: null, ageSeconds: null },
    heap,
    goroutines,
    signals: null,
    evidence: [],
    target: ['tidemark', 'diagnose', 'x'],
  };
  return goroutineSiteGrows.judge(evidence);
}

const GROWING = [10, 110, 210, 310, 410];

describe('goroutine/site-grows', () => {
  it('suspects goroutines that gather and stay, names place and creator', () => {
    const [found, ...rest] = judge([group(GROWING, { stayed: allStay(GROWING) })]);
    expect(rest).toEqual([]);
    expect(found).toMatchObject({
      verdict: 'suspect',
      site: { function: 'shop.(*Gateway).charge.func1', line: 58 },
      quantity: { value: 400, unit: 'goroutines' },
    });
    expect(found!.chain[0]!.text).toContain('shop.(*Gateway).charge');
    expect(found!.evidence.some((e) => e.text.includes('none of those followed by id'))).toBe(true);
  });

  it.each([
    ['senders of whom nobody leaves', { waitsIn: 'chan send', stayed: allStay(GROWING) }],
    ['lockers of whom nobody leaves', { waitsIn: 'mutex', stayed: allStay(GROWING) }],
    ['a nil channel', { state: 'chan receive (nil chan)' }],
    ['what the runtime found unreachable', { provenLeaked: true }],
  ])('calls it a leak for %s', (_name, more) => expect(judge([group(GROWING, more)])[0]!.verdict).toBe('leak'));

  it.each([
    ['a pool that follows the load and rests', [10, 60, 100, 100, 100], {}, 'clear'],
    ['requests that come and go', GROWING, { stayed: [1, 3, 5, 2] }, 'clear'],
    ['a number that rose and fell back', [10, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000, 600], {}, 'undecided'],
    ['senders that are served', GROWING, { waitsIn: 'chan send', stayed: [4, 60, 130, 200] }, 'suspect'],
  ] as [string, number[], Partial<GoroutineGroup>, string][])('%s is no leak', (_name, counts, more, verdict) => {
    expect(judge([group(counts, more)])[0]!.verdict).toBe(verdict);
  });

  it('stays quiet for stable, shrinking and few goroutines, and for what waits by design', () => {
    expect(judge([group([50, 50, 51, 50, 50])])).toEqual([]);
    // Requests in flight: as many more at the last look as a queue of this size shows by chance, swings, and two looks.
    expect(judge([group([980, 1012, 969, 1030, 1041])])).toEqual([]);
    expect(judge([group([10, 300, 20, 280, 150])])).toEqual([]);
    expect(judge([group([980, 1041])])).toEqual([]);
    expect(judge([group([...GROWING].reverse())])).toEqual([]);
    const idle = [
      at('internal/poll.runtime_pollWait', 1),
      at('bufio.(*Reader).Peek', 2),
      at('net/http.(*conn).serve', 3),
    ];
    expect(judge([group(GROWING, { stack: idle, site: idle[2]!, waitsIn: 'io' })])).toEqual([]);
  });

  it('says of few that come steadily how long to watch', () => {
    const counts = [0, 5, 10, 15, 20];
    const [found] = judge([group(counts, { stayed: allStay(counts) })]);
    expect(found!.verdict).toBe('undecided');
    expect(found!.moreSeconds).toBeCloseTo(90, 0);
  });

  it('blames the one place that enters the library, for connections whose bodies are not closed', () => {
    const loop = [at('runtime.gopark', 1), at('net/http.(*persistConn).readLoop', 2)];
    const body = group(GROWING, { stack: loop, site: loop[1]!, waitsIn: 'select' });
    const client = {
      site: at('shop.rates', 12),
      stack: [at('net/http.NewRequest', 1), at('net/http.(*Client).Get', 2), at('shop.rates', 12)],
      stacks: 1,
      inuseBytes: [0, 0, 0, 0, 1e6],
      inuseObjects: [0, 0, 0, 0, 100],
      allocBytes: [0, 0, 0, 0, 1e6],
      allocObjects: [0, 0, 0, 0, 100],
      strata: [],
    };
    const heap = { kind: 'heap-series', rateBytes: 1, snapshots: [], sites: [client], limits: [] } satisfies HeapSeries;
    const [found] = judge([body], heap);
    expect(found!.site?.function).toBe('shop.rates');
    expect(found!.fix).toContain('resp.Body.Close()');
    expect(judge([body])[0]!.site?.function).toBe('net/http.(*persistConn).readLoop');
  });
});
