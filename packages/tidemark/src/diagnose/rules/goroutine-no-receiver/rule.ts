import { causeRule, goroutines } from '../../goroutine/cause-rule.js';

/** Goroutines wait to send, and whoever would receive never existed or has left (docs/rules/goroutine-no-receiver.md). */
export const goroutineNoReceiver = causeRule({
  id: 'goroutine/no-receiver',
  title: 'a send that nobody receives',
  causes: ['no-receiver', 'receiver-returned'],
  headline: (explanation, waiting) =>
    explanation.cause === 'receiver-returned'
      ? `${goroutines(waiting)} to send; the receiver has left`
      : `${goroutines(waiting)} to send; nobody receives`,
});
