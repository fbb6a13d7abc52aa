import type { Holder, Lock } from '@tidemark/goroutine';
import type { WaitExplanation, WaitHolder } from '@tidemark/model';
import { bestExit, exitWords, factSite, place, shortPlace, siteOf } from './places.js';
import type { Situation } from './situation.js';
import type { FactExit, FactUse } from './sync-section.js';

type Step = WaitExplanation['steps'][number];

/** Why locks are not given back: one explanation a cause, with all that wait behind it. */
export function explainLocks(situation: Situation, stuck: ReadonlySet<number>): WaitExplanation[] {
  const { locks, cycles } = situation.graph;
  const cycleOf = new Map<number, readonly number[]>();
  for (const cycle of cycles) if (cycle.length > 1) for (const lock of cycle) cycleOf.set(lock, cycle);
  const behind = new Map<number, number[]>();
  const roots = new Map<number, number>();
  locks.forEach((lock, index) => {
    if (!isHeld(lock) || lock.moving || lock.holder.kind === 'unknown') return;
    const root = rootOf(situation, index, cycleOf, roots);
    behind.set(root, [...(behind.get(root) ?? []), index]);
  });
  const explained: WaitExplanation[] = [];
  for (const [root, all] of behind) {
    const dependants = all.filter((index) => index !== root && !cycleOf.get(root)?.includes(index));
    const explanation = cycleOf.has(root)
      ? explainCycle(situation, cycleOf.get(root)!)
      : explainOne(situation, root, stuck);
    if (explanation) explained.push(withDependants(situation, explanation, dependants));
  }
  return explained;
}

function isHeld(lock: Lock): boolean {
  return lock.kind === 'mutex' || lock.kind === 'rwmutex' || lock.kind === 'once';
}

/** Follows holders that wait for locks themselves to the lock that is the matter. */
function rootOf(
  situation: Situation,
  start: number,
  cycleOf: ReadonlyMap<number, readonly number[]>,
  roots: Map<number, number>,
): number {
  const seen = new Set<number>();
  const root = findRoot(situation, start, cycleOf, roots, seen);
  // Long chains are walked once.
  for (const lock of seen) roots.set(lock, root);
  return root;
}

function findRoot(
  situation: Situation,
  start: number,
  cycleOf: ReadonlyMap<number, readonly number[]>,
  roots: ReadonlyMap<number, number>,
  seen: Set<number>,
): number {
  let at = start;
  for (;;) {
    const cycle = cycleOf.get(at);
    if (cycle) return cycle[0]!;
    const known = roots.get(at);
    if (known !== undefined) return known;
    seen.add(at);
    const next = situation.graph.locks[at]!.holder.waitsFor;
    if (next === null || seen.has(next) || !isHeld(situation.graph.locks[next]!)) return at;
    if (situation.graph.locks[next]!.holder.kind === 'unknown') return at;
    at = next;
  }
}

function groupsOf(situation: Situation, lock: Lock): number[] {
  return [...new Set(lock.waiters.map((waiter) => situation.groupOfRow.get(waiter.row)!))];
}

function holderOf(lock: Lock): WaitHolder {
  const { row: _, mode: __, ...holder } = lock.holder;
  const plain = (frame: typeof holder.site) => (frame ? siteOf(frame) : null);
  return { ...holder, site: plain(holder.site), acquired: plain(holder.acquired), waitsAt: plain(holder.waitsAt) };
}

export function lockName(lock: Lock): string {
  const name = lock.name ?? (lock.type ? `a lock of ${lock.type.slice(lock.type.lastIndexOf('/') + 1)}` : null);
  return name ?? (lock.address !== null ? `the lock at 0x${lock.address.toString(16)}` : 'a lock');
}

function victims(lock: Lock): Step {
  const first = lock.waiters[0]!;
  const more = lock.waiters.length;
  const who = more === 1 ? `goroutine ${first.goroutine} waits` : `${more} goroutines wait`;
  return { text: `${who} for ${lockName(lock)} in ${place(first.site)}`, site: siteOf(first.site) };
}

/** `goroutine 7 holds`, `one of 3 goroutines (for example 7) may hold`. */
function holderWords({ goroutine, candidates, confidence }: Holder | WaitHolder): string {
  const one = candidates > 1 ? `one of ${candidates} goroutines (for example ${goroutine})` : `goroutine ${goroutine}`;
  return `${one} ${confidence === 'possible' ? 'may hold' : 'holds'}`;
}

/** A longer cycle is told by its beginning. */
const MOST_STEPS = 12;

function explainCycle(situation: Situation, cycle: readonly number[]): WaitExplanation {
  const locks = cycle.map((index) => situation.graph.locks[index]!);
  const steps = locks.slice(0, MOST_STEPS).flatMap((lock, i): Step[] => {
    const { holder } = lock;
    const next = locks[(i + 1) % locks.length]!;
    const took = holder.acquired ? `, taken at ${shortPlace(holder.acquired)}` : '';
    return [
      {
        text: `${holderWords(holder)} ${lockName(lock)}${took} and waits for ${lockName(next)} in ${place(holder.waitsAt ?? holder.site!)}`,
        ...(holder.waitsAt ? { site: siteOf(holder.waitsAt) } : {}),
      },
    ];
  });
  const weakest = locks.map((lock) => lock.holder.confidence);
  return {
    cause: 'lock-cycle',
    endless: true,
    confidence: weakest.includes('possible') ? 'possible' : weakest.includes('likely') ? 'likely' : 'proven',
    groups: [...new Set(locks.flatMap((lock) => groupsOf(situation, lock)))],
    lock: cycle[0]!,
    victim: siteOf(locks[0]!.waiters[0]!.site),
    holder: holderOf(locks[0]!),
    steps,
    fix: 'take these locks in one order everywhere, or release the first one before the second is taken',
    unknown: [],
  };
}

function explainOne(situation: Situation, index: number, stuck: ReadonlySet<number>): WaitExplanation | null {
  const lock = situation.graph.locks[index]!;
  const holder = holderOf(lock);
  const base = {
    confidence: lock.holder.confidence,
    endless: lock.holder.row === null || stuck.has(situation.groupOfRow.get(lock.holder.row)!),
    groups: groupsOf(situation, lock),
    lock: index,
    victim: siteOf(lock.waiters[0]!.site),
    holder,
    unknown: situation.facts ? [] : ['whether it is this frame that holds the lock: facts of the build would tell'],
  };
  if (holder.kind === 'self') return { ...base, ...selfWords(lock) };
  if (holder.kind === 'other') return { ...base, ...otherWords(lock) };
  return {
    ...base,
    ...goneWords(situation, lock, base.unknown),
    holder: { ...holder, ...whereItLeft(situation, lock) },
  };
}

type Words = Pick<WaitExplanation, 'cause' | 'steps' | 'fix'>;

function selfWords(lock: Lock): Words {
  const { holder } = lock;
  const own = lock.waiters.find((waiter) => waiter.row === holder.row)!;
  // Who asks to read and is not let in holds it for writing, unless a writer is queued in front.
  const queued = lock.waiters.some((waiter) => waiter.waitsIn === 'rwmutex-w' && waiter.row !== own.row);
  const read = own.waitsIn === 'rwmutex-r' && (holder.mode === 'rlock' || (holder.mode === null && queued));
  const took = holder.acquired ? ` (taken at ${shortPlace(holder.acquired)})` : '';
  const steps: Step[] = [
    { text: `goroutine ${own.goroutine} waits for ${lockName(lock)} in ${place(own.site)}`, site: siteOf(own.site) },
    {
      text: `it ${holder.confidence === 'possible' ? 'may hold' : 'holds'} that lock itself, in ${place(holder.site!)}${took}`,
      site: siteOf(holder.site!),
    },
  ];
  if (read) {
    const writer = lock.waiters.find((waiter) => waiter.waitsIn === 'rwmutex-w');
    const who = writer ? `goroutine ${writer.goroutine} waits to write in ${place(writer.site)}` : 'a writer waits';
    steps.push({ text: `${who}: from then on no new reader is let in, not even one that reads already` });
  }
  if (lock.waiters.length > 1) steps.push(victims(lock));
  return {
    cause: read ? 'rlock-recursive' : 'lock-recursive',
    steps,
    fix: read
      ? 'do not take the read lock twice in one goroutine: pass what was read, or split the function into a locking and a lock-free part'
      : 'Go locks are not re-entrant: split the function into a locking and a lock-free part, or unlock before the call',
  };
}

const BUSY = new Set(['running', 'runnable', 'syscall', 'sleep', 'coroutine', 'unknown']);

function otherWords(lock: Lock): Words {
  const { holder } = lock;
  const took = holder.acquired ? `, taken at ${shortPlace(holder.acquired)}` : '';
  const holds: Step = {
    text: `${holderWords(holder)} it in ${place(holder.site!)}${took}`,
    site: siteOf(holder.site!),
  };
  const at = holder.waitsAt ?? holder.site!;
  const doing = holder.waitsIn === 'io' ? 'waits for input or output' : `is in ${holder.waitsIn}`;
  const step: Step = { text: `meanwhile that goroutine ${doing} in ${place(at)}`, site: siteOf(at) };
  if (BUSY.has(holder.waitsIn ?? 'unknown')) {
    return {
      cause: 'slow-holder',
      steps: [victims(lock), holds, step],
      fix: 'do the slow work outside of the lock: copy what it needs, unlock, work, lock again to store',
    };
  }
  return {
    cause: 'lock-held-while-blocked',
    steps: [victims(lock), holds, step],
    fix: 'release the lock before waiting for something else; send, receive and do I/O outside of it',
  };
}

/** Uses of the lock that leave with it held, by how it left. */
function leavers(situation: Situation, lock: Lock): { use: FactUse; exit: FactExit }[] {
  const { facts } = situation;
  if (!facts) return [];
  const classes = new Set(lock.waiters.flatMap((w) => facts.asksAt(w.site).flatMap((p) => p.classes)));
  const recovers = facts.anyRecovers;
  const found: { use: FactUse; exit: FactExit }[] = [];
  for (const id of classes) {
    for (const use of facts.uses(id, 'lockers')) {
      const exit = bestExit(use.leaksOn ?? [], { recovers });
      if (exit) found.push({ use, exit });
    }
  }
  const best = bestExit(
    found.map(({ exit }) => exit),
    { recovers },
  );
  return found.sort((a, b) => Number(b.exit === best) - Number(a.exit === best));
}

function whereItLeft(situation: Situation, lock: Lock): Partial<WaitHolder> {
  const [first] = leavers(situation, lock);
  if (!first) return {};
  return { site: factSite(first.use, first.exit.line), acquired: factSite(first.use, first.use.line) };
}

function goneWords(situation: Situation, lock: Lock, unknown: string[]): Words {
  const found = leavers(situation, lock);
  const [first] = found;
  const steps: Step[] = [
    victims(lock),
    {
      text:
        lock.holder.confidence === 'proven'
          ? `no goroutine that is alive holds ${lockName(lock)}: whoever took it left without Unlock`
          : `no other goroutine shows ${lockName(lock)} among its arguments: perhaps whoever took it left without Unlock`,
    },
  ];
  if (!first) {
    unknown.push('by which way it left (return, panic, Goexit)');
    return { cause: 'lock-not-released-return', steps, fix: 'defer the Unlock right after the Lock' };
  }
  for (const { use, exit } of found.slice(0, 4)) {
    const site = factSite(use, exit.line);
    steps.push({
      text: `${place(factSite(use, use.line))} takes it and ${exitWords(exit, use.file)} without Unlock`,
      site,
    });
  }
  const cause =
    first.exit.kind === 'goexit'
      ? 'lock-not-released-goexit'
      : first.exit.kind === 'panic'
        ? 'lock-not-released-panic'
        : 'lock-not-released-return';
  const fix =
    cause === 'lock-not-released-return'
      ? `unlock before ${shortPlace({ file: first.use.file, line: first.exit.line })} leaves, or defer the Unlock right after the Lock`
      : 'defer the Unlock right after the Lock: deferred calls run during a panic and Goexit as well';
  return { cause, steps, fix };
}

function withDependants(
  situation: Situation,
  explanation: WaitExplanation,
  dependants: readonly number[],
): WaitExplanation {
  if (dependants.length === 0) return explanation;
  const locks = dependants.map((index) => situation.graph.locks[index]!);
  const steps = locks.slice(0, 5).map((lock): Step => {
    const { holder } = lock;
    return {
      text: `behind it ${lock.waiters.length} more ${lock.waiters.length === 1 ? 'waits' : 'wait'} for ${lockName(lock)}, which ${holderWords(holder)} in ${place(holder.site!)}`,
      site: siteOf(lock.waiters[0]!.site),
    };
  });
  return {
    ...explanation,
    groups: [...new Set([...explanation.groups, ...locks.flatMap((lock) => groupsOf(situation, lock))])],
    steps: [...explanation.steps, ...steps],
  };
}
