import { causeRule, goroutines } from '../../goroutine/cause-rule.js';

/** The holder of a lock is busy, or sleeps, while others queue (docs/rules/goroutine-slow-holder.md). */
export const goroutineSlowHolder = causeRule({
  id: 'goroutine/slow-holder',
  title: 'a lock is held during slow work',
  causes: ['slow-holder'],
  headline: (_, waiting) => `${goroutines(waiting)} for a lock whose holder is at work`,
});
