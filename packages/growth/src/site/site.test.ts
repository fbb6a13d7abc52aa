import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { independentDelta, secondsToTell, siteDelta } from './delta.js';
import { binomialTail, normalQuantile, normalTail } from './distributions.js';
import { benjaminiHochberg, holm, spendAlpha } from './multiplicity.js';
import { growthShape, loadExplains } from './shape.js';

const RATE = 512 * 1024;
const MiB = 2 ** 20;

/** mulberry32: seeded, so that a simulation test gives the same answer for ever. */
function random(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** How many of n objects of this size the runtime would have sampled. */
function sampled(n: number, objectBytes: number, next: () => number): number {
  const p = -Math.expm1(-objectBytes / RATE);
  if (n * p < 60) {
    let count = 0;
    // Geometric skips: as exact as n coin flips, and n may be a million.
    for (
      let at = Math.floor(Math.log(1 - next()) / Math.log1p(-p));
      at < n;
      at += 1 + Math.floor(Math.log(1 - next()) / Math.log1p(-p))
    )
      count++;
    return count;
  }
  const gauss = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return Math.max(0, Math.min(n, Math.round(n * p + gauss * Math.sqrt(n * p * (1 - p)))));
}

/** Two snapshots of a process with `old` bytes that stay, `dead` that die and `born` that come, in objects of one size. */
function simulate(bytes: { old: number; dead: number; born: number }, objectBytes: number, next: () => number) {
  const draw = (b: number) => sampled(Math.round(b / objectBytes), objectBytes, next);
  const [old, dead, born] = [draw(bytes.old), draw(bytes.dead), draw(bytes.born)];
  return {
    rateBytes: RATE,
    from: 0,
    to: 1,
    strata: [{ objectBytes, allocSamples: [old + dead, old + dead + born], inuseSamples: [old + dead, old + born] }],
  };
}

describe('distributions', () => {
  it('agree with tables', () => {
    expect(normalTail(1.959964)).toBeCloseTo(0.025, 7);
    expect(normalTail(6) / 9.865876e-10).toBeCloseTo(1, 5);
    expect(normalTail(-1)).toBeCloseTo(0.8413447, 6);
    expect(normalQuantile(0.025)).toBeCloseTo(1.959964, 5);
    expect(binomialTail(8, 10, 0.5)).toBeCloseTo(56 / 1024, 10);
    expect(binomialTail(0, 10, 0.5)).toBe(1);
    expect(binomialTail(20, 20, 0.5)).toBeCloseTo(2 ** -20, 12);
  });
  it('the tail falls and mirrors', () => {
    fc.assert(
      fc.property(fc.double({ min: -30, max: 30, noNaN: true }), (z) => {
        expect(normalTail(z) + normalTail(-z)).toBeCloseTo(1, 9);
        expect(normalTail(z + 0.1)).toBeLessThanOrEqual(normalTail(z));
      }),
    );
  });
});

describe('siteDelta', () => {
  it.each([
    [64, 8 * MiB],
    [1024, 8 * MiB],
    [48 * 1024, 32 * MiB],
    [MiB, 32 * MiB],
  ])('covers the truth: pure growth of %d-byte objects', (objectBytes, born) => {
    const next = random(7);
    let inside = 0;
    for (let i = 0; i < 1000; i++) {
      const { interval } = siteDelta(simulate({ old: 64 * MiB, dead: 0, born }, objectBytes, next));
      if (interval.low <= born && born <= interval.high) inside++;
    }
    expect(inside).toBeGreaterThan(920);
  });

  it('covers no growth under full churn, and does not cry wolf', () => {
    const next = random(11);
    let inside = 0;
    let alarms = 0;
    for (let i = 0; i < 2000; i++) {
      const delta = siteDelta(simulate({ old: 0, dead: 64 * MiB, born: 64 * MiB }, 1024, next));
      if (delta.interval.low <= 0 && 0 <= delta.interval.high) inside++;
      if (delta.pGrowth < 0.01) alarms++;
    }
    expect(inside / 2000).toBeGreaterThan(0.93);
    expect(inside / 2000).toBeLessThan(0.97);
    expect(alarms / 2000).toBeLessThan(0.016);
  });

  it.each([
    [2, 512],
    [5, 4096],
    [9, 64],
  ])('keeps its error at %d MiB of churn, where counts are small', (mib, objectBytes) => {
    const next = random(mib);
    let alarms = 0;
    for (let i = 0; i < 3000; i++) {
      if (siteDelta(simulate({ old: 0, dead: mib * MiB, born: mib * MiB }, objectBytes, next)).pGrowth < 0.01) alarms++;
    }
    expect(alarms / 3000).toBeLessThan(0.013);
  });

  it('sees 16 MiB of new small objects beyond doubt, and objects above the rate exactly', () => {
    const next = random(3);
    for (let i = 0; i < 100; i++) {
      expect(siteDelta(simulate({ old: 100 * MiB, dead: 0, born: 16 * MiB }, 256, next)).pGrowth).toBeLessThan(1e-4);
    }
    const large = siteDelta(simulate({ old: 0, dead: 0, born: 32 * MiB }, 8 * MiB, next));
    expect(large.bytes / (32 * MiB)).toBeCloseTo(1, 5);
    expect(large.pGrowth).toBeLessThan(1e-9);
  });

  it('counts what was freed', () => {
    const input = {
      rateBytes: 1,
      from: 0,
      to: 1,
      strata: [{ objectBytes: 10, allocSamples: [100, 200], inuseSamples: [50, 70] }],
    };
    expect(siteDelta(input)).toMatchObject({ births: 100, deaths: 80, bytes: 200, bornBytes: 1000, freedBytes: 800 });
  });

  it('says how long a slow leak must be watched, within 2x', () => {
    const next = random(5);
    const alpha = 1e-5;
    let within = 0;
    const rate = (4 * MiB) / 60;
    const truth = Math.max((12 * MiB) / rate, (normalQuantile(alpha) ** 2 * RATE) / rate);
    for (let i = 0; i < 300; i++) {
      const delta = siteDelta(simulate({ old: 50 * MiB, dead: 0, born: 4 * MiB }, 1024, next));
      const needed = 60 + secondsToTell(delta, 60, alpha, 12 * MiB);
      if (needed > truth / 2 && needed < truth * 2) within++;
    }
    expect(within).toBeGreaterThan(240);
    expect(secondsToTell(siteDelta(simulate({ old: MiB, dead: 0, born: 0 }, 64, next)), 60, alpha, MiB)).toBe(
      Number.POSITIVE_INFINITY,
    );
  });
});

describe('independentDelta', () => {
  it('carries the noise of both processes', () => {
    const next = random(13);
    let inside = 0;
    for (let i = 0; i < 1000; i++) {
      const pod = () => simulate({ old: 64 * MiB, dead: 0, born: 0 }, 1024, next);
      const { interval } = independentDelta({ ...pod(), at: 0 }, { ...pod(), at: 0 });
      if (interval.low <= 0 && 0 <= interval.high) inside++;
    }
    expect(inside / 1000).toBeGreaterThan(0.93);
    expect(inside / 1000).toBeLessThan(0.97);
  });
});

describe('multiplicity', () => {
  it('adjusts as the papers say', () => {
    expect(holm([0.01, 0.04, 0.03])).toEqual([0.03, 0.06, 0.06]);
    expect(benjaminiHochberg([0.01, 0.04, 0.03]).map((p) => Number(p.toFixed(4)))).toEqual([0.03, 0.04, 0.04]);
  });
  it('never lowers a p-value, keeps its order, and Holm is at least as strict', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 40 }), (p) => {
        const strict = holm(p);
        const lax = benjaminiHochberg(p);
        p.forEach((value, i) => {
          expect(lax[i]!).toBeGreaterThanOrEqual(value - 1e-12);
          expect(strict[i]!).toBeGreaterThanOrEqual(lax[i]! - 1e-12);
        });
      }),
    );
  });
  it('spending over ever more looks stays within alpha', () => {
    let sum = 0;
    for (let k = 1; k <= 100_000; k++) sum += spendAlpha(k, 0.05);
    expect(sum).toBeLessThan(0.05);
    expect(sum).toBeGreaterThan(0.0499);
  });
});

describe('growthShape', () => {
  const times = [0, 15, 30, 45, 60];
  const shape = (values: number[], sd = 1, at = times) => growthShape({ times: at, values, sd: () => sd }).shape;

  it.each([
    ['straight', [0, 10, 20, 30, 40]],
    ['plateau', [0, 20, 38, 40, 40]],
    ['plateau', [0, 30, 40, 40, 40]],
    ['step', [0, 0, 40, 40, 41]],
    ['bending', [0, 20, 32, 40, 45]],
    ['accelerating', [0, 2, 6, 20, 45]],
    ['flat', [10, 10, 9, 10, 10]],
    ['shrinking', [40, 30, 20, 10, 0]],
    ['wavering', [0, 30, 5, 35, 20]],
  ] as const)('%s: %j', (name, values) => expect(shape([...values])).toBe(name));

  it('noise does not bend a straight line', () => {
    const next = random(17);
    let straight = 0;
    for (let i = 0; i < 500; i++) {
      // A leak of 1 MiB/s seen through the sampling of small objects: births are Poisson.
      const values = [0];
      for (let k = 1; k <= 4; k++) values.push(values[k - 1]! + sampled(15 * 1024, 1024, next) * RATE);
      const result = growthShape({
        times,
        values,
        sd: (a, b) => Math.sqrt(RATE * Math.max(RATE, values[b]! - values[a]!)),
      });
      if (result.shape === 'straight') straight++;
    }
    expect(straight).toBeGreaterThan(465);
  });

  it('says nothing of two looks, and does not fail on fewer', () => {
    expect(shape([0, 40], 1, [0, 60])).toBe('too-few');
    expect(growthShape({ times: [], values: [], sd: () => 1 }).shape).toBe('too-few');
  });
});

describe('loadExplains', () => {
  it('tells growth with the load from growth at a steady load', () => {
    expect(loadExplains({ inuse: [10, 20], allocRate: [1, 2] })).toBe(true);
    expect(loadExplains({ inuse: [10, 20], allocRate: [1, 1] })).toBe(false);
    expect(loadExplains({ inuse: [10, 90], allocRate: [1, 2] })).toBe(false);
  });
});
