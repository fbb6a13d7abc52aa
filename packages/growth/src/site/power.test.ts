import { describe, expect, it } from 'vitest';
import { Random } from '../../test/random.js';
import { sampleHeap, type Traffic } from '../../test/sampled-heap.js';
import { holm, secondsToTell, siteDelta, spendAlpha } from '../index.js';

const R = 512 * 1024;
const MIB = 2 ** 20;
const ALPHA = 0.01;

/** A site of objects of one size that adds `mib` in every interval, beside `churn` MiB that are replaced. */
const site = (objectBytes: number, mib: number, churn: number, looks: number): Traffic => ({
  objectBytes,
  live: Math.round((churn * MIB) / objectBytes),
  intervals: Array.from({ length: looks - 1 }, () => ({
    stayed: Math.round(((mib + churn) * MIB) / objectBytes),
    left: Math.round((churn * MIB) / objectBytes),
    passed: 0,
  })),
});

/** A watch of many sites as a rule judges it: each look may spend its share, over all sites. */
function alarms(sites: readonly Traffic[], looks: number, random: Random): Set<number> {
  const series = sites.map((traffic) => sampleHeap([traffic], R, random));
  const found = new Set<number>();
  for (let look = 1; look < looks; look++) {
    const chances = series.map((strata) => siteDelta({ rateBytes: R, strata, from: 0, to: look }).pGrowth);
    for (const [i, p] of holm(chances).entries()) if (p <= spendAlpha(look, ALPHA)) found.add(i);
  }
  return found;
}

describe('a watch of twenty sites over six looks', () => {
  const LOOKS = 6;
  const quiet = Array.from({ length: 19 }, (_, i) => site(2 ** (4 + (i % 14)), 0, 1 + (i % 8), LOOKS));

  it('raises a false alarm about as rarely as it says, over all sites and looks together', () => {
    const random = new Random(77);
    const runs = 50;
    let wrong = 0;
    for (let run = 0; run < runs; run++) if (alarms(quiet, LOOKS, random).size > 0) wrong++;
    expect(wrong / runs).toBeLessThan(ALPHA + 3 * Math.sqrt((ALPHA * (1 - ALPHA)) / runs));
  });

  it.each([
    [64, 4],
    [4096, 4],
    [200_000, 4],
    [2 * MIB, 8],
  ])('finds 16 MiB and more that objects of %d bytes add, and nothing else', (objectBytes, mibPerLook) => {
    const random = new Random(5);
    const runs = 12;
    let found = 0;
    let others = 0;
    for (let run = 0; run < runs; run++) {
      const seen = alarms([...quiet, site(objectBytes, mibPerLook, 1, LOOKS)], LOOKS, random);
      if (seen.has(19)) found++;
      others += seen.has(19) ? seen.size - 1 : seen.size;
    }
    expect(found / runs).toBeGreaterThan(0.8);
    expect(others / runs).toBeLessThan(0.1);
  });
});

describe('how much longer to watch', () => {
  it('grown at the same rate for that long, most sites are told from noise', () => {
    const random = new Random(11);
    let undecided = 0;
    let told = 0;
    for (let run = 0; run < 200; run++) {
      const strata = sampleHeap([site(256, 1, 1, 2)], R, random);
      const delta = siteDelta({ rateBytes: R, strata, from: 0, to: 1 });
      const more = secondsToTell(delta, 60, 1e-4, 0);
      if (delta.pGrowth < 1e-4 || !Number.isFinite(more)) continue;
      undecided++;
      // The same growth and churn a second, for all the time that was said.
      const times = (60 + 1.2 * more) / 60;
      const later = sampleHeap([site(256, times, times, 2)], R, random);
      if (siteDelta({ rateBytes: R, strata: later, from: 0, to: 1 }).pGrowth < 1e-4) told++;
    }
    expect(undecided).toBeGreaterThan(50);
    expect(told / undecided).toBeGreaterThan(0.6);
  });

  it('is for ever where nothing grew, and not at all where it is clear already', () => {
    const of = (alloc: [number, number], inuse: [number, number]) =>
      siteDelta({
        rateBytes: R,
        strata: [{ objectBytes: 64, allocSamples: alloc, inuseSamples: inuse }],
        from: 0,
        to: 1,
      });
    expect(secondsToTell(of([10, 20], [10, 10]), 60, 0.01, 0)).toBe(Number.POSITIVE_INFINITY);
    expect(secondsToTell(of([10, 10], [10, 5]), 60, 0.01, 0)).toBe(Number.POSITIVE_INFINITY);
    expect(secondsToTell(of([0, 400], [0, 400]), 60, 0.01, MIB)).toBe(0);
    // Clear, but small: until it is large enough to matter, at the present rate.
    expect(secondsToTell(of([0, 400], [0, 400]), 60, 0.01, 400 * MIB)).toBeCloseTo(60, -1);
  });
});
