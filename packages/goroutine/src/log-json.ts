import { LinePrefix, type LogForm, MAX_PREFIX_BYTES } from './log-prefix.js';

/** Deeper values of an entry are not looked at. */
const MAX_DEPTH = 4;

/** Members that tell one source from another; what else differs from line to line (cursors, ids of entries) does not. */
const SOURCE =
  /(?:^|[._])(?:pid|stream|pod|container|host|hostname|instance|unit|service|node|namespace)(?:[._]?(?:id|name))?$/i;

/** Collectors that write one JSON object a line, with the program's line in one of its members. */
export class JsonLines implements LogForm {
  readonly key: string;
  readonly #before: LinePrefix;
  readonly #path: readonly string[];
  readonly #source: string;
  /** The collector keeps the newline, so an entry without one is a piece of a longer line. */
  readonly #keepsNewline: boolean;
  bytes = new Uint8Array();
  from = 0;
  to = 0;
  partial = false;

  private constructor(before: LinePrefix, path: readonly string[], source: string, keepsNewline: boolean) {
    this.#before = before;
    this.#path = path;
    this.#source = source;
    this.#keepsNewline = keepsNewline;
    this.key = `${before.key}\0${JSON.stringify(path)}\0${source}`;
  }

  /** Learns from an entry one member of which is `text`; null when the line is no such entry. */
  static learn(line: Uint8Array, start: number, end: number, text: string): JsonLines | null {
    const open = line.indexOf(0x7b, start);
    if (open < 0 || open >= end || open - start > MAX_PREFIX_BYTES) return null;
    const entry = parse(line, open, end);
    const path = entry && pathOf(entry, text, 0);
    if (!path) return null;
    return new JsonLines(LinePrefix.learn(line, start, open), path, sourceOf(entry, 0), text.endsWith('\n'));
  }

  read(line: Uint8Array, start: number, end: number): boolean {
    if (!this.#before.read(line, start, end)) return false;
    const entry = parse(line, this.#before.from, end);
    if (!entry || sourceOf(entry, 0) !== this.#source) return false;
    let value: unknown = entry;
    for (const name of this.#path) {
      if (!isObject(value) || !Object.hasOwn(value, name)) return false;
      value = value[name];
    }
    if (typeof value !== 'string') return false;
    const ended = value.endsWith('\n');
    this.partial = this.#keepsNewline && !ended;
    this.bytes = new TextEncoder().encode(ended ? value.slice(0, -1) : value);
    this.from = 0;
    this.to = this.bytes.length;
    return true;
  }
}

type Entry = Record<string, unknown>;

function isObject(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(line: Uint8Array, start: number, end: number): Entry | null {
  if (line[start] !== 0x7b) return null;
  try {
    const entry: unknown = JSON.parse(new TextDecoder().decode(line.subarray(start, end)));
    return isObject(entry) ? entry : null;
  } catch {
    return null;
  }
}

function pathOf(entry: Entry, text: string, depth: number): string[] | null {
  for (const [name, value] of Object.entries(entry)) {
    if (value === text) return [name];
    const inner = isObject(value) && depth < MAX_DEPTH ? pathOf(value, text, depth + 1) : null;
    if (inner) return [name, ...inner];
  }
  return null;
}

function sourceOf(entry: Entry, depth: number): string {
  const found: string[] = [];
  for (const [name, value] of Object.entries(entry)) {
    if (isObject(value)) {
      const inner = depth < MAX_DEPTH ? sourceOf(value, depth + 1) : '';
      if (inner) found.push(`${name}{${inner}}`);
    } else if ((typeof value === 'string' || typeof value === 'number') && SOURCE.test(name)) {
      found.push(`${name}=${JSON.stringify(value)}`);
    }
  }
  // Collectors that keep members in a hash table write them in any order.
  return found.sort().join();
}
