import { CREATED, DEAD, LIVE } from './call-line.js';
import type { ByteTable } from './intern.js';

const CREATED_BY = new TextEncoder().encode('created by ');
const IN_GOROUTINE = new TextEncoder().encode(' in goroutine ');

/**
 * The fast way through a dump: most frames follow the frame that they followed before, so the text is compared with
 * what is known instead of being taken apart. Whatever differs in the least is left to the parser, which is the only
 * one that decides; so this can be wrong about speed alone.
 */
export class Predictor {
  /** The two frames seen last behind a frame, by its number; behind a header, by -1 less its number. */
  readonly #after: [number[], number[]] = [[], []];
  readonly #afterHeader: [number[], number[]] = [[], []];
  readonly #frames: ByteTable;
  /** What `match` found: the frame, its live words, the creator's id and where the text goes on. */
  frame = -1;
  readonly words: number[] = [];
  creator = 0;
  end = 0;

  constructor(frames: ByteTable) {
    this.#frames = frames;
  }

  /** Remembers that `frame` came behind `last` (-1 less the header's number at the top of a stack). */
  learn(last: number, frame: number): void {
    const [newest, older] = last < 0 ? this.#afterHeader : this.#after;
    const at = last < 0 ? -1 - last : last;
    // The lists stay dense, or each look-up would cost a hash.
    while (newest.length <= at) {
      newest.push(-1);
      older.push(-1);
    }
    if (newest[at] === frame) return;
    older[at] = newest[at]!;
    newest[at] = frame;
  }

  /** True when the two lines from `start` on are one of the frames that usually come behind `last`. */
  match(text: Uint8Array, start: number, last: number): boolean {
    const [newest, older] = last < 0 ? this.#afterHeader : this.#after;
    const at = last < 0 ? -1 - last : last;
    if (at >= newest.length) return false;
    const first = newest[at]!;
    if (first >= 0 && this.#matches(text, start, first)) return true;
    const second = older[at]!;
    return second >= 0 && this.#matches(text, start, second);
  }

  #matches(text: Uint8Array, start: number, frame: number): boolean {
    const table = this.#frames;
    const known = table.arena;
    const stop = table.endOf(frame);
    let at = table.startOf(frame);
    let pos = start;
    this.words.length = 0;
    this.creator = 0;
    const created = known[at] === CREATED;
    if (created) {
      at++;
      for (let i = 0; i < CREATED_BY.length; i++) if (text[pos++] !== CREATED_BY[i]) return false;
    }
    for (; at < stop; at++) {
      const byte = known[at]!;
      if (byte > DEAD && byte !== 0x0a) {
        if (text[pos] !== byte) return false;
        pos++;
      } else if (byte === 0x0a) {
        if (created && text[pos] === 0x20) {
          pos = this.#creatorId(text, pos);
          if (pos < 0) return false;
        }
        if (text[pos] !== 0x0a || text[pos + 1] !== 0x09) return false;
        pos += 2;
      } else {
        pos = this.#word(text, pos, byte);
        if (pos < 0) return false;
      }
    }
    return this.#finish(text, pos, frame);
  }

  /** Reads `0x…`, with a `?` behind it exactly where the known frame has a dead word. */
  #word(text: Uint8Array, start: number, kind: number): number {
    if (text[start] !== 0x30 || text[start + 1] !== 0x78) return -1;
    let pos = start + 2;
    let value = 0;
    for (; ; pos++) {
      const c = text[pos]!;
      if (c >= 0x30 && c <= 0x39) value = value * 16 + c - 0x30;
      else if (c >= 0x61 && c <= 0x66) value = value * 16 + c - 0x57;
      else break;
    }
    const digits = pos - start - 2;
    if (digits === 0 || digits > 12) return -1;
    if (kind === LIVE) {
      if (text[pos] === 0x3f) return -1;
      this.words.push(value);
      return pos;
    }
    return text[pos] === 0x3f ? pos + 1 : -1;
  }

  #creatorId(text: Uint8Array, start: number): number {
    let pos = start;
    for (let i = 0; i < IN_GOROUTINE.length; i++) if (text[pos++] !== IN_GOROUTINE[i]) return -1;
    const first = pos;
    let id = 0;
    for (let c = text[pos]!; c >= 0x30 && c <= 0x39; c = text[++pos]!) id = id * 10 + (c - 0x30);
    if (pos === first) return -1;
    this.creator = id;
    return pos;
  }

  /** Behind the line number: nothing, or ` +0x1b`. */
  #finish(text: Uint8Array, start: number, frame: number): boolean {
    let pos = start;
    if (text[pos] === 0x20) {
      if (text[pos + 1] !== 0x2b || text[pos + 2] !== 0x30 || text[pos + 3] !== 0x78) return false;
      pos += 4;
      const first = pos;
      for (let c = text[pos]!; (c >= 0x30 && c <= 0x39) || (c >= 0x61 && c <= 0x66); c = text[++pos]!);
      if (pos === first) return false;
    }
    if (text[pos] !== 0x0a) return false;
    this.frame = frame;
    this.end = pos + 1;
    return true;
  }
}
