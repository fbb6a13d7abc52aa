import { causeRule, goroutines } from '../../goroutine/cause-rule.js';

/** Whoever holds the lock waits for something else with it in hand: a channel, a WaitGroup, I/O (docs/rules/goroutine-held-while-blocked.md). */
export const goroutineHeldWhileBlocked = causeRule({
  id: 'goroutine/held-while-blocked',
  title: 'a lock is held while its holder waits for something else',
  causes: ['lock-held-while-blocked'],
  headline: (explanation, waiting) =>
    `${goroutines(waiting)} for a lock whose holder waits itself (${explanation.holder.waitsIn})`,
});
