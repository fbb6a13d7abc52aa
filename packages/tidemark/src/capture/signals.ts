import type { SignalSeries } from '@tidemark/model';
import { type Readings, readingsOfMemStats, readingsOfProcess, SeriesBuilder } from '../signals/index.js';
import type { Look, Watch } from './types.js';

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

/** The signals of one process of a watch. Looks of other incarnations are not among them. */
export function signalsOf(watch: Pick<Watch, 'looks'>, incarnation: number): SignalSeries {
  const series = new SeriesBuilder('watch');
  let hasRss = false;
  for (const look of watch.looks) {
    if (look.incarnation !== incarnation) continue;
    const readings = readingsOfLook(look);
    hasRss ||= readings.has('process_rss_bytes');
    series.add(readings, look.atMs);
  }
  const limits = hasRss
    ? []
    : ['no source of RSS: neither /proc of this machine nor process_resident_memory_bytes in /metrics'];
  return { kind: 'signal-series', signals: series.build(), limits };
}
