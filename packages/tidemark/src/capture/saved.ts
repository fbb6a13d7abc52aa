import { createHash } from 'node:crypto';
import { basename, dirname } from 'node:path';
import { type Capture, isTidemarkError, type Note, type Subject, TidemarkError } from '@tidemark/model';
import type { Profile } from '@tidemark/pprof';
import { printable } from '../base/text.js';
import { type FileOptions, type RawFile, readFiles } from '../targets/index.js';
import { allocsByStack, buildIdOf, goVersionOf, total } from './decode.js';
import { Incarnations, type Marks } from './incarnation.js';
import { readKept } from './kept.js';
import { type Recognised, recognise } from './recognise.js';
import { refuseDifferentPrograms } from './same-program.js';
import { MANIFEST } from './spool.js';
import type { Look, Taken, Watch } from './types.js';

export interface SavedOptions extends FileOptions {
  /** Largest file once it is unpacked; default 1 GiB. */
  readonly maxUnpackedBytes?: number;
}

/** Captures within this time of each other are one look. */
const SAME_LOOK_MS = 5000;

interface Item {
  readonly file: RawFile;
  readonly what: Exclude<Recognised, { kind: 'other' }>;
  readonly taken: Taken;
  /** null where nothing inside tells the time. */
  readonly insideMs: number | null;
}

/**
 * Reads saved captures in any form (profiles, debug=1 and debug=2 texts, packed or not, directories, what a watch
 * kept) and gives what a live watch gives. Order is by the time inside the captures; where there is none, by the
 * order in which the files were named.
 *
 * @throws TidemarkError what readFiles and recognise throw; TM_WRONG_PROFILE_TYPE when a named file is a profile of
 * a kind that says nothing about memory or goroutines; TM_DIFFERENT_PROGRAMS.
 */
export async function loadSaved(paths: readonly string[], options: SavedOptions = {}): Promise<Watch> {
  const files = await readFiles(paths, options);
  const kept = readKept(files);
  if (kept) return kept;
  const notes: Note[] = [];
  const items = recogniseAll(files, options.maxUnpackedBytes ?? 2 ** 30, notes);
  const ordered = order(items, notes);
  const heaps = ordered.flatMap(({ item }) => (item.what.kind === 'heap' ? [item.what.profile] : []));
  refuseDifferentPrograms(heaps);
  const incarnations = new Incarnations();
  const looks: Look[] = group(ordered).map((parts, index) => toLook(parts, index, incarnations, notes));
  return {
    ...{ subject: subjectOf(heaps, ordered[0]!.item), looks, notes },
    captures: ordered.map(({ item }) => item.taken.capture),
    ...{ restarted: incarnations.count > 1, stopped: false, spool: null },
  };
}

function recogniseAll(files: readonly RawFile[], maxBytes: number, notes: Note[]): Item[] {
  const items: Item[] = [];
  const passed: string[] = [];
  for (const file of files) {
    if (basename(file.path) === MANIFEST && file.found) continue;
    try {
      const what = recognise(file.bytes, file.path, maxBytes);
      if (what.kind === 'other')
        throw new TidemarkError('TM_WRONG_PROFILE_TYPE', `${printable(file.path)} is ${what.what}`);
      // Both kinds look the same when they are empty, so it cannot be told what this would be a first look at.
      if ((what.kind === 'mutex' || what.kind === 'block') && what.profile.sampleCount === 0)
        notes.push({
          ...{ level: 'info', code: null },
          text: `${printable(basename(file.path))} is a mutex or block profile without samples: left out`,
        });
      else items.push(toItem(file, what, items.length));
    } catch (error) {
      if (!isTidemarkError(error) || !file.found) throw error;
      passed.push(`${basename(file.path)} (${error.code})`);
    }
  }
  if (passed.length > 0)
    notes.push({
      ...{ level: 'info', code: null },
      text: `passed over ${passed.length} files: ${printable(passed.slice(0, 5).join(', '), 200)}`,
    });
  if (items.length === 0)
    throw new TidemarkError('TM_NOT_A_PROFILE', 'nothing among the files is a heap, goroutine, mutex or block profile');
  return items;
}

function toItem(file: RawFile, what: Item['what'], ordinal: number): Item {
  const time = 'profile' in what ? Number(what.profile.timeNanos) / 1e6 : 0;
  // A heap profile is the state at the end of a GC: without a time of its own, that GC's time is the right one.
  const insideMs = time > 0 ? time : what.kind === 'heap' ? (what.memStats?.lastGcAtMs ?? null) : null;
  const capture: Capture = {
    ...{ schemaVersion: 1, id: `${what.kind}-${ordinal}`, kind: what.kind, source: file.path },
    takenAt: new Date(validTime(insideMs ?? file.modifiedAtMs)).toISOString(),
    ...{ tookMs: null, sizeBytes: file.bytes.length, forcedGc: false, request: file.path },
    sha256: createHash('sha256').update(file.bytes).digest('hex'),
  };
  return { file, what, taken: { capture, bytes: file.bytes }, insideMs };
}

/** A profile may claim any time; Date takes up to 8.64e15 ms. */
function validTime(ms: number): number {
  return Number.isFinite(ms) && Math.abs(ms) < 8.64e15 ? ms : 0;
}

function order(items: readonly Item[], notes: Note[]): { item: Item; atMs: number }[] {
  const timed = items.map((item) => ({ item, atMs: validTime(item.insideMs ?? item.file.modifiedAtMs) }));
  const sorted = [...timed].sort((a, b) => a.atMs - b.atMs);
  if (items.every((item) => item.file.found)) return sorted;
  const swapped = sorted.some((entry, i) => entry !== timed[i]);
  if (!swapped) return timed;
  const named = items.filter((item) => !item.file.found);
  if (items.every((item) => item.insideMs !== null)) {
    const oldest = basename(sorted[0]!.item.file.path);
    // Only two of one kind can be the wrong way round; a heap beside a goroutine profile has no order.
    if (named.some((a, i) => named.slice(i + 1).some((b) => a.what.kind === b.what.kind && a.insideMs! > b.insideMs!)))
      notes.push({
        ...{ level: 'warning', code: null },
        text: `THE ORDER WAS SWAPPED: by the times inside the files ${printable(oldest)} is the oldest, and they were sorted by them`,
      });
    return sorted;
  }
  notes.push({
    ...{ level: 'warning', code: null },
    text: 'some files hold no time, and their dates on the disk contradict the order in which they were named: that order is kept, so how fast something grows is not known well',
  });
  const start = sorted[0]!.atMs;
  return timed.map(({ item }, i) => ({ item, atMs: start + i * 2 * SAME_LOOK_MS }));
}

type Slot = Item['what']['kind'];

/** Neighbours of different kinds and nearly equal times are one look. */
function group(ordered: readonly { item: Item; atMs: number }[]): Map<Slot, { item: Item; atMs: number }>[] {
  const looks: Map<Slot, { item: Item; atMs: number }>[] = [];
  for (const entry of ordered) {
    const open = looks.at(-1);
    const first = open?.values().next().value;
    if (open && first && !open.has(entry.item.what.kind) && entry.atMs - first.atMs <= SAME_LOOK_MS)
      open.set(entry.item.what.kind, entry);
    else looks.push(new Map([[entry.item.what.kind, entry]]));
  }
  return looks;
}

function toLook(
  parts: Map<Slot, { item: Item; atMs: number }>,
  index: number,
  incarnations: Incarnations,
  notes: Note[],
): Look {
  const heap = parts.get('heap');
  const heapWhat = heap?.item.what.kind === 'heap' ? heap.item.what : null;
  const goroutine = parts.get('goroutine');
  const goroutineProfile = goroutine?.item.what.kind === 'goroutine' ? goroutine.item.what.profile : null;
  const counters: Record<string, number> = {};
  if (heapWhat?.memStats?.numGc != null) counters['NumGC'] = heapWhat.memStats.numGc;
  if (heapWhat?.memStats?.totalAllocBytes != null) counters['TotalAlloc'] = heapWhat.memStats.totalAllocBytes;
  const profile = heapWhat?.profile ?? null;
  const marks: Marks = {
    ...{ process: null, counters, startedAtMs: null },
    buildId: profile && buildIdOf(profile),
    rateBytes: profile && Number(profile.period),
    allocsByStack: profile && allocsByStack(profile),
  };
  const atMs = [...parts.values()][0]!.atMs;
  const { incarnation, reason } = incarnations.place(marks, atMs);
  if (reason)
    notes.push({
      ...{ level: 'warning', code: null },
      text: `${printable(basename(heap?.item.file.path ?? ''))} comes from another process than the one before it: ${reason}`,
    });
  return {
    ...{ index, atMs, incarnation, heap: heap?.item.taken ?? null, goroutine: goroutine?.item.taken ?? null },
    goroutineTotal: goroutineProfile && total(goroutineProfile, goroutineProfile.sampleTypes[0]?.type ?? ''),
    dump: parts.get('goroutine-dump')?.item.taken ?? null,
    ...{
      dumpTruncated: false,
      leaked: null,
      mutex: parts.get('mutex')?.item.taken ?? null,
      block: parts.get('block')?.item.taken ?? null,
      memStats: heapWhat?.memStats ?? null,
      expvar: null,
      metrics: null,
      process: null,
    },
  };
}

function subjectOf(heaps: readonly Profile[], first: Item): Subject {
  const last = heaps.at(-1);
  const program = heaps.map((profile) => profile.mappings[0]?.file).find(Boolean);
  const directory = basename(dirname(first.file.path));
  return {
    service: printable(program ? basename(program) : directory === '.' || !directory ? 'unknown' : directory, 80),
    instance: null,
    build: (last && buildIdOf(last)) ?? null,
    goVersion: (last && goVersionOf(last)) ?? null,
    pid: null,
    ageSeconds: null,
  };
}
