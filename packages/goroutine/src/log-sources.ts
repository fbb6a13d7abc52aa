import { findHeader } from './log-header.js';
import { LinePrefix, type LogForm } from './log-prefix.js';

/** The reader of stacks, as the lines of logs are given to it. */
export interface StackReader {
  /** Takes one line as the program wrote it. */
  take(line: Uint8Array, start: number, end: number): void;
  /** The line is a call or says that there are none. */
  isStackLine(line: Uint8Array, start: number, end: number): boolean;
  /** A goroutine is being read that misses its end: another source's must not take its place. */
  readonly isInside: boolean;
  /** Ends what is being read; what follows comes from another source or another time. Gives the goroutines so far. */
  beginSection(): number;
  /** Text that belongs to no stack, and stands `linesAgo` lines above the current one. */
  skip(line: Uint8Array, start: number, end: number, linesAgo: number): void;
  tell(
    kind: 'log-lines' | 'log-entries' | 'other-source' | 'line-too-long',
    line: Uint8Array,
    start: number,
    end: number,
    linesAgo?: number,
  ): void;
}

/** A header behind a prefix counts only when a stack follows: prose mentions goroutines too. */
interface Trial {
  /** The form itself, then what of a prefix may be left on an entry's later lines. */
  readonly forms: readonly LogForm[];
  readonly header: Uint8Array;
  readonly line: Uint8Array;
  /** Lines that came since. */
  age: number;
}

/** So many lines of other sources may come before the stack. */
const PATIENCE_LINES = 32;
/** Headers that are on trial at a time: several sources may begin a dump together. */
const MAX_TRIALS = 3;
/** Sources that are remembered to have been left. */
const MAX_SOURCES = 10_000;
const PLAIN = '';

/**
 * Takes the lines of a program out of what log collectors write around them. One source is read at a time. When its
 * goroutine has ended another one may follow; lines of a source that was left are told, not read: their goroutines
 * would stand in two parts of which none is whole.
 */
export class LogSources {
  readonly #reader: StackReader;
  readonly #maxLineBytes: number;
  /** Null: lines stand as the program wrote them. */
  #form: LogForm | null = null;
  #trials: Trial[] = [];
  readonly #left = new Set<string>();
  /** Goroutines that were read before the present source. */
  #before = 0;
  #pieces: Uint8Array[] = [];
  #piecesBytes = 0;
  /** The line around what the reader takes just now. */
  #around: { readonly line: Uint8Array; readonly start: number; readonly end: number } | null = null;
  /** Goroutines were skipped: what was read is not all. */
  skipped = false;

  constructor(reader: StackReader, maxLineBytes: number) {
    this.#reader = reader;
    this.#maxLineBytes = maxLineBytes;
  }

  /** Lines must go through `read`. */
  get active(): boolean {
    return this.#form !== null || this.#trials.length > 0;
  }

  /** Takes one line of the text. */
  read(line: Uint8Array, start: number, end: number): void {
    for (const trial of this.#trials) trial.age++;
    for (const trial of this.#trials) if (this.#decide(trial, line, start, end)) return;
    if (this.#trials[0] && this.#trials[0].age > PATIENCE_LINES) this.#drop(this.#trials[0]);
    if (this.#form === null) this.#reader.take(line, start, end);
    else if (this.#form.read(line, start, end)) this.#own(this.#form, line, start, end);
    else if (end > start && !this.consider(line, start, end)) this.#reader.skip(line, start, end, 0);
  }

  /** A line that is no part of a stack may hold a header all the same; true when it does. */
  consider(own: Uint8Array, ownStart: number, ownEnd: number): boolean {
    const { line, start, end } = this.#around ?? { line: own, start: ownStart, end: ownEnd };
    const found = findHeader(line, start, end);
    if (!found) return false;
    const next = found.kind === 'entry' ? found.lines[found.at + 1] : null;
    if (next !== null && !(next && this.#reader.isStackLine(next, 0, next.length))) return false;
    if (this.#reader.isInside) this.#skipOther(line, start, end);
    else if (found.kind === 'entry') this.#entry(found.lines, line, start, end);
    else {
      const { form, header } = found;
      const same = this.#trials.find((trial) => trial.forms[0]!.key === form.key);
      if (same) this.#drop(same);
      else if (this.#trials.length === MAX_TRIALS) this.#drop(this.#trials[0]!);
      const forms = form instanceof LinePrefix ? [form, ...form.shortened()] : [form];
      this.#trials.push({ forms, header, line: line.slice(start, end), age: 0 });
    }
    return true;
  }

  /** A header of the present source was taken: what was on trial and might have been its own had no stack. */
  ownHeader(): void {
    if (this.#trials.length === 0) return;
    const key = this.#form?.key ?? PLAIN;
    for (const trial of [...this.#trials]) if (trial.forms.some((form) => form.key === key)) this.#drop(trial);
  }

  /** The text has ended. */
  end(): void {
    this.#dropAll();
    this.#takePieces();
  }

  #drop(trial: Trial): void {
    this.#trials = this.#trials.filter((other) => other !== trial);
    this.#reader.skip(trial.line, 0, trial.line.length, trial.age);
  }

  #dropAll(): void {
    for (const trial of this.#trials) this.#drop(trial);
  }

  /** True when the line confirmed the trial, and was taken. */
  #decide(trial: Trial, line: Uint8Array, start: number, end: number): boolean {
    for (const form of trial.forms) {
      if (!form.read(line, start, end)) continue;
      let from = form.from;
      if (form instanceof LinePrefix) while (from < form.to && form.bytes[from] === 0x20) from++;
      if (this.#reader.isStackLine(form.bytes, from, form.to)) {
        const indent = from - form.from;
        return this.#confirm(
          trial,
          form instanceof LinePrefix && indent > 0 ? form.indented(indent) : form,
          line,
          start,
          end,
        );
      }
      // Log lines of the same source may come in between; an empty one ends it.
      if (form === trial.forms[0] && from === form.to) this.#drop(trial);
    }
    return false;
  }

  #confirm(trial: Trial, form: LogForm, line: Uint8Array, start: number, end: number): boolean {
    this.#trials = this.#trials.filter((other) => other !== trial);
    const before = this.#form?.key ?? PLAIN;
    if (form.key !== before) {
      if (this.#reader.isInside || this.#left.has(form.key)) {
        this.#skipOther(trial.line, 0, trial.line.length, trial.age);
        return false;
      }
      this.#takePieces();
      const size = this.#reader.beginSection();
      if (size > this.#before && this.#left.size < MAX_SOURCES) this.#left.add(before);
      this.#before = size;
      this.#form = form.key === PLAIN ? null : form;
    }
    this.#reader.take(trial.header, 0, trial.header.length);
    if (this.#form === null) this.#reader.take(line, start, end);
    else {
      this.#reader.tell('log-lines', trial.line, 0, trial.line.length, trial.age);
      if (this.#form.read(line, start, end)) this.#own(this.#form, line, start, end);
    }
    return true;
  }

  #skipOther(line: Uint8Array, start: number, end: number, linesAgo = 0): void {
    this.skipped = true;
    this.#reader.tell('other-source', line, start, end, linesAgo);
  }

  #own(form: LogForm, line: Uint8Array, start: number, end: number): void {
    this.#reader.tell('log-lines', line, start, end);
    const { bytes, from, to } = form;
    if (form.partial || this.#pieces.length > 0) {
      this.#piecesBytes += to - from;
      if (this.#piecesBytes <= this.#maxLineBytes) this.#pieces.push(bytes.slice(from, to));
      else if (!form.partial) {
        this.#pieces = [];
        this.#piecesBytes = 0;
        this.#reader.tell('line-too-long', line, start, end);
      }
      if (!form.partial) this.#takePieces();
      return;
    }
    this.#around = { line, start, end };
    this.#takeLines(bytes, from, to);
    this.#around = null;
  }

  #takePieces(): void {
    if (this.#pieces.length === 0) return;
    const whole = new Uint8Array(this.#pieces.reduce((sum, piece) => sum + piece.length, 0));
    let at = 0;
    for (const piece of this.#pieces) {
      whole.set(piece, at);
      at += piece.length;
    }
    this.#pieces = [];
    this.#piecesBytes = 0;
    this.#takeLines(whole, 0, whole.length);
  }

  /** An entry of the source's form may hold several lines. */
  #takeLines(bytes: Uint8Array, from: number, to: number): void {
    let at = from;
    for (let end = bytes.indexOf(0x0a, at); end >= 0 && end < to; end = bytes.indexOf(0x0a, at)) {
      this.#reader.take(bytes, at, end);
      at = end + 1;
    }
    this.#reader.take(bytes, at, to);
  }

  /** One entry holds a whole stack: it is a dump of its own. */
  #entry(lines: readonly Uint8Array[], line: Uint8Array, start: number, end: number): void {
    this.#reader.tell('log-entries', line, start, end);
    this.#reader.beginSection();
    const form = this.#form;
    const trials = this.#trials;
    this.#form = null;
    this.#trials = [];
    this.#around = null;
    for (const own of lines) this.read(own, 0, own.length);
    this.#dropAll();
    this.#form = form;
    this.#trials = trials;
    this.skipped ||= this.#reader.isInside;
    this.#reader.beginSection();
  }
}
