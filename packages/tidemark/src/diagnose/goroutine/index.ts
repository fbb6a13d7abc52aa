/** Dumps of goroutines, and a build's facts, joined: who waits for whom and why it cannot end. */
export { readSyncFacts } from '../facts/index.js';
export { judgeDumps } from './judge-dumps.js';
export { SourceFacts } from './source-facts.js';
export type { DumpLook } from './waits.js';
