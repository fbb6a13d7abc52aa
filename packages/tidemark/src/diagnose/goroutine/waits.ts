import { type DumpGroup, type GoroutineDump, stackGroups, stackKey } from '@tidemark/goroutine';
import { type GoroutineWaits, userFrame, type WaitedLock, type WaitingGroup } from '@tidemark/model';
import { explain } from './explain.js';
import { misfit } from './fit.js';
import { siteOf } from './places.js';
import { type Situation, situationOf } from './situation.js';
import type { SourceFacts } from './source-facts.js';

/** A dump and when it was taken. */
export interface DumpLook {
  readonly dump: GoroutineDump;
  readonly capture: string;
  /** Milliseconds since 1970; null for a file whose time is not known. */
  readonly atMs: number | null;
}

export interface WaitsOptions {
  readonly facts?: SourceFacts | null;
  /** Which of several dumps in one text; default the first. Only with one look. */
  readonly section?: number;
  /** Ids and waiters that are listed by group and lock. */
  readonly maxListed?: number;
}

/**
 * Dumps of one process, oldest first → who waits for whom, and why it cannot end. The last one is judged; the
 * earlier ones tell who has stood at the same stack all the time.
 */
export function goroutineWaits(looks: readonly DumpLook[], options: WaitsOptions = {}): GoroutineWaits {
  const last = looks.at(-1);
  if (!last) throw new RangeError('goroutineWaits needs a dump');
  const maxListed = options.maxListed ?? 100;
  const section = options.section ?? 0;
  const given = situationOf(last.dump, options.facts ?? null, section);
  const other = misfit(given);
  const situation = other === null ? given : situationOf(last.dump, null, section);
  const before = looks.slice(0, -1).map((look) => idsByStack(stackGroups(look.dump)));
  const first = looks[0]!.atMs;
  const [from, to] = last.dump.sectionRange(section);
  return {
    kind: 'goroutine-waits',
    capture: last.capture,
    looks: looks.length,
    watchedSeconds: first === null || last.atMs === null ? null : Math.max(0, (last.atMs - first) / 1000),
    total: to - from,
    groups: situation.groups.map((group, index) => groupOf(situation, group, index, before, maxListed)),
    locks: situation.graph.locks.map((_, index) => lockOf(situation, index, maxListed)),
    cycles: situation.graph.cycles.map((cycle) => [...cycle]),
    explanations: explain(situation),
    withFacts: situation.facts !== null,
    limits: [
      ...(other === null ? [] : [other]),
      ...situation.graph.limits,
      ...last.dump.diagnostics.filter((d) => !HARMLESS.has(d.kind)).map((d) => d.text),
    ],
  };
}

/** Told by the parser, but nothing that a judgement of waits is weaker for. */
const HARMLESS = new Set(['text-outside', 'carriage-returns', 'colour-codes', 'ancestors', 'frames-elided']);

function idsByStack(groups: readonly DumpGroup[]): Map<string, Set<number>> {
  const byStack = new Map<string, Set<number>>();
  for (const group of groups) {
    const key = stackKey(group);
    const ids = byStack.get(key);
    if (ids) for (const id of group.ids) ids.add(id);
    else byStack.set(key, new Set(group.ids));
  }
  return byStack;
}

function groupOf(
  situation: Situation,
  group: DumpGroup,
  index: number,
  before: readonly ReadonlyMap<string, ReadonlySet<number>>[],
  maxListed: number,
): WaitingGroup {
  const key = before.length > 0 ? stackKey(group) : '';
  const site = userFrame(group.frames);
  return {
    site: site ? siteOf(site) : { function: '', file: '', line: 0 },
    creator: group.creator && siteOf(group.creator),
    state: group.state,
    waitsIn: situation.waits[index]!.kind,
    count: group.count,
    ids: group.ids.slice(0, maxListed),
    oldestWaitMinutes: group.oldestWaitMinutes,
    stayed:
      before.length === 0 ? null : group.ids.filter((id) => before.every((look) => look.get(key)?.has(id))).length,
    provenLeaked: group.leaked > 0,
    uninteresting: situation.byDesign[index] ?? null,
    labels: { ...group.labels },
    stack: group.frames.map((frame) => ({ ...siteOf(frame), ...(frame.inlined ? { inlined: true } : {}) })),
  };
}

function lockOf(situation: Situation, index: number, maxListed: number): WaitedLock {
  const lock = situation.graph.locks[index]!;
  const { row: _, mode: __, ...holder } = lock.holder;
  return {
    kind: lock.kind,
    address: lock.address === null ? null : `0x${lock.address.toString(16)}`,
    name: lock.name ?? lock.type,
    offsetBytes: lock.offset,
    waiters: lock.waiters
      .slice(0, maxListed)
      .map(({ goroutine, waitsIn, site }) => ({ goroutine, waitsIn, site: siteOf(site) })),
    waiterCount: lock.waiters.length,
    holder: {
      ...holder,
      site: holder.site && siteOf(holder.site),
      acquired: holder.acquired && siteOf(holder.acquired),
      waitsAt: holder.waitsAt && siteOf(holder.waitsAt),
    },
    moving: lock.moving,
  };
}
