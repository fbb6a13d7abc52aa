import { causeRule } from '../../goroutine/cause-rule.js';

/** Goroutines that hold locks wait for each other’s in a circle: none of them ever goes on (docs/rules/goroutine-deadlock.md). */
export const goroutineDeadlock = causeRule({
  id: 'goroutine/deadlock',
  title: 'a cycle of locks',
  causes: ['lock-cycle'],
  headline: (explanation, waiting) =>
    `${waiting} goroutines wait for each other: ${explanation.steps.length} locks in a cycle`,
});
