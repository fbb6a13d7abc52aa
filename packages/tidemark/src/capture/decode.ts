import { type Profile, readProfile } from '@tidemark/pprof';
import { nodeCodec } from '../base/codec.js';
import type { Taken } from './types.js';

/**
 * The profile of a capture, decoded anew at every call: columns are large, captured bytes are small.
 * @throws TidemarkError TM_NOT_A_PROFILE, TM_PROFILE_CORRUPT, TM_LIMIT.
 */
export function decode(taken: Taken, maxBytes = 2 ** 30): Profile {
  return readProfile(taken.bytes, nodeCodec, { maxBytes });
}

/** Sum of a sample type over all samples; null when the profile has no such type. */
export function total(profile: Profile, type: string): number | null {
  const index = profile.typeIndex(type);
  if (index < 0) return null;
  let sum = 0;
  for (let sample = 0; sample < profile.sampleCount; sample++) sum += profile.value(sample, index);
  return sum;
}

/** Objects ever allocated by stack; null without addresses or without alloc values. Stacks are named by a 53-bit hash. */
export function allocsByStack(profile: Profile): Map<number, number> | null {
  const objects = profile.typeIndex('alloc_objects');
  if (objects < 0) return null;
  const out = new Map<number, number>();
  for (let sample = 0; sample < profile.sampleCount; sample++) {
    let low = 0x811c9dc5;
    let high = 0x9dc5811c;
    for (let at = profile.stackStarts[sample]!; at < profile.stackStarts[sample + 1]!; at++) {
      const address = profile.locationAddresses[profile.stackLocations[at]!]!;
      if (address === 0n) return null;
      const bits = Number(address & 0xffffffffn) ^ Number(address >> 32n);
      low = Math.imul(low ^ bits, 0x01000193);
      high = Math.imul(high ^ (bits + at - profile.stackStarts[sample]!), 0x85ebca6b);
    }
    const key = (high >>> 11) * 2 ** 32 + (low >>> 0);
    out.set(key, (out.get(key) ?? 0) + profile.value(sample, objects));
  }
  return out;
}

/** The build id of the program (not of libraries); null where the linker wrote none (Go up to 1.23). */
export function buildIdOf(profile: Profile): string | null {
  return profile.mappings[0]?.buildId || null;
}

/** Go's version from the path of its own sources, where a toolchain of the module cache built the program. */
export function goVersionOf(profile: Profile): string | null {
  for (let i = 0; i < Math.min(profile.functionCount, 5000); i++) {
    const file = profile.strings.get(profile.functionFiles[i]!);
    const match = /golang\.org\/toolchain@v[\d.]+-(go\d+\.\d+(?:\.\d+|rc\d+)?)\b/.exec(file);
    if (match) return match[1]!;
  }
  return null;
}
