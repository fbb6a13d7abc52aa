import { type Frame, type StackGroup, siteKey, userFrame } from '@tidemark/model';
import type { GoroutineDump } from './dump.js';
import { stackGroups } from './group.js';
import { type WaitKind, waitKind } from './wait.js';

/** What became of the goroutines at one place between the first and the last look. */
export interface GroupChange {
  /** Where they wait: the first frame of the user's code. */
  readonly site: Frame | null;
  readonly waitsIn: WaitKind;
  readonly creator: Frame | null;
  /** `born`: none at the first look; `gone`: none at the last one; else by count. */
  readonly change: 'born' | 'grown' | 'same' | 'shrunk' | 'gone';
  readonly counts: readonly number[];
  /** Count at the last look less that at the first. */
  readonly delta: number;
  /** Ids that are in the group at every look; null where a look has no ids. */
  readonly stayed: number | null;
}

interface Open {
  readonly first: StackGroup;
  creator: Frame | null;
  readonly counts: number[];
  readonly ids: Set<number>[];
}

/**
 * Groups of looks in the order of time, by place and by what is waited in; the largest growth first. Looks may be
 * of different forms: debug=1 and proto tell neither creators nor nil channels, so neither is part of the key.
 */
export function compareLooks(looks: readonly (readonly StackGroup[])[]): GroupChange[] {
  const open = new Map<string, Open>();
  for (const [at, groups] of looks.entries()) {
    for (const group of groups) {
      const site = userFrame(group.frames);
      const key = `${waitKind(group).replace(' (nil chan)', '')}\n${site ? siteKey(site) : ''}`;
      let seen = open.get(key);
      if (!seen) {
        seen = { first: group, creator: null, counts: looks.map(() => 0), ids: looks.map(() => new Set<number>()) };
        open.set(key, seen);
      }
      seen.counts[at]! += group.count;
      seen.creator ??= group.creator;
      for (const id of group.ids) seen.ids[at]!.add(id);
    }
  }
  const withIds = looks.every((groups) => groups.some((group) => group.ids.length > 0));
  return [...open.values()]
    .map((seen): GroupChange => {
      const delta = seen.counts.at(-1)! - seen.counts[0]!;
      return {
        site: userFrame(seen.first.frames) ?? null,
        waitsIn: waitKind(seen.first),
        creator: seen.creator,
        change: changeOf(seen.counts[0]!, seen.counts.at(-1)!),
        counts: seen.counts,
        delta,
        stayed: withIds ? [...seen.ids[0]!].filter((id) => seen.ids.every((ids) => ids.has(id))).length : null,
      };
    })
    .sort((a, b) => b.delta - a.delta || b.counts.at(-1)! - a.counts.at(-1)!);
}

/** The same for dumps of one process, in the order of time. */
export function compareDumps(dumps: readonly GoroutineDump[]): GroupChange[] {
  return compareLooks(dumps.map((dump) => stackGroups(dump)));
}

function changeOf(first: number, last: number): GroupChange['change'] {
  if (first === 0 && last > 0) return 'born';
  if (last === 0) return 'gone';
  if (last === first) return 'same';
  return last > first ? 'grown' : 'shrunk';
}
