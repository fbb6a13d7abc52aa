import type { Verdict } from '@tidemark/model';

/** 0 clean · 1 findings at or above `failOn` · 3 cannot tell yet. 2 and 4 come from errors. */
export function exitCodeOf(verdicts: readonly Verdict[], failOn: 'leak' | 'suspect' | 'never'): 0 | 1 | 3 {
  const bad: readonly Verdict[] = failOn === 'never' ? [] : failOn === 'leak' ? ['leak'] : ['leak', 'suspect'];
  if (verdicts.some((v) => bad.includes(v))) return 1;
  return verdicts.some((v) => v === 'suspect' || v === 'undecided') ? 3 : 0;
}

const ORDER: readonly Verdict[] = ['leak', 'worse', 'not-fixed', 'suspect', 'undecided', 'fixed', 'clear'];

/** The verdict of a whole report is its worst finding's; without findings it is clear. */
export function worstVerdict(verdicts: readonly Verdict[]): Verdict {
  return [...verdicts].sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b))[0] ?? 'clear';
}
