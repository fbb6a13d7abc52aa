import { stackGroups as dumpGroups, type Look as GoroutineLook, goroutineSeries, parseDump } from '@tidemark/goroutine';
import {
  type GoroutineSeries,
  type Note,
  type Signal,
  type SignalSeries,
  type StackGroup,
  siteKey,
  userFrame,
} from '@tidemark/model';
import { stackGroups as profileGroups } from '@tidemark/pprof';
import { decode, type Look, type Watch } from '../capture/index.js';
import { type HeapLook, heapSeries } from './evidence/heap-series.js';
import type { Observation } from './judge.js';

/**
 * What was taken → evidence of ONE process. Where the looks saw several (a restart, a balancer), the one with most looks
 * is judged, the latest of equals; the others are told, never compared.
 */
export function observe(watch: Watch, target: readonly string[]): Observation {
  const notes: Note[] = [...watch.notes];
  const looks = oneProcess(watch, notes);
  const first = looks[0]?.atMs ?? 0;
  const last = looks.at(-1)?.atMs ?? first;
  return {
    subject: watch.subject,
    heap: heapOf(looks, notes),
    goroutines: goroutinesOf(looks, notes),
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
      notes.push({
        level: 'warning',
        code: null,
        text: `a heap profile could not be read and is left out: ${(error as Error).message}`,
      });
    }
  }
  return heaps.length > 0 ? heapSeries(heaps) : null;
}

function goroutinesOf(looks: readonly Look[], notes: Note[]): GoroutineSeries | null {
  const seen: GoroutineLook[] = [];
  const leaked = new Set<string>();
  for (const look of looks) {
    try {
      const groups = groupsOf(look);
      if (groups) seen.push({ atMs: look.atMs, ...groups });
      if (look.leaked) for (const group of profileGroups(decode(look.leaked))) leaked.add(placeOf(group));
    } catch (error) {
      notes.push({
        level: 'warning',
        code: null,
        text: `a goroutine profile could not be read and is left out: ${(error as Error).message}`,
      });
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
function groupsOf(look: Look): { capture: string; groups: readonly StackGroup[]; whole: boolean } | null {
  if (look.dump && !look.dumpTruncated) {
    return { capture: look.dump.capture.id, groups: dumpGroups(parseDump(look.dump.bytes)), whole: true };
  }
  if (!look.goroutine) return null;
  return { capture: look.goroutine.capture.id, groups: profileGroups(decode(look.goroutine)), whole: true };
}

function placeOf(group: StackGroup): string {
  const frame = userFrame(group.frames);
  return frame ? siteKey(frame) : '';
}

/** Readings of the looks as series under the one vocabulary (docs/signals.md). */
function signalsOf(looks: readonly Look[]): SignalSeries | null {
  const series: Signal[] = [];
  const add = (
    name: string,
    unit: Signal['unit'],
    source: string,
    pick: (look: Look) => number | null | undefined,
    kind: Signal['kind'] = 'gauge',
  ) => {
    const points = looks.flatMap((look): [number, number][] => {
      const value = pick(look);
      return typeof value === 'number' && Number.isFinite(value) ? [[look.atMs, value]] : [];
    });
    if (points.length > 0) series.push({ name, unit, kind, labels: {}, source, points });
  };
  const proc = '/proc';
  const memStats = (look: Look) => look.expvar?.memStats ?? look.memStats;
  add('process_resident_bytes', 'bytes', proc, (l) => l.process?.rssBytes);
  add('process_resident_anonymous_bytes', 'bytes', proc, (l) => l.process?.rssAnonBytes);
  add('process_resident_file_bytes', 'bytes', proc, (l) => l.process?.rssFileBytes);
  add('process_open_descriptors', 'count', proc, (l) => l.process?.fds);
  add('process_threads', 'count', proc, (l) => l.process?.threads);
  add('go_memory_total_bytes', 'bytes', 'MemStats.Sys', (l) => memStats(l)?.sysBytes);
  add('go_heap_allocated_bytes', 'bytes', 'MemStats.HeapAlloc', (l) => memStats(l)?.heapAllocBytes);
  add('go_heap_system_bytes', 'bytes', 'MemStats.HeapSys', (l) => memStats(l)?.heapSysBytes);
  add('go_heap_next_gc_bytes', 'bytes', 'MemStats.NextGC', (l) => memStats(l)?.nextGcBytes);
  add('go_stack_bytes', 'bytes', 'MemStats.StackInuse', (l) => memStats(l)?.stackInuseBytes);
  add('go_gc_cycles_total', 'count', 'MemStats.NumGC', (l) => memStats(l)?.numGc, 'counter');
  add('go_goroutines', 'count', 'goroutine profile', (l) => l.goroutineTotal);
  add('process_resident_peak_bytes', 'bytes', 'MaxRSS', (l) => l.memStats?.maxRssBytes ?? l.process?.peakRssBytes);
  return series.length > 0 ? { kind: 'signal-series', signals: series, limits: [] } : null;
}
