import { basename } from 'node:path';
import { isStandardLibrary, TidemarkError } from '@tidemark/model';
import type { Profile } from '@tidemark/pprof';
import { printable } from '../base/text.js';

/** Below this share of common functions two profiles with different program names are of different programs. */
const MIN_SHARE = 0.2;
const MIN_FUNCTIONS = 3;

/**
 * Refuses profiles that come from different programs: their names differ and they share next to no code of their own,
 * or the names say nothing (equal, as `app` in two images, or unknown, as in text forms) and they share no code at
 * all. A new build or a renamed binary of one program passes.
 * @throws TidemarkError TM_DIFFERENT_PROGRAMS.
 */
export function refuseDifferentPrograms(profiles: readonly Profile[]): void {
  const first = profiles[0];
  if (!first) return;
  const code = ownCode(first);
  for (const other of profiles.slice(1)) {
    const names = [nameOf(first), nameOf(other)];
    const otherCode = ownCode(other);
    // Libraries are common to many services; package main is a program's own.
    const useMain = Math.min(code.main.size, otherCode.main.size) >= MIN_FUNCTIONS;
    const [mine, theirs] = useMain ? [code.main, otherCode.main] : [code.all, otherCode.all];
    const smaller = Math.min(mine.size, theirs.size);
    if (smaller < MIN_FUNCTIONS) continue;
    let common = 0;
    for (const key of mine) if (theirs.has(key)) common++;
    const telling = names[0] && names[1] && names[0] !== names[1];
    if (telling ? common < MIN_SHARE * smaller : common === 0)
      throw new TidemarkError(
        'TM_DIFFERENT_PROGRAMS',
        `the profiles come from different programs (${names.map((n) => printable(n || 'unnamed', 40)).join(', ')}): ${common} of ${smaller} functions are common`,
      );
  }
}

function nameOf(profile: Profile): string {
  return basename(profile.mappings[0]?.file ?? '');
}

/** Functions outside of the standard library, with their file; main.main is in every program and tells nothing. */
function ownCode(profile: Profile): { all: Set<string>; main: Set<string> } {
  const all = new Set<string>();
  const main = new Set<string>();
  for (let i = 0; i < profile.functionCount; i++) {
    const name = profile.strings.get(profile.functionNames[i]!);
    if (!name || name === 'main.main' || isStandardLibrary(name)) continue;
    const key = `${name}\n${basename(profile.strings.get(profile.functionFiles[i]!))}`;
    all.add(key);
    if (name.startsWith('main.')) main.add(key);
  }
  return { all, main };
}
