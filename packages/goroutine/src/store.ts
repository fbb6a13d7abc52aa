import { TidemarkError } from '@tidemark/model';
import { CREATED, type FrameKey } from './call-line.js';
import { Column, float64, uint16, uint32 } from './columns.js';
import type { DiagnosticKind } from './diagnostics.js';
import { ENTRY_ELIDED, ENTRY_UNAVAILABLE, NO_WORDS } from './entries.js';
import { type Header, parseHeader } from './header.js';
import { ByteTable, HASH_START, hashEnd, hashStep } from './intern.js';
import type { DumpLimits } from './limits.js';
import { Predictor } from './predict.js';

/** The columns of a dump: one row a goroutine, stacks and headers by number. */
export interface DumpColumns {
  readonly ids: Column;
  readonly stacks: Column;
  readonly headers: Column;
  /** `in goroutine N`; 0 where the text does not tell it (before Go 1.21). */
  readonly creators: Column;
  /** Where a goroutine's argument words start; they end where its stack's live words do. NO_WORDS: dropped. */
  readonly firstWord: Column;
  /** Argument words, 48 bits each in two columns: a third less than doubles, and there are many. */
  readonly wordsLow: Column;
  readonly wordsHigh: Column;
}

const NO_LABELS: Header['labels'] = {};

/** The write side of a dump: takes one goroutine at a time and keeps it as numbers. */
export class DumpStore {
  readonly columns: DumpColumns = {
    ids: new Column(float64),
    stacks: new Column(uint32),
    headers: new Column(uint32),
    creators: new Column(float64),
    firstWord: new Column(uint32),
    wordsLow: new Column(uint32),
    wordsHigh: new Column(uint16),
  };
  readonly frames: ByteTable;
  readonly stacks: ByteTable;
  readonly #predictor: Predictor;
  /** The frame that was read last, or -1 less the header's number. */
  #last = -1;
  readonly headers: Header[] = [];
  readonly #limits: DumpLimits;
  readonly #headerTable: ByteTable;
  /** Header number by table entry: several texts may be one header, once the limit is reached. */
  readonly #headerOfText: number[] = [];
  readonly #headerByState = new Map<string, number>();
  #headerBytes = new Uint8Array(256);
  /** The stack of the current goroutine: frame numbers, little endian, four bytes each. */
  #entries = new Uint8Array(512);
  #entriesLength = 0;
  #id = 0;
  #header = 0;
  #creator = 0;
  #hasCreator = false;
  #words: number[] = [];
  #headerReduced = false;

  constructor(limits: DumpLimits) {
    this.#limits = limits;
    this.frames = new ByteTable(limits.maxDistinctBytes);
    this.stacks = new ByteTable(limits.maxDistinctBytes);
    this.#predictor = new Predictor(this.frames);
    this.#headerTable = new ByteTable(limits.maxDistinctBytes);
  }

  get size(): number {
    return this.columns.ids.length;
  }

  /** Rows from which on goroutines belong to another dump, whatever their ids are. */
  readonly sectionStarts: number[] = [];

  /** What is read from here on is another dump. */
  beginSection(): void {
    if (this.size > 0 && this.sectionStarts.at(-1) !== this.size) this.sectionStarts.push(this.size);
  }

  /** The number of the header that stands in `line` from its bracket on; -1 when it is none. */
  header(line: Uint8Array, start: number, end: number): number {
    const length = end - start;
    if (length <= 0) return -1;
    if (length > this.#headerBytes.length) this.#headerBytes = new Uint8Array(length * 2);
    let hash = HASH_START;
    for (let i = 0; i < length; i++) {
      const byte = line[start + i]!;
      this.#headerBytes[i] = byte;
      hash = hashStep(hash, byte);
    }
    this.#headerReduced = false;
    if (this.#headerTable.size < this.#limits.maxHeaders) {
      const entry = this.#headerTable.intern(this.#headerBytes, length, hashEnd(hash));
      if (entry === this.#headerOfText.length) this.#headerOfText.push(this.#newHeader(line, start, end));
      return this.#headerOfText[entry]!;
    }
    return this.#reducedHeader(line, start, end);
  }

  #newHeader(line: Uint8Array, start: number, end: number): number {
    const header = parseHeader(new TextDecoder().decode(line.subarray(start, end)));
    return header ? this.headers.push(header) - 1 : -1;
  }

  /** Beyond the limit of different headers only the state is kept, of which there are few. */
  #reducedHeader(line: Uint8Array, start: number, end: number): number {
    const header = parseHeader(new TextDecoder().decode(line.subarray(start, end)));
    if (!header) return -1;
    this.#headerReduced = true;
    const { state, leaked } = header;
    const key = `${leaked} ${this.#headerByState.size < 1000 ? state : '(other)'}`;
    let number = this.#headerByState.get(key);
    if (number === undefined) {
      const reduced = { ...header, waitMinutes: null, lockedToThread: false, bubble: null, labels: NO_LABELS };
      number = this.headers.push(reduced) - 1;
      this.#headerByState.set(key, number);
    }
    return number;
  }

  begin(id: number, header: number): void {
    if (this.size >= this.#limits.maxGoroutines) {
      throw new TidemarkError('TM_LIMIT', `the dump has more than ${this.#limits.maxGoroutines} goroutines`, {
        advice: 'Raise maxGoroutines if you trust the input.',
      });
    }
    this.#id = id;
    this.#header = header;
    this.#last = -1 - header;
    this.#creator = 0;
    this.#hasCreator = false;
    this.#entriesLength = 0;
    this.#words.length = 0;
  }

  /** The current goroutine's last line was read: who started it. */
  get hasCreator(): boolean {
    return this.#hasCreator;
  }

  /** Adds a frame to the current goroutine; false when it lies deeper than the limit. */
  frame(key: FrameKey): boolean {
    if (this.#entriesLength >= this.#limits.maxFrames * 4) return false;
    this.#add(this.frames.intern(key.bytes, key.length, hashEnd(key.hash)));
    for (const value of key.values) this.#words.push(value);
    return true;
  }

  /**
   * Takes a frame of two lines from `start` on when it is one that is expected there. Gives where the text goes on,
   * or -1: nothing was taken, the lines must be read.
   */
  expectedFrame(text: Uint8Array, start: number): number {
    const guess = this.#predictor;
    if (this.#hasCreator || this.#entriesLength >= this.#limits.maxFrames * 4) return -1;
    if (!guess.match(text, start, this.#last)) return -1;
    if (this.frames.arena[this.frames.startOf(guess.frame)] === CREATED) {
      this.#creator = guess.creator;
      this.#hasCreator = true;
    }
    const { words } = guess;
    for (let i = 0; i < words.length; i++) this.#words.push(words[i]!);
    this.#entry(guess.frame);
    this.#last = guess.frame;
    return guess.end;
  }

  creator(key: FrameKey, goroutine: number): void {
    this.#add(this.frames.intern(key.bytes, key.length, hashEnd(key.hash)));
    this.#creator = goroutine;
    this.#hasCreator = true;
  }

  /** `...23 frames elided...`; the number may be missing. */
  elided(): void {
    this.#entry(ENTRY_ELIDED);
  }

  unavailable(): void {
    this.#entry(ENTRY_UNAVAILABLE);
  }

  /**
   * True when the text cannot have ended behind this goroutine: its last line is open, or the `created by` is
   * missing that all but goroutine 1 and the runtime's own have. `lineIsOpen`: the text does not end in a newline.
   */
  currentLacksItsEnd(lineIsOpen: boolean): boolean {
    if (this.#entriesLength === 0) return true;
    if (this.#hasCreator) return false;
    if (this.#id <= 1) return lineIsOpen && this.#entriesLength < 4;
    const last = this.#lastEntry();
    if (last === ENTRY_UNAVAILABLE) return false;
    if (last === ENTRY_ELIDED) return true;
    const bytes = this.frames.bytes(last);
    const runtime = 'runtime.';
    for (let i = 0; i < runtime.length; i++) if (bytes[i] !== runtime.charCodeAt(i)) return true;
    return false;
  }

  /** Ends the current goroutine; tells what of it had to be dropped. */
  commit(): DiagnosticKind | null {
    const c = this.columns;
    let hash = HASH_START;
    for (let i = 0; i < this.#entriesLength; i++) hash = hashStep(hash, this.#entries[i]!);
    c.ids.push(this.#id);
    c.stacks.push(this.stacks.intern(this.#entries, this.#entriesLength, hashEnd(hash)));
    c.headers.push(this.#header);
    c.creators.push(this.#creator);
    const first = c.wordsLow.length;
    if (first + this.#words.length > this.#limits.maxArgumentWords) {
      c.firstWord.push(NO_WORDS);
      return 'arguments-dropped';
    }
    c.firstWord.push(first);
    for (const word of this.#words) {
      c.wordsLow.push(word >>> 0);
      c.wordsHigh.push(Math.floor(word / 0x100000000));
    }
    return this.#headerReduced ? 'labels-dropped' : null;
  }

  #add(frame: number): void {
    this.#predictor.learn(this.#last, frame);
    this.#last = frame;
    this.#entry(frame);
  }

  #entry(number: number): void {
    const at = this.#entriesLength;
    if (at + 4 > this.#entries.length) {
      const larger = new Uint8Array(this.#entries.length * 2);
      larger.set(this.#entries);
      this.#entries = larger;
    }
    this.#entries[at] = number;
    this.#entries[at + 1] = number >>> 8;
    this.#entries[at + 2] = number >>> 16;
    this.#entries[at + 3] = number >>> 24;
    this.#entriesLength = at + 4;
  }

  #lastEntry(): number {
    const e = this.#entries;
    const at = this.#entriesLength - 4;
    return e[at]! | (e[at + 1]! << 8) | (e[at + 2]! << 16) | (e[at + 3]! << 24);
  }
}
