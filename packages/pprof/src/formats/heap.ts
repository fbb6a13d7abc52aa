import type { Profile } from '../profile.js';
import { corrupt } from '../wire.js';
import { AddressStacks } from './address-stacks.js';
import { callSite, isSpaceOrComment, Lines, parseAddresses, parseInt64, truncateToInt64 } from './lines.js';
import { isMemoryMapStart } from './memory-map.js';
import { parseMemStat, parseSymbol } from './symbols.js';

const HEADER = /heap profile: *(\d+): *(\d+) *\[ *(\d+): *(\d+) *\] *@ *(heap[_a-z0-9]*)\/?(\d*)/;
const GROWTH = /heap profile: *(\d+): *(\d+) *\[ *(\d+): *(\d+) *\] @ (?:growth|fragmentation)z?/;
// Begins where a number does: from within it would only fail once more.
const SAMPLE = /((?:-|(?<!\d))\d+): *(-?\d+) *\[ *(\d+): *(\d+) *] @([ x0-9a-f]*)/;

interface Header {
  /** Version 2 counts are of sampled objects and are scaled up by the rate; others are as they are. */
  readonly scaled: boolean;
  readonly period: number | bigint;
  readonly hasAlloc: boolean;
}

/** Reads `heap?debug=1` (Go), heapz, growthz and fragmentationz texts; null where the text is another form. */
export function readHeapText(bytes: Uint8Array): Profile | null {
  const lines = new Lines(bytes);
  if (!lines.next()) return null;
  const header = parseHeader(lines.current);
  if (header === null) return null;
  const stacks = new AddressStacks('heap-text');
  const b = stacks.builder;
  b.periodType = { type: 'space', unit: 'bytes' };
  b.period = BigInt(header.period);
  const count = (type: string) => ({ type, unit: 'count' });
  const size = (type: string) => ({ type, unit: 'bytes' });
  b.sampleTypes = header.hasAlloc
    ? [count('alloc_objects'), size('alloc_space'), count('inuse_objects'), size('inuse_space')]
    : [count('objects'), size('space')];
  while (lines.next()) {
    if (isSpaceOrComment(lines.current)) {
      const symbol = parseSymbol(lines.current);
      if (symbol) stacks.addSymbol(symbol);
      else {
        const stat = parseMemStat(lines.current);
        if (stat) {
          b.memStats ??= {};
          b.memStats[stat[0]] = stat[1];
        }
      }
      continue;
    }
    if (isMemoryMapStart(lines.current)) break;
    addSample(stacks, lines.current.trim(), header);
  }
  return stacks.finish(lines);
}

function parseHeader(line: string): Header | null {
  const m = HEADER.exec(line);
  if (!m) return GROWTH.test(line) ? { scaled: false, period: 1, hasAlloc: false } : null;
  const rate = m[6] === '' ? 0 : parseInt64(m[6]!);
  if (rate === null) return null;
  const hasAlloc = (m[3] !== m[1] && m[3] !== '0') || (m[4] !== m[2] && m[4] !== '0');
  switch (m[5]) {
    case 'heapz_v2':
    case 'heap_v2':
      return { scaled: true, period: rate, hasAlloc };
    case 'heapprofile':
      return { scaled: false, period: 1, hasAlloc };
    case 'heap':
      // Go writes twice the rate here, because the C++ tools of old halved it.
      return { scaled: true, period: typeof rate === 'bigint' ? rate / 2n : Math.trunc(rate / 2), hasAlloc };
    default:
      return null;
  }
}

function addSample(stacks: AddressStacks, line: string, header: Header): void {
  const m = SAMPLE.exec(line);
  if (!m) throw corrupt(`not a heap sample: ${line.slice(0, 80)}`);
  const values: (number | bigint)[] = [];
  let objectBytes: number | bigint = 0;
  const addPair = (countText: string, bytesText: string) => {
    const count = parseInt64(countText);
    const size = parseInt64(bytesText);
    if (count === null || size === null) throw corrupt(`a number of a heap sample is too large: ${line.slice(0, 80)}`);
    if (Number(count) === 0) {
      if (Number(size) !== 0) throw corrupt(`a heap sample has bytes but no objects: ${line.slice(0, 80)}`);
      values.push(0, 0);
      return;
    }
    objectBytes = BigInt(size) / BigInt(count);
    values.push(...(header.scaled ? scaleSample(Number(count), Number(size), Number(header.period)) : [count, size]));
  };
  if (header.hasAlloc) addPair(m[3]!, m[4]!);
  addPair(m[1]!, m[2]!);
  const addresses = parseAddresses(m[5]!);
  if (!addresses) throw corrupt('an address has more than 64 bits');
  stacks.add(addresses.map(callSite), values, objectBytes);
}

/**
 * Estimates what was allocated from what was sampled: an object of S bytes is sampled with probability
 * 1 − exp(−S / rate) (google/pprof profile/legacy_profile.go, Go runtime/pprof/protomem.go).
 */
export function scaleSample(count: number, bytes: number, rate: number): (number | bigint)[] {
  if (count === 0 || bytes === 0) return [0, 0];
  if (rate <= 1) return [truncateToInt64(count), truncateToInt64(bytes)];
  const scale = 1 / (1 - Math.exp(-(bytes / count) / rate));
  return [truncateToInt64(count * scale), truncateToInt64(bytes * scale)];
}
