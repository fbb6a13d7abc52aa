import { type Frame, type GoroutineGroup, type GoroutineSeries, type Site, userFrame } from '@tidemark/model';

/** Goroutines of one look that share stack, state and creator; how they were read does not matter any more. */
export interface SeenGroup {
  readonly count: number;
  /** Leaf first, without `created by`. */
  readonly frames: readonly Frame[];
  readonly creator: Site | null;
  readonly state: string | null;
  readonly waitsIn: string | null;
  /** Empty where the form has no ids. */
  readonly ids: readonly number[];
  readonly waitMinutes: number | null;
  /** How many of them the runtime found unreachable. */
  readonly leaked: number;
  readonly labels: Readonly<Record<string, string>>;
}

export interface SeenGoroutines {
  readonly atMs: number;
  readonly capture: string;
  readonly total: number;
  /** True when the groups have ids. */
  readonly withIds: boolean;
  readonly groups: readonly SeenGroup[];
}

/** More groups than any program's own code has places to wait; what is beyond is told in `limits`. */
const MAX_GROUPS = 5000;

interface Gathering {
  readonly frames: readonly Frame[];
  readonly site: Site;
  creator: Site | null;
  state: string | null;
  waitsIn: string | null;
  readonly counts: number[];
  readonly ids: (Set<number> | null)[];
  oldestWaitMinutes: number | null;
  leaked: number;
  labels: Readonly<Record<string, string>>;
  largest: number;
}

/**
 * Looks → one row a (place of waiting, entry function), counts aligned over all looks. The entry function stands for
 * the creator because the profile forms do not tell who ran the `go` statement; where a dump tells it, it is kept.
 */
export function goroutineSeries(looks: readonly SeenGoroutines[]): GoroutineSeries {
  const gathered = new Map<string, Gathering>();
  looks.forEach((look, at) => {
    for (const group of look.groups) {
      const site = userFrame(group.frames);
      if (!site) continue;
      const entry = group.frames.at(-1)?.function ?? '';
      const key = `${site.function}\n${site.file}:${site.line}\n${entry}\n${group.waitsIn ?? ''}`;
      let row = gathered.get(key);
      if (!row) {
        row = {
          frames: group.frames,
          site: { function: site.function, file: site.file, line: site.line },
          creator: null,
          state: null,
          waitsIn: group.waitsIn,
          counts: new Array<number>(looks.length).fill(0),
          ids: looks.map((l) => (l.withIds ? new Set<number>() : null)),
          oldestWaitMinutes: null,
          leaked: 0,
          labels: group.labels,
          largest: 0,
        };
        gathered.set(key, row);
      }
      row.counts[at]! += group.count;
      row.creator ??= group.creator;
      row.state ??= group.state;
      if (group.count > row.largest) {
        row.largest = group.count;
        row.labels = group.labels;
      }
      for (const id of group.ids) row.ids[at]?.add(id);
      if (group.waitMinutes !== null) row.oldestWaitMinutes = Math.max(row.oldestWaitMinutes ?? 0, group.waitMinutes);
      row.leaked = Math.max(row.leaked, group.leaked);
    }
  });
  const rows = [...gathered.values()].sort((a, b) => Math.max(...b.counts) - Math.max(...a.counts));
  const limits =
    rows.length > MAX_GROUPS
      ? [`${rows.length - MAX_GROUPS} of ${rows.length} groups of goroutines are left out, the smallest ones`]
      : [];
  return {
    kind: 'goroutine-series',
    looks: looks.map(({ capture, atMs, total }) => ({ capture, atMs, total })),
    groups: rows.slice(0, MAX_GROUPS).map(toGroup),
    limits,
  };
}

function toGroup(row: Gathering): GoroutineGroup {
  return {
    site: row.site,
    creator: row.creator,
    state: row.state,
    waitsIn: row.waitsIn,
    counts: row.counts,
    stayed: stayed(row.ids),
    oldestWaitMinutes: row.oldestWaitMinutes,
    stack: [...row.frames],
    labels: { ...row.labels },
    provenLeaked: row.leaked > 0,
  };
}

/** At each look with ids: how many of the ids of the last look with ids are still here. */
function stayed(ids: readonly (Set<number> | null)[]): (number | null)[] {
  let before: Set<number> | null = null;
  return ids.map((now) => {
    if (!now) return null;
    let count: number | null = null;
    if (before) {
      count = 0;
      for (const id of before) if (now.has(id)) count++;
    }
    before = now;
    return count;
  });
}
