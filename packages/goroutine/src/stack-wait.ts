import type { DumpStack } from './dump.js';
import { type WaitKind, waitKind, waitOfFrames } from './wait.js';

/** Where in a stack the address of what is waited for stands: live word number `live` plus `delta`. */
export interface AddressPlace {
  readonly live: number;
  readonly delta: number;
}

/** What all goroutines of one stack and state wait for. */
export interface StackWait {
  readonly kind: WaitKind;
  /** Position of the frame that asked: the first above the machinery of waiting. */
  readonly asker: number;
  /**
   * Last frame of the asker's machine frame: where the asker is inlined, its words are printed with the first
   * frame above that is not.
   */
  readonly askerEnd: number;
  readonly address: AddressPlace | null;
}

/**
 * Functions whose first word is the address of what is waited for, or lies `delta` behind it. Field orders of the
 * standard library (1.19 … 1.27): Mutex {state, sema}, RWMutex {w, writerSem, readerSem}, WaitGroup {state, sema};
 * the semaphore is what the runtime's own frames show at SIGQUIT. A Cond is told by its list of waiters.
 */
const ADDRESS_WORDS: Readonly<Record<string, Partial<Record<WaitKind, number>>>> = {
  'internal/sync.(*Mutex).lockSlow': { mutex: 0, 'rwmutex-w': 0 },
  'sync.(*Mutex).lockSlow': { mutex: 0, 'rwmutex-w': 0 },
  'sync.(*RWMutex).Lock': { 'rwmutex-w': 0 },
  'sync.(*RWMutex).RLock': { 'rwmutex-r': 0 },
  'sync.(*WaitGroup).Wait': { waitgroup: 0 },
  'sync.runtime_notifyListWait': { cond: 0 },
  'runtime.semacquire1': { mutex: -4, 'rwmutex-w': -8, 'rwmutex-r': -12, waitgroup: -8 },
  'runtime.chansend': { 'chan send': 0 },
  'runtime.chanrecv': { 'chan receive': 0 },
};

/** Reads what a stack waits for; the words themselves are each goroutine's own. */
export function stackWait(stack: DumpStack, state: string): StackWait {
  const kind = waitKind({ frames: stack.frames, state });
  const { asker } = waitOfFrames(stack.frames);
  let askerEnd = asker;
  while (askerEnd < stack.frames.length - 1 && stack.frames[askerEnd]!.inlined) askerEnd++;
  return { kind, asker, askerEnd, address: addressPlace(stack, kind, asker) };
}

function addressPlace(stack: DumpStack, kind: WaitKind, asker: number): AddressPlace | null {
  let found: AddressPlace | null = null;
  for (const [live, { frame, word }] of stack.live.entries()) {
    if (frame >= asker || word !== 0) continue;
    const name = stack.frames[frame]!.function;
    const delta = Object.hasOwn(ADDRESS_WORDS, name) ? ADDRESS_WORDS[name]![kind] : undefined;
    if (delta === undefined) continue;
    // A writer behind a writer parks in the inner mutex: then the runtime's semaphore is the mutex's, at 4.
    const inner =
      delta === -8 && kind === 'rwmutex-w' && stack.frames.some((f, i) => i < asker && isMutexLock(f.function));
    const place = { live, delta: inner ? -4 : delta };
    // An exact address beats one that is computed from a field's place.
    if (!found || place.delta === 0) found = place;
  }
  return found;
}

function isMutexLock(name: string): boolean {
  return name === 'internal/sync.(*Mutex).lockSlow' || name === 'sync.(*Mutex).lockSlow';
}

/** `pkg.(*T).m.func1` → `pkg.(*T)`: the type whose method or method's closure a function is; null for none. */
export function receiverType(functionName: string): string | null {
  // By hand: an expression would look for the end again from each `(*` of a hostile name.
  let open = functionName.indexOf('(*');
  while (open >= 0) {
    const close = functionName.indexOf(')', open + 2);
    if (close < 0) return null;
    if (close > open + 2 && functionName[close + 1] === '.') return functionName.slice(0, close + 1);
    open = functionName.indexOf('(*', close);
  }
  return null;
}

/** True when word 0 of the function's frame is a pointer receiver: a method itself, not a closure in one. */
export function isPointerMethod(functionName: string): boolean {
  const dot = functionName.lastIndexOf('.');
  const method = dot < functionName.length - 1 && functionName[dot - 1] === ')';
  // The `(*` that the bracket before the last dot closes: behind any bracket that was closed before.
  const before = functionName.lastIndexOf(')', dot - 2);
  const open = functionName.indexOf('(*', before < 0 ? 0 : before);
  return method && open >= 0 && open + 2 < dot - 1;
}
