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

describe('whatever a profile claims', () => {
  const rate = fc.oneof(
    fc.constantFrom(1, 2, 16, RATE, 2 ** 30, 2 ** 53, 2 ** 63),
    fc.integer({ min: 1, max: 2 ** 31 }),
  );
  const size = fc.oneof(
    fc.constantFrom(1, 16, RATE, 2 ** 40, 2 ** 52, 2 ** 60, 0, -1, Number.NaN),
    fc.integer({ min: 1, max: 1 << 26 }),
  );
  const count = fc.oneof(
    fc.nat({ max: 40 }),
    fc.constantFrom(0, 1, 1e6, 2 ** 52, 2 ** 60, -5, 0.5, Number.NaN, Number.POSITIVE_INFINITY),
  );
  const any = fc.array(
    fc.tuple(size, count, count, count, count).map(([objectBytes, a, b, c, d]) => stratum(objectBytes, [a, b], [c, d])),
    { maxLength: 6 },
  );
  const expectSound = (read: {
    bytes: number;
    sdBytes: number;
    pGrowth: number;
    interval: { low: number; high: number };
  }) => {
    for (const value of [read.bytes, read.sdBytes, read.interval.low, read.interval.high]) {
      expect(Number.isFinite(value)).toBe(true);
    }
    expect(read.pGrowth).toBeGreaterThanOrEqual(0);
    expect(read.pGrowth).toBeLessThanOrEqual(1);
    expect(read.interval.low).toBeLessThanOrEqual(read.bytes);
    expect(read.interval.high).toBeGreaterThanOrEqual(read.bytes);
  };

  it('the change of one process is finite, in its interval, and has a chance', () => {
    fc.assert(
      fc.property(any, rate, (all, rateBytes) => expectSound(delta(all, rateBytes))),
      { numRuns: 100 },
    );
  });

  it('so is that of two processes, at any two rates', () => {
    const side = (strata: typeof any, at: number) => fc.record({ rateBytes: rate, strata, at: fc.constant(at) });
    fc.assert(
      fc.property(side(any, 0), side(any, 1), (a, b) => expectSound(independentDelta(a, b))),
      { numRuns: 100 },
    );
  });

  it('rates so unlike that a sample of one is nothing beside one of the other take no memory for it', () => {
    const fine = { rateBytes: 2, strata: [stratum(16, [0, 10], [0, 10])], at: 1 };
    const coarse = { rateBytes: 2 ** 40, strata: [stratum(16, [0, 5], [0, 5])], at: 1 };
    const read = independentDelta(fine, coarse);
    // Five samples came and, beside them, none left: one in 32.
    expect(read.pGrowth).toBeGreaterThanOrEqual(1 / 32);
    expect(read.pGrowth).toBeLessThan(0.2);
    expect(independentDelta(coarse, fine).pGrowth).toBe(1);
  });

  it('a rate beyond every size sees one object in very many, and its interval stays Poisson’s', () => {
    const read = delta([stratum(16, [0, 10], [0, 10])], 2 ** 63);
    // Garwood's limits of a count of 10 are 4.795 and 18.39; of those that left none was seen, which may be 3.689.
    expect(read.interval.low / read.bytes).toBeCloseTo((10 - Math.hypot(10 - 4.795, 3.689)) / 10, 2);
    expect(read.interval.high / read.bytes).toBeCloseTo(1.839, 2);
  });
});

describe('order and scale', () => {
  it('strata in another order, or split in two, are the same site', () => {
    fc.assert(
      fc.property(strata, (s) => {
        const one = delta(s);
        const turned = delta([...s].reverse());
        expect(turned.bytes).toBeCloseTo(one.bytes, 3);
        expect(turned.pGrowth).toBeCloseTo(one.pGrowth, 9);
        expect(turned.interval.high).toBeCloseTo(one.interval.high, 0);
      }),
      { numRuns: 60 },
    );
  });
  it('sizes and rate in other units change bytes by the unit and no chance', () => {
    fc.assert(
      fc.property(strata, fc.constantFrom(2, 16), (s, unit) => {
        const one = delta(s);
        const scaled = delta(
          s.map((one) => ({ ...one, objectBytes: one.objectBytes * unit })),
          RATE * unit,
        );
        expect(scaled.bytes / unit).toBeCloseTo(one.bytes, 2);
        expect(scaled.sdBytes / unit).toBeCloseTo(one.sdBytes, 2);
        expect(scaled.births).toBe(one.births);
      }),
      { numRuns: 60 },
    );
  });
  it('more of the same growth is surer, and more churn beside it less sure', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 0, max: 30 }), (born, churn) => {
        const of = (grown: number, replaced: number) =>
          delta([stratum(64, [100, 100 + grown + replaced], [100, 100 + grown])]).pGrowth;
        expect(of(born + 5, churn)).toBeLessThanOrEqual(of(born, churn) + 1e-12);
        expect(of(born, churn + 10)).toBeGreaterThanOrEqual(of(born, churn) - 1e-12);
      }),
    );
  });
});
