import { describe, expect, it } from 'vitest';
import { hourlyRows } from '../../test/fleet-rows.js';
import { Random } from '../../test/random.js';
import { median, neighbourVariance, rowWeights, varianceInflation } from './noise.js';

function normals(count: number, seed: number): Float64Array {
  const random = new Random(seed);
  return Float64Array.from({ length: count }, () => random.normal());
}

/** Each value keeps a part of the one before: the long-run variance is (1 + keep) / (1 − keep) times the variance. */
function autoregressive(count: number, keep: number, seed: number): Float64Array {
  const out = normals(count, seed);
  for (let i = 1; i < count; i++) out[i] = keep * out[i - 1]! + Math.sqrt(1 - keep * keep) * out[i]!;
  return out;
}

describe('noise', () => {
  const rows = hourlyRows(1, 4000);

  it('has the long-run variance that theory gives it, and at least its own', () => {
    expect(varianceInflation(rows, normals(4000, 3))).toBeLessThan(1.3);
    const inflation = varianceInflation(rows, autoregressive(4000, 0.5, 3));
    expect(inflation).toBeGreaterThan(2.2);
    expect(inflation).toBeLessThan(3.3);
    expect(varianceInflation(rows, new Float64Array(4000))).toBe(1);
  });

  it('between neighbours is not moved by a slope or a step', () => {
    const white = normals(4000, 5);
    expect(neighbourVariance(rows, white)).toBeGreaterThan(0.85);
    expect(neighbourVariance(rows, white)).toBeLessThan(1.15);
    const moved = white.map((v, i) => v + i / 50 + (i > 2000 ? 90 : 0));
    expect(neighbourVariance(rows, moved) / neighbourVariance(rows, white)).toBeCloseTo(1, 1);
  });

  it('is a share of the level: rows weigh by it and by their points', () => {
    const few = hourlyRows(1, 40);
    const weights = rowWeights(
      few,
      Float64Array.from({ length: 40 }, (_, i) => (i < 20 ? 100 : 200)),
      100,
    );
    expect(weights[5]).toBeCloseTo(1);
    expect(weights[35]).toBeCloseTo(0.5);
  });

  it('median of nothing is NaN', () => {
    expect(median([])).toBeNaN();
    expect(median([3, 1, 2])).toBe(2);
  });
});
