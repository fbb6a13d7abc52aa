/** Dumps of goroutines, and a build's facts, joined: who waits for whom and why it cannot end. */
export { readSyncFacts, type SyncFactsFile } from '../facts/index.js';
export { type JudgeDumpsOptions, judgeDumps } from './judge-dumps.js';
export { SourceFacts } from './source-facts.js';
export { type DumpLook, goroutineWaits } from './waits.js';
