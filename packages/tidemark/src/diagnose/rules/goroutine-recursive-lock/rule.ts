import { causeRule } from '../../goroutine/cause-rule.js';

/** A goroutine asks for a lock that it already holds (docs/rules/goroutine-recursive-lock.md). */
export const goroutineRecursiveLock = causeRule({
  id: 'goroutine/recursive-lock',
  title: 'a goroutine waits for a lock that it holds itself',
  causes: ['lock-recursive', 'rlock-recursive'],
  headline: (explanation) =>
    explanation.cause === 'rlock-recursive'
      ? 'a second read lock behind a waiting writer'
      : 'waits for a lock that it holds itself',
});
