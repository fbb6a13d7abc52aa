import { isTidemarkError } from '@tidemark/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FEATURE_NAMES } from './features.js';
import { Column, Fit } from './least-squares.js';
import { liveHeap } from './live-heap.js';
import { firstPoints, readService } from './service.js';
import { judgeService, serviceFeatures } from './verdict.js';
import { WEIGHTS } from './weights.js';

interface Shape {
  pods?: number;
  hours?: number;
  /** Bytes of live heap of pod p at hour t of a process that is `age` hours old. */
  live: (t: number, age: number, p: number) => number;
  goroutines?: (t: number, age: number, p: number) => number;
  off?: (t: number, age: number, p: number) => number;
  load?: (t: number) => number;
  restartsAt?: number[];
  limit?: number | null;
  noise?: number;
}

/** A service document as a collector would write it; noise is seeded, so every run sees the same. */
function document(shape: Shape, seed = 1): Record<string, unknown> {
  const points = 360;
  const hours = shape.hours ?? 72;
  const step = hours / points;
  let state = seed;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const pods = Array.from({ length: shape.pods ?? 2 }, (_, p) => {
    let started = -5;
    const rows = Array.from({ length: points }, (_, i) => {
      const t = i * step;
      for (const at of shape.restartsAt ?? []) if (at <= t && at > started) started = at;
      const age = t - started;
      const live = shape.live(t, age, p) * (1 + (shape.noise ?? 0.02) * normal());
      const goroutines = (shape.goroutines?.(t, age, p) ?? 500) * (1 + 0.03 * normal());
      const stack = goroutines * 4096;
      const next = 2 * live + stack;
      const load = (shape.load?.(t) ?? 1) * (1 + 0.02 * normal());
      return {
        live,
        next,
        stack,
        goroutines,
        load,
        started,
        alloc: live + (next - live) * uniform(),
        ws: next * 1.08 + stack + 2e7 + (shape.off?.(t, age, p) ?? 0),
      };
    });
    return {
      instance: `pod-${p}`,
      heapAllocBytes: rows.map((r) => r.alloc),
      nextGcBytes: rows.map((r) => r.next),
      workingSetBytes: rows.map((r) => r.ws),
      stackInuseBytes: rows.map((r) => r.stack),
      goroutines: rows.map((r) => r.goroutines),
      gcCycles: rows.map((_, i) => i * 40),
      requestRate: rows.map((r) => r.load),
      startedAtHours: rows.map((r) => r.started),
    };
  });
  return {
    schemaVersion: 1,
    service: 'shop',
    stepSeconds: step * 3600,
    points,
    gogc: 100,
    goMemLimitBytes: null,
    memoryLimitBytes: shape.limit === undefined ? 4e9 : shape.limit,
    deploysAtHours: [],
    pods,
  };
}

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
  it('live heap is what the goal says, with the stacks taken off where Go counts them', () => {
    const doc = document({ live: () => BASE, noise: 0 });
    const live = liveHeap(readService(doc))[0]!;
    for (const v of live) expect(v / BASE).toBeCloseTo(1, 6);
  });

  it('least squares, column by column, finds the coefficients of an exact combination', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 3, maxLength: 3 }), (k) => {
        const n = 40;
        const columns = [0, 1, 2].map((p) =>
          Float64Array.from({ length: n }, (_, i) => (i + 1) ** p / n ** p + (i % (p + 2))),
        );
        const y = Float64Array.from({ length: n }, (_, i) => columns.reduce((s, c, p) => s + k[p]! * c[i]!, 0));
        const fit = new Fit(y).with(new Column(columns[0]!)).with(new Column(columns[1]!));
        const last = fit.try(new Column(columns[2]!))!;
        expect(last.coefficient).toBeCloseTo(k[2]!, 6);
        expect(fit.with(new Column(columns[2]!)).sumOfSquares).toBeLessThan(1e-12 * (1 + fit.sumOfSquares) + 1e-12);
      }),
    );
  });

  it('every channel has a weight for every feature', () => {
    const features = serviceFeatures(readService(document({ live: () => BASE })));
    for (const kind of ['heap', 'goroutine', 'offheap'] as const) {
      expect(WEIGHTS[kind]).toHaveLength(FEATURE_NAMES.length + 1);
      for (const v of features[kind]?.values ?? []) expect(Number.isFinite(v)).toBe(true);
    }
  });
});
