import { type Frame, packageOf } from '@tidemark/model';

/** What a goroutine does, in one vocabulary for all forms of evidence. */
export type WaitKind =
  | 'running'
  | 'runnable'
  | 'syscall'
  | 'chan send'
  | 'chan receive'
  | 'chan send (nil chan)'
  | 'chan receive (nil chan)'
  | 'select'
  | 'select (no cases)'
  | 'mutex'
  | 'rwmutex-r'
  | 'rwmutex-w'
  | 'waitgroup'
  | 'cond'
  | 'semaphore'
  | 'sleep'
  | 'io'
  | 'coroutine'
  | 'runtime'
  | 'unknown';

/** The runtime's words (1.19 … 1.27). `semacquire` is not here: before 1.21 it may be four things, the frames tell. */
const BY_STATE: Readonly<Record<string, WaitKind>> = {
  running: 'running',
  runnable: 'runnable',
  syscall: 'syscall',
  'chan send': 'chan send',
  'chan receive': 'chan receive',
  'chan send (nil chan)': 'chan send (nil chan)',
  'chan receive (nil chan)': 'chan receive (nil chan)',
  select: 'select',
  'select (no cases)': 'select (no cases)',
  'sync.Mutex.Lock': 'mutex',
  'sync.RWMutex.RLock': 'rwmutex-r',
  'sync.RWMutex.Lock': 'rwmutex-w',
  'sync.WaitGroup.Wait': 'waitgroup',
  'sync.Cond.Wait': 'cond',
  sleep: 'sleep',
  'IO wait': 'io',
  coroutine: 'coroutine',
  'GC assist marking': 'runtime',
  'GC assist wait': 'runtime',
  'GC sweep wait': 'runtime',
  'GC scavenge wait': 'runtime',
  'GC worker (idle)': 'runtime',
  'GC worker (active)': 'runtime',
  'GC worker init': 'runtime',
  'GC mark termination': 'runtime',
  'GC weak to strong wait': 'runtime',
  'GOMAXPROCS updater (idle)': 'runtime',
  'cleanup wait': 'runtime',
  'debug call': 'runtime',
  'dumping heap': 'runtime',
  'finalizer wait': 'runtime',
  'flushing proc caches': 'runtime',
  'force gc (idle)': 'runtime',
  'garbage collection': 'runtime',
  'garbage collection scan': 'runtime',
  'page trace flush': 'runtime',
  preempted: 'runnable',
  'stopping the world': 'runtime',
  'trace goroutine status': 'runtime',
  'trace proc status': 'runtime',
  'trace reader (blocked)': 'runtime',
  'update GOMAXPROCS': 'runtime',
  'wait for GC cycle': 'runtime',
  idle: 'runtime',
};

/** Functions of the runtime and of sync in which a goroutine parks. Of several in a stack the outermost speaks. */
const BY_FUNCTION: Readonly<Record<string, WaitKind>> = {
  'runtime.chansend': 'chan send',
  'runtime.chansend1': 'chan send',
  'runtime.chanrecv': 'chan receive',
  'runtime.chanrecv1': 'chan receive',
  'runtime.chanrecv2': 'chan receive',
  'runtime.selectgo': 'select',
  'runtime.block': 'select (no cases)',
  'runtime.coroswitch': 'coroutine',
  'runtime.cgocall': 'syscall',
  'runtime.netpollblock': 'io',
  'internal/poll.runtime_pollWait': 'io',
  'time.Sleep': 'sleep',
  'sync.runtime_notifyListWait': 'cond',
  'sync.(*Cond).Wait': 'cond',
  'sync.runtime_Semacquire': 'semaphore',
  'sync.runtime_SemacquireMutex': 'mutex',
  'sync.runtime_SemacquireRWMutex': 'rwmutex-w',
  'sync.runtime_SemacquireRWMutexR': 'rwmutex-r',
  'sync.runtime_SemacquireWaitGroup': 'waitgroup',
  'internal/sync.runtime_SemacquireMutex': 'mutex',
  'internal/sync.(*Mutex).lockSlow': 'mutex',
  'internal/sync.(*Mutex).Lock': 'mutex',
  'sync.(*Mutex).lockSlow': 'mutex',
  'sync.(*Mutex).Lock': 'mutex',
  'sync.(*RWMutex).Lock': 'rwmutex-w',
  'sync.(*RWMutex).RLock': 'rwmutex-r',
  'sync.(*WaitGroup).Wait': 'waitgroup',
  'syscall.Syscall': 'syscall',
  'syscall.Syscall6': 'syscall',
  'syscall.RawSyscall': 'syscall',
  'syscall.RawSyscall6': 'syscall',
};

/** Packages in which the waiting itself happens; their frames come before the code that asked for it. */
function isMachinery(functionName: string): boolean {
  const path = packageOf(functionName);
  return (
    path === 'runtime' ||
    path === 'sync' ||
    path === 'syscall' ||
    path === 'internal/sync' ||
    path === 'internal/poll' ||
    path === 'internal/runtime/syscall' ||
    path === 'internal/race'
  );
}

/**
 * What the leaf frames say, without a state (proto and debug=1 have none). `asker` is the position of the first
 * frame that is not the machinery of waiting: the code that locked, sent, slept …; frames.length where all are.
 */
export function waitOfFrames(frames: readonly Frame[]): { kind: WaitKind; asker: number } {
  let kind: WaitKind = 'unknown';
  let at = 0;
  for (; at < frames.length; at++) {
    const name = frames[at]!.function;
    const found = Object.hasOwn(BY_FUNCTION, name) ? BY_FUNCTION[name] : undefined;
    if (found) kind = found;
    else if (!isMachinery(name)) break;
  }
  if (kind === 'unknown' && at === frames.length && at > 0) kind = 'runtime';
  return { kind, asker: at };
}

/**
 * What a goroutine waits in. The frames refine the state, since a writer that queues behind a writer of an
 * RWMutex is `sync.Mutex.Lock` to the runtime, and `semacquire` was the word for most before Go 1.21. A state
 * that is not known leaves the word to the frames.
 */
export function waitKind(group: { readonly frames: readonly Frame[]; readonly state: string | null }): WaitKind {
  const state = group.state;
  const byState = state !== null && Object.hasOwn(BY_STATE, state) ? BY_STATE[state] : undefined;
  if (byState && byState !== 'mutex') return byState;
  const { kind } = waitOfFrames(group.frames);
  if (byState) return kind === 'rwmutex-w' || kind === 'rwmutex-r' ? kind : byState;
  if (kind !== 'unknown') return kind;
  return state?.startsWith('semacquire') ? 'semaphore' : 'unknown';
}

/** True for waits that another goroutine of the program must end. */
export function waitsForGoroutine(kind: WaitKind): boolean {
  switch (kind) {
    case 'running':
    case 'runnable':
    case 'syscall':
    case 'sleep':
    case 'io':
    case 'coroutine':
    case 'runtime':
    case 'unknown':
      return false;
    default:
      return true;
  }
}
