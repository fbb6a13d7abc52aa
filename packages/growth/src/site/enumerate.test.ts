import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  binomialMass,
  binomialTail,
  incompleteBeta,
  lnGamma,
  normalQuantile,
  normalTail,
  risingRoot,
  studentTail,
} from './distributions.js';
import { chanceOfGrowth, joinByWeight, type Movement, squaredReach } from './exact.js';

const R = 512 * 1024;
const sparse = (weightBytes: number, came: number, left: number): Movement => ({
  weightBytes,
  missed: 0.9,
  came,
  left,
});

/** The chance by going through every way in which each of the objects came or left. */
function byEnumeration(classes: readonly Movement[]): number {
  const seen = classes.reduce((sum, c) => sum + c.weightBytes * (c.came - c.left), 0);
  const objects = classes.flatMap((c) => Array.from({ length: c.came + c.left }, () => c.weightBytes));
  let as = 0;
  for (let ways = 0; ways < 2 ** objects.length; ways++) {
    const sum = objects.reduce((s, weight, i) => s + ((ways >> i) & 1 ? weight : -weight), 0);
    if (sum >= seen - 1e-6 * R) as++;
  }
  return as / 2 ** objects.length;
}

describe('the chance of a growth that is none', () => {
  it('of objects of one weight is that of coins', () => {
    for (let came = 0; came <= 8; came++)
      for (let left = 0; left <= 8; left++) {
        const one = [sparse(R, came, left)];
        expect(chanceOfGrowth(one)).toBeCloseTo(came + left === 0 ? 1 : byEnumeration(one), 12);
      }
  });

  it('of several weights is at least that of every way they could have gone, and not far above', () => {
    const weight = fc.constantFrom(R, 1.3 * R, 2 * R, 3.5 * R, 9 * R);
    const movement = fc.tuple(weight, fc.nat({ max: 3 }), fc.nat({ max: 3 })).map((m) => sparse(...m));
    fc.assert(
      fc.property(fc.array(movement, { minLength: 2, maxLength: 3 }), (classes) => {
        fc.pre(classes.some((c) => c.came + c.left > 0));
        const exact = byEnumeration(classes);
        const said = chanceOfGrowth(classes);
        expect(said).toBeGreaterThanOrEqual(exact - 1e-9);
        // Sums that lie within the grid's rounding of what was seen count as seen.
        const nearly = byEnumeration([...classes, sparse(R, 0, 0)].map((c) => ({ ...c })));
        expect(said).toBeLessThanOrEqual(Math.min(1, nearly + 0.35));
      }),
      { numRuns: 150 },
    );
  });

  it('what is counted exactly adds none, and what it gained needs no luck', () => {
    const counted = (came: number, left: number): Movement => ({ weightBytes: 20 * R, missed: 0, came, left });
    expect(chanceOfGrowth([counted(5, 2)])).toBe(0);
    expect(chanceOfGrowth([counted(2, 5)])).toBe(1);
    expect(chanceOfGrowth([counted(0, 0)])).toBe(1);
    // Beside it, ten drawn ones that all left could not have taken away more than they did.
    expect(chanceOfGrowth([counted(5, 0), sparse(R, 0, 10)])).toBeCloseTo(1, 9);
    expect(chanceOfGrowth([counted(0, 0), sparse(R, 10, 0)])).toBeCloseTo(2 ** -10, 9);
  });

  it('dense samples are the less likely to be luck the fewer are missed', () => {
    const dense = (missed: number) => chanceOfGrowth([{ weightBytes: 2 * R, missed, came: 6, left: 1 }]);
    const chances = [0.24, 0.2, 0.1, 0.03, 0.01].map(dense);
    for (let i = 1; i < chances.length; i++) expect(chances[i]!).toBeLessThan(chances[i - 1]!);
    expect(chances[0]!).toBeLessThanOrEqual(binomialTail(6, 7, 0.5) + 0.02);
  });
});

describe('joining strata', () => {
  const movement = fc.record({
    weightBytes: fc.double({ min: R, max: 30 * R, noNaN: true }),
    missed: fc.constantFrom(0, 1e-7, 0.01, 0.3, 0.99),
    came: fc.nat({ max: 50 }),
    left: fc.nat({ max: 50 }),
  });
  it('loses no object, and moves no weight by more than a tenth', () => {
    fc.assert(
      fc.property(fc.array(movement, { maxLength: 12 }), (all) => {
        const joined = joinByWeight(all);
        const sum = (list: readonly Movement[], of: (m: Movement) => number) => list.reduce((s, m) => s + of(m), 0);
        expect(sum(joined, (m) => m.came)).toBe(sum(all, (m) => m.came));
        expect(sum(joined, (m) => m.left)).toBe(sum(all, (m) => m.left));
        const weigh = (m: Movement) => m.weightBytes * (m.came + m.left);
        expect(sum(joined, weigh) / Math.max(1, sum(all, weigh))).toBeCloseTo(sum(all, weigh) > 0 ? 1 : 0, 4);
        for (const m of joined) {
          expect(all.some((one) => Math.abs(one.weightBytes / m.weightBytes - 1) < 0.11)).toBe(true);
          expect(m.missed).toBeGreaterThanOrEqual(0);
          expect(m.missed).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
  it('does not mix what is counted with what is drawn', () => {
    const of = (missed: number): Movement => ({ weightBytes: R, missed, came: 1, left: 0 });
    expect(joinByWeight([of(0), of(0.9), of(1e-9), of(0.8)])).toHaveLength(2);
  });
});

describe('limits of a change', () => {
  const z = normalQuantile(0.025);
  // Poisson limits of Garwood (1936) at 95 %.
  it.each([
    [0, 0, 3.6889],
    [1, 0.0253, 5.5716],
    [5, 1.6235, 11.6683],
    [10, 4.7954, 18.3904],
    [50, 37.1112, 65.9188],
  ])('of %d that came are %d to %d', (came, low, high) => {
    // Few of very many, so that the other side's 3.6889 stands alone where none left.
    const { below, above } = squaredReach([{ weightBytes: 1, missed: 1 - 1e-7, came, left: 0 }], 0.025, z);
    expect(came - Math.sqrt(Math.max(0, below - 3.6889 ** 2))).toBeCloseTo(low, 2);
    expect(came + Math.sqrt(above)).toBeCloseTo(high, 2);
  });
  it('turn round with the direction, and are none for what is counted', () => {
    fc.assert(
      fc.property(fc.nat({ max: 60 }), fc.nat({ max: 60 }), fc.constantFrom(0.05, 0.5, 0.99), (came, left, missed) => {
        const there = squaredReach([{ weightBytes: 3, missed, came, left }], 0.025, z);
        const back = squaredReach([{ weightBytes: 3, missed, came: left, left: came }], 0.025, z);
        expect(back.above).toBeCloseTo(there.below, 6);
        expect(back.below).toBeCloseTo(there.above, 6);
      }),
      { numRuns: 60 },
    );
    expect(squaredReach([{ weightBytes: 3, missed: 0, came: 9, left: 2 }], 0.025, z)).toEqual({ below: 0, above: 0 });
  });
});

describe('distributions', () => {
  it('of the binomial add up to one, and the tail is the sum of its masses', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.double({ min: 0.01, max: 0.99, noNaN: true }), (n, p) => {
        let tail = 0;
        for (let k = n; k >= 0; k--) {
          tail += binomialMass(k, n, p);
          expect(binomialTail(k, n, p)).toBeCloseTo(tail, 9);
        }
        expect(tail).toBeCloseTo(1, 9);
        expect([binomialMass(-1, n, p), binomialMass(n + 1, n, p)]).toEqual([0, 0]);
      }),
      { numRuns: 60 },
    );
  });
  it('the quantile is where the tail is, on both sides and far out', () => {
    for (const p of [0.5, 0.1, 0.025, 1e-6, 1e-30, 0.9, 0.999])
      expect(normalTail(normalQuantile(p)) / p).toBeCloseTo(1, 6);
    expect([normalQuantile(0), normalQuantile(Number.NaN), normalQuantile(1)]).toEqual([38, 38, -38]);
  });
  it('Student’s tail has its known values, and becomes the normal one', () => {
    // Cauchy at one degree of freedom; tables at others.
    expect(studentTail(1, 1)).toBeCloseTo(0.25, 10);
    expect(studentTail(2.571, 5)).toBeCloseTo(0.025, 4);
    expect(studentTail(1.96, 1e6)).toBeCloseTo(normalTail(1.96), 6);
    expect(studentTail(-2, 7)).toBeCloseTo(1 - studentTail(2, 7), 12);
  });
  it('the beta function mirrors itself, and the gamma function steps by its argument', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.001, max: 0.999, noNaN: true }),
        fc.double({ min: 0.3, max: 300, noNaN: true }),
        fc.double({ min: 0.3, max: 300, noNaN: true }),
        (x, a, b) => {
          expect(incompleteBeta(x, a, b)).toBeCloseTo(1 - incompleteBeta(1 - x, b, a), 9);
          expect(lnGamma(a + 1) - lnGamma(a)).toBeCloseTo(Math.log(a), 8);
        },
      ),
    );
    expect([incompleteBeta(0, 2, 3), incompleteBeta(1, 2, 3), incompleteBeta(Number.NaN, 2, 3)]).toEqual([0, 1, 0]);
  });
  it('a root is found inside, and where there is none the nearest end', () => {
    expect(risingRoot((x) => x ** 3 - 2, 0, 10)).toBeCloseTo(2 ** (1 / 3), 7);
    expect(risingRoot((x) => x + 1, 0, 10)).toBeCloseTo(0, 6);
    expect(risingRoot((x) => x - 100, 0, 10)).toBeCloseTo(10, 6);
  });
});
