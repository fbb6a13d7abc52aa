import { HASH_START, hashStep } from './intern.js';

/** In the text of an interned frame: a live argument word, and one the runtime marked `?` (a dead register). */
export const LIVE = 1;
export const DEAD = 2;

/** Addresses fit 48 bits on every platform that Go runs on by default; wider words are kept as 0 (no address). */
const MAX_HEX_DIGITS = 12;

/**
 * One frame while it is read: its text with every argument word replaced by LIVE or DEAD. The compiler decides
 * which words are live, so two goroutines at one place differ only in the words themselves, and one interned
 * text serves them all.
 */
export class FrameKey {
  bytes = new Uint8Array(1 << 12);
  length = 0;
  hash = HASH_START;
  /** The live words of this frame, in order. */
  readonly values: number[] = [];

  /**
   * Takes the line `function(arguments)`; false when the bytes are no such line. The name may hold parentheses
   * (`(*T).run`), the arguments never do, so the last one opens them.
   */
  startCall(line: Uint8Array, start: number, end: number): boolean {
    if (line[end - 1] !== 0x29) return false;
    let open = end - 2;
    while (open > start && line[open] !== 0x28) {
      if (!isArgumentByte(line[open]!)) return false;
      open--;
    }
    if (open <= start || !isName(line, start, open)) return false;
    this.#reset(end - start);
    this.#copy(line, start, open);
    return this.#arguments(line, open, end);
  }

  /** Takes `created by F in goroutine N` without that N, which is returned; 0 where none is written, -1: no name. */
  startCreator(line: Uint8Array, start: number, end: number): number {
    let stop = end;
    let creator = 0;
    let at = end - 1;
    while (at > start && isDigit(line[at]!)) at--;
    if (at < end - 1 && endsWith(line, start, at + 1, IN_GOROUTINE)) {
      stop = at + 1 - IN_GOROUTINE.length;
      for (let i = at + 1; i < end; i++) creator = creator * 10 + (line[i]! - 0x30);
    }
    if (!isName(line, start, stop)) return -1;
    this.#reset(end - start + 1);
    this.#put(CREATED);
    this.#copy(line, start, stop);
    return creator;
  }

  /** Takes the line `\tfile:line +0x1b fp=… sp=… pc=…` up to the number; false when it is no such line. */
  finishFile(line: Uint8Array, start: number, end: number): boolean {
    let stop = end;
    for (;;) {
      let space = stop - 1;
      while (space > start && line[space] !== 0x20) space--;
      if (space <= start || !isOffset(line, space + 1, stop)) break;
      stop = space;
    }
    let colon = stop - 1;
    while (colon > start && isDigit(line[colon]!)) colon--;
    if (colon <= start + 1 || colon === stop - 1 || line[colon] !== 0x3a) return false;
    if (this.length + stop - start + 1 > this.bytes.length) this.#enlarge(stop - start + 1);
    this.#put(0x0a);
    this.#copy(line, start + 1, stop);
    return true;
  }

  #arguments(line: Uint8Array, open: number, end: number): boolean {
    const bytes = this.bytes;
    let hash = this.hash;
    let to = this.length;
    let at = open;
    while (at < end) {
      let c = line[at++]!;
      if (c === 0x30) {
        if (line[at] !== 0x78) return false;
        const first = ++at;
        let value = 0;
        for (let digit = hexDigit(line[at]!); digit >= 0; digit = hexDigit(line[++at]!)) value = value * 16 + digit;
        if (at === first) return false;
        if (line[at] === 0x3f) {
          c = DEAD;
          at++;
        } else {
          c = LIVE;
          this.values.push(at - first > MAX_HEX_DIGITS ? 0 : value);
        }
      } else if (isDigit(c)) return false; // a word without 0x: `done(3)` in a log
      bytes[to++] = c;
      hash = hashStep(hash, c);
    }
    this.length = to;
    this.hash = hash;
    return true;
  }

  #reset(room: number): void {
    this.length = 0;
    this.hash = HASH_START;
    this.values.length = 0;
    if (room > this.bytes.length) this.#enlarge(room);
  }

  #enlarge(room: number): void {
    const larger = new Uint8Array((this.length + room) * 2);
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }

  #put(byte: number): void {
    this.bytes[this.length++] = byte;
    this.hash = hashStep(this.hash, byte);
  }

  #copy(line: Uint8Array, start: number, end: number): void {
    let hash = this.hash;
    let to = this.length;
    const bytes = this.bytes;
    for (let i = start; i < end; i++) {
      const byte = line[i]!;
      bytes[to++] = byte;
      hash = hashStep(hash, byte);
    }
    this.length = to;
    this.hash = hash;
  }
}

/** First byte of an interned `created by` entry. */
export const CREATED = 3;

const IN_GOROUTINE = new TextEncoder().encode(' in goroutine ');

function endsWith(line: Uint8Array, start: number, end: number, word: Uint8Array): boolean {
  if (end - start < word.length) return false;
  for (let i = 0; i < word.length; i++) if (line[end - word.length + i] !== word[i]) return false;
  return true;
}

export function isDigit(c: number): boolean {
  return c >= 0x30 && c <= 0x39;
}

function hexDigit(c: number): number {
  if (c >= 0x30 && c <= 0x39) return c - 0x30;
  if (c >= 0x61 && c <= 0x66) return c - 0x57;
  return -1;
}

/** Bytes that argument lists are made of: `{0xc000, _, ...}, 0x1?`. */
function isArgumentByte(c: number): boolean {
  if (c >= 0x30 && c <= 0x39) return true;
  if (c >= 0x61 && c <= 0x66) return true;
  return c === 0x78 || c === 0x2c || c === 0x20 || c === 0x3f || c === 0x7b || c === 0x7d || c === 0x2e || c === 0x5f;
}

/** A symbol's name has no spaces, but for generated ones such as `type:.eq.struct { a int }`. */
function isName(line: Uint8Array, start: number, end: number): boolean {
  if (end <= start || line[start] === 0x20) return false;
  let spaces = false;
  for (let i = start; i < end; i++) {
    const c = line[i]!;
    if (c < 0x20) return false;
    if (c === 0x20) spaces = true;
  }
  if (!spaces) return true;
  const head = String.fromCharCode(...line.subarray(start, Math.min(end, start + 5)));
  return head === 'type:' || head === 'type.' || head.startsWith('go:');
}

/** `+0x1b`, `fp=0x…`, `sp=0x…`, `pc=0x…` behind a line number. */
function isOffset(line: Uint8Array, start: number, end: number): boolean {
  const c = line[start];
  if (c === 0x2b) return end - start > 3 && line[start + 1] === 0x30 && line[start + 2] === 0x78;
  return (c === 0x66 || c === 0x73 || c === 0x70) && line[start + 2] === 0x3d && end - start > 3;
}
