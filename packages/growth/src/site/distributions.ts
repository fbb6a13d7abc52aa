/** Tails of the distributions that the tests below need; accurate to about 1e-12 relative where it matters. */

/** ln Γ(x) for x > 0 (Lanczos, g = 7, 9 terms; Press et al., Numerical Recipes, 6.1). */
export function lnGamma(x: number): number {
  const c = [
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  ];
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - lnGamma(1 - x);
  let sum = c[0]!;
  for (let i = 1; i < 9; i++) sum += c[i]! / (x - 1 + i);
  const t = x + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

/** P(Z > z) of a standard normal variable; keeps its relative accuracy far out in the tail. */
export function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z);
  if (z > 37) return 0;
  if (z < 3) {
    // Power series of Φ around 0 (Abramowitz & Stegun 26.2.11).
    let term = z;
    let sum = z;
    for (let n = 1; n < 200 && Math.abs(term) > 1e-17; n++) {
      term *= (z * z) / (2 * n + 1);
      sum += term;
    }
    return 0.5 - (sum * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI);
  }
  // Continued fraction of Mills' ratio (Abramowitz & Stegun 26.2.14).
  let fraction = 0;
  for (let n = 60; n >= 1; n--) fraction = n / (z + fraction);
  return Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI) / (z + fraction);
}

/** z with P(Z > z) = p, by bisection: exact enough for intervals, and it cannot diverge. */
export function normalQuantile(p: number): number {
  if (!(p > 0)) return 38;
  if (p >= 1) return -38;
  let low = -38;
  let high = 38;
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if (normalTail(middle) > p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * Regularised incomplete beta function I_x(a, b), a and b > 0: continued fraction 26.5.8 of Abramowitz & Stegun by Lentz'
 * method; the mirror relation I_x(a,b) = 1 − I_{1−x}(b,a) keeps it convergent.
 */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (!(x > 0)) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(lnGamma(a + b) - lnGamma(a) - lnGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  return x < (a + 1) / (a + b + 2) ? (front * betaFraction(x, a, b)) / a : 1 - (front * betaFraction(1 - x, b, a)) / b;
}

function betaFraction(x: number, a: number, b: number): number {
  const guard = (v: number) => (Math.abs(v) < 1e-300 ? 1e-300 : v);
  let c = 1;
  let d = 1 / guard(1 - ((a + b) * x) / (a + 1));
  let h = d;
  for (let m = 1; m <= 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / guard(1 + even * d);
    c = guard(1 + even / c);
    h *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / guard(1 + odd * d);
    c = guard(1 + odd / c);
    h *= d * c;
    if (Math.abs(d * c - 1) < 1e-14) break;
  }
  return h;
}

/** P(X ≥ k) for X ~ Binomial(n, p) (Abramowitz & Stegun 26.5.24). */
export function binomialTail(k: number, n: number, p: number): number {
  if (k <= 0) return 1;
  if (k > n) return 0;
  return incompleteBeta(p, k, n - k + 1);
}

/** P(X = k) for X ~ Binomial(n, p), 0 < p < 1. */
export function binomialMass(k: number, n: number, p: number): number {
  if (k < 0 || k > n) return 0;
  return Math.exp(lnGamma(n + 1) - lnGamma(k + 1) - lnGamma(n - k + 1) + k * Math.log(p) + (n - k) * Math.log1p(-p));
}

/** P(T > t) of Student's t with `df` degrees of freedom (Abramowitz & Stegun 26.7.1). */
export function studentTail(t: number, df: number): number {
  const half = incompleteBeta(df / (df + t * t), df / 2, 0.5) / 2;
  return t >= 0 ? half : 1 - half;
}

/** The root of an increasing function between low and high, by bisection: it cannot diverge. */
export function risingRoot(f: (x: number) => number, low: number, high: number): number {
  let [a, b] = [low, high];
  for (let i = 0; i < 80 && b - a > 1e-9 * Math.max(1, Math.abs(a)); i++) {
    const middle = (a + b) / 2;
    if (f(middle) < 0) a = middle;
    else b = middle;
  }
  return (a + b) / 2;
}
