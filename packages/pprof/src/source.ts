import { Profile, type SampleColumns } from './profile.js';

/** What can be added up: a profile that is there, or one whose samples are decoded as they are added. */
export interface ProfileSource {
  /** The profile without its samples. */
  readonly head: Profile;
  /**
   * Gives the samples, some at a time, to `take`; the columns are reused for those that follow. Throws
   * TM_PROFILE_CORRUPT when they are malformed, which may be after some were given.
   */
  eachBatch(take: (batch: SampleColumns) => void): void;
  /** The profile with its samples. Throws TM_PROFILE_CORRUPT. */
  whole(): Profile;
}

/** A profile as a source, in one batch; a source as it is. */
export function sourceOf(profile: Profile | ProfileSource): ProfileSource {
  if (!(profile instanceof Profile)) return profile;
  return { head: profile, eachBatch: (take) => take(samplesOf(profile)), whole: () => profile };
}

/** The samples alone, in an object that looks the same whatever they come from: code for it is compiled once. */
function samplesOf(p: SampleColumns): SampleColumns {
  return {
    sampleCount: p.sampleCount,
    stackStarts: p.stackStarts,
    stackLocations: p.stackLocations,
    values: p.values,
    labelStarts: p.labelStarts,
    labelKeys: p.labelKeys,
    labelTexts: p.labelTexts,
    labelNumbers: p.labelNumbers,
    labelUnits: p.labelUnits,
  };
}
