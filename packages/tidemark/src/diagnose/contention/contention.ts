import type { LockContention } from '@tidemark/model';
import { joinSeries } from '@tidemark/pprof';
import type { ContentionProfile, ContentionProfiles } from '../../capture/index.js';
import { type ContendedStack, joinLocks, type LockKnowledge, sideOf } from './locks.js';

/**
 * What locks cost between the first profiles and the last. Both kinds add up since the program switched them on, and
 * the runtime scales what it sampled, so the difference is an estimate as it stands. Of a single profile it is
 * everything since then, unless it tells what it covers (`?seconds=`). Null when there is nothing in them.
 */
export function lockContention(
  looks: ContentionProfiles,
  knowledge: LockKnowledge | null = null,
): LockContention | null {
  const waited = difference(looks.block, 'waiter');
  const held = difference(looks.mutex, 'holder');
  const both = [waited, held].filter((d) => d !== null);
  if (both.length === 0) return null;
  const known = both.map((d) => d.seconds).filter((seconds) => seconds !== null);
  const limits: string[] = [];
  if (!waited)
    limits.push('no block profile with samples: who waited for locks is not known (runtime.SetBlockProfileRate)');
  if (!held)
    limits.push('no mutex profile with samples: who held locks is not known (runtime.SetMutexProfileFraction)');
  return {
    kind: 'lock-contention',
    captures: [...looks.block, ...looks.mutex].map((look) => look.capture),
    seconds: known.length === both.length ? Math.max(...known) : null,
    locks: joinLocks(waited?.stacks ?? [], held?.stacks ?? [], knowledge),
    waitedSeconds: waited && total(waited.stacks),
    heldSeconds: held && total(held.stacks),
    limits,
  };
}

interface Difference {
  readonly stacks: readonly ContendedStack[];
  readonly seconds: number | null;
}

function difference(looks: readonly ContentionProfile[], side: 'waiter' | 'holder'): Difference | null {
  const last = looks.at(-1);
  if (!last || last.profile.sampleCount === 0) return null;
  const first = looks.length > 1 ? looks[0]! : null;
  const series = joinSeries(first ? [last.profile, first.profile] : [last.profile]);
  const [counts, delays] = ['contentions', 'delay'].map((type) => series.sampleTypes.indexOf(type));
  if (counts! < 0 || delays! < 0) return null;
  const unit = last.profile.sampleTypes[delays!]!.unit;
  const perSecond = { nanoseconds: 1e9, microseconds: 1e6, milliseconds: 1e3, seconds: 1 }[unit] ?? 1e9;
  const [now, before] = series.columns;
  const added = (type: number, row: number) => Math.max(0, now![type]![row]! - (before ? before[type]![row]! : 0));
  const stacks: ContendedStack[] = [];
  for (let row = 0; row < series.rowCount; row++) {
    const delaySeconds = added(delays!, row) / perSecond;
    if (delaySeconds <= 0) continue;
    const frames = series.sites(row);
    if (sideOf(frames) === side) stacks.push({ frames, delaySeconds, contentions: added(counts!, row) });
  }
  const covered = first ? (last.atMs - first.atMs) / 1000 : Number(last.profile.durationNanos) / 1e9;
  return { stacks, seconds: covered > 0 ? covered : null };
}

function total(stacks: readonly ContendedStack[]): number {
  return stacks.reduce((sum, stack) => sum + stack.delaySeconds, 0);
}
