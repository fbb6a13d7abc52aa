import { causeRule, goroutines } from '../../goroutine/cause-rule.js';

/** Goroutines are parked in Cond.Wait and nobody is left to wake them (docs/rules/goroutine-cond-no-signal.md). */
export const goroutineCondNoSignal = causeRule({
  id: 'goroutine/cond-no-signal',
  title: 'a condition that nobody signals',
  causes: ['cond-no-signal'],
  headline: (_, waiting) => `${goroutines(waiting)} for a condition that nobody signals`,
});
