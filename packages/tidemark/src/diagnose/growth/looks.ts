import { judgeService } from '@tidemark/growth';
import { type Look, readingsOfLook } from '../../capture/index.js';
import { SeriesBuilder } from '../../signals/index.js';
import { type TimedVerdict, timed } from './history.js';
import { fleetService, type Process } from './service.js';

/** Looks of one place, in the order of their time; another process begins where the incarnation changes. */
export interface LookedAt {
  readonly name: string;
  readonly looks: readonly Look[];
  /** Live heap by each look's profile, sampled: taken where no number tells it. */
  readonly liveBytes?: readonly (number | null)[];
}

/** Most points of a window: the engine takes at most 288 means of them. */
const MAX_POINTS = 5000;

/**
 * Judges the numbers of looks (not their profiles) as a history is judged; null without two looks. `notes` tells what
 * was passed over.
 */
export function judgeLooks(
  service: string,
  places: readonly LookedAt[],
  stepMs: number,
): { verdict: TimedVerdict; notes: string[] } | null {
  const all = places.flatMap(({ looks }) => looks.map(({ atMs }) => atMs));
  if (all.length < 2) return null;
  const fromMs = all.reduce((a, b) => Math.min(a, b));
  const toMs = all.reduce((a, b) => Math.max(a, b));
  const window = { fromMs, toMs, stepMs: Math.max(stepMs, 1000, (toMs - fromMs) / MAX_POINTS) };
  let late = 0;
  const processes = places.map(({ name, looks, liveBytes }): Process => {
    const series = new SeriesBuilder('watch');
    let incarnation = looks[0]?.incarnation;
    let startedAtMs: number | null = null;
    // One source for the whole series: numbers and a sampled profile differ by more than a leak.
    const told = looks.some((look) => readingsOfLook(look).has('heap_live_bytes'));
    for (const [i, look] of looks.entries()) {
      const readings = new Map(readingsOfLook(look));
      const live = liveBytes?.[i];
      if (!told && live) readings.set('heap_live_bytes', live);
      if (look.incarnation !== incarnation) startedAtMs = look.atMs;
      incarnation = look.incarnation;
      // Looks know where a process ended, also where no counter and no start time tells it.
      if (startedAtMs !== null && !readings.has('process_start_ms')) readings.set('process_start_ms', startedAtMs);
      series.add(readings, look.atMs);
    }
    late += series.dropped;
    return { name, signals: series.build() };
  });
  const { service: seen, notes } = fleetService(service, processes, window);
  if (late > 0) notes.push(`${late} numbers were passed over: their clock went back, or they came twice`);
  return { verdict: timed(judgeService(seen), window), notes };
}
