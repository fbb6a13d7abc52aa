import type { HeapStratum } from '@tidemark/model';
import type { Random } from './random.js';

/** What happens to the objects of one size between looks: how many are live at first, and then per interval. */
export interface Traffic {
  objectBytes: number;
  live: number;
  /** Born in an interval and alive at its end; dead ones of those that were alive; born and died inside it. */
  intervals: { stayed: number; left: number; passed: number }[];
}

/**
 * A heap seen through the runtime's sampler: every object is sampled once, when it is born, with p = 1 − e^(−s/R).
 * Those that leave are drawn among the live ones, the oldest first (`fifo`) or at random.
 */
export function sampleHeap(traffic: readonly Traffic[], rateBytes: number, random: Random): HeapStratum[] {
  return traffic.map(({ objectBytes, live, intervals }) => {
    const p = -Math.expm1(-objectBytes / rateBytes);
    // Groups by age: [objects, sampled]; departures are taken from the oldest group.
    const groups: [number, number][] = [[live, random.binomial(live, p)]];
    let alloc = groups[0]![1] + random.binomial(live, p);
    const allocSamples = [alloc];
    const inuseSamples = [groups[0]![1]];
    for (const { stayed, left, passed } of intervals) {
      let toLeave = left;
      while (toLeave > 0 && groups.length > 0) {
        const group = groups[0]!;
        const leaving = Math.min(toLeave, group[0]);
        const sampled = leaving === group[0] ? group[1] : hypergeometric(group[0], group[1], leaving, random);
        group[0] -= leaving;
        group[1] -= sampled;
        toLeave -= leaving;
        if (group[0] === 0) groups.shift();
      }
      const born = random.binomial(stayed, p);
      groups.push([stayed, born]);
      alloc += born + random.binomial(passed, p);
      allocSamples.push(alloc);
      inuseSamples.push(groups.reduce((n, g) => n + g[1], 0));
    }
    return { objectBytes, allocSamples, inuseSamples };
  });
}

/** Marked ones among `draws` of `population` with `marked` marked; binomial thinning where the population is large. */
function hypergeometric(population: number, marked: number, draws: number, random: Random): number {
  let [rest, restMarked, hits] = [population, marked, 0];
  if (draws > 3000) return Math.min(marked, random.binomial(marked, draws / population));
  for (let i = 0; i < draws; i++) {
    if (random.uniform() < restMarked / rest) {
      hits++;
      restMarked--;
    }
    rest--;
  }
  return hits;
}
