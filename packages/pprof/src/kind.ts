import type { Profile } from './profile.js';

export type ProfileKind = 'heap' | 'goroutine' | 'cpu' | 'block' | 'mutex' | 'threadcreate' | 'other';

/**
 * What a profile is of, by its sample types. Block and mutex profiles have the same types: the text form's header
 * tells them apart; of a proto, the leaf frames do: a mutex profile is written when a lock is released.
 */
export function profileKind(p: Profile): ProfileKind {
  const types = new Set(p.sampleTypes.map((t) => t.type));
  if (types.has('inuse_space') || types.has('alloc_space')) return 'heap';
  if (types.has('goroutine') || types.has('goroutineleak')) return 'goroutine';
  if (types.has('threadcreate')) return 'threadcreate';
  if (types.has('contentions') && types.has('delay')) return p.declaredKind ?? (endsInUnlock(p) ? 'mutex' : 'block');
  if (types.has('cpu') || p.periodType.type === 'cpu') return 'cpu';
  if (types.has('objects') && types.has('space')) return 'heap';
  return 'other';
}

const UNLOCK =
  /^(?:sync\.\(\*(?:RW)?Mutex\)\.R?Unlock|runtime\.(?:unlock\w*|_LostContendedRuntimeLock)|sync\..*[uU]nlock\w*)$/;

function endsInUnlock(p: Profile): boolean {
  let unlocks = 0;
  for (let s = 0; s < p.sampleCount; s++) {
    const location = p.stackLocations[p.stackStarts[s]!];
    if (location === undefined || p.stackStarts[s] === p.stackStarts[s + 1]) continue;
    if (p.locationFrames(location).some((f) => UNLOCK.test(f.function))) unlocks++;
  }
  return unlocks * 2 > p.sampleCount;
}
