import type { Rule } from '@tidemark/model';
import { goroutineCondNoSignal } from './goroutine-cond-no-signal/rule.js';
import { goroutineContextNeverCancelled } from './goroutine-context-never-cancelled/rule.js';
import { goroutineDeadlock } from './goroutine-deadlock/rule.js';
import { goroutineEmptySelect } from './goroutine-empty-select/rule.js';
import { goroutineHeldWhileBlocked } from './goroutine-held-while-blocked/rule.js';
import { goroutineHolderGone } from './goroutine-holder-gone/rule.js';
import { goroutineNilChannel } from './goroutine-nil-channel/rule.js';
import { goroutineNoClose } from './goroutine-no-close/rule.js';
import { goroutineNoReceiver } from './goroutine-no-receiver/rule.js';
import { goroutineNoSender } from './goroutine-no-sender/rule.js';
import { goroutineRecursiveLock } from './goroutine-recursive-lock/rule.js';
import { goroutineSelectNoExit } from './goroutine-select-no-exit/rule.js';
import { goroutineSiteGrows } from './goroutine-site-grows/rule.js';
import { goroutineSlowHolder } from './goroutine-slow-holder/rule.js';
import { goroutineStuckShutdown } from './goroutine-stuck-shutdown/rule.js';
import { goroutineTimerNeverFires } from './goroutine-timer-never-fires/rule.js';
import { goroutineWaitgroupCount } from './goroutine-waitgroup-count/rule.js';
import { heapSiteGrows } from './heap-site-grows/rule.js';
import { processOutsideHeap } from './process-outside-heap/rule.js';
// rules, by folder name

/** Every rule that ships, in no particular order: findings are ranked afterwards. */
export const RULES: readonly Rule[] = [
  goroutineCondNoSignal,
  goroutineContextNeverCancelled,
  goroutineDeadlock,
  goroutineEmptySelect,
  goroutineHeldWhileBlocked,
  goroutineHolderGone,
  goroutineNilChannel,
  goroutineNoClose,
  goroutineNoReceiver,
  goroutineNoSender,
  goroutineRecursiveLock,
  goroutineSelectNoExit,
  goroutineSiteGrows,
  goroutineSlowHolder,
  goroutineStuckShutdown,
  goroutineTimerNeverFires,
  goroutineWaitgroupCount,
  heapSiteGrows,
  processOutsideHeap,
];
