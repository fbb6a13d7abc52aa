import type { Rows } from './rows.js';

/** The leak that a model may contain: bytes that every process of these pods gathers from the onset or from its own start on, whichever is later. */
export interface Ramp {
  readonly onsetHours: number;
  /** null: all pods. */
  readonly pod: number | null;
  readonly by: 'time' | 'load';
}

/** What else makes memory move; `column` builds any of them for the rows that are fitted. */
export type Nuisance =
  | { readonly kind: 'warm-up'; readonly tauHours: number }
  | { readonly kind: 'step'; readonly atHours: number }
  | { readonly kind: 'purge'; readonly dropsAtHours: readonly number[] }
  /** A pod that leaks faster or slower than the others. */
  | { readonly kind: 'pod-rate'; readonly ramp: Ramp };

/** Hours (or hours of mean load) that a process has leaked at each row. */
export function rampColumn(rows: Rows, ramp: Ramp): Float64Array {
  const out = new Float64Array(rows.count);
  for (let i = 0; i < rows.count; i++) {
    const pod = rows.pod[i]!;
    if (ramp.pod !== null && ramp.pod !== pod) continue;
    const from = Math.max(ramp.onsetHours, rows.startedAtHours[i]!);
    if (rows.atHours[i]! <= from) continue;
    out[i] = ramp.by === 'time' ? rows.atHours[i]! - from : rows.loadHours[i]! - rows.loadHoursAt(pod, from);
  }
  return out;
}

export function nuisanceColumn(rows: Rows, what: Nuisance): Float64Array {
  if (what.kind === 'pod-rate') return rampColumn(rows, what.ramp);
  const out = new Float64Array(rows.count);
  for (let i = 0; i < rows.count; i++) {
    const at = rows.atHours[i]!;
    if (what.kind === 'step') out[i] = Math.min(1, Math.max(0, (at - what.atHours) / rows.binHours + 0.5));
    else if (what.kind === 'warm-up') out[i] = Math.exp(-(at - rows.startedAtHours[i]!) / what.tauHours);
    else {
      // What a cache holds is gone with its process too.
      let last = Math.max(0, rows.startedAtHours[i]!);
      for (const drop of what.dropsAtHours) if (drop <= at && drop > last) last = drop;
      out[i] = at - last;
    }
  }
  return out;
}
