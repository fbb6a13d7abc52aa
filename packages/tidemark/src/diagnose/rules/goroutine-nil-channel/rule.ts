import { causeRule, goroutines } from '../../goroutine/cause-rule.js';

/** A send to, or a receive from, a channel that was never made (docs/rules/goroutine-nil-channel.md). */
export const goroutineNilChannel = causeRule({
  id: 'goroutine/nil-channel',
  title: 'a nil channel',
  causes: ['nil-channel'],
  headline: (_, waiting) => `${goroutines(waiting)} at a nil channel`,
});
