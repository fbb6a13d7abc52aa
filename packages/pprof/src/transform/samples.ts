import { Uint32List } from '../columns.js';
import type { Profile } from '../profile.js';
import { selectSamples } from '../scale.js';

/**
 * Rewrites the stacks of all samples: `rewrite` appends the new stack of a sample to `out`, or answers false to
 * drop the sample.
 */
export function rewriteStacks(
  p: Profile,
  rewrite: (sample: number, from: number, to: number, out: Uint32List) => boolean,
): Profile {
  const out = new Uint32List(p.stackLocations.length);
  const starts = new Uint32Array(p.sampleCount + 1);
  const keep = new Uint8Array(p.sampleCount);
  for (let s = 0; s < p.sampleCount; s++) {
    starts[s] = out.length;
    const before = out.length;
    if (rewrite(s, p.stackStarts[s]!, p.stackStarts[s + 1]!, out)) keep[s] = 1;
    else out.length = before;
  }
  starts[p.sampleCount] = out.length;
  return selectSamples(p.with({ stackStarts: starts, stackLocations: out.finish() }), (s) => keep[s] === 1);
}

/** Copies a range of a stack. */
export function appendStack(p: Profile, out: Uint32List, from: number, to: number): void {
  out.reserve(to - from);
  out.array.set(p.stackLocations.subarray(from, to), out.length);
  out.length += to - from;
}

/** Keeps the lines of locations for which `keep` is 1. */
export function selectLines(p: Profile, keep: Uint8Array): Profile {
  const starts = new Uint32Array(p.locationCount + 1);
  const functions = new Uint32List(p.lineFunctions.length);
  const numbers = new Float64Array(p.lineFunctions.length);
  const columns = new Float64Array(p.lineFunctions.length);
  for (let l = 0; l < p.locationCount; l++) {
    starts[l] = functions.length;
    for (let i = p.lineStarts[l]!; i < p.lineStarts[l + 1]!; i++) {
      if (keep[i] === 0) continue;
      numbers[functions.length] = p.lineNumbers[i]!;
      columns[functions.length] = p.lineColumns[i]!;
      functions.push(p.lineFunctions[i]!);
    }
  }
  starts[p.locationCount] = functions.length;
  return p.with({
    lineStarts: starts,
    lineFunctions: functions.finish(),
    lineNumbers: numbers.subarray(0, functions.length),
    lineColumns: columns.subarray(0, functions.length),
  });
}
