import { causeRule, goroutines } from '../../goroutine/cause-rule.js';

/** `select {}` in a goroutine that was meant to end (docs/rules/goroutine-empty-select.md). */
export const goroutineEmptySelect = causeRule({
  id: 'goroutine/empty-select',
  title: 'a select without cases',
  causes: ['empty-select'],
  headline: (_, waiting) => `${goroutines(waiting)} at a select without cases`,
});
