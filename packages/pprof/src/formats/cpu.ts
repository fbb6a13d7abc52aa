import type { Profile } from '../profile.js';
import { corrupt } from '../wire.js';
import { AddressStacks } from './address-stacks.js';
import { JavaStacks } from './java.js';
import { callSite, Lines } from './lines.js';

/** Reads the next word; null when the bytes end. */
type Words = { next(): bigint | null; readonly pos: number };

const SIZES = [
  { bytes: 4, little: true },
  { bytes: 4, little: false },
  { bytes: 8, little: true },
  { bytes: 8, little: false },
] as const;

function words(bytes: Uint8Array, size: number, little: boolean): Words {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const words = {
    pos: 0,
    next(): bigint | null {
      if (words.pos + size > bytes.length) return null;
      const at = words.pos;
      words.pos += size;
      return size === 4 ? BigInt(view.getUint32(at, little)) : view.getBigUint64(at, little);
    },
  };
  return words;
}

/**
 * Reads the binary CPU profiles of gperftools (and of Java agents): words of 32 or 64 bits in either byte order,
 * `0 3 0|1 period 0`, then stacks, then a memory map or names as text. null for other forms.
 */
export function readCpuBinary(bytes: Uint8Array): Profile | null {
  if (bytes[0] !== 0) return null;
  for (const { bytes: size, little } of SIZES) {
    const w = words(bytes, size, little);
    const [n1, n2, kind, period, n5] = [w.next(), w.next(), w.next(), w.next(), w.next()];
    if (n1 !== 0n || n2 !== 3n || (kind !== 0n && kind !== 1n) || !period || n5 !== 0n) continue;
    return kind === 0n ? nativeProfile(bytes, w, period, size) : javaProfile(bytes, w, period, size);
  }
  return null;
}

const TYPES = [
  { type: 'samples', unit: 'count' },
  { type: 'cpu', unit: 'nanoseconds' },
];

function nativeProfile(bytes: Uint8Array, w: Words, periodMicros: bigint, size: number): Profile {
  const stacks = new AddressStacks('cpu-binary');
  const period = BigInt.asIntN(64, periodMicros * 1000n);
  stacks.builder.period = period;
  stacks.builder.periodType = TYPES[1]!;
  stacks.builder.sampleTypes = TYPES;
  readStacks(bytes, w, size, (count, addresses) => {
    // All but the leaf are return addresses: the call is before them.
    const sites = addresses.map((a, i) => (i > 0 ? callSite(a) : a));
    stacks.add(sites, [BigInt.asIntN(64, count), BigInt.asIntN(64, count * period)]);
  });
  dropHandlerFrames(stacks);
  stacks.dropDuplicateLeaves = true;
  return stacks.build(new Lines(bytes, w.pos));
}

function javaProfile(bytes: Uint8Array, w: Words, periodMicros: bigint, size: number): Profile {
  const stacks = new JavaStacks('java-cpu');
  const period = BigInt.asIntN(64, periodMicros * 1000n);
  stacks.builder.period = period;
  stacks.builder.periodType = TYPES[1]!;
  stacks.builder.sampleTypes = TYPES;
  readStacks(bytes, w, size, (count, addresses) => {
    stacks.add(addresses, [BigInt.asIntN(64, count), BigInt.asIntN(64, count * period)]);
  });
  return stacks.build(new Lines(bytes, w.pos));
}

function readStacks(
  bytes: Uint8Array,
  w: Words,
  size: number,
  add: (count: bigint, addresses: bigint[]) => void,
): void {
  while (w.pos < bytes.length) {
    const count = w.next();
    const depth = w.next();
    if (count === null || depth === null || depth > BigInt(Math.floor((bytes.length - w.pos) / 4))) {
      throw corrupt('a stack is longer than the file');
    }
    const addresses: bigint[] = [];
    for (let i = 0; i < Number(depth); i++) {
      const address = w.next();
      if (address === null) throw corrupt(`a stack ends in the middle of a word of ${size} bytes`);
      addresses.push(address);
    }
    if (count === 0n && depth === 1n && addresses[0] === 0n) return;
    add(count, addresses);
  }
}

/**
 * When nearly all stacks have the same second frame, it is the signal handler's, not the program's: it goes, twice
 * at most. One stack of 32 may differ.
 */
function dropHandlerFrames(stacks: AddressStacks): void {
  const margin = Math.floor(stacks.rows.length / 32);
  for (let round = 0; round < 2; round++) {
    const counts = new Map<bigint, number>();
    for (const { addresses } of stacks.rows) {
      if (addresses.length > 1) counts.set(addresses[1]!, (counts.get(addresses[1]!) ?? 0) + 1);
    }
    for (const [address, count] of counts) {
      if (count < stacks.rows.length - margin) continue;
      for (const { addresses } of stacks.rows)
        if (addresses.length > 1 && addresses[1] === address) addresses.splice(1, 1);
      break;
    }
  }
}
