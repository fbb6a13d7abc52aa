import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { benjaminiHochberg, holm, spendAlpha } from './multiplicity.js';

const pValues = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 25 });

/** How many the step procedures reject at alpha, as the papers state them. */
const stepDown = (p: number[], alpha: number) => {
  const sorted = [...p].sort((a, b) => a - b);
  const kept = sorted.findIndex((value, i) => value * (p.length - i) > alpha);
  return kept < 0 ? p.length : kept;
};
const stepUp = (p: number[], alpha: number) =>
  [...p].sort((a, b) => a - b).findLastIndex((value, i) => (value * p.length) / (i + 1) <= alpha) + 1;

describe.each([
  ['holm', holm, stepDown],
  ['benjaminiHochberg', benjaminiHochberg, stepUp],
] as const)('%s', (_, adjust, procedure) => {
  it('rejects at alpha exactly what the step procedure rejects', () => {
    fc.assert(
      fc.property(pValues, fc.constantFrom(0.01, 0.05, 0.2, 0.5), (p, alpha) => {
        expect(adjust(p).filter((value) => value <= alpha)).toHaveLength(procedure(p, alpha));
      }),
    );
  });
  it('does not depend on the order, and keeps that of the values', () => {
    fc.assert(
      fc.property(pValues, (p) => {
        const adjusted = adjust(p);
        expect(adjust([...p].reverse())).toEqual([...adjusted].reverse());
        const byValue = p.map((value, i) => [value, adjusted[i]!] as const).sort((a, b) => a[0] - b[0]);
        for (let i = 1; i < byValue.length; i++) expect(byValue[i]![1]).toBeGreaterThanOrEqual(byValue[i - 1]![1]);
        expect(Math.max(...adjusted)).toBeLessThanOrEqual(1);
      }),
    );
  });
  it.each([
    [[], []],
    [[0.03], [0.03]],
    [
      [0, 0],
      [0, 0],
    ],
    [
      [1, 1, 1],
      [1, 1, 1],
    ],
  ])('of %j is %j', (given, expected) => expect(adjust(given)).toEqual(expected));
});

describe('spendAlpha', () => {
  it('gives the first look most, each later one less, in proportion to alpha', () => {
    expect(spendAlpha(1, 0.05)).toBeCloseTo(0.0303964, 6);
    for (let look = 1; look < 50; look++) expect(spendAlpha(look + 1, 0.05)).toBeLessThan(spendAlpha(look, 0.05));
    expect(spendAlpha(7, 0.1)).toBeCloseTo(2 * spendAlpha(7, 0.05), 15);
  });
});
