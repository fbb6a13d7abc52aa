import { causeRule, goroutines } from '../../goroutine/cause-rule.js';

/** Goroutines wait to receive, and nobody who would send or close is left (docs/rules/goroutine-no-sender.md). */
export const goroutineNoSender = causeRule({
  id: 'goroutine/no-sender',
  title: 'a receive that nobody sends to',
  causes: ['no-sender'],
  headline: (_, waiting) => `${goroutines(waiting)} to receive; no sender is left`,
});
