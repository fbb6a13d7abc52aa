export { compareDumps, compareLooks, type GroupChange, goroutineSeries, type Look, lookOf } from './compare.js';
export type { Diagnostic, DiagnosticKind } from './diagnostics.js';
export { type DumpFrame, type DumpStack, type Goroutine, GoroutineDump, type Word, type WordKind } from './dump.js';
export { FirstSeen } from './first-seen.js';
export {
  type DumpGroup,
  type GoroutineGrouping,
  type GroupBy,
  groupGoroutines,
  groupStacks,
  stackGroups,
  stackKey,
} from './group.js';
export type { Header } from './header.js';
export { DUMP_LIMITS, type DumpLimits } from './limits.js';
export { DumpParser, parseDump } from './parser.js';
export type { HeldPlace, LockPlace, SourceKnowledge } from './source.js';
export { type AddressPlace, type StackWait, stackWait } from './stack-wait.js';
export { UNINTERESTING, type Uninteresting, uninteresting } from './uninteresting.js';
export { type WaitKind, waitKind, waitOfFrames, waitsForGoroutine } from './wait.js';
export {
  type Confidence,
  type Holder,
  type Lock,
  type LockKind,
  type Waiter,
  type WaitGraph,
  waitGraph,
} from './wait-graph.js';
