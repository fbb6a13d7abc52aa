export type { Diagnostic, DiagnosticKind } from './diagnostics.js';
export { type DumpFrame, type DumpStack, type Goroutine, GoroutineDump, type Word, type WordKind } from './dump.js';
export type { Header } from './header.js';
export { DUMP_LIMITS, type DumpLimits } from './limits.js';
export { DumpParser, parseDump } from './parser.js';
