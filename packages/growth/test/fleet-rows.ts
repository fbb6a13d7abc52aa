import type { Rows } from '../src/fleet/rows.js';

/** Rows of pods whose process lives since hour 0 (or began again at `restartAt`), one an hour. */
export function hourlyRows(pods: number, hours: number, restartAt = Number.POSITIVE_INFINITY): Rows {
  const at = Array.from({ length: pods * hours }, (_, i) => (i % hours) + 0.5);
  const startedAtHours = Float64Array.from(at, (t) => (t >= restartAt ? restartAt : 0));
  return {
    count: at.length,
    pod: Uint16Array.from(at, (_, i) => Math.floor(i / hours)),
    incarnation: Int32Array.from(startedAtHours, (s) => (s > 0 ? 2 : 1)),
    atHours: Float64Array.from(at),
    startedAtHours,
    load: Float64Array.from(at, () => 1),
    loadHours: Float64Array.from(at),
    weight: Float64Array.from(at, () => 10),
    values: [],
    binHours: 1,
    loadHoursAt: (_, t) => t,
  };
}
