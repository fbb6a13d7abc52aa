import { ProfileBuilder } from '../builder.js';
import type { Profile, ProfileForm } from '../profile.js';
import { basePath } from '../report/go-format.js';
import { corrupt } from '../wire.js';
import { dropFramesOf } from './drop-frames.js';
import { scaleSample } from './heap.js';
import { Lines, parseAddresses, parseInt64 } from './lines.js';

// Begins where a run of blanks or of digits does: from within it would only fail once more.
const SAMPLE = /(?:(?<! ) +|(?<![ \d]))(\d+) +(\d+) +@ +([ x0-9a-f]*)/;
const LOCATION = /^\s*0x([0-9a-fA-F]+)\s+(.*)\s*$/;
/** Bytes between two samples of a Java heap profile. */
const HEAP_RATE = 524288;

/** Samples of a Java profile: addresses stand for the names in the text behind them. */
export class JavaStacks {
  readonly builder: ProfileBuilder;
  private readonly rows: { addresses: bigint[]; values: (number | bigint)[]; bytes: number | bigint | null }[] = [];

  constructor(form: ProfileForm) {
    this.builder = new ProfileBuilder(form);
  }

  add(addresses: bigint[], values: (number | bigint)[], bytes: number | bigint | null = null): void {
    this.rows.push({ addresses, values, bytes });
  }

  /** Reads the names and builds. Addresses go: they mean nothing outside of this profile. */
  build(lines: Lines): Profile {
    const b = this.builder;
    const used = new Set(this.rows.flatMap((r) => r.addresses));
    const places = new Map<bigint, { name: string; file: string; line: number }>();
    const files = new Map<string, string>();
    do {
      const m = LOCATION.exec(lines.current.trim());
      if (!m) continue;
      const address = BigInt(`0x${m[1]}`);
      if (address > 0xffffffffffffffffn) throw corrupt('an address has more than 64 bits');
      if (!used.has(address)) continue;
      const place = parsePlace(m[2]!);
      // Functions are told apart by name alone; the first file stays.
      if (!files.has(place.name)) files.set(place.name, place.file);
      places.set(address, place);
    } while (lines.next());
    const functions = new Map<string, number>();
    const locations = new Map<bigint, number>();
    let unnamed = false;
    for (const row of this.rows) {
      const stack = row.addresses.map((address) => {
        let location = locations.get(address);
        if (location === undefined) {
          const place = places.get(address);
          if (!place && address !== 0n) unnamed = true;
          location = place
            ? b.addLocation(0n, [{ fn: functionOf(place.name), line: place.line }])
            : b.addLocation(0n, [], address === 0n ? 0 : 1);
          locations.set(address, location);
        }
        return location;
      });
      b.addSample(stack, row.values);
      if (row.bytes !== null) b.addNumberLabel('bytes', row.bytes);
    }
    if (unnamed) {
      const none = { start: 0n, limit: 0xffffffffffffffffn, offset: 0n, file: '', buildId: '' };
      const has = { hasFunctions: false, hasFilenames: false, hasLineNumbers: false, hasInlineFrames: false };
      b.mappings = [{ id: 1n, ...none, ...has }];
    }
    [b.dropFrames, b.keepFrames] = dropFramesOf(b.sampleTypes.map((t) => t.type).join(' '));
    return b.build();

    function functionOf(name: string): number {
      let fn = functions.get(name);
      if (fn === undefined) {
        fn = b.addFunction(name, files.get(name) ?? '');
        functions.set(name, fn);
      }
      return fn;
    }
  }
}

/**
 * `function (file:line)`, `function (library)`, or a function alone. By hand, as expressions like `(.*)\s+\((.*)\)$`
 * take time that grows with the square of a line's length.
 */
function parsePlace(text: string): { name: string; file: string; line: number } {
  if (text.endsWith(')')) {
    const number = /^-?\d+$/.exec(text.slice(text.lastIndexOf(':') + 1, -1));
    const colon = number && text.includes(':') ? text.lastIndexOf(':') : -1;
    const place = colon < 0 ? -1 : bracketBehindBlank(text, colon - 2);
    if (place >= 0) {
      const line = parseInt64(number![0]);
      const file = text.slice(place + 1, colon);
      return { name: text.slice(0, place - 1), file, line: line !== null && line > 0 ? Number(line) : 0 };
    }
    const library = bracketBehindBlank(text, text.length - 2);
    if (library >= 0) return { name: text.slice(0, library - 1), file: basePath(text.slice(library + 1, -1)), line: 0 };
  }
  return { name: text.includes('generated stub/JIT') ? 'STUB' : text, file: '', line: 0 };
}

/** The last `(` at or before `from` that has a blank in front; −1 for none. */
function bracketBehindBlank(text: string, from: number): number {
  let at = from < 0 ? -1 : text.lastIndexOf('(', from);
  while (at > 0 && !/\s/.test(text[at - 1]!)) at = text.lastIndexOf('(', at - 1);
  return at > 0 ? at : -1;
}

/** The first `name=value` of words and blanks in a line; null for none. */
function parseAttribute(line: string): [name: string, value: string] | null {
  for (let at = line.indexOf('='); at >= 0; at = line.indexOf('=', at + 1)) {
    if (!/[\w ]/.test(line[at - 1] ?? '') || !/[\w ]/.test(line[at + 1] ?? '')) continue;
    let from = at;
    while (from > 0 && /[\w ]/.test(line[from - 1]!)) from--;
    return [line.slice(from, at).trim(), /^[\w ]+/.exec(line.slice(at + 1))![0].trim()];
  }
  return null;
}

/** Reads heapz and contentionz texts of Java agents; null for other forms. */
export function readJavaText(bytes: Uint8Array): Profile | null {
  const lines = new Lines(bytes);
  if (!lines.next()) return null;
  const first = lines.current.trim();
  const heap = first === '--- heapz 1 ---';
  if (!heap && first !== '--- contentionz 1 ---') return null;
  const stacks = new JavaStacks(heap ? 'java-heap' : 'java-contention');
  const b = stacks.builder;
  // An attribute or a sample without a line end was cut: its last number would be a wrong one.
  while (lines.next() && lines.ended) {
    const line = lines.current.trim();
    if (line === '') continue;
    const attribute = parseAttribute(line);
    if (!attribute) break;
    const [name, value] = attribute;
    const number = parseInt64(value);
    if (name === 'format') {
      if (value !== 'java') return null;
    } else if (name === 'resolution') {
      const [count, size] = heap ? ['inuse_objects', 'inuse_space'] : ['contentions', 'delay'];
      b.sampleTypes = [
        { type: count!, unit: 'count' },
        { type: size!, unit: value },
      ];
    } else if (!heap && name === 'sampling period') {
      if (number === null) throw corrupt(`failed to parse attribute ${line}`);
      b.periodType = { type: 'contentions', unit: 'count' };
      b.period = BigInt(number);
    } else if (!heap && name === 'ms since reset') {
      if (number === null) throw corrupt(`failed to parse attribute ${line}`);
      b.durationNanos = BigInt.asIntN(64, BigInt(number) * 1000000n);
    } else return null;
  }
  do {
    if (!lines.ended) break;
    const line = lines.current.trim();
    if (line === '') continue;
    const m = SAMPLE.exec(line);
    if (!m) break;
    // Size comes before count here, other than in all other forms.
    const size = parseInt64(m[1]!);
    const count = parseInt64(m[2]!);
    const addresses = parseAddresses(m[3]!);
    if (size === null || count === null || !addresses) throw corrupt(`not a sample: ${line.slice(0, 80)}`);
    if (heap) {
      if (Number(count) === 0) throw corrupt('a heap sample has no objects');
      stacks.add(addresses, scaleSample(Number(count), Number(size), HEAP_RATE), BigInt(size) / BigInt(count));
    } else {
      const scaled = (v: number | bigint) => (b.period === 0n ? v : BigInt.asIntN(64, BigInt(v) * b.period));
      stacks.add(addresses, [scaled(count), scaled(size)]);
    }
  } while (lines.next());
  if (b.sampleTypes.length === 0) throw corrupt('it has no resolution line');
  return stacks.build(lines);
}
