import { isTidemarkError } from '@tidemark/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../test/random.js';
import { type FleetVerdict, firstPoints, judgeService, knownLeakError, readService, serviceFeatures } from './index.js';

type Column = (number | null)[];
type Pod = Record<string, Column | string>;
interface Document {
  service: string;
  stepSeconds: number;
  gogc: number;
  goMemLimitBytes: number | null;
  memoryLimitBytes: number | null;
  deploysAtHours: number[];
  pods: Pod[];
}

const HOURS = 60;
const POINTS = 240;
const STEP_HOURS = HOURS / POINTS;
const BASE = 2e8;
const RATE = 5e6;

interface Shape {
  pods?: number;
  /** Bytes of live heap of pod p at hour t. */
  live: (t: number, p: number, random: Random) => number;
  goroutines?: (t: number) => number;
  noise?: number;
}

/** What a collector would see of a service, seeded. The process of every pod began five hours before the window. */
function make({ pods = 2, live, goroutines = () => 500, noise = 0.02 }: Shape, seed = 1): Document {
  const random = new Random(seed);
  const one = (p: number): Pod => {
    const rows = Array.from({ length: POINTS }, (_, i) => {
      const t = i * STEP_HOURS;
      const held = live(t, p, random) * (1 + noise * random.normal());
      const count = Math.round(goroutines(t) * (1 + noise * random.normal()));
      const next = 2 * held + count * 4096;
      return { next, count, alloc: held + (next - held) * random.uniform(), load: 100 + 2 * random.normal() };
    });
    return {
      instance: `pod-${p}`,
      heapAllocBytes: rows.map((r) => r.alloc),
      nextGcBytes: rows.map((r) => r.next),
      workingSetBytes: rows.map((r) => r.next * 1.08 + r.count * 4096 + 2e7),
      stackInuseBytes: rows.map((r) => r.count * 4096),
      goroutines: rows.map((r) => r.count),
      gcCycles: rows.map((_, i) => i * 40),
      requestRate: rows.map((r) => r.load),
      startedAtHours: rows.map(() => -5),
    };
  };
  return {
    service: 'shop',
    stepSeconds: STEP_HOURS * 3600,
    gogc: 100,
    goMemLimitBytes: null,
    memoryLimitBytes: 4e9,
    deploysAtHours: [],
    pods: Array.from({ length: pods }, (_, p) => one(p)),
  };
}

const judge = (document: unknown) => judgeService(readService(document));
const BYTES = ['heapAllocBytes', 'nextGcBytes', 'workingSetBytes', 'stackInuseBytes'];
/** The same document with columns changed; `change` gives what stands at a point. */
const change = (document: Document, to: (name: string, column: Column, pod: number) => Column): Document => ({
  ...document,
  pods: document.pods.map((pod, p) =>
    Object.fromEntries(Object.entries(pod).map(([k, v]) => [k, typeof v === 'string' ? v : to(k, v, p)])),
  ),
});
const without = (document: Document, ...names: string[]): Document => ({
  ...document,
  pods: document.pods.map((pod) => Object.fromEntries(Object.entries(pod).filter(([k]) => !names.includes(k)))),
});

const LEAK: Shape = { live: (t) => BASE + Math.max(0, t - 20) * RATE };
const FLAT: Shape = { live: () => BASE };
const ONE_POD: Shape = { pods: 3, live: (t, p) => BASE + (p === 2 ? Math.max(0, t - 20) * RATE : 0) };
const GOROUTINES: Shape = { live: () => BASE, goroutines: (t) => 500 + Math.max(0, t - 20) * 40 };
const leak = make(LEAK);
const judged = judge(leak);

const near = (value: number | null | undefined, expected: number, share: number) => {
  expect(value).not.toBeNull();
  expect(Math.abs(value! / expected - 1)).toBeLessThan(share);
};

describe('the verdict does not depend on', () => {
  it('the unit of bytes: all amounts grow alike, and times not at all', () => {
    const k = 64;
    const scaled = judge({
      ...change(leak, (name, column) => (BYTES.includes(name) ? column.map((v) => v! * k) : column)),
      memoryLimitBytes: leak.memoryLimitBytes! * k,
    });
    near(scaled.bytesPerHour, judged.bytesPerHour! * k, 1e-9);
    for (const end of [0, 1]) near(scaled.interval95![end], judged.interval95![end]! * k, 1e-9);
    near(scaled.hoursToLimit!.estimate, judged.hoursToLimit!.estimate, 1e-9);
    const { verdict, kind, sinceHours, pods, growsWith } = judged;
    expect(scaled).toMatchObject({ verdict, kind, sinceHours, pods, growsWith });
    near(scaled.confidence, judged.confidence, 1e-9);
  });

  it('the order of the pods, nor on their names', () => {
    const document = make(ONE_POD);
    const straight = judge(document);
    const turned = judge({ ...document, pods: [...document.pods].reverse() });
    expect([straight.verdict, straight.pods]).toEqual(['leak', ['pod-2']]);
    expect(turned).toMatchObject({ verdict: 'leak', kind: 'heap', pods: ['pod-2'], sinceHours: straight.sinceHours });
    near(turned.bytesPerHour, straight.bytesPerHour!, 1e-6);
    const named = judge({ ...document, pods: document.pods.map((pod) => ({ ...pod, instance: 'x' })) });
    expect(named).toEqual({ ...straight, pods: ['x'] });
  });

  it('the date: only the times between points count', () => {
    const at = (from: number) => ({
      ...leak,
      pods: leak.pods.map((pod) => ({
        ...pod,
        atSeconds: Array.from({ length: POINTS }, (_, i) => from + i * leak.stepSeconds),
      })),
    });
    for (const from of [0, 1_700_000_000, -1e6]) expect(judge(at(from))).toEqual(judged);
  });

  it('an empty stretch before the window, but for when it says that the leak began', () => {
    const empty = 40;
    const later = change(leak, (name, column) => [
      ...Array.from({ length: empty }, () => null),
      ...column.map((v) => (name === 'startedAtHours' ? v! + empty * STEP_HOURS : v)),
    ]);
    const shifted = judge(later);
    expect(shifted).toMatchObject({ verdict: 'leak', kind: 'heap', pods: judged.pods });
    expect(Math.abs(shifted.sinceHours! - judged.sinceHours! - empty * STEP_HOURS)).toBeLessThan(2);
    near(shifted.bytesPerHour, judged.bytesPerHour!, 0.05);
  });

  it('how a missing limit is written', () => {
    const [one, ...others] = [null, 0, -1, undefined, 'none', Number.POSITIVE_INFINITY].map((memoryLimitBytes) =>
      judge({ ...leak, memoryLimitBytes, goMemLimitBytes: memoryLimitBytes }),
    );
    expect(one).toMatchObject({ verdict: 'leak', hoursToLimit: null, bytesPerHour: judged.bytesPerHour });
    for (const other of others) expect(other).toEqual(one);
  });

  it('what it was asked before: nothing is kept, and nothing of the input is changed', () => {
    const service = readService(leak);
    const before = structuredClone(service);
    const first = judgeService(service);
    judge(make(GOROUTINES));
    expect(judgeService(service)).toEqual(first);
    expect(service).toEqual(before);
  });

  it('what came later: the beginning of a window is judged as if it had ended there', () => {
    for (const points of [90, 160]) {
      const cut = change(leak, (_, column) => column.slice(0, points));
      expect(judgeService(firstPoints(readService(leak), points))).toEqual(judge(cut));
    }
  });
});

describe('what was seen only in part', () => {
  it.each<[string, (i: number, random: Random) => boolean]>([
    ['a third of the points at random', (_, random) => random.uniform() < 1 / 3],
    ['every second point', (i) => i % 2 === 1],
    ['ten hours in one piece', (i) => i >= 100 && i < 140],
  ])('without %s the leak is the same, within its interval', (_, gone) => {
    const random = new Random(5);
    const holes = Array.from({ length: POINTS }, (_, i) => gone(i, random));
    const seen = judge(change(leak, (_, column) => column.map((v, i) => (holes[i] ? null : v))));
    expect(seen).toMatchObject({ verdict: 'leak', kind: 'heap', pods: judged.pods });
    expect(Math.abs(seen.sinceHours! - 20)).toBeLessThan(4);
    near(seen.bytesPerHour, RATE, 0.1);
    expect(seen.interval95![0]).toBeLessThan(RATE);
    expect(seen.interval95![1]).toBeGreaterThan(RATE);
  });

  it('null, NaN, a text and a negative number are the same hole', () => {
    const [one, ...others] = [null, Number.NaN, 'x', -5, Number.POSITIVE_INFINITY].map((hole) =>
      judge(
        change(leak, (name, column) =>
          name === 'startedAtHours' ? column : column.map((v, i) => (i % 7 === 3 ? (hole as number | null) : v)),
        ),
      ),
    );
    expect(one!.verdict).toBe('leak');
    for (const other of others) expect(other).toEqual(one);
  });

  it('without the requests, the stacks or the working set a leak of the heap is still found', () => {
    for (const name of ['requestRate', 'stackInuseBytes', 'goroutines'])
      expect([name, judge(without(leak, name))]).toMatchObject([name, { verdict: 'leak', kind: 'heap' }]);
    const blind = judge(without(leak, 'workingSetBytes'));
    expect(blind).toMatchObject({ verdict: 'leak', kind: 'heap', hoursToLimit: null });
    near(blind.bytesPerHour, RATE, 0.1);
  });

  it('without their number goroutines are not blamed, without the goal nothing is', () => {
    const document = make(GOROUTINES);
    const blamed = judge(document);
    expect(blamed).toMatchObject({ verdict: 'leak', kind: 'goroutine' });
    // 40 an hour with a stack of 4 KiB each, told in bytes.
    near(blamed.bytesPerHour, 40 * 4096, 0.2);
    expect(judge(without(document, 'goroutines')).kind).not.toBe('goroutine');
    const nothing = judge(without(document, 'nextGcBytes', 'heapAllocBytes', 'goroutines', 'workingSetBytes'));
    expect(nothing).toMatchObject({ verdict: 'undecided', kind: 'none', interval95: null, confidence: 0, pods: [] });
  });

  it('a pod that was never seen changes nothing about the others', () => {
    const document = make(ONE_POD);
    const more = judge({ ...document, pods: [...document.pods, { instance: 'gone' }] });
    expect(more).toMatchObject({ verdict: 'leak', kind: 'heap', pods: ['pod-2'] });
    near(more.bytesPerHour, RATE, 0.1);
  });
});

describe('figures', () => {
  it('grow with the leak: twice the rate is twice the bytes an hour', () => {
    const twice = judge(make({ live: (t) => BASE + Math.max(0, t - 20) * 2 * RATE }));
    near(twice.bytesPerHour, 2 * judged.bytesPerHour!, 0.05);
    expect(twice.hoursToLimit!.estimate).toBeLessThan(judged.hoursToLimit!.estimate / 2);
  });

  it('of the time to the limit follow the limit, down to none left', () => {
    const hours = (memoryLimitBytes: number) => judge({ ...leak, memoryLimitBytes }).hoursToLimit!;
    const [near4, far8] = [hours(4e9), hours(8e9)];
    // 4 GB more, of which each leaked byte takes two: GOGC=100 lets as much garbage grow on top.
    near(far8.estimate - near4.estimate, 4e9 / (2 * judged.bytesPerHour!), 1e-6);
    for (const { estimate, interval95 } of [near4, far8]) {
      expect(interval95[0]).toBeLessThan(estimate);
      expect(interval95[1]).toBeGreaterThan(estimate);
    }
    expect(hours(1e8)).toEqual({ estimate: 0, interval95: [0, 0] });
  });

  it('of the time to the limit are those of the pod that leaks, however full another one is', () => {
    const beside = (level: number) =>
      judge(make({ pods: 2, live: (t, p) => (p === 1 ? BASE + Math.max(0, t - 20) * RATE : level) }));
    const [plain, full] = [beside(BASE), beside(5 * BASE)];
    expect([plain.pods, full.pods]).toEqual([['pod-1'], ['pod-1']]);
    near(full.hoursToLimit!.estimate, plain.hoursToLimit!.estimate, 0.1);
  });

  it('say the same as each other, whatever the verdict', () => {
    const slow = { live: (t: number) => BASE + t * 6e5, noise: 0.1 };
    const falling = { live: (t: number) => BASE * (1 - t / 100) };
    const verdicts = [LEAK, FLAT, ONE_POD, GOROUTINES, slow, falling]
      .map((shape) => judge(make(shape)))
      .concat(judgeService(firstPoints(readService(leak), 10)));
    expect(new Set(verdicts.map((v) => v.verdict)).size).toBeGreaterThan(2);
    for (const v of verdicts) expectWhole(v);
  });

  it('a known leak is measured the better the longer it is watched, and not where its channel was not seen', () => {
    const ramp = { pod: null, onsetHours: 20, by: 'time' } as const;
    const service = readService(leak);
    const errors = [110, 160, 240].map((points) => knownLeakError(firstPoints(service, points), 'heap', ramp)!);
    expect(errors[0]).toBeGreaterThan(2 * errors[1]!);
    expect(errors[1]).toBeGreaterThan(errors[2]!);
    expect(errors[2]).toBeGreaterThan(0);
    expect(knownLeakError(readService(without(leak, 'goroutines')), 'goroutine', ramp)).toBeNull();
    const { channels } = serviceFeatures(readService(without(leak, 'goroutines')));
    expect(channels.goroutine).toBeNull();
    expect(channels.heap!.every(Number.isFinite)).toBe(true);
  });
});

/** A leak has all figures and the others none; numbers are finite and lie where they can lie. */
function expectWhole(v: FleetVerdict): void {
  expect(v.why.length).toBeGreaterThan(0);
  expect(v.confidence).toBeGreaterThanOrEqual(0);
  expect(v.confidence).toBeLessThanOrEqual(1);
  for (const end of v.interval95 ?? []) expect(Number.isFinite(end)).toBe(true);
  const grows = v.verdict === 'leak' || v.verdict === 'suspect';
  expect([v.kind !== 'none', v.sinceHours !== null, v.bytesPerHour !== null, v.growsWith !== null]).toEqual(
    Array.from({ length: 4 }, () => grows),
  );
  expect(v.pods.length > 0).toBe(grows);
  if (!grows) {
    expect(v.hoursToLimit).toBeNull();
    if (v.interval95) expect(v.interval95[0] <= 0 && v.interval95[1] >= 0).toBe(true);
    return;
  }
  expect(v.bytesPerHour! >= v.interval95![0] && v.bytesPerHour! <= v.interval95![1]).toBe(true);
  if (v.hoursToLimit) expect(v.hoursToLimit.estimate).toBeGreaterThanOrEqual(0);
}

describe('noise alone is no leak', () => {
  const quiet: [string, Shape][] = [
    ['independent from point to point', { live: () => BASE, noise: 0.05 }],
    ['of rare large peaks', { live: (_, __, random) => BASE * (random.uniform() < 0.02 ? 3 : 1) }],
    ['of unlike pods', { live: (_, p) => BASE * (1 + p), noise: 0.08 }],
  ];
  it.each(quiet)('%s, in five services', (_, shape) => {
    for (let seed = 1; seed <= 5; seed++) {
      const v = judge(make(shape, seed));
      expect([seed, v.verdict]).not.toEqual([seed, 'leak']);
      expectWhole(v);
    }
  });

  it('and no noise at all is clear, at any level', () => {
    for (const level of [1, 2 ** 40]) {
      const still = change(make(FLAT), (name, column) =>
        name === 'startedAtHours' || name === 'gcCycles' ? column : column.map(() => level),
      );
      expect(['clear', 'undecided']).toContain(judge(still).verdict);
    }
  });
});

describe('a hostile document', () => {
  it.each<[string, Partial<Record<keyof Document, unknown>>]>([
    ['of no pods', { pods: [] }],
    ['of pods without columns', { pods: Array.from({ length: 1000 }, () => ({})) }],
    ['of empty columns', { pods: [{ nextGcBytes: [], heapAllocBytes: [] }] }],
    ['of one point', { pods: [{ nextGcBytes: [1], heapAllocBytes: [1], startedAtHours: [0] }] }],
    ['of the smallest step', { stepSeconds: Number.MIN_VALUE }],
    ['of a step of ages', { stepSeconds: Number.MAX_VALUE }],
    ['with GOGC off', { gogc: -1 }],
    ['with GOGC 0', { gogc: 0 }],
    ['with a GOGC beyond all', { gogc: Number.MAX_VALUE }],
    ['with a Go limit of one byte', { goMemLimitBytes: 1 }],
    ['with deploys at every moment', { deploysAtHours: Array.from({ length: 5000 }, (_, i) => i / 100) }],
    ['with deploys that are none', { deploysAtHours: [null, 'x', Number.NaN, -1e308, 1e308] }],
    ['with a name of a megabyte', { service: 'x'.repeat(1 << 20) }],
  ])('%s gets a whole verdict', (_, over) => expectWhole(judge({ ...leak, ...over })));

  it.each<[string, (v: number | null, i: number) => number]>([
    ['all of the largest amount', () => 2 ** 53 - 1],
    ['all of nothing', () => 0],
    ['back and forth between nothing and everything', (_, i) => (i % 2) * (2 ** 53 - 1)],
    ['of amounts that hardly differ from none', () => Number.MIN_VALUE],
    ['of counters that restart at every point', (_, i) => i % 2],
  ])('columns %s get a whole verdict', (_, to) => {
    for (const started of [true, false])
      expectWhole(
        judge(change(leak, (name, column) => (name === 'startedAtHours' && !started ? column : column.map(to)))),
      );
  });

  it('keeps no more deploys than are of use, and takes names for names', () => {
    const deploysAtHours = Array.from({ length: 5000 }, (_, i) => i);
    expect(readService({ ...leak, deploysAtHours }).deploysAtHours).toHaveLength(1000);
    const document = JSON.parse(
      '{"service":"__proto__","stepSeconds":1,"pods":[{"instance":"constructor","__proto__":{"goroutines":[1]}}]}',
    );
    const { service, pods, points } = readService(document);
    expect([service, pods[0]!.instance, points]).toEqual(['__proto__', 'constructor', 0]);
  });

  it('damaged anywhere is refused with a code or judged', () => {
    const small = { ...change(leak, (_, column) => column.slice(0, 40)), schemaVersion: 1 };
    const text = JSON.stringify(small);
    const junk = fc.constantFrom('null', '-1', '1e999', '""', '[]', '{}', '9007199254740993', 'true');
    let judgedOnes = 0;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: text.length }), junk, (near, put) => {
        // The next value behind that place becomes something else.
        const at = text.slice(near).search(/(?<=[:,[])[-\d.e"[{]/) + near;
        if (at < near) return;
        const end = /^(?:"[^"]*"|[-\d.e+]+|\[|\{)/.exec(text.slice(at))![0];
        if (end === '[' || end === '{') return;
        let document: unknown;
        try {
          document = JSON.parse(text.slice(0, at) + put + text.slice(at + end.length));
        } catch {
          return;
        }
        try {
          expectWhole(judge(document));
          judgedOnes++;
        } catch (error) {
          if (!isTidemarkError(error)) throw error;
          expect(error.code).toBe('TM_SERIES_MALFORMED');
        }
      }),
      { numRuns: 60 },
    );
    expect(judgedOnes).toBeGreaterThan(10);
  });
});
