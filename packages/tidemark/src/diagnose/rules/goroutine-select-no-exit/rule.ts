import { causeRule, goroutines } from '../../goroutine/cause-rule.js';

/** None of the cases of a select can come any more, and there is no case that ends it (docs/rules/goroutine-select-no-exit.md). */
export const goroutineSelectNoExit = causeRule({
  id: 'goroutine/select-no-exit',
  title: 'a select without a way out',
  causes: ['select-no-exit'],
  headline: (_, waiting) => `${goroutines(waiting)} at a select of which no case can come`,
});
