import { isTidemarkError } from '@tidemark/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { document, type Shape } from '../../test/fleet-document.js';
import { earlyDebt } from './belief.js';
import { FEATURE_NAMES } from './features.js';
import { FOREST } from './forest.js';
import { firstPoints, readService } from './service.js';
import { judgeService, serviceFeatures } from './verdict.js';

const judge = (shape: Shape, seed = 1) => judgeService(readService(document(shape, seed)));
const BASE = 2e8;

describe('judgeService tells a leak', () => {
  it('with its onset, its rate and the time to the limit', () => {
    const v = judge({ live: (t) => BASE + Math.max(0, t - 30) * 5e6 });
    expect(v).toMatchObject({ verdict: 'leak', kind: 'heap', pods: ['pod-0', 'pod-1'] });
    expect(v.sinceHours).toBeGreaterThan(25);
    expect(v.sinceHours).toBeLessThan(35);
    expect(v.interval95![0]).toBeLessThan(5e6);
    expect(v.interval95![1]).toBeGreaterThan(5e6);
    expect(v.bytesPerHour! / 5e6).toBeCloseTo(1, 0);
    // At the end 2 × 410 MB × 1.08 of 4 GB are used; each leaked byte lets the heap grow by two.
    expect(v.hoursToLimit!.estimate).toBeGreaterThan(200);
    expect(v.hoursToLimit!.estimate).toBeLessThan(400);
  });

  it('in one pod of three', () => {
    const v = judge({ pods: 3, live: (t, _, p) => BASE + (p === 1 ? Math.max(0, t - 20) * 4e6 : 0) });
    expect(v).toMatchObject({ verdict: 'leak', kind: 'heap', pods: ['pod-1'] });
  });

  it('that begins anew with every process', () => {
    const v = judge({ live: (_, age) => BASE + age * 6e6, restartsAt: [20, 45] });
    expect(v).toMatchObject({ verdict: 'leak', kind: 'heap' });
    expect(v.why.join()).toMatch(/processes show it/);
  });

  it('of goroutines', () => {
    const v = judge({ live: () => BASE, goroutines: (t) => 500 + Math.max(0, t - 30) * 40 });
    expect(v).toMatchObject({ verdict: 'leak', kind: 'goroutine' });
  });

  it('of memory outside the heap', () => {
    const v = judge({ live: () => BASE, off: (t) => Math.max(0, t - 25) * 8e6 });
    expect(v).toMatchObject({ verdict: 'leak', kind: 'offheap' });
  });
});

describe('judgeService leaves in peace', () => {
  const quiet: Record<string, Shape> = {
    'a flat service': { live: () => BASE },
    'a warm-up after every start': {
      live: (_, age) => BASE * (1 + 0.8 * (1 - Math.exp(-age / 4))),
      restartsAt: [0.1, 33],
    },
    'a step': { live: (t) => (t > 40 ? 1.4 : 1) * BASE },
    'two steps upwards': { live: (t) => (1 + (t > 22 ? 0.25 : 0) + (t > 51 ? 0.3 : 0)) * BASE },
    'memory that follows the load of the day': {
      live: (t) => BASE * (0.6 + 0.4 * (1 + 0.5 * Math.sin((t / 24) * 2 * Math.PI))),
      load: (t) => 1 + 0.5 * Math.sin((t / 24) * 2 * Math.PI),
    },
    'traffic that grows': { live: (t) => BASE * (0.6 + 0.4 * (1 + t / 72)), load: (t) => 1 + t / 72 },
    'a cache that is emptied every 12 hours': { live: (t) => BASE * (1 + 0.25 * ((t % 12) / 12)) },
  };
  for (const [name, shape] of Object.entries(quiet))
    for (const seed of [1, 2, 3])
      it(`${name} (seed ${seed})`, () => {
        expect(judge(shape, seed).verdict).not.toBe('leak');
      });
});

describe('what it is given', () => {
  it('may have gaps, NaN, a clock that goes back, duplicates and no limit', () => {
    const doc = document({ live: (t) => BASE + Math.max(0, t - 30) * 5e6, limit: 0 });
    const clean = judgeService(readService(doc));
    const pods = doc['pods'] as Record<string, (number | null)[]>[];
    for (const pod of pods) {
      const step = doc['stepSeconds'] as number;
      const at = pod['nextGcBytes']!.map((_, i) => i * step);
      // Points 50 and 51 swapped, 60 twice, 100 to 119 not seen.
      for (const name of Object.keys(pod)) {
        const column = pod[name];
        if (!Array.isArray(column)) continue;
        [column[50], column[51]] = [column[51]!, column[50]!];
        column.push(column[60]!);
        for (let i = 100; i < 120; i++) column[i] = i % 2 ? null : Number.NaN;
      }
      [at[50], at[51]] = [at[51]!, at[50]!];
      pod['atSeconds'] = [...at, at[60]!];
    }
    const dirty = judgeService(readService(doc));
    expect(clean.hoursToLimit).toBeNull();
    expect(dirty.verdict).toBe('leak');
    expect(dirty.bytesPerHour! / clean.bytesPerHour!).toBeCloseTo(1, 1);
  });

  it('is refused with a code where it is no service, and nothing else is thrown', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        try {
          readService(value);
        } catch (error) {
          expect(isTidemarkError(error)).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
    expect(() => readService({ service: 'a', stepSeconds: 60, pods: [] }, { maxPods: 0, maxPoints: 1 })).not.toThrow();
    expect(() => readService({ service: 'a', stepSeconds: 60, pods: [{}, {}] }, { maxPods: 1, maxPoints: 1 })).toThrow(
      /at most 1/,
    );
  });

  it('gives a finite verdict whatever the numbers are', () => {
    const column = fc.array(fc.oneof(fc.double(), fc.constant(null), fc.integer({ min: 0, max: 1e9 })), {
      maxLength: 80,
    });
    fc.assert(
      fc.property(column, column, column, column, (a, b, c, d) => {
        const pod = {
          heapAllocBytes: a,
          nextGcBytes: b,
          workingSetBytes: c,
          stackInuseBytes: d,
          goroutines: a,
          gcCycles: b,
          requestRate: c,
          startedAtHours: d,
        };
        const v = judgeService(
          readService({
            service: 'a',
            stepSeconds: 60,
            goMemLimitBytes: 1e6,
            memoryLimitBytes: 1e6,
            pods: [pod, { ...pod, nextGcBytes: c }],
          }),
        );
        expect(Number.isFinite(v.confidence)).toBe(true);
        if (v.bytesPerHour !== null) expect(Number.isFinite(v.bytesPerHour)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('counts for nothing as a unit: bytes or KiB, requests a second or a minute', () => {
    const doc = document({ live: (t) => BASE + Math.max(0, t - 30) * 5e6 });
    const scaled = structuredClone(doc);
    for (const pod of scaled['pods'] as Record<string, number[]>[]) {
      for (const name of ['heapAllocBytes', 'nextGcBytes', 'workingSetBytes', 'stackInuseBytes'])
        pod[name] = pod[name]!.map((v) => v / 1024);
      pod['requestRate'] = pod['requestRate']!.map((v) => v * 60);
    }
    const a = judgeService(readService(doc));
    const b = judgeService(readService(scaled));
    expect(b.verdict).toBe(a.verdict);
    expect((b.bytesPerHour! * 1024) / a.bytesPerHour!).toBeCloseTo(1, 6);
  });

  it('is too little at the beginning, and that is said', () => {
    const v = judgeService(firstPoints(readService(document({ live: () => BASE })), 8));
    expect(v.verdict).toBe('undecided');
    expect(v.why.join()).toMatch(/too little/);
  });
});

describe('parts', () => {
  it('every split asks for a feature that is there, and all of them are finite', () => {
    const { channels } = serviceFeatures(
      readService(document({ live: (t) => BASE + t * 1e6, goroutines: (t) => 500 + t })),
    );
    expect(channels.heap).toHaveLength(FEATURE_NAMES.length);
    for (const values of Object.values(channels)) for (const v of values ?? []) expect(Number.isFinite(v)).toBe(true);
    for (const { feature, below, less, more, leaf } of FOREST.trees) {
      expect([below.length, less.length, more.length, leaf.length - 1]).toEqual(new Array(4).fill(feature.length));
      for (const f of feature) expect(f).toBeLessThan(FEATURE_NAMES.length);
      // Every split but the root and every leaf is the end of one branch, so every walk ends.
      const ends = [...less, ...more].sort((a, b) => a - b);
      expect(ends).toEqual(Array.from({ length: ends.length + 1 }, (_, i) => i - leaf.length).filter((i) => i !== 0));
    }
  });

  it('an early look asks for more, ever less, and for nothing in the end', () => {
    expect(earlyDebt(360)).toBeCloseTo(1);
    expect(earlyDebt(240)).toBeCloseTo(2);
    expect(earlyDebt(30)).toBe(earlyDebt(144));
    for (const points of [720, 5000]) expect(earlyDebt(points)).toBe(0);
  });

  it('a leak that is plain is told early, a doubtful one when it goes on, and what is missing is said', () => {
    const verdicts = [3e5, 1.2e6, 6e6].map((rate) =>
      judge({ live: (t) => BASE + Math.max(0, t - 20) * rate, noise: 0.03 }),
    );
    expect(verdicts.map((v) => v.verdict)).toContain('leak');
    const early = verdicts.filter((v) => v.why.join().includes('720 points decide'));
    for (const v of early) expect(['suspect', 'undecided']).toContain(v.verdict);
  });
});
