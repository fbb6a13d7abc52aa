import { open, stat } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { DumpParser, type GoroutineDump } from '@tidemark/goroutine';
import { isTidemarkError, TidemarkError } from '@tidemark/model';
import { type Clock, systemClock } from '../base/clock.js';
import { printable } from '../base/text.js';
import type { Target } from '../targets/index.js';
import { type ContentionProfiles, ContentionTaker } from './contention.js';

/** A dump with when it was taken. */
export interface TakenDump {
  readonly dump: GoroutineDump;
  readonly capture: string;
  readonly atMs: number | null;
  /** Ids that the runtime's goroutineleak profile found unreachable right after this dump; the last one's, if offered. */
  readonly leakedIds?: ReadonlySet<number>;
}

export interface DumpPlan {
  /** How many dumps; two tell who stays. */
  readonly looks: number;
  readonly everyMs: number;
  /** Above so many goroutines no full dump is taken: it stops the world for seconds. */
  readonly maxGoroutines: number;
}

/**
 * Takes full dumps (debug=2) of a live service, after its number of goroutines was asked for in the form that costs it
 * nearly nothing (debug=1). Where the target offers goroutineleak (Go 1.27, 1.26 by experiment) it is taken last: it
 * wipes out the waiting times that dumps tell.
 * @throws TidemarkError TM_LIMIT above `maxGoroutines`, and what the target throws.
 */
export async function takeDumps(
  target: Target,
  plan: DumpPlan,
  options: {
    clock?: Clock;
    signal?: AbortSignal;
    onLook?: (look: number) => void;
    onNote?: (text: string) => void;
  } = {},
): Promise<{ dumps: TakenDump[]; total: number; contention: ContentionProfiles }> {
  const clock = options.clock ?? systemClock;
  const total = await goroutineTotal(target, options.signal);
  if (total > plan.maxGoroutines) {
    throw new TidemarkError(
      'TM_LIMIT',
      `${target.shown} has ${total} goroutines; a full dump would stop it for seconds`,
      {
        advice: `Ask for it all the same with --dump-max-goroutines ${total}, or look at the groups alone: tidemark diagnose.`,
      },
    );
  }
  const dumps: TakenDump[] = [];
  const contention = new ContentionTaker(target, clock, options);
  await contention.take();
  for (let look = 1; look <= plan.looks; look++) {
    if (look > 1) await clock.sleep(plan.everyMs, options.signal);
    if (options.signal?.aborted && dumps.length > 0) break;
    options.onLook?.(look);
    const atMs = clock.now();
    const dump = await streamDump(target, 'goroutine', options.signal);
    dumps.push({ dump, capture: `${target.shown} look ${look}`, atMs });
  }
  if (plan.looks > 1 && !options.signal?.aborted) await contention.take();
  if (target.offers.profiles.has('goroutineleak') && !options.signal?.aborted) {
    try {
      const leakedIds = leakedIn(await streamDump(target, 'goroutineleak', options.signal));
      dumps.push({ ...dumps.pop()!, leakedIds });
    } catch (error) {
      // The dumps are worth as much without it.
      if (!isTidemarkError(error)) throw error;
      options.onNote?.(`goroutineleak was offered but not taken: ${error.message}`);
    }
  }
  return { dumps, total, contention: contention.taken };
}

/** In text form with debug=2, which names every goroutine by its id. */
async function streamDump(target: Target, profile: string, signal?: AbortSignal): Promise<GoroutineDump> {
  const parser = new DumpParser();
  await target.stream({ profile, query: { debug: '2' } }, (chunk) => parser.push(chunk), undefined, signal);
  return parser.end();
}

/** Ids of the goroutines that are marked `(leaked)`. */
function leakedIn(dump: GoroutineDump): Set<number> {
  const ids = new Set<number>();
  for (let row = 0; row < dump.size; row++) if (dump.header(row).leaked) ids.add(dump.id(row));
  return ids;
}

/** Goroutines in all, by the first line of debug=1; the stacks behind it are grouped, so it is short. */
async function goroutineTotal(target: Target, signal?: AbortSignal): Promise<number> {
  const { body } = await target.fetch({ profile: 'goroutine', query: { debug: '1' } }, undefined, signal);
  const match = /^goroutine profile: total (\d+)/.exec(new TextDecoder().decode(body.subarray(0, 100)));
  return match ? Number(match[1]) : (target.offers.goroutines ?? 0);
}

const PIECE_BYTES = 1 << 18;

/**
 * Reads a dump from a file or a pipe, in pieces. `-` is standard input.
 * @throws TidemarkError TM_FILE_NOT_FOUND, TM_FILE_EMPTY, TM_NOT_A_PROFILE, TM_LIMIT.
 */
export async function readDump(path: string, standardInput: AsyncIterable<Uint8Array>): Promise<TakenDump> {
  const parser = new DumpParser();
  if (path === '-') {
    for await (const chunk of standardInput) parser.push(chunk);
    return { dump: parser.end(), capture: 'standard input', atMs: null };
  }
  const failed = (error: NodeJS.ErrnoException) => {
    throw new TidemarkError('TM_FILE_NOT_FOUND', `${printable(path)} cannot be read (${error.code})`, { cause: error });
  };
  const info = await stat(path).catch(failed);
  if (info.isDirectory()) throw new TidemarkError('TM_FILE_NOT_FOUND', `${printable(path)} is a directory`);
  const file = await open(path, 'r').catch(failed);
  const head = new Uint8Array(2);
  await file.read(head, 0, 2, 0);
  const raw = file.createReadStream({ start: 0, highWaterMark: PIECE_BYTES });
  // What a watch keeps is packed; the parser bounds what it takes, so a gzip bomb ends there.
  const packed = head[0] === 0x1f && head[1] === 0x8b;
  const stream: AsyncIterable<Uint8Array> = packed ? raw.pipe(createGunzip()) : raw;
  try {
    for await (const chunk of stream) parser.push(chunk);
  } catch (error) {
    if (!/^Z_/.test((error as NodeJS.ErrnoException).code ?? '')) throw error;
    throw new TidemarkError(
      'TM_PROFILE_CORRUPT',
      `${printable(path)} is damaged: its gzip data ends early or is wrong`,
      {
        cause: error,
      },
    );
  } finally {
    await file.close().catch(() => {});
  }
  return { dump: parser.end(), capture: printable(path), atMs: null };
}
