import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../test/random.js';
import { countsGrew } from './counts.js';

const RUNS = 4000;

interface Queue {
  mean: number;
  /** How long one stays, in looks. */
  stay: number;
  looks: number;
  /** Those that come and never leave, per look; those that were always there. */
  leak?: number;
  stock?: number;
}

/** An M/M/∞ queue in balance, looked at `looks` times. */
function queue({ mean, stay, looks, leak = 0, stock = 0 }: Queue, random: Random): number[] {
  const survival = Math.exp(-1 / stay);
  let present = random.poisson(mean);
  let leaked = 0;
  const counts = [present + stock];
  for (let look = 1; look < looks; look++) {
    present = random.binomial(present, survival) + random.poisson(mean * (1 - survival));
    leaked += random.poisson(leak);
    counts.push(present + leaked + stock);
  }
  return counts;
}

function shareBelow(alpha: number, kind: Queue, seed = 9): number {
  const random = new Random(seed);
  let below = 0;
  for (let run = 0; run < RUNS; run++) if (countsGrew({ counts: queue(kind, random) }) < alpha) below++;
  return below / RUNS;
}

describe('countsGrew without ids', () => {
  it.each([
    ['a busy pool of short requests, two looks', { mean: 1000, stay: 0.05, looks: 2 }],
    ['a busy pool of short requests', { mean: 1000, stay: 0.05, looks: 5 }],
    ['requests as long as the time between looks', { mean: 100, stay: 1, looks: 9 }],
    ['clients that stay longer than the watch', { mean: 1000, stay: 50, looks: 9 }],
    ['few', { mean: 2, stay: 1, looks: 5 }],
    ['many looks', { mean: 300, stay: 2, looks: 31 }],
  ] as [string, Queue][])('keeps its level for what comes and goes: %s', (_, kind) => {
    expect(shareBelow(0.05, kind)).toBeLessThan(0.05 + 3 * Math.sqrt((0.05 * 0.95) / RUNS));
    expect(shareBelow(0.001, kind)).toBeLessThan(0.001 + 3 * Math.sqrt(0.001 / RUNS));
  });

  it.each([
    ['sixty that gather where nobody was', { mean: 0, stay: 1, looks: 5, leak: 15 }, 0.99],
    ['sixty beside twenty that come and go', { mean: 20, stay: 0.1, looks: 5, leak: 15 }, 0.85],
    ['two hundred beside five hundred that never move', { mean: 0, stay: 1, looks: 5, leak: 50, stock: 500 }, 0.99],
    [
      'sixty beside five hundred that never move, in 31 looks',
      { mean: 0, stay: 1, looks: 31, leak: 2, stock: 500 },
      0.95,
    ],
  ] as [string, Queue, number][])('sees %s, at one in 40,000', (_, kind, power) => {
    expect(shareBelow(2.5e-5, kind)).toBeGreaterThan(power);
  });
});

describe('countsGrew with ids', () => {
  it('tells new ones that stay from a turnover of the same size', () => {
    const counts = [500, 515, 530, 545, 560];
    expect(countsGrew({ counts, stayed: [500, 515, 530, 545] })).toBeLessThan(1e-12);
    expect(countsGrew({ counts, stayed: [0, 0, 0, 0] })).toBeGreaterThan(0.01);
  });
});

describe('countsGrew with ids and a full turnover', () => {
  /** `gone` were there at the first look, `born` others at the second. */
  const turnover = (born: number, gone: number) => countsGrew({ counts: [gone, born], stayed: [0] });

  it.each([
    [0, 0],
    [5, 5],
    [3, 9],
  ])('%d that came and %d that went are no growth', (born, gone) => expect(turnover(born, gone)).toBe(1));
  it('is surer the more came, less sure the more went', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 1, max: 1000 }), (gone, more) => {
        const p = turnover(gone + more, gone);
        expect(p).toBeLessThanOrEqual(0.5);
        expect(turnover(gone + more + 1, gone)).toBeLessThanOrEqual(p);
        expect(turnover(gone + more + 1, gone + 1)).toBeGreaterThanOrEqual(p);
      }),
    );
  });
  it.each([
    [60, 40],
    [30, 18],
    [205, 180],
  ])('of %d and %d is near the exact chance for two Poisson counts', (born, gone) => {
    const mean = (born + gone) / 2;
    const poisson = [Math.exp(-mean)];
    for (let k = 1; k < 3 * mean; k++) poisson.push((poisson[k - 1]! * mean) / k);
    let exact = 0;
    for (const [i, a] of poisson.entries())
      for (const [j, b] of poisson.entries()) if (i - j >= born - gone) exact += a * b;
    expect(turnover(born, gone) / exact).toBeCloseTo(1, 1);
  });
});

it('says nothing of a fall, of one look or of none', () => {
  for (const counts of [[], [5], [5, 5], [9, 4], [Number.NaN, 3]]) expect(countsGrew({ counts })).toBe(1);
});

describe('whatever the numbers are', () => {
  const counts = fc.array(fc.nat({ max: 5000 }), { minLength: 2, maxLength: 12 });

  it('the chance is a number from 0 to 1', () => {
    fc.assert(
      fc.property(
        counts,
        fc.array(fc.option(fc.nat({ max: 9000 }), { nil: null }), { maxLength: 12 }),
        (all, stayed) => {
          const p = countsGrew({ counts: all, stayed });
          expect(p >= 0 && p <= 1).toBe(true);
        },
      ),
    );
  });

  it('ids that are unknown between any two looks are as good as none', () => {
    fc.assert(
      fc.property(counts, fc.nat(), (all, hole) => {
        const stayed: (number | null)[] = all.slice(1).map((count, i) => Math.min(count, all[i]!));
        stayed[hole % stayed.length] = null;
        expect(countsGrew({ counts: all, stayed })).toBe(countsGrew({ counts: all }));
        expect(countsGrew({ counts: all, stayed: stayed.slice(0, -1) })).toBe(countsGrew({ counts: all }));
      }),
    );
  });

  it('a larger number that was always there makes two looks less sure', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 2000 }),
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 1, max: 5000 }),
        (c, grown, more) => {
          const p = (stock: number) => countsGrew({ counts: [c + stock, c + stock + grown] });
          expect(p(more)).toBeGreaterThanOrEqual(p(0));
        },
      ),
    );
  });

  it('where all stay, each one that came makes it surer', () => {
    // Of n that came and none that went: the tail of the normal at √n, less a continuity of one half.
    const p = (n: number) => countsGrew({ counts: [100, 100 + n], stayed: [100] });
    const chances = [1, 4, 16, 64].map(p);
    expect([...chances].sort((a, b) => b - a)).toEqual(chances);
    expect(p(1)).toBeCloseTo(0.3085, 3);
    expect(p(64)).toBeLessThan(1e-14);
  });
});
