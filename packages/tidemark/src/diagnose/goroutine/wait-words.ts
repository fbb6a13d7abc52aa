import type { WaitHolder } from '@tidemark/model';
import { bestExit, factSite, NOBODY, shortPlace } from './places.js';
import type { SourceFacts } from './source-facts.js';
import type { FactExit, FactObject, FactUse } from './sync-section.js';
import type { Need, WaitNeeds } from './wait-needs.js';

/** What would have prevented the wait, by its cause. */
export const FIXES: Readonly<Record<string, string>> = {
  'no-receiver':
    'start a receiver before the send, or drop the channel; a select with ctx.Done() lets the sender leave',
  'receiver-returned':
    'give the channel room for all that is sent (make(chan T, n)), or let the sender leave: select with ctx.Done()',
  'no-sender': 'close the channel on every way out of the sender (defer close), or receive as often as is sent',
  'no-close':
    'close the channel when the last value was sent: defer close(ch) in the only sender, after wg.Wait() with several',
  'nil-channel': 'make the channel on every path before it is used',
  'empty-select': 'wait for something that ends: <-ctx.Done()',
  'select-no-exit': 'add a case that ends it: case <-ctx.Done(): return',
  'context-never-cancelled':
    'call the cancel function when the work is over: defer cancel(); derive from the context of the caller',
  'timer-never-fires':
    'end the loop with a done channel beside the timer: a stopped timer or ticker never sends nor closes',
  'waitgroup-count': 'defer wg.Done() first thing in the goroutine, and Add exactly what is started',
  'cond-no-signal': 'Signal or Broadcast after every change of the condition; Broadcast where several wait',
};

interface Left {
  readonly use: FactUse;
  readonly exit: FactExit;
}

/** The ways out of a function on which it does not do what is waited for. */
export function ownExits(use: FactUse): FactExit[] {
  return [...(use.loopExits ?? []), ...(use.otherExits ?? []), ...(use.skippedBy ?? [])];
}

/** The ways out of its callers on which they do not call it; each is told as a use of the caller. */
export function callersExits(use: FactUse): Left[] {
  return (use.callers ?? []).flatMap(({ function: name, file, line, skippedBy }) =>
    (skippedBy ?? []).map((exit) => ({ use: { ...use, function: name, file, line }, exit })),
  );
}

export function bestOf(ways: readonly Left[], recovers: boolean): Left | null {
  const best = bestExit(
    ways.map(({ exit }) => exit),
    { recovers },
  );
  return ways.find(({ exit }) => exit === best) ?? null;
}

/** The line by which the one who would have come left. */
export function whoLeft(facts: SourceFacts, cause: string, needs: readonly Need[]): Left | null {
  const recovers = facts.anyRecovers;
  const uses = needs.flatMap((need) => {
    if (cause === 'no-close') return need.object?.uses?.['closers'] ?? [];
    if (cause === 'timer-never-fires') return need.object?.uses?.['stops'] ?? [];
    return need.uses;
  });
  if (cause === 'timer-never-fires') {
    const stop = uses.find((use) => !use.deferred);
    return stop ? { use: stop, exit: { kind: 'stop', line: stop.line } } : null;
  }
  // One Signal wakes one waiter, whatever paths there are.
  const signal = cause === 'cond-no-signal' ? uses.find((use) => use.op === 'cond-signal') : undefined;
  if (signal) return { use: signal, exit: { kind: 'done', line: signal.line } };
  const own = uses.flatMap((use) => ownExits(use).map((exit) => ({ use, exit })));
  const found = bestOf(own, recovers) ?? bestOf(uses.flatMap(callersExits), recovers);
  if (found) return found;
  // It did all it was to do, in another number than was waited for.
  const only = uses.length === 1 && cause !== 'no-sender' ? uses[0]! : null;
  return only ? { use: only, exit: { kind: 'done', line: only.line } } : null;
}

/** Nobody alive, and the line by which the last one left. */
export function gone(left: Left | null): WaitHolder {
  return { ...NOBODY, site: left ? factSite(left.use, left.exit.line) : null };
}

/** `the send to out`, `a select with 2 cases`. */
export function wordsOfWait(wait: WaitNeeds): string {
  const { op, cases, path } = wait.op;
  if (op === 'select')
    return cases?.length
      ? `a select with ${cases.length} case${cases.length === 1 ? '' : 's'}`
      : 'a select without cases';
  const what: Record<string, string> = { send: 'the send to', receive: 'the receive from', range: 'the range over' };
  return `${what[op] ?? op} ${path || 'a channel'}`;
}

/** What another goroutine would have to do, by the operation that waits. */
export const DOERS: Readonly<Record<string, string>> = {
  send: 'receives from it',
  receive: 'sends to it or closes it',
  range: 'closes it or sends to it',
  'wg-wait': 'calls Done on it',
  'cond-wait': 'signals it',
  'ctx-wait': 'cancels it',
  'timer-wait': 'resets it',
};

/** `out (gateway.go:41) is an unbuffered channel`. */
export function describe(facts: SourceFacts, object: FactObject): string {
  const where = object.file && object.line ? ` (${shortPlace({ file: object.file, line: object.line })})` : '';
  const kind =
    object.kind === 'chan'
      ? object.capacity === 0
        ? ' is an unbuffered channel'
        : object.capacity == null
          ? ' is a channel'
          : ` is a channel with room for ${object.capacity}`
      : object.kind === 'context'
        ? ` is a context${object.from ? ` made by ${object.from}` : ' that never ends'}`
        : ` is a ${object.kind}`;
  return `${facts.nameOf(object.id)}${where}${kind}`;
}
