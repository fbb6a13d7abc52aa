import { isDigit } from './call-line.js';
import { beginsHeader, parseHeader, unquote } from './header.js';
import { JsonLines } from './log-json.js';
import { LinePrefix, type LogForm, MAX_PREFIX_BYTES } from './log-prefix.js';

/** A header that stands inside of a log line. */
export type FoundHeader =
  | {
      /** The line holds a header and nothing behind it: further lines may follow in this form. */
      readonly kind: 'line';
      readonly form: LogForm;
      readonly header: Uint8Array;
    }
  | {
      /** The line is one entry of a structured log and holds the lines of a whole stack. */
      readonly kind: 'entry';
      readonly lines: readonly Uint8Array[];
      /** Which of them holds the first header. */
      readonly at: number;
    };

/** Longer headers are not looked for in log lines. */
const MAX_HEADER_BYTES = 4096;
/** Mentions of goroutines in one line that are looked at. */
const MAX_MENTIONS = 8;
const WORD = new TextEncoder().encode('goroutine ');
/** Entries inside of entries. */
const MAX_DEPTH = 3;

/** Looks for the header of a goroutine behind what a collector or a logger puts before or around a line. */
export function findHeader(line: Uint8Array, start: number, lineEnd: number, depth = 0): FoundHeader | null {
  let end = lineEnd;
  while (end > start && (line[end - 1] === 0x20 || line[end - 1] === 0x0d)) end--;
  let at = start;
  for (let n = 0; n < MAX_MENTIONS; n++) {
    at = mention(line, at, end);
    if (at < 0) return null;
    const header = plainHeader(line, at, end);
    if (header && at - start <= MAX_PREFIX_BYTES) {
      return { kind: 'line', form: LinePrefix.learn(line, start, at), header };
    }
    const text = literalAround(line, start, at, end);
    if (text !== null) return fromText(line, start, end, text, depth);
    at += WORD.length;
  }
  return null;
}

/** Where `goroutine N` stands from `start` on, not behind a letter; -1: nowhere. */
function mention(line: Uint8Array, start: number, end: number): number {
  for (let at = line.indexOf(WORD[0]!, start); at >= 0 && at + WORD.length < end; at = line.indexOf(WORD[0]!, at + 1)) {
    let i = 1;
    while (i < WORD.length && line[at + i] === WORD[i]) i++;
    if (i < WORD.length || !isDigit(line[at + i]!)) continue;
    // `\ngoroutine 1` in a quoted text: the letter belongs to the newline.
    const before = at > start ? line[at - 1]! : 0x20;
    if (!isWordByte(before) || (before === 0x6e && line[at - 2] === 0x5c)) return at;
  }
  return -1;
}

function isWordByte(c: number): boolean {
  return isDigit(c) || (c >= 0x41 && c <= 0x5a) || (c >= 0x61 && c <= 0x7a) || c === 0x5f;
}

function plainHeader(line: Uint8Array, at: number, end: number): Uint8Array | null {
  if (end - at > MAX_HEADER_BYTES || line[end - 1] !== 0x3a) return null;
  const open = line.indexOf(0x5b, at);
  if (open < 0 || open >= end || !beginsHeader(line, at, open)) return null;
  return parseHeader(new TextDecoder().decode(line.subarray(open, end))) ? line.slice(at, end) : null;
}

/** The text of the quoted literal that position `at` lies in, without its quoting; null where it lies in none. */
function literalAround(line: Uint8Array, start: number, at: number, end: number): string | null {
  let open = at - 1;
  while (open >= start && !(line[open] === 0x22 && !isEscaped(line, start, open))) open--;
  if (open < start) return null;
  let close = at;
  while (close < end && line[close] !== 0x22) close += line[close] === 0x5c ? 2 : 1;
  // A collector that cuts long entries leaves no closing quote, and perhaps half of an escape.
  const inside = new TextDecoder().decode(line.subarray(open + 1, Math.min(close, end)));
  const literal = `"${close < end ? inside : inside.replace(/\\(?:u[0-9a-fA-F]{0,3})?$/, '')}"`;
  try {
    return JSON.parse(literal) as string;
  } catch {
    return unquote(literal);
  }
}

function isEscaped(line: Uint8Array, start: number, at: number): boolean {
  let first = at;
  while (first > start && line[first - 1] === 0x5c) first--;
  return (at - first) % 2 === 1;
}

function fromText(line: Uint8Array, start: number, end: number, text: string, depth: number): FoundHeader | null {
  const lines = text.split('\n').map((l) => new TextEncoder().encode(l));
  if (lines.at(-1)!.length === 0) lines.pop();
  if (lines.length > 1) {
    const at = lines.findIndex((l) => holdsHeader(l));
    return at < 0 ? null : { kind: 'entry', lines, at };
  }
  const only = lines[0];
  const inner = only && depth < MAX_DEPTH ? findHeader(only, 0, only.length, depth + 1) : null;
  if (inner?.kind !== 'line') return inner;
  const form = JsonLines.learn(line, start, end, text);
  return form && { kind: 'line', form, header: inner.header };
}

function holdsHeader(line: Uint8Array): boolean {
  const at = mention(line, 0, line.length);
  return at >= 0 && plainHeader(line, at, line.length) !== null;
}
