import type { Profile, ProfileForm } from '../profile.js';
import { corrupt } from '../wire.js';
import { AddressStacks } from './address-stacks.js';
import { callSite, isSpaceOrComment, Lines, parseAddresses, parseInt64 } from './lines.js';
import { parseLabels, parseSymbol } from './symbols.js';

const HEADER = /^(\S+) profile: total (\d+)$/;
const SAMPLE = /^(\d+) @((?: 0x[0-9a-f]+)*)$/;

/** Reads `goroutine?debug=1`, `threadcreate?debug=1` and every other count profile of Go; null for other forms. */
export function readGoCountText(bytes: Uint8Array): Profile | null {
  const lines = new Lines(bytes);
  while (lines.next() && isSpaceOrComment(lines.current));
  const m = HEADER.exec(lines.current);
  if (!m) return null;
  const type = m[1]!;
  const form: ProfileForm =
    type === 'goroutine' || type === 'goroutineleak'
      ? 'goroutine-text'
      : type === 'threadcreate'
        ? 'threadcreate-text'
        : 'count-text';
  const stacks = new AddressStacks(form);
  const b = stacks.builder;
  b.periodType = { type, unit: 'count' };
  b.period = 1n;
  b.sampleTypes = [{ type, unit: 'count' }];
  b.total = Number(m[2]);
  while (lines.next()) {
    const line = lines.current;
    if (isSpaceOrComment(line)) {
      const symbol = parseSymbol(line);
      if (symbol) stacks.addSymbol(symbol);
      else {
        const labels = parseLabels(line);
        if (labels) stacks.addLabels(labels);
      }
      continue;
    }
    if (line.startsWith('---')) break;
    const sample = SAMPLE.exec(line);
    const count = sample && parseInt64(sample[1]!);
    const addresses = sample && parseAddresses(sample[2]!);
    if (count === null || !addresses) throw corrupt(`not a sample: ${line.slice(0, 80)}`);
    stacks.add(addresses.map(callSite), [count]);
  }
  return stacks.finish(lines);
}
