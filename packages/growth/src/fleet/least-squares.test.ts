import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Column, Fit } from './least-squares.js';

describe('least squares, column by column', () => {
  it('finds the coefficients of an exact combination', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 3, maxLength: 3 }), (k) => {
        const n = 40;
        const columns = [0, 1, 2].map((p) =>
          Float64Array.from({ length: n }, (_, i) => (i + 1) ** p / n ** p + (i % (p + 2))),
        );
        const y = Float64Array.from({ length: n }, (_, i) => columns.reduce((s, c, p) => s + k[p]! * c[i]!, 0));
        const fit = new Fit(y).with(new Column(columns[0]!)).with(new Column(columns[1]!));
        const last = fit.try(new Column(columns[2]!))!;
        expect(last.coefficient).toBeCloseTo(k[2]!, 6);
        expect(fit.with(new Column(columns[2]!)).sumOfSquares).toBeLessThan(1e-12 * (1 + fit.sumOfSquares) + 1e-12);
      }),
    );
  });

  it('brings nothing with a column that the others already span', () => {
    const a = Float64Array.from({ length: 20 }, (_, i) => i);
    const twice = a.map((v) => 2 * v);
    const fit = new Fit(a.map((v) => v + (v % 3))).with(new Column(a));
    expect(fit.try(new Column(twice))).toBeNull();
    expect(fit.with(new Column(twice))).toBe(fit);
  });

  it('tells the same gain whether a column is tried on a basis that grew or on a new one', () => {
    const column = (k: number) => Float64Array.from({ length: 30 }, (_, i) => Math.sin((i + 1) * k));
    const y = column(0.31);
    const tried = new Column(column(2.3));
    const grown = [0.7, 1.1, 1.9].reduce((fit, k) => {
      fit.try(tried);
      return fit.with(new Column(column(k)));
    }, new Fit(y));
    const fresh = [0.7, 1.1, 1.9].reduce((fit, k) => fit.with(new Column(column(k))), new Fit(y));
    expect(grown.try(tried)!.gain).toBeCloseTo(fresh.try(new Column(column(2.3)))!.gain, 10);
    expect(grown.sumOfSquares - grown.try(tried)!.gain).toBeCloseTo(grown.with(tried).sumOfSquares, 10);
  });
});
