import { causeRule, goroutines } from '../../goroutine/cause-rule.js';

/** Goroutines wait for ctx.Done() of a context that is never cancelled (docs/rules/goroutine-context-never-cancelled.md). */
export const goroutineContextNeverCancelled = causeRule({
  id: 'goroutine/context-never-cancelled',
  title: 'a context that never ends',
  causes: ['context-never-cancelled'],
  headline: (_, waiting) => `${goroutines(waiting)} for the end of a context that nobody ends`,
});
