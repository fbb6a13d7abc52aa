import type { Holder } from '@tidemark/goroutine';
import type { Situation } from './situation.js';
import type { Need, WaitNeeds } from './wait-needs.js';

/**
 * Which groups can never go on. All that wait for something known are taken as stuck at first; who has a peer that
 * is not stuck is freed, until nothing changes. What remains waits only for each other, or for nobody.
 */
export function stuckGroups(situation: Situation, needs: readonly WaitNeeds[]): ReadonlySet<number> {
  const stuck = new Set<number>();
  const byGroup = new Map(needs.map((wait) => [wait.group, wait]));
  for (const wait of needs) stuck.add(wait.group);
  const locksOf = new Map<number, number[]>();
  situation.graph.locks.forEach((lock, index) => {
    if (lock.moving || !isHeld(lock.kind)) return;
    for (const waiter of lock.waiters) {
      const group = situation.groupOfRow.get(waiter.row)!;
      if (isTold(lock.holder)) stuck.add(group);
      locksOf.set(group, [...(locksOf.get(group) ?? []), index]);
    }
  });
  for (let changed = true; changed; ) {
    changed = false;
    for (const group of stuck) {
      const wait = byGroup.get(group);
      const locks = locksOf.get(group) ?? [];
      const free = wait
        ? wait.needs.some((need) => counts(wait, need) && canEnd(need, stuck))
        : locks.some((index) => lockIsGivenBack(situation, index, stuck));
      if (free) {
        stuck.delete(group);
        changed = true;
      }
    }
  }
  return stuck;
}

/** In a select that loops, cases which only go round do not end the goroutine, when another one is meant to. */
export function counts(wait: WaitNeeds, need: Need): boolean {
  return !need.loops || wait.needs.every((other) => other.loops);
}

function canEnd(need: Need, stuck: ReadonlySet<number>): boolean {
  if (need.comes || need.peers.external) return true;
  for (const group of need.peers.groups) if (!stuck.has(group)) return true;
  return false;
}

function lockIsGivenBack(situation: Situation, index: number, stuck: ReadonlySet<number>): boolean {
  const { holder } = situation.graph.locks[index]!;
  if (!isTold(holder)) return true;
  if (holder.kind === 'gone' || holder.kind === 'self') return false;
  if (holder.row === null) return true;
  return !stuck.has(situation.groupOfRow.get(holder.row)!);
}

/** A holder that is only possible proves nobody stuck: what rests on this set may be a leak. */
function isTold(holder: Holder): boolean {
  return holder.kind !== 'unknown' && holder.confidence !== 'possible';
}

function isHeld(kind: string): boolean {
  return kind === 'mutex' || kind === 'rwmutex' || kind === 'once';
}
