import { type Frame, normaliseFile, normaliseFunction } from '@tidemark/model';
import { CREATED, DEAD, LIVE } from './call-line.js';
import type { Diagnostic, Diagnostics } from './diagnostics.js';
import { ENTRY_ELIDED, ENTRY_UNAVAILABLE, NO_WORDS } from './entries.js';
import type { Header } from './header.js';
import type { DumpStore } from './store.js';

/**
 * An argument word of a frame's text. `live`: the value is the goroutine's own; `dead`: the runtime marked it
 * `?`, a register that may hold anything by now; `unknown`: `_`, too far away to be printed.
 */
export type WordKind = 'live' | 'dead' | 'unknown';

/** A frame of a dump, normalised as every Site, with the shape of its arguments. */
export interface DumpFrame extends Frame {
  /** One entry a printed word, braces flattened; empty for inlined frames (`(...)`). */
  readonly words: readonly WordKind[];
}

/** What goroutines with one stack share. Leaf first. */
export interface DumpStack {
  readonly index: number;
  readonly frames: readonly DumpFrame[];
  readonly creator: Frame | null;
  /** Position in `frames` before which the runtime left frames out; null: the stack is whole. */
  readonly elidedAt: number | null;
  /** The goroutine ran on another thread when the dump was made, so nothing of its stack is known. */
  readonly unavailable: boolean;
  /** Frame and word position of each live word, in the order of a goroutine's words. */
  readonly live: readonly { readonly frame: number; readonly word: number }[];
}

/** An argument word of one goroutine: its value where it is live and fits an address, else null. */
export type Word = number | null;

/** One goroutine with everything that the text told about it. */
export interface Goroutine {
  readonly id: number;
  readonly header: Header;
  readonly stack: DumpStack;
  /** Argument words by frame. */
  readonly words: readonly (readonly Word[])[];
  /** The goroutine that ran the `go` statement; null where it is not told (before Go 1.21). */
  readonly creatorId: number | null;
}

/**
 * A dump in columns: a row a goroutine, equal stacks and headers kept once. Rows are in the order of the text.
 * Where one text holds several dumps (ids repeat), `sections` tells where each begins; only goroutines of one
 * section can be set in relation to each other.
 */
export class GoroutineDump {
  readonly diagnostics: readonly Diagnostic[];
  /** True when goroutines are missing at the end, or the last one is incomplete. */
  readonly cut: boolean;
  /** First row of each dump in the text; `[0]` as a rule. */
  readonly sections: readonly number[];
  readonly #store: DumpStore;
  readonly #stacks: (DumpStack | undefined)[] = [];
  readonly #frames: (DumpFrame | undefined)[] = [];

  /** Made by DumpParser.end(). */
  constructor(store: DumpStore, diagnostics: Diagnostics, cut: boolean) {
    this.#store = store;
    this.cut = cut;
    this.sections = sectionsOf(store);
    if (this.sections.length > 1) diagnostics.add('several-dumps', 0, undefined, this.sections.length);
    this.diagnostics = diagnostics.list();
  }

  /** Number of goroutines. */
  get size(): number {
    return this.#store.size;
  }

  /** Number of different stacks. */
  get stackCount(): number {
    return this.#store.stacks.size;
  }

  get headers(): readonly Header[] {
    return this.#store.headers;
  }

  id(row: number): number {
    return this.#store.columns.ids.get(row);
  }

  stackIndex(row: number): number {
    return this.#store.columns.stacks.get(row);
  }

  headerIndex(row: number): number {
    return this.#store.columns.headers.get(row);
  }

  header(row: number): Header {
    return this.#store.headers[this.headerIndex(row)]!;
  }

  creatorId(row: number): number | null {
    return this.#store.columns.creators.get(row) || null;
  }

  /** The live word number `n` of a goroutine (see DumpStack.live); null where it was dropped or is no address. */
  word(row: number, n: number): Word {
    const { firstWord, wordsLow, wordsHigh } = this.#store.columns;
    const first = firstWord.get(row);
    if (first === NO_WORDS) return null;
    return wordsHigh.get(first + n) * 0x100000000 + wordsLow.get(first + n);
  }

  /** The stack of that number; made when it is asked for, then kept. */
  stack(index: number): DumpStack {
    let stack = this.#stacks[index];
    if (!stack) {
      stack = this.#readStack(index);
      this.#stacks[index] = stack;
    }
    return stack;
  }

  goroutine(row: number): Goroutine {
    const stack = this.stack(this.stackIndex(row));
    const words: Word[][] = stack.frames.map((frame) => frame.words.map(() => null));
    for (const [n, { frame, word }] of stack.live.entries()) words[frame]![word] = this.word(row, n);
    return { id: this.id(row), header: this.header(row), stack, words, creatorId: this.creatorId(row) };
  }

  /** The rows of one section: [first, end). */
  sectionRange(section: number): [number, number] {
    return [this.sections[section]!, this.sections[section + 1] ?? this.size];
  }

  #readStack(index: number): DumpStack {
    const entries = this.#store.stacks.bytes(index);
    const view = new DataView(entries.buffer, entries.byteOffset, entries.byteLength);
    const frames: DumpFrame[] = [];
    const live: { frame: number; word: number }[] = [];
    let creator: Frame | null = null;
    let elidedAt: number | null = null;
    let unavailable = false;
    for (let at = 0; at < entries.length; at += 4) {
      const entry = view.getInt32(at, true);
      if (entry === ENTRY_ELIDED) elidedAt ??= frames.length;
      else if (entry === ENTRY_UNAVAILABLE) unavailable = true;
      else {
        const frame = this.#frame(entry);
        if (this.#store.frames.bytes(entry)[0] === CREATED) {
          creator = { function: frame.function, file: frame.file, line: frame.line };
          continue;
        }
        for (const [word, kind] of frame.words.entries()) {
          if (kind === 'live') live.push({ frame: frames.length, word });
        }
        frames.push(frame);
      }
    }
    return { index, frames, creator, elidedAt, unavailable, live };
  }

  #frame(entry: number): DumpFrame {
    let frame = this.#frames[entry];
    if (!frame) {
      frame = readFrame(this.#store.frames.bytes(entry));
      this.#frames[entry] = frame;
    }
    return frame;
  }
}

const decoder = new TextDecoder();

/** Undoes FrameKey: `name(words)\nfile:line`, or CREATED + `name\nfile:line`. */
function readFrame(bytes: Uint8Array): DumpFrame {
  const newline = bytes.lastIndexOf(0x0a);
  const created = bytes[0] === CREATED;
  const place = decoder.decode(bytes.subarray(newline + 1));
  const colon = place.lastIndexOf(':');
  const open = created ? newline : bytes.lastIndexOf(0x28, newline);
  const name = decoder.decode(bytes.subarray(created ? 1 : 0, open));
  const words: WordKind[] = [];
  for (let at = open + 1; at < newline; at++) {
    if (bytes[at] === LIVE) words.push('live');
    else if (bytes[at] === DEAD) words.push('dead');
    else if (bytes[at] === 0x5f) words.push('unknown');
  }
  const inlined = !created && newline - open === 5 && bytes[open + 1] === 0x2e;
  return {
    function: normaliseFunction(name),
    file: normaliseFile(place.slice(0, colon)),
    // A line number that no file has is a sign of a damaged text: the function is all that is known.
    line: Math.min(Number(place.slice(colon + 1)), 0x7fffffff),
    ...(inlined ? { inlined: true } : {}),
    words,
  };
}

/** Where ids repeat or the text's source changes a new dump begins: the same process later, or another one. */
function sectionsOf(store: DumpStore): number[] {
  const { ids } = store.columns;
  const starts = new Set(store.sectionStarts);
  const sorted = new Float64Array(ids.length);
  for (let row = 0; row < ids.length; row++) sorted[row] = ids.get(row);
  sorted.sort();
  let repeats = false;
  for (let i = 1; i < sorted.length && !repeats; i++) repeats = sorted[i] === sorted[i - 1];
  const sections = [0];
  if (!repeats && starts.size === 0) return sections;
  const seen = new Set<number>();
  for (let row = 0; row < ids.length; row++) {
    const id = ids.get(row);
    if (seen.has(id) || starts.has(row)) {
      sections.push(row);
      seen.clear();
    }
    seen.add(id);
  }
  return sections;
}
