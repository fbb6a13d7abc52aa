import type { Verdict as VerdictName } from '@tidemark/model';
import { VERDICT_WORDS } from './headline.js';

/** A verdict as sign, word and colour: any one of them is enough. */
export function Verdict({ verdict }: { verdict: VerdictName }) {
  const known = VERDICT_WORDS[verdict] ?? VERDICT_WORDS.undecided;
  return (
    <span className={`verdict tone-${verdict}`}>
      <span aria-hidden="true">{known.sign}</span> {known.word}
    </span>
  );
}
