import type { Rows } from './rows.js';

/** What counts as a fall: share of the level, and multiples of the noise. */
const MIN_DROP = 0.02;
const DROP_SIGMAS = 4.5;
const MAX_DROPS = 40;

/**
 * Times at which the pods' values, less what load explains, fall at once though no process restarted: a cache that is emptied. Two means before
 * are set against two after, less what they fall anyway a little earlier and later.
 */
export function findDrops(rows: Rows, rest: Float64Array, noise: number): number[] {
  const falls = new Map<number, { sum: number; n: number }>();
  for (let i = 1; i + 2 < rows.count; i++) {
    if (rows.incarnation[i - 1] !== rows.incarnation[i + 2] || rows.pod[i - 1] !== rows.pod[i + 2]) continue;
    const at = Math.floor(rows.atHours[i]! / rows.binHours);
    const one = falls.get(at) ?? { sum: 0, n: 0 };
    one.sum += (rest[i - 1]! + rest[i]! - rest[i + 1]! - rest[i + 2]!) / 2;
    one.n++;
    falls.set(at, one);
  }
  const mean = (bin: number) => {
    const one = falls.get(bin);
    return one ? one.sum / one.n : 0;
  };
  const found: { bin: number; fall: number }[] = [];
  for (const [bin, { n }] of falls) {
    const fall = mean(bin) - Math.max(0, mean(bin - 2), mean(bin + 2));
    if (fall > Math.max(MIN_DROP, DROP_SIGMAS * Math.sqrt(noise / n))) found.push({ bin, fall });
  }
  const kept: typeof found = [];
  for (const one of found.sort((a, b) => b.fall - a.fall))
    if (kept.length < MAX_DROPS && kept.every((k) => Math.abs(k.bin - one.bin) > 2)) kept.push(one);
  return kept.map((k) => (k.bin + 1) * rows.binHours).sort((a, b) => a - b);
}
