/**
 * Adjusted p-values that keep the chance of any false one among all tests at the level they are compared with, whatever
 * the tests' dependence (Holm 1979). Same order as given.
 */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((_, i) => i).sort((a, b) => pValues[a]! - pValues[b]!);
  const adjusted = new Array<number>(pValues.length).fill(1);
  let running = 0;
  order.forEach((index, rank) => {
    running = Math.max(running, Math.min(1, (pValues.length - rank) * pValues[index]!));
    adjusted[index] = running;
  });
  return adjusted;
}

/** Adjusted p-values for control of the false discovery rate (Benjamini & Hochberg 1995). Same order as given. */
export function benjaminiHochberg(pValues: readonly number[]): number[] {
  const n = pValues.length;
  const order = pValues.map((_, i) => i).sort((a, b) => pValues[b]! - pValues[a]!);
  const adjusted = new Array<number>(n).fill(1);
  let running = 1;
  order.forEach((index, rank) => {
    running = Math.min(running, (pValues[index]! * n) / (n - rank));
    adjusted[index] = running;
  });
  return adjusted;
}

/**
 * The share of `alpha` that look number `look` (from 1) may use, so that looking for ever again spends `alpha` in all:
 * α·6/(π²k²), which sums to α (a spending sequence; Bonferroni over looks).
 */
export function spendAlpha(look: number, alpha: number): number {
  return (alpha * 6) / (Math.PI * Math.PI * look * look);
}
