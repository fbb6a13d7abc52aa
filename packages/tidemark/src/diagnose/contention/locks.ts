import {
  type ContendedLock,
  type ContentionSite,
  enclosingFunction,
  type Frame,
  packageOf,
  siteKey,
  userFrame,
} from '@tidemark/model';

/** A stack of a mutex or block profile, leaf first, with what it cost while watched. */
export interface ContendedStack {
  readonly frames: readonly Frame[];
  readonly delaySeconds: number;
  readonly contentions: number;
}

/** What facts of the build say about a frame: the locks that it asks for, and those that it lets go. Empty: not known. */
export interface LockKnowledge {
  locksAsked(frame: Frame): readonly string[];
  locksReleased(frame: Frame): readonly string[];
  nameOf(lock: string): string;
}

/** Sites of a side that a lock lists, and locks that are listed. */
const MAX_SITES = 5;
const MAX_LOCKS = 20;
/** Totals within this factor of each other may be one lock's where nothing else tells. */
const LIKE_TOTALS = 1.5;

const LOCKS = /^(?:internal\/)?sync\.\(\*(?:RW)?Mutex\)\.R?Lock(?:$|\.)|^(?:internal\/)?sync\.\(\*Mutex\)\.lockSlow$/;
const UNLOCKS = /^(?:internal\/)?sync\.\(\*(?:RW)?Mutex\)\.(?:R?Unlock|r?[uU]nlockSlow)$/;

/** Frames below the function that deals with the lock: package sync and the runtime. */
function machinery(frames: readonly Frame[]): number {
  const at = frames.findIndex((f) => !/^(?:runtime|sync|internal\/sync)$/.test(packageOf(f.function)));
  return at < 0 ? frames.length : at;
}

/**
 * Which side of a lock a stack is: block profiles hold waits for channels too, and mutex profiles the runtime's own
 * locks; both are `null`.
 */
export function sideOf(frames: readonly Frame[]): 'waiter' | 'holder' | null {
  const below = frames.slice(0, machinery(frames));
  if (below.length === frames.length) return null;
  if (below.some((f) => UNLOCKS.test(f.function))) return 'holder';
  return below.some((f) => LOCKS.test(f.function)) ? 'waiter' : null;
}

interface Party extends ContentionSite {
  readonly side: 'waiter' | 'holder';
  readonly locks: readonly string[];
  /** The type, else the package, whose function deals with the lock. */
  readonly owner: string;
}

/**
 * Puts waiters and holders of one lock together: by the very lock where the facts name it on both sides, else by the
 * type or package whose functions take and release it, else by totals where one waiter and one holder are left over.
 */
export function joinLocks(
  waited: readonly ContendedStack[],
  held: readonly ContendedStack[],
  knowledge: LockKnowledge | null,
): ContendedLock[] {
  const parties = [...sitesOf(waited, 'waiter', knowledge), ...sitesOf(held, 'holder', knowledge)];
  const byLock = partition(parties, (party) => party.locks);
  const named = [...byLock.groups].filter(([, group]) => bothSides(group));
  const joined = new Set(named.flatMap(([, group]) => group));
  const byOwner = partition(
    parties.filter((party) => !joined.has(party)),
    (party) => [party.owner],
  );
  const locks: ContendedLock[] = named.map(([lock, group]) => lockOf(knowledge!.nameOf(lock), 'lock', group));
  const alone: [string, Party[]][] = [];
  for (const [owner, group] of byOwner.groups) {
    if (bothSides(group)) locks.push(lockOf(shortOwner(owner), isType(owner) ? 'type' : 'package', group));
    else alone.push([owner, group]);
  }
  locks.push(...leftOver(alone));
  return locks.sort((a, b) => cost(b) - cost(a)).slice(0, MAX_LOCKS);
}

function sitesOf(
  stacks: readonly ContendedStack[],
  side: Party['side'],
  knowledge: LockKnowledge | null,
): readonly Party[] {
  const bySite = new Map<string, Party>();
  for (const { frames, delaySeconds, contentions } of stacks) {
    const deals = frames[machinery(frames)]!;
    const { function: fn, file, line } = userFrame(frames)!;
    const site = { function: fn, file, line };
    const key = `${siteKey(site)} ${siteKey(deals)}`;
    const before = bySite.get(key);
    const locks = before?.locks ?? (side === 'waiter' ? knowledge?.locksAsked(deals) : knowledge?.locksReleased(deals));
    bySite.set(key, {
      side,
      site,
      lockedIn:
        siteKey(deals) === siteKey(site) ? null : { function: deals.function, file: deals.file, line: deals.line },
      delaySeconds: delaySeconds + (before?.delaySeconds ?? 0),
      contentions: contentions + (before?.contentions ?? 0),
      // The first stack of a site stands for all: the site is what they share.
      stack: before?.stack ?? [...frames],
      locks: locks ?? [],
      owner: before?.owner ?? ownerOf(deals.function),
    });
  }
  return [...bySite.values()];
}

/** Groups by key; a party with several keys goes where the other side is. */
function partition(parties: readonly Party[], keys: (party: Party) => readonly string[]) {
  const groups = new Map<string, Party[]>();
  const sides = new Map<string, Set<Party['side']>>();
  for (const party of parties)
    for (const key of keys(party)) sides.set(key, (sides.get(key) ?? new Set()).add(party.side));
  for (const party of parties) {
    const candidates = keys(party);
    const key = candidates.find((k) => sides.get(k)!.size === 2) ?? candidates[0];
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group) group.push(party);
    else groups.set(key, [party]);
  }
  return { groups };
}

const bothSides = (group: readonly Party[]) => new Set(group.map((party) => party.side)).size === 2;

/** One waiting owner and one holding owner left over, with like totals, are one lock: a helper may release it. */
function leftOver(alone: readonly [string, Party[]][]): ContendedLock[] {
  const [waiting, holding] = (['waiter', 'holder'] as const).map((side) =>
    alone.filter(([, g]) => g[0]!.side === side),
  );
  if (waiting!.length === 1 && holding!.length === 1) {
    const [a, b] = [waiting![0]![1], holding![0]![1]].map((group) => group.reduce((sum, p) => sum + p.delaySeconds, 0));
    if (a! <= b! * LIKE_TOTALS && b! <= a! * LIKE_TOTALS)
      return [lockOf(shortOwner(waiting![0]![0]), 'totals', [...waiting![0]![1], ...holding![0]![1]])];
  }
  return alone.map(([owner, group]) => lockOf(shortOwner(owner), 'one-sided', group));
}

function lockOf(name: string, matchedBy: ContendedLock['matchedBy'], group: readonly Party[]): ContendedLock {
  const side = (wanted: Party['side']): ContentionSite[] =>
    group
      .filter((party) => party.side === wanted)
      .sort((a, b) => b.delaySeconds - a.delaySeconds)
      .slice(0, MAX_SITES)
      .map(({ site, lockedIn, delaySeconds, contentions, stack }) => ({
        site,
        lockedIn,
        delaySeconds,
        contentions,
        stack,
      }));
  return { name, matchedBy, waiters: side('waiter'), holders: side('holder') };
}

const cost = (lock: ContendedLock) =>
  Math.max(...[lock.waiters, lock.holders].map((sites) => sites.reduce((sum, site) => sum + site.delaySeconds, 0)));

/** `example.org/shop.(*Cart).add.func1` → `example.org/shop.(*Cart)`; a plain function gives its package. */
function ownerOf(name: string): string {
  const path = packageOf(name);
  const around = enclosingFunction(name);
  const method = around.lastIndexOf('.');
  // A value receiver's method is `p.T.m`; closures and their numbers are cut off already.
  return method > path.length ? around.slice(0, method) : path;
}

const isType = (owner: string) => packageOf(owner) !== owner;

/** `cart.(*Cart)` → `a lock of Cart`; `shop` → `a lock of package shop`. */
function shortOwner(owner: string): string {
  const path = packageOf(owner);
  if (path === owner) return `a lock of package ${owner}`;
  return `a lock of ${owner.slice(path.length + 1).replace(/^\(\*(.*)\)$/, '$1')}`;
}
