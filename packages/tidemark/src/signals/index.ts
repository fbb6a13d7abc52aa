/**
 * Numbers of a process under one vocabulary (docs/signals.md), whatever Go version or exporter they come from.
 * Readers give `Readings` of one moment (readScrape, readHealth, readingsOfMemStats, readingsOfProcess) or history
 * (readHistory, GcTraceReader); SeriesBuilder makes `Signal` series of them; incarnationsOf cuts these where a process
 * ended; waterfall explains RSS or working set.
 */

export { type Exposition, ExpositionReader, type ExpositionSample, parseExposition } from './exposition.js';
export { type Expvar, parseExpvar } from './expvar.js';
export { type GcCycle, type GcTrace, GcTraceReader, parseGcTraceLine } from './gctrace.js';
export { byProcess, type GcSummary, signalsOfGcTrace, startOf, summariseGcTrace } from './gctrace-summary.js';
export { type Health, readHealth } from './healthz.js';
export { type LiveHeap, liveHeap } from './live-heap.js';
export { type MemStats, memStatsFromJson, memStatsFromText } from './memstats.js';
export { clientGolangName, definitionOfForeign } from './names.js';
export { readingsOfProcess } from './process.js';
export { type History, type HistoryInstance, type HistoryQuery, readHistory } from './prometheus.js';
export { type Readings, ReadingsBuilder, readingsOfMemStats } from './readings.js';
export { readScrape, type Scrape } from './scrape.js';
export { during, type Incarnation, incarnationsOf, SeriesBuilder } from './series.js';
export { type Definition, definitionOf, VOCABULARY } from './vocabulary.js';
export { type Waterfall, type WaterfallPart, waterfall } from './waterfall.js';
