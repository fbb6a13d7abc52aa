import { stackGroups as dumpGroups, type Look as GoroutineLook, goroutineSeries, parseDump } from '@tidemark/goroutine';
import {
  type Evidence,
  type GoroutineSeries,
  type GoroutineWaits,
  type LockContention,
  type Note,
  type StackGroup,
  siteKey,
  userFrame,
} from '@tidemark/model';
import { stackGroups as profileGroups } from '@tidemark/pprof';
import { type ContentionProfile, decode, type Look, signalsOf, type Watch } from '../capture/index.js';
import { lockContention } from './contention/index.js';
import { type HeapLook, heapSeries } from './evidence/heap-series.js';
import { type FactsFile, factsEvidence, matchBuild, placesSeen } from './facts/index.js';
import { SourceFacts } from './goroutine/source-facts.js';
import { type DumpLook, goroutineWaits } from './goroutine/waits.js';
import type { Observation } from './judge.js';

/**
 * What was taken → evidence of ONE process. Where the looks saw several (a restart, a balancer), the one with most looks
 * is judged, the latest of equals; the others are told, never compared.
 */
export function observe(watch: Watch, target: readonly string[], given: FactsFile | null = null): Observation {
  const notes: Note[] = [...watch.notes];
  const looks = oneProcess(watch, notes);
  const first = looks[0]?.atMs ?? 0;
  const last = looks.at(-1)?.atMs ?? first;
  const heap = heapOf(looks, notes);
  const dumps = dumpsOf(looks, notes);
  const goroutines = goroutinesOf(looks, dumps, notes);
  const answer = given && matchBuild(given, watch.subject.build, placesSeen(heap, goroutines));
  const match = answer && 'by' in answer ? answer : null;
  const facts = match ? given : null;
  if (answer) {
    notes.push(
      'by' in answer
        ? { level: 'info', code: null, text: `facts of the build matched by ${answer.by}` }
        : { level: 'warning', code: null, text: answer.refused },
    );
  }
  const source = facts?.sync ? new SourceFacts({ build: facts.build, sync: facts.sync }) : null;
  const waits = waitsOf([...dumps.values()], source);
  const contention = contentionOf(looks, source, notes);
  const more: Evidence[] = [
    ...(waits ? [waits] : []),
    ...(contention ? [contention] : []),
    ...(facts && match ? [factsEvidence(facts, match, heap, goroutines)] : []),
  ];
  return {
    subject: watch.subject,
    more,
    source: facts?.source ?? null,
    heap,
    goroutines,
    signals: signalsOf(looks),
    notes,
    fromMs: first,
    toMs: last,
    looks: looks.length,
    target,
  };
}

function oneProcess(watch: Watch, notes: Note[]): readonly Look[] {
  const byIncarnation = new Map<number, Look[]>();
  for (const look of watch.looks) {
    const known = byIncarnation.get(look.incarnation);
    if (known) known.push(look);
    else byIncarnation.set(look.incarnation, [look]);
  }
  const all = [...byIncarnation.values()];
  const chosen = all.reduce((best, looks) => (looks.length >= best.length ? looks : best), all[0] ?? []);
  if (all.length > 1) {
    notes.push({
      level: 'warning',
      code: null,
      text: `the ${watch.looks.length} looks saw ${all.length} different processes; the one with ${chosen.length} looks is judged, the others are not compared with it`,
    });
  }
  return chosen;
}

function heapOf(looks: readonly Look[], notes: Note[]) {
  const heaps: HeapLook[] = [];
  for (const look of looks) {
    if (!look.heap) continue;
    try {
      const { id, forcedGc } = look.heap.capture;
      heaps.push({ capture: id, atMs: look.atMs, forcedGc, profile: decode(look.heap) });
    } catch (error) {
      notes.push(leftOut('heap profile', error));
    }
  }
  return heaps.length > 0 ? heapSeries(heaps) : null;
}

function leftOut(what: string, error: unknown): Note {
  return {
    level: 'warning',
    code: null,
    text: `a ${what} could not be read and is left out: ${(error as Error).message}`,
  };
}

/** The whole dumps among the looks. One that was cut says nothing about who is gone. */
function dumpsOf(looks: readonly Look[], notes: Note[]): ReadonlyMap<Look, DumpLook> {
  const dumps = new Map<Look, DumpLook>();
  for (const look of looks) {
    if (!look.dump || look.dumpTruncated) continue;
    try {
      dumps.set(look, { dump: parseDump(look.dump.bytes), capture: look.dump.capture.id, atMs: look.atMs });
    } catch (error) {
      notes.push(leftOut('goroutine dump', error));
    }
  }
  return dumps;
}

function goroutinesOf(
  looks: readonly Look[],
  dumps: ReadonlyMap<Look, DumpLook>,
  notes: Note[],
): GoroutineSeries | null {
  const seen: GoroutineLook[] = [];
  const leaked = new Set<string>();
  for (const look of looks) {
    try {
      const groups = groupsOf(look, dumps.get(look));
      if (groups) seen.push({ atMs: look.atMs, ...groups });
      if (look.leaked) for (const group of profileGroups(decode(look.leaked))) leaked.add(placeOf(group));
    } catch (error) {
      notes.push(leftOut('goroutine profile', error));
    }
  }
  if (seen.length === 0) return null;
  const series = goroutineSeries(seen);
  if (leaked.size === 0) return series;
  return {
    ...series,
    groups: series.groups.map((g) => (leaked.has(siteKey(g.site)) ? { ...g, provenLeaked: true } : g)),
  };
}

/** A dump knows ids and states; it is used where it is whole, the profile everywhere else. */
function groupsOf(
  look: Look,
  dump: DumpLook | undefined,
): { capture: string; groups: readonly StackGroup[]; whole: boolean } | null {
  if (dump) return { capture: dump.capture, groups: dumpGroups(dump.dump), whole: true };
  if (!look.goroutine) return null;
  return { capture: look.goroutine.capture.id, groups: profileGroups(decode(look.goroutine)), whole: true };
}

function placeOf(group: StackGroup): string {
  const frame = userFrame(group.frames);
  return frame ? siteKey(frame) : '';
}

/** So far apart two looks at least must be for staying to mean something. */
const STAYED_MS = 10_000;

/** Who waits for whom, from the dumps of the looks; explained where the facts have the section `sync`. */
function waitsOf(dumps: readonly DumpLook[], facts: SourceFacts | null): GoroutineWaits | null {
  // Who stands here now and stood here some time ago stayed. The first look is too long ago where goroutines gather:
  // hardly one of those that wait now had come by then.
  const last = dumps.at(-1);
  if (!last) return null;
  const before = dumps.findLast((d) => last.atMs! - d.atMs! >= STAYED_MS) ?? dumps[0]!;
  const ends = before === last ? [last] : [before, last];
  return goroutineWaits(ends, { facts });
}

/** What locks cost between the first and the last look that has such profiles. */
function contentionOf(looks: readonly Look[], facts: SourceFacts | null, notes: Note[]): LockContention | null {
  const read = (kind: 'mutex' | 'block'): ContentionProfile[] =>
    looks.flatMap(({ atMs, [kind]: taken }) => {
      if (!taken) return [];
      try {
        return [{ capture: taken.capture.id, atMs, profile: decode(taken) }];
      } catch (error) {
        notes.push(leftOut(`${kind} profile`, error));
        return [];
      }
    });
  return lockContention({ mutex: read('mutex'), block: read('block') }, facts);
}
