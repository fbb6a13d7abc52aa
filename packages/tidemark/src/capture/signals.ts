import { type Readings, readingsOfMemStats, readingsOfProcess } from '../signals/index.js';
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
