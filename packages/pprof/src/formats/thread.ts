import type { Profile } from '../profile.js';
import { corrupt } from '../wire.js';
import { AddressStacks } from './address-stacks.js';
import { callSite, isSpaceOrComment, Lines, parseAddresses } from './lines.js';
import { isMemoryMapStart } from './memory-map.js';

const FIRST_LINE = /--- threadz \d+ ---/;
const THREAD = /--- Thread ([0-9a-fA-F]+) \(name: (.*)\/(\d+)\) stack: ---/;

/** Reads threadz: the stacks of all threads of a C++ server. null for other forms. */
export function readThreadText(bytes: Uint8Array): Profile | null {
  const lines = new Lines(bytes);
  while (lines.next() && isSpaceOrComment(lines.current));
  if (FIRST_LINE.test(lines.current)) {
    while (lines.next() && !isMemoryMapStart(lines.current) && !lines.current.startsWith('-'));
  } else if (!THREAD.test(lines.current)) return null;
  const stacks = new AddressStacks('thread-text');
  stacks.builder.sampleTypes = [{ type: 'thread', unit: 'count' }];
  stacks.builder.periodType = { type: 'thread', unit: 'count' };
  stacks.builder.period = 1n;
  while (!isMemoryMapStart(lines.current) && !lines.current.startsWith('---- no stack trace for')) {
    if (!THREAD.test(lines.current)) return null;
    const addresses = readStack(lines);
    const last = stacks.rows.at(-1);
    if (addresses.length > 0) {
      stacks.add(
        addresses.map((a, i) => (i > 0 ? callSite(a) : a)),
        [1],
      );
    } else if (last) last.values[0] = Number(last.values[0]) + 1;
  }
  stacks.dropDuplicateLeaves = true;
  return stacks.finish(lines);
}

/** The addresses of one thread; none where it has the same stack as the thread before. */
function readStack(lines: Lines): bigint[] {
  const addresses: bigint[] = [];
  let same = false;
  while (lines.next()) {
    const line = lines.current.trim();
    if (line === '') continue;
    if (line.startsWith('---')) break;
    if (line.includes('same as previous thread')) same = true;
    else {
      const found = parseAddresses(line);
      if (!found) throw corrupt('an address has more than 64 bits');
      addresses.push(...found);
    }
  }
  return same ? [] : addresses;
}
