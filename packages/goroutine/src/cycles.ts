import type { Lock } from './wait-graph.js';

/**
 * Cycles of holder → lock that it waits for. Each lock has one chosen holder and each holder waits for one lock at
 * most, so a walk from every lock finds them all. A lock that a waiter of its own holds is a cycle of one.
 */
export function findCycles(locks: readonly Lock[]): number[][] {
  const cycles: number[][] = [];
  const done = new Set<number>();
  for (let start = 0; start < locks.length; start++) {
    const path: number[] = [];
    const onPath = new Set<number>();
    let at: number | null = start;
    while (at !== null && !done.has(at) && !onPath.has(at)) {
      onPath.add(at);
      path.push(at);
      at = locks[at]!.holder.waitsFor;
    }
    if (at !== null && onPath.has(at)) cycles.push(path.slice(path.indexOf(at)));
    for (const lock of path) done.add(lock);
  }
  return cycles;
}
