import { causeRule, goroutines } from '../../goroutine/cause-rule.js';

/** Goroutines that hold locks wait for each other's in a circle: none of them ever goes on (docs/rules/goroutine-deadlock.md). */
export const goroutineDeadlock = causeRule({
  id: 'goroutine/deadlock',
  title: 'a cycle of locks',
  causes: ['lock-cycle'],
  headline: (_, waiting) => `${goroutines(waiting)} in a cycle of locks`,
});
