import { causeRule, goroutines } from '../../goroutine/cause-rule.js';

/** A lock is waited for that nobody alive holds: who took it left without Unlock (docs/rules/goroutine-holder-gone.md). */
export const goroutineHolderGone = causeRule({
  id: 'goroutine/holder-gone',
  title: 'a lock whose holder has left',
  causes: ['lock-not-released-return', 'lock-not-released-panic', 'lock-not-released-goexit'],
  headline: (_, waiting) => `${goroutines(waiting)} for a lock that nobody alive holds`,
});
