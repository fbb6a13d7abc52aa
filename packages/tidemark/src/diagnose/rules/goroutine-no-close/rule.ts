import { causeRule, goroutines } from '../../goroutine/cause-rule.js';

/** Goroutines range over a channel, or wait for its close, and nobody is left to close it (docs/rules/goroutine-no-close.md). */
export const goroutineNoClose = causeRule({
  id: 'goroutine/no-close',
  title: 'a channel that is never closed',
  causes: ['no-close'],
  headline: (_, waiting) => `${goroutines(waiting)} for a channel that nobody closes any more`,
});
