import { describe, expect, it } from 'vitest';
import { Random } from '../../test/random.js';
import { sampleHeap, type Traffic } from '../../test/sampled-heap.js';
import { independentDelta, siteDelta } from './delta.js';

const R = 512 * 1024;
const MiB = 2 ** 20;
const RUNS = 1500;
/** Three sigma of a simulation of RUNS runs: a correct level is missed by more once in 700 seeds, and the seed is fixed. */
const slack = (level: number) => 3 * Math.sqrt((level * (1 - level)) / RUNS);

/** `bytes` in objects of `size`, of which `share` leaves and is replaced between the looks, and `growth` bytes on top. */
function heap(bytes: number, size: number, share: number, growth = 0): Traffic {
  const replaced = Math.round((bytes * share) / size);
  const left = replaced + Math.round(Math.max(0, -growth) / size);
  const stayed = replaced + Math.round(Math.max(0, growth) / size);
  return { objectBytes: size, live: Math.round(bytes / size), intervals: [{ stayed, left, passed: replaced }] };
}

function trial(traffic: Traffic[], seed: number) {
  const random = new Random(seed);
  const truth = traffic.reduce((n, t) => n + t.objectBytes * (t.intervals[0]!.stayed - t.intervals[0]!.left), 0);
  const seen = { below05: 0, below01: 0, covered: 0, bias: 0, width: 0 };
  for (let run = 0; run < RUNS; run++) {
    const delta = siteDelta({ rateBytes: R, strata: sampleHeap(traffic, R, random), from: 0, to: 1 });
    if (delta.pGrowth < 0.05) seen.below05 += 1 / RUNS;
    if (delta.pGrowth < 0.01) seen.below01 += 1 / RUNS;
    if (delta.interval.low <= truth && truth <= delta.interval.high) seen.covered += 1 / RUNS;
    seen.bias += (delta.bytes - truth) / RUNS;
    seen.width += (delta.interval.high - delta.interval.low) / RUNS;
  }
  return seen;
}

describe('no growth: the false alarm rate is kept and the interval holds 0', () => {
  const quiet: [string, Traffic[]][] = [
    ['1 MiB of small objects: two samples', [heap(MiB, 64, 1)]],
    ['4 MiB of small objects', [heap(4 * MiB, 64, 1)]],
    ['64 MiB of small objects', [heap(64 * MiB, 1024, 1)]],
    ['16 MiB, a tenth replaced', [heap(16 * MiB, 256, 0.1)]],
    ['three sizes, few samples', [heap(2 * MiB, 64, 1), heap(3 * MiB, 16_384, 1), heap(2 * MiB, 131_072, 1)]],
    ['three sizes, many samples', [heap(100 * MiB, 96, 1), heap(60 * MiB, 32_768, 1), heap(64 * MiB, MiB, 1)]],
    ['objects of R/2', [heap(40 * MiB, R / 2, 1)]],
    ['objects of 2R', [heap(20 * MiB, 2 * R, 1)]],
    ['four objects of 4R', [heap(8 * MiB, 4 * R, 1)]],
    [
      'one size grows, another shrinks by as much',
      [heap(8 * MiB, 1024, 0, 8 * MiB), heap(16 * MiB, 4096, 0, -8 * MiB)],
    ],
  ];
  it.each(quiet)('%s', (_, traffic) => {
    const seen = trial(traffic, 7);
    expect(seen.below05).toBeLessThan(0.05 + slack(0.05));
    expect(seen.below01).toBeLessThan(0.01 + slack(0.01));
    expect(seen.covered).toBeGreaterThan(0.95 - slack(0.95));
  });

  it('and the level is used: the test is not silent', () => {
    expect(trial([heap(64 * MiB, 1024, 1)], 11).below05).toBeGreaterThan(0.03);
  });

  it('between two processes as well', () => {
    const random = new Random(5);
    let alarms = 0;
    for (let run = 0; run < RUNS; run++) {
      const pod = () => ({ rateBytes: R, strata: sampleHeap([heap(6 * MiB, 1024, 0)], R, random), at: 0 });
      if (independentDelta(pod(), pod()).pGrowth < 0.05) alarms++;
    }
    expect(alarms / RUNS).toBeLessThan(0.05 + slack(0.05));
  });
});

describe('growth: the interval holds the truth, without bias, and the test has power', () => {
  const growing: [string, Traffic[], number][] = [
    ['0.3 MiB: often not one sample', [heap(0, 512, 0, 0.3 * MiB)], 0],
    ['1 MiB', [heap(30 * MiB, 512, 0, MiB)], 0],
    ['8 MiB', [heap(30 * MiB, 512, 0, 8 * MiB)], 0.99],
    ['60 MiB under full churn of 64', [heap(64 * MiB, 1024, 1, 60 * MiB)], 0.99],
    ['four objects of 4R', [heap(0, 4 * R, 0, 8 * MiB)], 0.99],
    ['shrinking by half', [heap(30 * MiB, 512, 0, -15 * MiB)], 0],
  ];
  it.each(growing)('%s', (_, traffic, power) => {
    const seen = trial(traffic, 3);
    expect(seen.covered).toBeGreaterThan(0.95 - slack(0.95));
    expect(Math.abs(seen.bias)).toBeLessThan((3 * seen.width) / 3.9 / Math.sqrt(RUNS));
    expect(seen.below05).toBeGreaterThanOrEqual(power);
  });

  it('of 64 births and no death has the chance 2^-64', () => {
    const strata = [{ objectBytes: 16, allocSamples: [0, 64], inuseSamples: [0, 64] }];
    expect(siteDelta({ rateBytes: R, strata, from: 0, to: 1 }).pGrowth / 2 ** -64).toBeCloseTo(1, 6);
  });

  it('is exact where every object is recorded', () => {
    const strata = [{ objectBytes: 16, allocSamples: [10, 13], inuseSamples: [10, 12] }];
    const delta = siteDelta({ rateBytes: 1, strata, from: 0, to: 1 });
    expect(delta).toMatchObject({ bytes: 32, pGrowth: 0, sdBytes: 0, interval: { low: 32, high: 32 } });
  });
});

describe('hostile strata', () => {
  it('never give NaN', () => {
    for (const a of [Number.NaN, -5, Number.POSITIVE_INFINITY, 2.5]) {
      const strata = [
        { objectBytes: 1e-9, allocSamples: [a, 1], inuseSamples: [a] },
        { objectBytes: 1e300, allocSamples: [0, 1], inuseSamples: [a, 1] },
        { objectBytes: Number.NaN, allocSamples: [0, 9], inuseSamples: [0, 9] },
        { objectBytes: 64, allocSamples: [a, 1e14], inuseSamples: [a, 1e14] },
      ];
      for (const rateBytes of [1, R, 1e18]) {
        const { bytes, interval, pGrowth } = siteDelta({ rateBytes, strata, from: 0, to: 1 });
        expect(Number.isNaN(bytes + interval.low + interval.high + pGrowth)).toBe(false);
      }
    }
    expect(siteDelta({ rateBytes: R, strata: [], from: 0, to: 1 })).toMatchObject({ bytes: 0, pGrowth: 1 });
  });
});
