import type { Profile } from '../profile.js';
import { corrupt } from '../wire.js';
import { AddressStacks } from './address-stacks.js';
import { callSite, isSpaceOrComment, Lines, parseAddresses, parseInt64, truncateToInt64 } from './lines.js';
import { parseSymbol } from './symbols.js';

// The numbers may touch; their bound keeps a line of nothing but digits from being split in all ways.
const SAMPLE = /(?<!\d)(\d{1,40}) *(\d{1,40}) @([ x0-9a-f]*)/;

/** Reads `block?debug=1` and `mutex?debug=1` of Go and contentionz of C++; null for other forms. */
export function readContentionText(bytes: Uint8Array): Profile | null {
  const lines = new Lines(bytes);
  if (!lines.next()) return null;
  const first = lines.current;
  const mutex = first.startsWith('--- mutex:');
  if (!mutex && !first.startsWith('--- contention:') && !first.startsWith('--- contentionz ')) return null;
  const stacks = new AddressStacks('contention-text');
  const b = stacks.builder;
  b.periodType = { type: 'contentions', unit: 'count' };
  b.period = 1n;
  b.sampleTypes = [
    { type: 'contentions', unit: 'count' },
    { type: 'delay', unit: 'nanoseconds' },
  ];
  if (!first.startsWith('--- contentionz ')) b.declaredKind = mutex ? 'mutex' : 'block';
  let cyclesPerSecond = 0;
  while (lines.next()) {
    const line = lines.current.trim();
    if (isSpaceOrComment(line)) continue;
    const equals = line.indexOf('=');
    if (line.startsWith('---') || equals < 0) break;
    const value = parseInt64(line.slice(equals + 1).trim());
    switch (line.slice(0, equals).trim()) {
      case 'cycles/second':
        if (value === null) return null;
        cyclesPerSecond = Number(value);
        break;
      case 'sampling period':
        if (value === null) return null;
        b.period = BigInt(value);
        break;
      case 'ms since reset':
        if (value === null) return null;
        b.durationNanos = BigInt.asIntN(64, BigInt(value) * 1000000n);
        break;
      case 'discarded samples':
        break;
      default:
        return null;
    }
  }
  const period = b.period;
  do {
    const line = lines.current.trim();
    if (line.startsWith('---')) break;
    if (isSpaceOrComment(line)) {
      const symbol = parseSymbol(lines.current);
      if (symbol) stacks.addSymbol(symbol);
      continue;
    }
    const m = SAMPLE.exec(line);
    if (!m) return null;
    let delay = parseInt64(m[1]!);
    let count = parseInt64(m[2]!);
    const addresses = parseAddresses(m[3]!);
    if (delay === null || count === null || !addresses) throw corrupt(`not a sample: ${line.slice(0, 80)}`);
    if (period > 0n) {
      // Cycles become nanoseconds and both are scaled up by the sampling period.
      if (cyclesPerSecond > 0) {
        delay = truncateToInt64((Number(delay) * Number(period)) / (cyclesPerSecond / 1e9));
      }
      count = BigInt.asIntN(64, BigInt(count) * period);
    }
    stacks.add(addresses.map(callSite), [count, delay]);
  } while (lines.next());
  return stacks.finish(lines);
}
