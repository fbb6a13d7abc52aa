import { LineSplitter } from '../base/lines.js';

/** One sample of a Prometheus text or OpenMetrics exposition. NaN and infinities are values there. */
export interface ExpositionSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Milliseconds since 1970, where the exposition gives one. */
  readonly atMs: number | null;
}

export interface ExpositionOptions {
  /** Names to keep; what is not wanted costs nothing but its reading. */
  readonly wanted?: (name: string) => boolean;
  /** Most samples kept; default 10,000. */
  readonly maxSamples?: number;
  /** Longest line; default 16 KiB. */
  readonly maxLineChars?: number;
}

export interface Exposition {
  readonly samples: readonly ExpositionSample[];
  /** Lines that are no exposition, the first of them with its number. */
  readonly malformed: number;
  readonly firstMalformed: string | null;
  /** Wanted samples beyond the bound, that were left out. */
  readonly left: number;
  /** True when an OpenMetrics exposition ended with its `# EOF`; null for the older text form, which has no end. */
  readonly complete: boolean | null;
}

/**
 * Reads an exposition piece by piece: `push` chunks, then `end`. Nothing of it is trusted: lines that are malformed
 * are counted and passed over, memory is bounded by the options.
 */
export class ExpositionReader {
  readonly #wanted: (name: string) => boolean;
  readonly #maxSamples: number;
  readonly #lines: LineSplitter;
  readonly #samples: ExpositionSample[] = [];
  #lineNumber = 0;
  #malformed = 0;
  #firstMalformed: string | null = null;
  #left = 0;
  #openMetrics = false;
  #ended = false;

  constructor(options: ExpositionOptions = {}) {
    this.#wanted = options.wanted ?? (() => true);
    this.#maxSamples = options.maxSamples ?? 10_000;
    this.#lines = new LineSplitter(options.maxLineChars ?? 16_384, (line, cut) => this.#line(line, cut));
  }

  push(chunk: Uint8Array): void {
    this.#lines.push(chunk);
  }

  end(): Exposition {
    this.#lines.end();
    return {
      samples: this.#samples,
      malformed: this.#malformed,
      firstMalformed: this.#firstMalformed,
      left: this.#left,
      complete: this.#openMetrics || this.#ended ? this.#ended : null,
    };
  }

  #line(line: string, cut: boolean): void {
    this.#lineNumber++;
    if (line === '') return;
    if (line.startsWith('#')) {
      if (line === '# EOF') this.#ended = true;
      else if (line.startsWith('# UNIT ')) this.#openMetrics = true;
      return;
    }
    const name = /^\s*([a-zA-Z_:][\w:.]*)/.exec(line)?.[1];
    if (name !== undefined && !this.#wanted(name)) return;
    const sample = name === undefined || cut ? null : parseSample(line, name);
    if (!sample) {
      this.#malformed++;
      this.#firstMalformed ??= `line ${this.#lineNumber}${cut ? ' is too long' : ''}`;
    } else if (this.#samples.length >= this.#maxSamples) this.#left++;
    else this.#samples.push(sample);
  }
}

/** Reads a whole exposition. */
export function parseExposition(text: string, options: ExpositionOptions = {}): Exposition {
  const reader = new ExpositionReader(options);
  reader.push(new TextEncoder().encode(text));
  return reader.end();
}

/** Values as Go and the formats write them: decimal, with exponent, NaN, +Inf, −Inf. */
const NUMBER = /^[+-]?(?:\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|nan|inf(?:inity)?)$/i;

function parseSample(line: string, name: string): ExpositionSample | null {
  let at = line.indexOf(name) + name.length;
  const labels: Record<string, string> = Object.create(null);
  while (line[at] === ' ' || line[at] === '\t') at++;
  if (line[at] === '{') {
    const end = parseLabels(line, at + 1, labels);
    if (end < 0) return null;
    at = end;
  }
  // OpenMetrics hangs exemplars behind a #.
  const words = line
    .slice(at)
    .split('#', 1)[0]!
    .trim()
    .split(/[ \t]+/);
  if (words.length > 2 || !NUMBER.test(words[0]!)) return null;
  const atMs = words[1] === undefined ? null : timestamp(words[1]);
  if (Number.isNaN(atMs)) return null;
  return { name, labels, value: number(words[0]!), atMs };
}

/** Fills in the labels from behind the `{`; gives the place behind the `}`, or −1 when they are malformed. */
function parseLabels(line: string, from: number, into: Record<string, string>): number {
  const pair = /[ \t]*([a-zA-Z_][\w.]*)[ \t]*=[ \t]*"((?:[^"\\]|\\.)*)"[ \t]*(,|(?=\}))/y;
  let at = from;
  for (;;) {
    const close = /[ \t]*\}/y;
    close.lastIndex = at;
    if (close.test(line)) return close.lastIndex;
    pair.lastIndex = at;
    const match = pair.exec(line);
    if (!match) return -1;
    into[match[1]!] = match[2]!.replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c));
    at = pair.lastIndex;
  }
}

function number(text: string): number {
  const lower = text.toLowerCase();
  if (lower.includes('nan')) return Number.NaN;
  if (lower.includes('inf')) return lower.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(text);
}

/** The text form counts milliseconds in whole numbers, OpenMetrics seconds with a fraction. */
function timestamp(text: string): number {
  if (/^-?\d{12,}$/.test(text)) return Number(text);
  return NUMBER.test(text) && Number.isFinite(number(text)) ? number(text) * 1000 : Number.NaN;
}
