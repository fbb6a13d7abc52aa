import { causeRule, goroutines } from '../../goroutine/cause-rule.js';

/** Wait does not return: Done was skipped on some path, or Add counted more than was started (docs/rules/goroutine-waitgroup-count.md). */
export const goroutineWaitgroupCount = causeRule({
  id: 'goroutine/waitgroup-count',
  title: 'a WaitGroup that is never done',
  causes: ['waitgroup-count'],
  headline: (_, waiting) => `${goroutines(waiting)} for a WaitGroup whose count stays above zero`,
});
