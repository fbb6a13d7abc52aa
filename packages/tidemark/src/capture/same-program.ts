import { basename } from 'node:path';
import { isStandardLibrary, TidemarkError } from '@tidemark/model';
import type { Profile } from '@tidemark/pprof';
import { printable } from '../base/text.js';

/** Below this share of common functions two profiles with different program names are of different programs. */
const MIN_SHARE = 0.2;
const MIN_FUNCTIONS = 3;

/**
 * Refuses profiles that come from different programs: their names differ and they share next to no code, or no name
 * is known (text forms) and they share nothing. A new build or a renamed binary of one program passes.
 * @throws TidemarkError TM_DIFFERENT_PROGRAMS.
 */
export function refuseDifferentPrograms(profiles: readonly Profile[]): void {
  const first = profiles[0];
  if (!first) return;
  const code = ownFunctions(first);
  for (const other of profiles.slice(1)) {
    const names = [nameOf(first), nameOf(other)];
    if (names[0] && names[0] === names[1]) continue;
    const otherCode = ownFunctions(other);
    const smaller = Math.min(code.size, otherCode.size);
    if (smaller < MIN_FUNCTIONS) continue;
    let common = 0;
    for (const key of code) if (otherCode.has(key)) common++;
    const share = common / smaller;
    if (names[0] && names[1] ? share < MIN_SHARE : common === 0)
      throw new TidemarkError(
        'TM_DIFFERENT_PROGRAMS',
        `the profiles come from different programs (${names.map((n) => printable(n || 'unnamed', 40)).join(', ')}): ${common} of ${smaller} functions are common`,
      );
  }
}

function nameOf(profile: Profile): string {
  return basename(profile.mappings[0]?.file ?? '');
}

/** Functions outside of the standard library, with their file: `main.main` alone is in every program. */
function ownFunctions(profile: Profile): Set<string> {
  const out = new Set<string>();
  for (let i = 0; i < profile.functionCount; i++) {
    const name = profile.strings.get(profile.functionNames[i]!);
    if (name && !isStandardLibrary(name))
      out.add(`${name}\n${basename(profile.strings.get(profile.functionFiles[i]!))}`);
  }
  return out;
}
