import { TidemarkError } from '@tidemark/model';
import { FrameKey, isDigit } from './call-line.js';
import { Diagnostics } from './diagnostics.js';
import { GoroutineDump } from './dump.js';
import { DUMP_LIMITS, type DumpLimits } from './limits.js';
import { DumpStore } from './store.js';

/** Where net/http/pprof stops doubling its buffer and returns what it has. */
const PPROF_DUMP_CUT_BYTES = 64 << 20;

const GOROUTINE = ascii('goroutine ');
const CREATED_BY = ascii('created by ');
const ELIDED = ascii('...');
const ORIGIN = ascii('[originating from goroutine ');
const UNAVAILABLE = ascii('\tgoroutine running on other thread');

/**
 * Reads text that the Go runtime wrote about goroutines, in pieces of any size: debug=2 dumps, panics and fatal
 * errors, SIGQUIT output, runtime.Stack (Go 1.19 … 1.27). Whatever else the text holds is skipped and told in
 * the diagnostics. Throws TM_LIMIT when a limit is crossed.
 *
 *     const parser = new DumpParser();
 *     for await (const chunk of stream) parser.push(chunk);
 *     const dump = parser.end();
 */
export class DumpParser {
  readonly #limits: DumpLimits;
  readonly #diagnostics = new Diagnostics();
  readonly #store: DumpStore;
  #key = new FrameKey();
  #spare = new FrameKey();
  readonly #decoder = new TextDecoder();
  /** The beginning of a line whose end has not come yet. */
  #carry = new Uint8Array(1 << 12);
  #carried = 0;
  #overlong = false;
  #bytes = 0;
  #lineNumber = 0;
  #carriageReturns = 0;
  /** The current goroutine takes frames. */
  #open = false;
  /** The current goroutine's rest is not to be read: its ancestors follow. */
  #skipping = false;
  /** The last header was none that is known: what follows is skipped up to the next. */
  #badHeader = false;
  /** A call line was read whose file line is due; and whether it is a `created by`. */
  #call = false;
  #creatorCall = false;
  #creator = 0;
  #profileHint: string | null = null;

  constructor(limits: Partial<DumpLimits> = {}) {
    this.#limits = { ...DUMP_LIMITS, ...limits };
    this.#store = new DumpStore(this.#limits);
  }

  push(bytes: Uint8Array): void {
    // Node's Buffer is a Uint8Array with slower methods of its own; a plain view has the engine's.
    const chunk = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#bytes += chunk.length;
    let start = 0;
    if (this.#carried > 0 || this.#overlong) {
      const end = chunk.indexOf(0x0a);
      this.#keep(chunk, 0, end < 0 ? chunk.length : end);
      if (end < 0) return;
      this.#carriedLine();
      start = end + 1;
    }
    const colours = chunk.indexOf(0x1b) >= 0;
    const length = chunk.length;
    while (start < length) {
      if (this.#open && !this.#call && !this.#skipping) {
        const next = this.#store.expectedFrame(chunk, start);
        if (next >= 0) {
          this.#lineNumber += 2;
          start = next;
          continue;
        }
      }
      const end = chunk.indexOf(0x0a, start);
      if (end < 0) break;
      if (end - start > this.#limits.maxLineBytes) this.#tooLong();
      else if (colours) this.#colouredLine(chunk, start, end);
      else this.#line(chunk, start, end);
      start = end + 1;
    }
    if (start < length) this.#keep(chunk, start, length);
  }

  /** Ends the text and gives what was read. Throws TM_NOT_A_PROFILE when that is not one goroutine. */
  end(): GoroutineDump {
    const unfinished = this.#carried > 0 || this.#overlong;
    if (unfinished) this.#carriedLine();
    const cut =
      (this.#open && (this.#call || this.#store.currentLacksItsEnd(unfinished))) || (unfinished && this.#badHeader);
    this.#endGoroutine();
    if (this.#bytes === PPROF_DUMP_CUT_BYTES) this.#diagnostics.add('cut-at-64MiB');
    else if (cut) this.#diagnostics.add('cut', this.#lineNumber);
    if (this.#carriageReturns > 0) {
      this.#diagnostics.add('carriage-returns', 0, undefined, this.#carriageReturns);
    }
    if (this.#store.size === 0) throw this.#notADump();
    return new GoroutineDump(this.#store, this.#diagnostics, cut || this.#bytes === PPROF_DUMP_CUT_BYTES);
  }

  #notADump(): TidemarkError {
    if (this.#bytes === 0) return new TidemarkError('TM_FILE_EMPTY', 'the goroutine dump is empty');
    const why = this.#profileHint ?? 'no line of it begins a goroutine (`goroutine 1 [running]:`)';
    return new TidemarkError('TM_NOT_A_PROFILE', `this is no goroutine dump: ${why}`, {
      advice: "Save one with: curl -o goroutines.txt 'http://HOST:PORT/debug/pprof/goroutine?debug=2'",
    });
  }

  #keep(chunk: Uint8Array, start: number, end: number): void {
    const length = this.#carried + end - start;
    if (length > this.#limits.maxLineBytes) {
      this.#overlong = true;
      this.#carried = 0;
      return;
    }
    if (length > this.#carry.length) {
      const larger = new Uint8Array(length * 2);
      larger.set(this.#carry.subarray(0, this.#carried));
      this.#carry = larger;
    }
    this.#carry.set(chunk.subarray(start, end), this.#carried);
    this.#carried = length;
  }

  #carriedLine(): void {
    const length = this.#carried;
    this.#carried = 0;
    if (this.#overlong) {
      this.#overlong = false;
      this.#tooLong();
    } else this.#colouredLine(this.#carry, 0, length);
  }

  #tooLong(): void {
    this.#lineNumber++;
    this.#diagnostics.add('line-too-long', this.#lineNumber);
  }

  #colouredLine(buffer: Uint8Array, start: number, end: number): void {
    const line = buffer.subarray(start, end);
    if (line.indexOf(0x1b) < 0) {
      this.#line(buffer, start, end);
      return;
    }
    this.#diagnostics.add('colour-codes', this.#lineNumber + 1);
    const plain = stripColours(line);
    this.#line(plain, 0, plain.length);
  }

  #line(line: Uint8Array, start: number, lineEnd: number): void {
    this.#lineNumber++;
    let end = lineEnd;
    if (end > start && line[end - 1] === 0x0d) {
      end--;
      this.#carriageReturns++;
    }
    if (end === start) this.#endGoroutine();
    else if (startsWith(line, start, end, GOROUTINE) && isDigit(line[start + GOROUTINE.length] ?? 0)) {
      this.#header(line, start, end);
    } else if (!this.#open) this.#outside(line, start, end);
    else if (line[start] === 0x09) this.#file(line, start, end);
    else this.#inside(line, start, end);
  }

  /** A line of a stack that is neither its header nor a file. */
  #inside(line: Uint8Array, start: number, end: number): void {
    if (this.#skipping) return;
    // Tried on the spare key: interleaved text may stand between a call and its file, and must not lose the call.
    if (startsWith(line, start, end, CREATED_BY)) {
      const creator = this.#spare.startCreator(line, start + CREATED_BY.length, end);
      if (creator < 0) return;
      this.#creator = creator;
      this.#beginCall(true);
    } else if (startsWith(line, start, end, ELIDED)) this.#elided(line, start, end);
    else if (startsWith(line, start, end, ORIGIN)) {
      this.#diagnostics.add('ancestors', this.#lineNumber, () => this.#text(line, start, end));
      this.#skipping = true;
    } else if (this.#spare.startCall(line, start, end)) this.#beginCall(false);
    else this.#diagnostics.add('text-inside', this.#lineNumber, () => this.#text(line, start, end));
  }

  #beginCall(creator: boolean): void {
    if (this.#call) this.#diagnostics.add('call-without-file', this.#lineNumber);
    [this.#key, this.#spare] = [this.#spare, this.#key];
    this.#call = true;
    this.#creatorCall = creator;
  }

  #header(line: Uint8Array, start: number, end: number): void {
    this.#endGoroutine();
    let at = start + GOROUTINE.length;
    let id = 0;
    while (at < end && isDigit(line[at]!)) id = id * 10 + line[at++]! - 0x30;
    // `gp=0xc000002380 m=0 mp=0x5a3d80` at crashes and SIGQUIT: different for each goroutine and of no use.
    while (at < end && line[at] !== 0x5b) at++;
    const header = this.#store.header(line, at, end);
    if (header < 0) {
      this.#diagnostics.add('header-malformed', this.#lineNumber, () => this.#text(line, start, end));
      this.#badHeader = true;
      return;
    }
    this.#badHeader = false;
    this.#store.begin(id, header);
    this.#open = true;
  }

  #file(line: Uint8Array, start: number, end: number): void {
    if (this.#skipping) return;
    if (!this.#call) {
      if (startsWith(line, start, end, UNAVAILABLE)) {
        this.#store.unavailable();
        this.#diagnostics.add('stack-unavailable', this.#lineNumber);
      } else this.#diagnostics.add('text-inside', this.#lineNumber, () => this.#text(line, start, end));
      return;
    }
    if (!this.#key.finishFile(line, start, end)) {
      this.#diagnostics.add('text-inside', this.#lineNumber, () => this.#text(line, start, end));
      return;
    }
    this.#call = false;
    if (this.#creatorCall) this.#store.creator(this.#key, this.#creator);
    else if (!this.#store.frame(this.#key)) this.#diagnostics.add('frames-over-limit', this.#lineNumber);
  }

  #elided(line: Uint8Array, start: number, end: number): void {
    const text = this.#text(line, start, end);
    if (!/^\.\.\.(?:\d+ |additional )frames elided\.\.\.$/.test(text)) {
      this.#diagnostics.add('text-inside', this.#lineNumber, () => text);
      return;
    }
    this.#store.elided();
    this.#diagnostics.add('frames-elided', this.#lineNumber);
  }

  #outside(line: Uint8Array, start: number, end: number): void {
    if (this.#badHeader) return;
    const text = this.#text(line, start, Math.min(end, start + 200));
    if (this.#profileHint === null) this.#profileHint = hintOf(text);
    this.#diagnostics.add('text-outside', this.#lineNumber, () => text);
  }

  #endGoroutine(): void {
    this.#skipping = false;
    this.#badHeader = false;
    if (!this.#open) return;
    if (this.#call) {
      this.#call = false;
      this.#diagnostics.add('call-without-file', this.#lineNumber);
    }
    this.#open = false;
    const dropped = this.#store.commit();
    if (dropped) this.#diagnostics.add(dropped, this.#lineNumber);
  }

  #text(line: Uint8Array, start: number, end: number): string {
    return this.#decoder.decode(line.subarray(start, end));
  }
}

/** Reads a whole dump that is already in memory; see DumpParser. */
export function parseDump(text: Uint8Array | string, limits: Partial<DumpLimits> = {}): GoroutineDump {
  const parser = new DumpParser(limits);
  parser.push(typeof text === 'string' ? new TextEncoder().encode(text) : text);
  return parser.end();
}

function hintOf(text: string): string | null {
  if (text.startsWith('goroutine profile: total')) {
    return 'it is the debug=1 form, which has neither ids nor states; take debug=2';
  }
  if (text.charCodeAt(0) === 0x1f) return 'it is compressed (a proto profile?)';
  return null;
}

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function startsWith(line: Uint8Array, start: number, end: number, word: Uint8Array): boolean {
  if (end - start < word.length) return false;
  for (let i = 0; i < word.length; i++) if (line[start + i] !== word[i]) return false;
  return true;
}

/** Removes `ESC [ … letter` sequences and other escapes of two bytes. */
function stripColours(line: Uint8Array): Uint8Array {
  const out = new Uint8Array(line.length);
  let to = 0;
  for (let i = 0; i < line.length; i++) {
    if (line[i] !== 0x1b) {
      out[to++] = line[i]!;
      continue;
    }
    i++;
    if (line[i] !== 0x5b) continue;
    i++;
    while (i < line.length && !(line[i]! >= 0x40 && line[i]! <= 0x7e)) i++;
  }
  return out.subarray(0, to);
}
