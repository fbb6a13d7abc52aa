/** How a log collector stores each line of a program's output. */
export interface LogForm {
  /** Equal for lines of one source; what changes from line to line (time stamps) is not in it. */
  readonly key: string;
  /** Takes a line apart; false when it is none of this source. What it holds lies in `bytes` from `from` to `to`. */
  read(line: Uint8Array, start: number, end: number): boolean;
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
  /** What was read is the beginning of a longer line; the rest comes with the next. */
  readonly partial: boolean;
}

type Part = { readonly kind: 'text'; readonly bytes: Uint8Array } | { readonly kind: 'stamp' | 'date' | 'flag' };

/** Longer ones are not taken for a prefix. */
export const MAX_PREFIX_BYTES = 512;

/** Words that are taken off a prefix one by one. */
const MAX_WORDS = 16;

const STAMP_RUN = /[\d:.,+/TZ-]+/g;
/** A time of day, a date, seconds since 1970 or since the machine started; an address with a port is none. */
const STAMP = /(?<!\d)\d{1,2}:\d\d:\d\d(?!\d)|(?<!\d)\d{4}([-/])\d\d\1\d\d(?!\d)|^\d{10,19}(?:\.\d+)?$|^\d+\.\d{3,9}$/;
const DATE =
  /\b(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) {1,2}\d{1,2}(?![\w:])/g;
/** CRI marks whole lines with F and pieces of one with P. */
const CRI_FLAG = /(?<=\b(?:stdout|stderr) )[FP](?= $)/;

/**
 * What stands before every line of one source, learned from one of them: constant text around time stamps. Numbers
 * that are no time (pids, ports) are constant: two processes must not pass for one.
 */
export class LinePrefix implements LogForm {
  readonly #parts: readonly Part[];
  #key: string | null = null;
  bytes: Uint8Array = new Uint8Array();
  from = 0;
  to = 0;
  partial = false;

  private constructor(parts: readonly Part[]) {
    this.#parts = joined(parts);
  }

  /** Learns from the bytes before a line's own text. */
  static learn(line: Uint8Array, start: number, end: number): LinePrefix {
    return new LinePrefix(partsOf(latin1(line.subarray(start, end))));
  }

  get key(): string {
    this.#key ??= this.#parts.map((part) => (part.kind === 'text' ? latin1(part.bytes) : `\0${part.kind}`)).join('\0');
    return this.#key;
  }

  read(line: Uint8Array, start: number, end: number): boolean {
    this.partial = false;
    const at = this.#match(line, start, end);
    if (at < 0) return false;
    this.bytes = line;
    this.from = at;
    this.to = end;
    return true;
  }

  /** This prefix less its last word, then less its last two …, at last nothing: loggers mark an entry's first line only. */
  shortened(): LinePrefix[] {
    const out: LinePrefix[] = [];
    for (let last = this.#parts.length - 1; last >= 0; last--) {
      const before = this.#parts.slice(0, last);
      const part = this.#parts[last]!;
      if (part.kind === 'text') {
        for (let i = part.bytes.length - 2; i >= 0 && out.length < MAX_WORDS; i--) {
          if (part.bytes[i] !== SPACE || part.bytes[i + 1] === SPACE) continue;
          out.push(new LinePrefix([...before, { kind: 'text', bytes: part.bytes.slice(0, i + 1) }]));
        }
      }
      if (last === 0 || out.length < MAX_WORDS) out.push(new LinePrefix(before));
    }
    return out;
  }

  /** This prefix and `count` more spaces: later lines of an entry are often indented. */
  indented(count: number): LinePrefix {
    return new LinePrefix([...this.#parts, { kind: 'text', bytes: new Uint8Array(count).fill(SPACE) }]);
  }

  #match(line: Uint8Array, start: number, end: number): number {
    let at = start;
    for (const [n, part] of this.#parts.entries()) {
      if (part.kind === 'text') {
        const { bytes } = part;
        let i = 0;
        while (i < bytes.length && at < end && line[at] === bytes[i]) {
          i++;
          at++;
        }
        if (i === bytes.length) continue;
        // An empty line whose trailing blanks were trimmed.
        const rest = at === end || (at === end - 1 && line[at] === 0x0d);
        return n === this.#parts.length - 1 && rest && bytes.subarray(i).every((byte) => byte === SPACE) ? at : -1;
      }
      const first = at;
      if (part.kind === 'stamp') {
        while (at < end && line[at] === SPACE) at++;
        const run = at;
        while (at < end && isStampByte(line[at]!)) at++;
        if (at === run) return -1;
      } else if (part.kind === 'date') {
        while (at < end && at - first < 10 && isDateWord(line[at]!)) at++;
        const day = at;
        while (at < end && at - day < 2 && isDigit(line[at]!)) at++;
        if (at === day) return -1;
      } else {
        if (at >= end || (line[at] !== 0x46 && line[at] !== 0x50)) return -1;
        this.partial = line[at++] === 0x50;
      }
    }
    return at;
  }
}

const SPACE = 0x20;

/** Neighbouring texts as one, so that equal prefixes have equal keys however they were made. */
function joined(parts: readonly Part[]): Part[] {
  const out: Part[] = [];
  for (const part of parts) {
    const last = out.at(-1);
    if (part.kind === 'text' && last?.kind === 'text') {
      out[out.length - 1] = { kind: 'text', bytes: Uint8Array.of(...last.bytes, ...part.bytes) };
    } else out.push(part);
  }
  return out;
}

function partsOf(prefix: string): Part[] {
  // Marked first, cut afterwards: [first, end, kind), in order and apart.
  const marks: { first: number; end: number; kind: 'stamp' | 'date' | 'flag' }[] = [];
  for (const match of prefix.matchAll(STAMP_RUN)) {
    if (!STAMP.test(match[0])) continue;
    let first = match.index;
    while (prefix[first - 1] === ' ') first--;
    marks.push({ first, end: match.index + match[0].length, kind: 'stamp' });
  }
  for (const match of prefix.matchAll(DATE)) {
    const end = match.index + match[0].length;
    if (marks.every((mark) => mark.end <= match.index || mark.first >= end)) {
      marks.push({ first: match.index, end, kind: 'date' });
    }
  }
  const flag = marks.length > 0 ? CRI_FLAG.exec(prefix) : null;
  if (flag) marks.push({ first: flag.index, end: flag.index + 1, kind: 'flag' });
  marks.sort((a, b) => a.first - b.first);
  const parts: Part[] = [];
  let at = 0;
  for (const { first, end, kind } of [...marks, { first: prefix.length, end: prefix.length, kind: null }]) {
    if (first > at)
      parts.push({ kind: 'text', bytes: Uint8Array.from(prefix.slice(at, first), (c) => c.charCodeAt(0)) });
    if (kind) parts.push({ kind });
    at = end;
  }
  return parts;
}

/** One character a byte, so that positions in the text are positions in the bytes. */
function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function isDigit(c: number): boolean {
  return c >= 0x30 && c <= 0x39;
}

/** The class of STAMP_RUN: digits and `:.,+/-TZ`. */
function isStampByte(c: number): boolean {
  return (c >= 0x2b && c <= 0x3a) || c === 0x54 || c === 0x5a;
}

/** What stands before the day in `Tue, Nov  4`. */
function isDateWord(c: number): boolean {
  return (c >= 0x41 && c <= 0x5a) || (c >= 0x61 && c <= 0x7a) || c === 0x2c || c === SPACE;
}
