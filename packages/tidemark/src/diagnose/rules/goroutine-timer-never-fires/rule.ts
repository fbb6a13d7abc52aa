import { causeRule, goroutines } from '../../goroutine/cause-rule.js';

/** Goroutines wait for a timer or ticker that was stopped: its channel never gets a value and is never closed (docs/rules/goroutine-timer-never-fires.md). */
export const goroutineTimerNeverFires = causeRule({
  id: 'goroutine/timer-never-fires',
  title: 'a timer that never fires',
  causes: ['timer-never-fires'],
  headline: (_, waiting) => `${goroutines(waiting)} for a timer that was stopped`,
});
