/** What a dump's reader met besides goroutines. */
export type DiagnosticKind =
  | 'text-outside'
  | 'text-inside'
  | 'line-too-long'
  | 'header-malformed'
  | 'call-without-file'
  | 'stack-unavailable'
  | 'frames-elided'
  | 'frames-over-limit'
  | 'ancestors'
  | 'colour-codes'
  | 'carriage-returns'
  | 'log-lines'
  | 'log-entries'
  | 'other-source'
  | 'cut'
  | 'cut-at-64MiB'
  | 'several-dumps'
  | 'arguments-dropped'
  | 'labels-dropped';

export interface Diagnostic {
  readonly kind: DiagnosticKind;
  /** How many lines or goroutines it concerns. */
  readonly count: number;
  /** The first line where it was met, from 1; 0 for what concerns the whole. */
  readonly line: number;
  /** The text of that first line, at most 120 characters, control characters replaced. */
  readonly sample: string;
  /** One sentence for the reader. */
  readonly text: string;
}

const TEXTS: Record<DiagnosticKind, (count: number) => string> = {
  'text-outside': (n) => `${n} lines between goroutines belong to no stack and were skipped`,
  'text-inside': (n) => `${n} lines inside stacks are no frames (log lines?) and were skipped`,
  'line-too-long': (n) => `${n} lines are longer than the limit and were skipped`,
  'header-malformed': (n) =>
    `${n} lines begin like a goroutine but are not one that is known; their frames were skipped`,
  'call-without-file': (n) => `${n} calls have no file line after them and were skipped`,
  'stack-unavailable': (n) => `${n} goroutines ran on another thread: the runtime could not print their stacks`,
  'frames-elided': (n) => `the runtime left out frames of ${n} deep stacks`,
  'frames-over-limit': (n) => `${n} frames lie deeper than the limit and were skipped`,
  ancestors: (n) => `${n} stacks are followed by those of their ancestors, which were skipped`,
  'colour-codes': (n) => `terminal colour codes were removed from ${n} lines`,
  'carriage-returns': (n) => `${n} lines end in CRLF`,
  'log-lines': (n) => `${n} lines were taken out of what a log collector writes around them`,
  'log-entries': (n) => `${n} stacks stood inside of one log entry each`,
  'other-source': (n) =>
    `${n} goroutines between those that were read come from another source and were skipped: give the log of one process at a time`,
  cut: () => 'the text ends in the middle of a stack: the last goroutine is incomplete, and more may be missing',
  'cut-at-64MiB': () =>
    'the text is exactly 64 MiB long, where net/http/pprof cuts silently: goroutines are missing; debug=1 tells the total',
  'several-dumps': (n) =>
    `goroutine ids repeat or the source of the lines changes: the text holds ${n} dumps, judged one by one`,
  'arguments-dropped': (n) => `arguments of ${n} goroutines were not kept (limit): their locks cannot be told`,
  'labels-dropped': (n) =>
    `${n} goroutines have headers beyond the limit of different ones: labels and minutes were dropped`,
};

/** Counts what was met, with the first place of each kind. */
export class Diagnostics {
  readonly #seen = new Map<DiagnosticKind, { count: number; line: number; sample: string }>();

  add(kind: DiagnosticKind, line = 0, sample: () => string = () => '', count = 1): void {
    const seen = this.#seen.get(kind);
    if (seen) seen.count += count;
    else this.#seen.set(kind, { count, line, sample: printable(sample()) });
  }

  list(): Diagnostic[] {
    return [...this.#seen].map(([kind, seen]) => ({ kind, ...seen, text: TEXTS[kind](seen.count) }));
  }
}

function printable(text: string): string {
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '\ufffd');
  // Not through the middle of a character of two units.
  return clean.length > 120 ? `${clean.slice(0, 119).replace(/[\ud800-\udbff]$/, '')}…` : clean;
}
