import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binomialTail, lnGamma, normalQuantile, normalTail } from './distributions.js';

describe('lnGamma', () => {
  it('is the logarithm of factorials', () => {
    let ln = 0;
    for (let n = 1; n <= 170; n++) {
      expect(lnGamma(n)).toBeCloseTo(ln, 9);
      ln += Math.log(n);
    }
  });
  it('keeps Γ(x + 1) = x Γ(x) and the reflection, halves included', () => {
    expect(lnGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 12);
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 1000, noNaN: true }), (x) => {
        expect(lnGamma(x + 1) - lnGamma(x)).toBeCloseTo(Math.log(x), 8);
      }),
    );
  });
});

describe('normalTail', () => {
  /** ∫ of the density by Simpson's rule: another way to the same number. */
  const integral = (from: number, to: number) => {
    const n = 20_000;
    const h = (to - from) / n;
    const density = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
    let sum = density(from) + density(to);
    for (let i = 1; i < n; i++) sum += density(from + i * h) * (i % 2 ? 4 : 2);
    return (sum * h) / 3;
  };
  it.each([-3, -1.5, -0.2, 0, 0.3, 1, 2.5, 2.999, 3, 3.001, 5, 8, 15])('at %d agrees with an integral', (z) => {
    expect(normalTail(z) / integral(z, z + (z < 4 ? 16 : 40 / z))).toBeCloseTo(1, 9);
  });
  it('has no seam where the series hands over to the fraction, and ends', () => {
    expect(normalTail(3 - 1e-12) / normalTail(3)).toBeCloseTo(1, 10);
    expect([normalTail(38), normalTail(-38), normalTail(0)]).toEqual([0, 1, 0.5]);
  });
});

describe('normalQuantile', () => {
  it('is the inverse of the tail over all of its range', () => {
    fc.assert(
      fc.property(fc.double({ min: -5, max: 30, noNaN: true }), (z) => {
        expect(normalQuantile(normalTail(z))).toBeCloseTo(z, 6);
      }),
    );
  });
  it.each([
    [0, 38],
    [-1, 38],
    [Number.NaN, 38],
    [1, -38],
    [2, -38],
  ])('of %d is %d', (p, z) => expect(normalQuantile(p)).toBe(z));
});

describe('binomialTail', () => {
  it('agrees with the recurrence over n', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.double({ min: 0.05, max: 0.95, noNaN: true }), (n, p) => {
        // Pascal's triangle with chances: what n trials give follows from what n - 1 gave.
        let chances = [1];
        for (let i = 0; i < n; i++) {
          chances = [...chances, 0].map((chance, k) => chance * (1 - p) + (chances[k - 1] ?? 0) * p);
        }
        let tail = 0;
        for (let k = n; k >= 0; k--) {
          tail += chances[k]!;
          expect(binomialTail(k, n, p)).toBeCloseTo(tail, 9);
        }
      }),
      { numRuns: 40 },
    );
  });
  it.each([
    [0, 0, 0.5, 1],
    [1, 0, 0.5, 0],
    [-3, 5, 0.5, 1],
    [6, 5, 0.5, 0],
  ])('at least %d of %d', (k, n, p, tail) => expect(binomialTail(k, n, p)).toBe(tail));
  it('of many trials is the normal tail', () => {
    expect(binomialTail(5100, 10_000, 0.5) / normalTail(99.5 / 50)).toBeCloseTo(1, 2);
  });
});
