import type { TimeZoneAt } from './go-format.js';

export type ReportFormat =
  | 'text'
  | 'tree'
  | 'peek'
  | 'traces'
  | 'raw'
  | 'dot'
  | 'list'
  | 'tags'
  | 'comments'
  | 'proto'
  | 'topproto'
  | 'callgrind'
  | 'collapsed';

export type Granularity = 'functions' | 'filefunctions' | 'files' | 'lines' | 'addresses';

/** Tells whether a text matches; made by whoever compiles the regular expressions (RE2 semantics are wanted). */
export type Matcher = (text: string) => boolean;

export type CompileRegex = (pattern: string) => Matcher;

/** What a report needs from outside the engine: patterns, time zone, source files. */
export interface ReportHost {
  readonly compile: CompileRegex;
  readonly timeZoneAt?: TimeZoneAt;
  /** Lines of a source file (index 0 is line 1), or the reason why it cannot be read. */
  readonly readSource?: (file: string) => readonly string[] | Error;
  /** Progress and warnings, a line each. */
  readonly warn?: (message: string) => void;
}

/** The words of `go tool pprof`, in its spelling. */
export interface ReportOptions {
  readonly format: ReportFormat;
  /** Of peek and list: which functions. */
  readonly symbol?: string;
  readonly sampleIndex?: string;
  readonly mean?: boolean;
  readonly unit?: string;
  readonly divideBy?: number;
  readonly sort?: 'flat' | 'cum';
  readonly granularity?: Granularity;
  readonly noInlines?: boolean;
  readonly showColumns?: boolean;
  readonly compactLabels?: boolean;
  readonly relativePercentages?: boolean;
  readonly callTree?: boolean;
  readonly dropNegative?: boolean;
  /** −1 means what suits the format. */
  readonly nodeCount?: number;
  readonly nodeFraction?: number;
  readonly edgeFraction?: number;
  readonly trim?: boolean;
  readonly focus?: string;
  readonly ignore?: string;
  readonly hide?: string;
  readonly show?: string;
  readonly showFrom?: string;
  readonly pruneFrom?: string;
  readonly tagFocus?: string;
  readonly tagIgnore?: string;
  readonly tagShow?: string;
  readonly tagHide?: string;
  readonly tagRoot?: string;
  readonly tagLeaf?: string;
  readonly sourcePath?: string;
  readonly trimPath?: string;
}
