/**
 * How evidence is taken. `watch(target, plan, options)` looks at a live target several times and gives a `Watch`;
 * `loadSaved(paths)` gives the same from files, directories and what a watch kept under `.tidemark/`.
 * `decode(taken)` reads the profile of a capture. docs/capture.md tells what each look costs the target.
 */
export type { ContentionProfile, ContentionProfiles } from './contention.js';
export { allocsByStack, buildIdOf, decode, goVersionOf, total } from './decode.js';
export { contradiction, Incarnations, type Marks } from './incarnation.js';
export { type KeptSignals, readKeptSignals } from './kept.js';
export { DEFAULT_PLAN, lookTimes, type Plan, resolvePlan } from './plan.js';
export { loadSaved, type SavedOptions } from './saved.js';
export { readingsOfLook, signalsOf } from './signals.js';
export { MANIFEST } from './spool.js';
export type { Look, Taken, Watch, WatchHooks } from './types.js';
export { type WatchOptions, watch } from './watch.js';
