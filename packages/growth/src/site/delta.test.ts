import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesPerSample, independentDelta, secondsToTell, siteDelta } from './delta.js';
import { binomialTail, normalTail } from './distributions.js';

const RATE = 512 * 1024;
const stratum = (objectBytes: number, alloc: [number, number], inuse: [number, number]) => ({
  objectBytes,
  allocSamples: alloc,
  inuseSamples: inuse,
});
const delta = (strata: ReturnType<typeof stratum>[], rateBytes = RATE, from = 0, to = 1) =>
  siteDelta({ rateBytes, strata, from, to });
const strata = fc.array(
  fc
    .record({
      objectBytes: fc.constantFrom(16, 512, 4096, 100_000, RATE, 5_000_000),
      old: fc.nat({ max: 500 }),
      born: fc.nat({ max: 500 }),
      died: fc.nat({ max: 500 }),
    })
    .map(({ objectBytes, old, born, died }) => {
      const now = Math.max(0, old + born - died);
      return stratum(objectBytes, [old, old + born], [old, now]);
    }),
  { maxLength: 5 },
);

describe('bytesPerSample', () => {
  it.each([
    [16, RATE, RATE + 8],
    [RATE, RATE, RATE / (1 - Math.exp(-1))],
    [100 * RATE, RATE, 100 * RATE],
    [48, 1, 48],
  ])('%d bytes at a rate of %d', (objectBytes, rate, expected) => {
    expect(bytesPerSample(objectBytes, rate) / expected).toBeCloseTo(1, 6);
  });
  it('is never less than the object, nor than the rate', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1 << 30 }), fc.integer({ min: 2, max: 1 << 24 }), (size, rate) => {
        expect(bytesPerSample(size, rate)).toBeGreaterThanOrEqual(Math.max(size, rate) * (1 - 1e-9));
      }),
    );
  });
});

describe('siteDelta', () => {
  it('of nothing is nothing, and no growth', () => {
    expect(delta([])).toEqual({
      bytes: 0,
      interval: { low: 0, high: 0, level: 0.95 },
      sdBytes: 0,
      pGrowth: 1,
      births: 0,
      deaths: 0,
      bornBytes: 0,
      freedBytes: 0,
    });
  });

  it('survivors alone carry no noise', () => {
    expect(delta([stratum(64, [90, 90], [80, 80])])).toMatchObject({ bytes: 0, sdBytes: 0, pGrowth: 1, births: 0 });
  });

  it('at rate 1 everything is seen: the sizes are exact and the noise is none to speak of', () => {
    const read = delta([stratum(1000, [10, 30], [10, 25])], 1);
    expect(read).toMatchObject({ bytes: 15_000, births: 20, deaths: 5, sdBytes: 0, pGrowth: 0 });
    expect(read.interval).toMatchObject({ low: 15_000, high: 15_000 });
  });

  it('few small samples are judged by coin flips, many by the normal tail', () => {
    const few = delta([stratum(64, [0, 11], [8, 11])]);
    expect([few.births, few.deaths]).toEqual([11, 8]);
    expect(few.pGrowth).toBeGreaterThanOrEqual(binomialTail(11, 19, 0.5) - 1e-12);
    const many = delta([stratum(64, [0, 600], [400, 600])]);
    expect(many.pGrowth / normalTail(many.bytes / many.sdBytes)).toBeCloseTo(1, 12);
  });

  it('snapshots that the series does not have count as empty', () => {
    expect(delta([stratum(64, [5, 9], [5, 9])], RATE, 0, 7)).toMatchObject({ births: 0, deaths: 5 });
  });

  it('backwards in time the bytes are the opposite, and a fall is no growth', () => {
    fc.assert(
      fc.property(strata, (s) => {
        const there = delta(s);
        const back = delta(s, RATE, 1, 0);
        expect(back.bytes + there.bytes).toBeCloseTo(0, 3);
        expect(Math.max(there.pGrowth, back.pGrowth)).toBe(1);
        expect(back.births).toBe(0);
      }),
    );
  });

  it('births less deaths are the change; chance and interval are what such things must be', () => {
    fc.assert(
      fc.property(strata, (s) => {
        const read = delta(s);
        const change = s.reduce((sum, { inuseSamples: [old, now] }) => sum + now - old, 0);
        expect(read.births - read.deaths).toBe(change);
        expect(read.bornBytes - read.freedBytes).toBeCloseTo(read.bytes, 2);
        expect(read.pGrowth).toBeGreaterThanOrEqual(0);
        expect(read.pGrowth).toBeLessThanOrEqual(1);
        expect(read.interval.low).toBeLessThanOrEqual(read.bytes + 1e-6);
        expect(read.interval.high).toBeGreaterThanOrEqual(read.bytes - 1e-6);
      }),
    );
  });

  it('a higher level gives a wider interval', () => {
    const input = { rateBytes: RATE, strata: [stratum(64, [10, 90], [10, 50])], from: 0, to: 1 };
    const widths = [0.5, 0.9, 0.95, 0.999].map((level) => {
      const { interval } = siteDelta(input, level);
      return interval.high - interval.low;
    });
    expect(widths).toEqual([...widths].sort((a, b) => a - b));
    expect(widths[0]).toBeLessThan(widths[3]!);
  });

  it('counts near the end of exact numbers stay finite', () => {
    const read = delta([stratum(1 << 30, [0, 2 ** 52], [0, 2 ** 52]), stratum(16, [0, 2 ** 52], [0, 2 ** 51])]);
    for (const value of [read.bytes, read.sdBytes, read.pGrowth, read.interval.low, read.interval.high]) {
      expect(Number.isFinite(value)).toBe(true);
    }
    expect(read.pGrowth).toBe(0);
  });
});

describe('independentDelta', () => {
  const side = (s: ReturnType<typeof stratum>[], at = 0, rateBytes = RATE) => ({ rateBytes, strata: s, at });
  it('changes its sign with its sides and keeps its noise', () => {
    fc.assert(
      fc.property(strata, strata, (a, b) => {
        const one = independentDelta(side(a), side(b));
        const other = independentDelta(side(b), side(a));
        expect(one.bytes + other.bytes).toBeCloseTo(0, 2);
        expect(one.sdBytes).toBeCloseTo(other.sdBytes, 4);
      }),
    );
  });
  it('is noisier than one process with the same survivors, and reads each side at its own rate', () => {
    const s = [stratum(64, [100, 110], [100, 110])];
    expect(independentDelta(side(s), side(s, 1)).sdBytes).toBeGreaterThan(3 * delta(s).sdBytes);
    expect(independentDelta(side(s, 0, 1), side(s, 0, 1)).sdBytes).toBeLessThan(1e-9);
    expect(independentDelta(side([]), side([stratum(64, [10, 10], [10, 10])], 0, 1)).bytes).toBe(640);
  });
});

describe('secondsToTell', () => {
  const grown = delta([stratum(64, [0, 20], [0, 20])]);
  it('shrinks with the time and the evidence, and is none when enough was seen', () => {
    expect(secondsToTell(grown, 60, 1e-6, 1e6)).toBeGreaterThan(0);
    expect(secondsToTell(grown, 60, 1e-12, 1e6)).toBeGreaterThan(secondsToTell(grown, 60, 1e-6, 1e6));
    expect(secondsToTell(grown, 60, 0.1, 1)).toBe(0);
    expect(secondsToTell(grown, 120, 1e-6, 1e6) / secondsToTell(grown, 60, 1e-6, 1e6)).toBeCloseTo(2, 9);
  });
  it('is infinite for what does not grow', () => {
    expect(secondsToTell(delta([stratum(64, [0, 9], [20, 9])]), 60, 0.01, 1)).toBe(Number.POSITIVE_INFINITY);
  });
});
