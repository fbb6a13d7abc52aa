import { type Frame, type GoroutineSeries, type StackGroup, siteKey, userFrame } from '@tidemark/model';
import type { GoroutineDump } from './dump.js';
import { stackGroups } from './group.js';
import { waitKind } from './wait.js';

/** The goroutines of one process at one time, in any form. */
export interface Look {
  /** Id of the capture, or any name. */
  readonly capture: string;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly groups: readonly StackGroup[];
  /** False where goroutines are missing from it (a cut dump): its counts are lower bounds. */
  readonly whole?: boolean;
}

type SeriesGroup = GoroutineSeries['groups'][number];

/** What became of the goroutines at one place between the first and the last look. */
export interface GroupChange {
  readonly group: SeriesGroup;
  /** `born`: none at the first look; `gone`: none at the last; `grown`, `shrunk`, `same` by count. */
  readonly change: 'born' | 'grown' | 'same' | 'shrunk' | 'gone';
  /** Count at the last look less that at the first. */
  readonly delta: number;
}

/** A proto look cannot tell a nil channel from another; the key of a group may not differ by what a form leaves out. */
function coarse(group: StackGroup): string {
  return waitKind(group).replace(' (nil chan)', '');
}

function groupKey(group: StackGroup): string {
  const site = userFrame(group.frames);
  // debug=1 and proto have no creator, so it cannot be part of what is compared.
  return `${coarse(group)}\n${site ? siteKey(site) : ''}`;
}

/**
 * Looks over time as one series (the evidence kind of model): a group is the place where goroutines wait and what
 * they wait in. Looks are sorted by time. `stayed[i]` counts ids of look i that are still in the group at look
 * i + 1; null where one of the two has no ids.
 */
export function goroutineSeries(looks: readonly Look[]): GoroutineSeries {
  const sorted = [...looks].sort((a, b) => a.atMs - b.atMs);
  interface Open {
    biggest: StackGroup;
    counts: number[];
    ids: (Set<number> | null)[];
    oldest: number | null;
    leaked: boolean;
    creator: Frame | null;
    state: string | null;
  }
  const open = new Map<string, Open>();
  for (const [at, look] of sorted.entries()) {
    for (const group of look.groups) {
      const key = groupKey(group);
      let o = open.get(key);
      if (!o) {
        const counts = sorted.map(() => 0);
        o = {
          biggest: group,
          counts,
          ids: sorted.map(() => null),
          oldest: null,
          leaked: false,
          creator: null,
          state: null,
        };
        open.set(key, o);
      }
      o.counts[at]! += group.count;
      if (group.count > o.biggest.count) o.biggest = group;
      o.creator ??= group.creator;
      o.state ??= group.state;
      if (group.ids.length > 0) {
        const ids = o.ids[at] ?? new Set<number>();
        o.ids[at] = ids;
        for (const id of group.ids) ids.add(id);
      }
      const told = group as { oldestWaitMinutes?: number | null; leaked?: number };
      if (told.oldestWaitMinutes != null) o.oldest = Math.max(o.oldest ?? 0, told.oldestWaitMinutes);
      o.leaked ||= (told.leaked ?? 0) > 0;
    }
  }
  const withIds = sorted.map((look) => look.groups.some((group) => group.ids.length > 0));
  const groups = [...open.values()].map((o): SeriesGroup => {
    const site = userFrame(o.biggest.frames) ?? { function: '', file: '', line: 0 };
    return {
      site: { function: site.function, file: site.file, line: site.line },
      creator: o.creator && { function: o.creator.function, file: o.creator.file, line: o.creator.line },
      state: o.state,
      waitsIn: waitKind(o.biggest),
      counts: o.counts,
      stayed: o.counts
        .slice(1)
        .map((_, at) => (withIds[at] && withIds[at + 1] ? stayed(o.ids[at], o.ids[at + 1]) : null)),
      oldestWaitMinutes: o.oldest,
      stack: o.biggest.frames.map((f) => ({ function: f.function, file: f.file, line: f.line })),
      labels: { ...o.biggest.labels },
      provenLeaked: o.leaked,
    };
  });
  const last = sorted.length - 1;
  return {
    kind: 'goroutine-series',
    looks: sorted.map((look) => ({
      capture: look.capture,
      atMs: look.atMs,
      total: look.groups.reduce((sum, group) => sum + group.count, 0),
    })),
    groups: groups.sort((a, b) => b.counts[last]! - a.counts[last]!),
    limits: sorted
      .filter((look) => look.whole === false)
      .map((look) => `${look.capture} is cut: counts are lower bounds`),
  };
}

function stayed(before: Set<number> | null | undefined, after: Set<number> | null | undefined): number {
  let count = 0;
  if (before && after) for (const id of before) if (after.has(id)) count++;
  return count;
}

/** Groups by what became of them, the largest growth first. Needs two looks; one gives an empty list. */
export function compareLooks(looks: readonly Look[]): GroupChange[] {
  const series = goroutineSeries(looks);
  const last = series.looks.length - 1;
  if (last < 1) return [];
  return series.groups
    .map((group): GroupChange => {
      const first = group.counts[0]!;
      const delta = group.counts[last]! - first;
      const change =
        first === 0 && delta > 0
          ? 'born'
          : group.counts[last] === 0
            ? 'gone'
            : delta > 0
              ? 'grown'
              : delta < 0
                ? 'shrunk'
                : 'same';
      return { group, change, delta };
    })
    .sort((a, b) => b.delta - a.delta);
}

/** A dump (one section of it) as a look. */
export function lookOf(dump: GoroutineDump, capture: string, atMs: number, section = 0): Look {
  return { capture, atMs, groups: stackGroups(dump, section), whole: !dump.cut };
}

/** Groups of dumps of one process, in the order of time, by what became of them. */
export function compareDumps(dumps: readonly GoroutineDump[]): GroupChange[] {
  return compareLooks(dumps.map((dump, at) => lookOf(dump, `dump ${at + 1}`, at)));
}
