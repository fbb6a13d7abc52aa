import { type StackGroup, TidemarkError } from '@tidemark/model';
import { profileKind } from './kind.js';
import type { Profile } from './profile.js';

/**
 * The stacks of a goroutine profile with how many goroutines are on each. Frames are normalised, leaf first.
 * Proto and debug=1 text know neither ids nor states nor creators. Throws TM_WRONG_PROFILE_TYPE for other kinds.
 */
export function stackGroups(p: Profile): StackGroup[] {
  if (profileKind(p) !== 'goroutine') {
    throw new TidemarkError('TM_WRONG_PROFILE_TYPE', `a goroutine profile is needed, this is of ${profileKind(p)}`);
  }
  const groups: StackGroup[] = [];
  for (let s = 0; s < p.sampleCount; s++) {
    const count = p.value(s, 0);
    if (count === 0) continue;
    const frames = p.sites(s);
    if (frames.at(-1)?.function === 'runtime.goexit') frames.pop();
    groups.push({ count, frames, creator: null, state: null, labels: p.textLabels(s), ids: [] });
  }
  return groups;
}
