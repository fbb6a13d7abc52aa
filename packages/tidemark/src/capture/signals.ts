import type { SignalSeries } from '@tidemark/model';
import { type Readings, readingsOfMemStats, readingsOfProcess, SeriesBuilder } from '../signals/index.js';
import type { Look } from './types.js';

/** All numbers of one look under the vocabulary; what the kernel says wins over what the runtime says. */
export function readingsOfLook(look: Look): Readings {
  const readings: Readings = new Map();
  const add = (more: Readings) => {
    for (const [name, value] of more) if (!readings.has(name)) readings.set(name, value);
  };
  if (look.process) add(readingsOfProcess(look.process));
  if (look.metrics) add(new Map(Object.entries(look.metrics)));
  const stats = look.expvar?.memStats ?? look.memStats;
  if (stats) add(readingsOfMemStats(stats));
  if (look.goroutineTotal !== null) readings.set('goroutines', look.goroutineTotal);
  return readings;
}

/** Readings of the looks at one process as series under the one vocabulary (docs/signals.md); null without any. */
export function signalsOf(looks: readonly Look[]): SignalSeries | null {
  const series = new SeriesBuilder('watch');
  for (const look of looks) series.add(readingsOfLook(look), look.atMs);
  const signals = series.build();
  if (signals.length === 0) return null;
  const hasRss = signals.some((s) => s.name === 'process_rss_bytes');
  return {
    kind: 'signal-series',
    signals,
    limits: hasRss ? [] : ['no source of RSS: neither /proc of this machine nor /metrics'],
  };
}
