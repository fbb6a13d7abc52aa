import { isTidemarkError, TidemarkError } from '@tidemark/model';
import { type Profile, readProfile } from '@tidemark/pprof';
import type { Clock } from '../base/clock.js';
import { nodeCodec } from '../base/codec.js';
import { printable } from '../base/text.js';
import { readFiles, type Target } from '../targets/index.js';
import { recognise } from './recognise.js';

/** A mutex or block profile with when it was taken. */
export interface ContentionProfile {
  readonly capture: string;
  readonly atMs: number;
  readonly profile: Profile;
}

/** Oldest first. */
export interface ContentionProfiles {
  readonly mutex: ContentionProfile[];
  readonly block: ContentionProfile[];
}

const KINDS = ['mutex', 'block'] as const;
const MAX_BYTES = 256 * 2 ** 20;

/** Takes the mutex and block profiles of a live service beside its dumps; what it does not give is told, no error. */
export class ContentionTaker {
  readonly taken: ContentionProfiles = { mutex: [], block: [] };
  readonly #target: Target;
  readonly #clock: Clock;
  readonly #options: { signal?: AbortSignal; onNote?: (text: string) => void };

  constructor(target: Target, clock: Clock, options: { signal?: AbortSignal; onNote?: (text: string) => void }) {
    this.#target = target;
    this.#clock = clock;
    this.#options = options;
  }

  async take(): Promise<void> {
    for (const kind of KINDS) {
      if (!this.#target.offers.profiles.has(kind)) continue;
      const atMs = this.#clock.now();
      try {
        const { body } = await this.#target.fetch({ profile: kind }, undefined, this.#options.signal);
        const profile = readProfile(body, nodeCodec, { maxBytes: MAX_BYTES });
        this.taken[kind].push({ capture: `${this.#target.shown} ${kind}`, atMs, profile });
      } catch (error) {
        if (!isTidemarkError(error)) throw error;
        this.#options.onNote?.(`the ${kind} profile was offered but not taken: ${error.message}`);
      }
    }
  }
}

/**
 * Mutex and block profiles from files, told apart by their content and ordered by the time inside them.
 * @throws TidemarkError TM_WRONG_PROFILE_TYPE for any other profile, and what reading throws.
 */
export async function readContention(paths: readonly string[]): Promise<ContentionProfiles> {
  const out: ContentionProfiles = { mutex: [], block: [] };
  if (paths.length === 0) return out;
  for (const file of await readFiles(paths, {})) {
    const what = recognise(file.bytes, file.path, MAX_BYTES);
    if (what.kind !== 'mutex' && what.kind !== 'block')
      throw new TidemarkError(
        'TM_WRONG_PROFILE_TYPE',
        `${printable(file.path)} is ${what.kind === 'other' ? what.what : `a ${what.kind}`}; beside a dump mutex and block profiles are read`,
      );
    const insideMs = Number(what.profile.timeNanos) / 1e6;
    const atMs = insideMs > 0 ? insideMs : file.modifiedAtMs;
    out[what.kind].push({ capture: file.path, atMs, profile: what.profile });
  }
  for (const kind of KINDS) out[kind].sort((a, b) => a.atMs - b.atMs);
  return out;
}
