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

/** P(X ≥ k) for X ~ Binomial(n, p), summed term by term: n is a number of samples, at most some thousands. */
export function binomialTail(k: number, n: number, p: number): number {
  if (k <= 0) return 1;
  if (k > n) return 0;
  let sum = 0;
  for (let i = k; i <= n; i++) {
    const term = Math.exp(
      lnGamma(n + 1) - lnGamma(i + 1) - lnGamma(n - i + 1) + i * Math.log(p) + (n - i) * Math.log1p(-p),
    );
    sum += term;
    if (term < sum * 1e-16) break;
  }
  return Math.min(1, sum);
}
