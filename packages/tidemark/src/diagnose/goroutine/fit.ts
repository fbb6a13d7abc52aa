import { waitsForGoroutine } from '@tidemark/goroutine';
import type { Situation } from './situation.js';

/** Below this share of waiting lines that the facts know, they are of another build. */
const LEAST_SHARE = 0.5;

/**
 * Whether the facts are of the program that was dumped: at the lines of its own packages where goroutines wait they
 * must know an operation. Returns why they are not used, or null. A dump has no build id to compare.
 */
export function misfit(situation: Situation): string | null {
  const { facts } = situation;
  if (!facts) return null;
  let lines = 0;
  let known = 0;
  situation.groups.forEach((group, index) => {
    const { kind, asker } = situation.waits[index]!;
    const site = group.frames[asker];
    if (!site || !waitsForGoroutine(kind) || !facts.knows(site)) return;
    lines++;
    if (facts.functionAt(site)?.ops?.some((op) => op.line === site.line)) known++;
  });
  if (lines === 0 || known / lines >= LEAST_SHARE) return null;
  return `the facts are of another build and are not used: at ${lines - known} of ${lines} lines where goroutines wait they know no operation`;
}
