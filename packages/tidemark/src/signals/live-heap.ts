import type { Readings } from './readings.js';

export interface LiveHeap {
  readonly bytes: number;
  /** False when it was computed from the goal of the next GC. */
  readonly measured: boolean;
}

/** The runtime never sets a goal below 4 MiB · GOGC/100. */
const MIN_HEAP_BYTES = 4 * 2 ** 20;

/**
 * Live heap after the last GC: measured where Go tells it (1.21 on), else solved from the pacer's formula since 1.18,
 * goal = live + (live + stacks + globals) · GOGC/100. Null where that cannot be undone: no goal, GOGC=off, a goal at
 * the minimum heap, or one that the memory limit sets.
 */
export function liveHeap(readings: Readings): LiveHeap | null {
  const measured = readings.get('heap_live_bytes');
  if (measured !== undefined) return { bytes: measured, measured: true };
  const goal = readings.get('heap_goal_bytes');
  const growth = readings.get('gc_growth_ratio') ?? 1;
  if (goal === undefined || goal <= MIN_HEAP_BYTES * growth) return null;
  const limit = readings.get('memory_limit_bytes');
  if (limit !== undefined && goal > limit * 0.8) return null;
  const roots =
    (readings.get('gc_scan_stacks_bytes') ?? readings.get('stacks_bytes') ?? 0) +
    (readings.get('gc_scan_globals_bytes') ?? 0);
  const bytes = (goal - growth * roots) / (1 + growth);
  return bytes > 0 ? { bytes, measured: false } : null;
}
