import { isTidemarkError } from '@tidemark/model';
import type { Profile } from '@tidemark/pprof';
import { EndsOfStream } from '../base/ends-of-stream.js';
import { formatBytes } from '../base/units.js';
import {
  type Expvar,
  type MemStats,
  memStatsFromText,
  parseExpvar,
  readScrape,
  type Scrape,
} from '../signals/index.js';
import { type LocalProcess, type ProcessReading, readProcessMemory } from '../targets/index.js';
import { decode, total } from './decode.js';
import type { Session } from './session.js';
import type { Look, Taken } from './types.js';

/** What one look took, before it is known which process it saw. */
export interface RawLook extends Omit<Look, 'incarnation'> {
  readonly heapProfile: Profile | null;
  readonly goVersion: string | null;
}

export interface LookOrder {
  readonly index: number;
  readonly first: boolean;
  readonly last: boolean;
  readonly process: LocalProcess | null;
}

/** An expvar document or an exposition beyond this is not worth its cost. */
const NUMBERS_MAX_BYTES = 8 * 2 ** 20;

/** At this size net/http/pprof's debug=2 dump ends without a word. */
const DUMP_CUT_BYTES = 64 * 2 ** 20;

/**
 * Takes one look. The order is part of the method: what is cheap first, since it decides about the rest; debug=2
 * before goroutineleak, which would wipe out the waiting times; debug=1 of the heap last, its text costs memory.
 */
export async function takeLook(session: Session, order: LookOrder): Promise<RawLook> {
  const { target, plan } = session;
  const atMs = session.clock.now();
  const ends = order.first || order.last;
  const offers = (profile: string) => target.offers.profiles.has(profile);

  const process = order.process ? await readProcessMemory(order.process, session.clock.now()) : null;
  const expvar = await takeExpvar(session, order.index);
  const scrape = await takeMetrics(session);
  const heap = await takeHeap(session, order, process, expvar);
  const heapProfile = heap && decoded(session, heap);
  if (heapProfile) tellUnsampled(session, heapProfile);

  const mutex = ends ? await takeContention(session, 'mutex', order.index) : null;
  const block = ends ? await takeContention(session, 'block', order.index) : null;
  const goroutine = offers('goroutine')
    ? await session.take('goroutine', order.index, { profile: 'goroutine' })
    : absent(session, 'goroutine');
  const goroutineProfile = goroutine && decoded(session, goroutine);
  const goroutineTotal = goroutineProfile && total(goroutineProfile, goroutineProfile.sampleTypes[0]?.type ?? '');

  let dump: Taken | null = null;
  let leaked: Taken | null = null;
  // Between the ends a dump must be next to free; it is what tells who stayed from who came anew.
  const dumpDue = ends || (goroutineTotal !== null && goroutineTotal <= plan.dumpBetweenMaxGoroutines);
  if (dumpDue && offers('goroutine') && mayDump(session, goroutineTotal)) {
    dump = await session.take('goroutine-dump', order.index, { profile: 'goroutine', query: { debug: '2' } });
    if (order.last && offers('goroutineleak'))
      leaked = await session.take('goroutine-leak', order.index, { profile: 'goroutineleak' });
  }
  const dumpTruncated = dump !== null && isTruncated(dump.bytes, goroutineTotal);
  if (dumpTruncated)
    session.note(
      'warning',
      null,
      `the goroutine dump holds ${countGoroutines(dump!.bytes)} of ${goroutineTotal} goroutines: the target cuts it at 64 MB`,
    );
  const memStats = ends && plan.memStats && heap ? await takeMemStats(session, heap) : null;
  return {
    ...{ index: order.index, atMs, heap: heapProfile ? heap : null, heapProfile },
    ...{ goroutine: goroutineProfile ? goroutine : null, goroutineTotal, dump, dumpTruncated, leaked, mutex, block },
    ...{ memStats, expvar, process },
    metrics: scrape && Object.fromEntries(scrape.readings),
    goVersion: scrape?.goVersion ?? null,
  };
}

async function takeHeap(
  session: Session,
  order: LookOrder,
  process: ProcessReading | null,
  expvar: Expvar | null,
): Promise<Taken | null> {
  const { target, plan } = session;
  if (!target.offers.profiles.has('heap')) return absent(session, 'heap');
  const ends = order.first || order.last;
  const wanted = plan.forceGc === 'all' || (plan.forceGc !== 'never' && ends) || plan.forceGc === 'auto';
  const plain = () => session.take('heap', order.index, { profile: 'heap' });
  const forced = () => session.take('heap', order.index, { profile: 'heap', query: { gc: '1' } });
  if (!wanted) return plain();
  if (plan.forceGcAnyway) return forced();
  // The live heap is what a GC has to walk. Cheaper knowledge first; a profile is the last resort.
  const known = Math.min(process?.rssBytes ?? Infinity, expvar?.memStats?.heapAllocBytes ?? Infinity);
  if (plan.forceGc === 'auto' && !ends && !session.mayForceGc(known)) return plain();
  if (known <= plan.forceGcMaxLiveBytes) return forced();
  const sizing = await plain();
  const profile = sizing && decoded(session, sizing);
  const live = profile && total(profile, 'inuse_space');
  if (live === null) return sizing;
  if (live > plan.forceGcMaxLiveBytes) {
    session.note(
      'info',
      null,
      `skipped forcing a GC: ${formatBytes(live)} are live, above the bound of ${formatBytes(plan.forceGcMaxLiveBytes)}`,
    );
    return sizing;
  }
  session.captures.pop();
  return forced();
}

/**
 * Mutex and block profiles are empty until the program switches them on, and then small: one record a stack. Empty
 * ones are kept too: a later one is judged by what came since.
 */
async function takeContention(session: Session, profile: 'mutex' | 'block', look: number): Promise<Taken | null> {
  if (!session.target.offers.profiles.has(profile)) return null;
  const taken = await session.take(profile, look, { profile });
  return taken && decoded(session, taken) ? taken : null;
}

function mayDump(session: Session, goroutines: number | null): boolean {
  const bound = session.plan.dumpMaxGoroutines;
  if (goroutines === null) {
    session.note('info', null, 'skipped the goroutine dump (debug=2): the number of goroutines is not known');
    return false;
  }
  if (goroutines <= bound) return true;
  session.note(
    'info',
    null,
    `skipped the goroutine dump (debug=2) and goroutineleak: ${goroutines} goroutines are above the bound of ${bound}`,
  );
  return false;
}

async function takeMemStats(session: Session, heap: Taken): Promise<MemStats | null> {
  const { plan, target } = session;
  if (heap.bytes.length > plan.memStatsMaxProfileBytes) {
    session.note(
      'info',
      null,
      `skipped MemStats: the heap profile has ${formatBytes(heap.bytes.length)}, its text form would be ~170 times larger`,
    );
    return null;
  }
  // MemStats and two arrays of 256 pauses: about 12 KB at the very end.
  const ends = new EndsOfStream(0, 32 * 1024);
  const ask = { profile: 'heap', query: { debug: '1' } };
  const done = await session.attempt('MemStats (heap?debug=1)', async () => {
    await target.stream(ask, (chunk) => ends.push(chunk), undefined, session.signal);
    return true;
  });
  return done ? memStatsFromText(new TextDecoder().decode(ends.tail)) : null;
}

async function takeExpvar(session: Session, index: number): Promise<Expvar | null> {
  if (!session.target.offers.expvar) return null;
  const answer = await session.attempt('expvar', () =>
    session.target.fetchNumbers('expvar', { maxBytes: NUMBERS_MAX_BYTES }, session.signal),
  );
  if (!answer) return null;
  try {
    return parseExpvar(new TextDecoder().decode(answer.body));
  } catch (error) {
    if (!isTidemarkError(error)) throw error;
    session.note('warning', error.code, `skipped expvar at look ${index + 1}: ${error.message}`);
    return null;
  }
}

async function takeMetrics(session: Session): Promise<Scrape | null> {
  const answer = await session.attempt('/metrics', () =>
    session.target.fetchNumbers('metrics', { maxBytes: NUMBERS_MAX_BYTES }, session.signal),
  );
  if (!answer) return null;
  const scrape = readScrape(new TextDecoder().decode(answer.body));
  for (const problem of scrape.problems) session.note('info', null, `/metrics: ${problem}`);
  return scrape;
}

/** The profile, or null with a note: what cannot be read is no evidence. */
function decoded(session: Session, taken: Taken): Profile | null {
  try {
    return decode(taken, session.plan.maxUnpackedBytes);
  } catch (error) {
    if (!isTidemarkError(error)) throw error;
    session.firstError ??= error;
    session.note('warning', error.code, `${taken.capture.request} cannot be read: ${error.message}`);
    return null;
  }
}

function tellUnsampled(session: Session, heap: Profile): void {
  if (heap.sampleCount === 0)
    session.note(
      'warning',
      null,
      'the heap profile is empty: the program sets MemProfileRate to 0, or has allocated less than one sample',
    );
}

function absent(session: Session, profile: string): null {
  session.note('warning', 'TM_PPROF_ABSENT', `skipped ${profile}: the target does not offer it`);
  return null;
}

/** Bytes tell: below the cut nothing is ever cut, whatever goroutines ended between the two requests. */
function isTruncated(dump: Uint8Array, goroutines: number | null): boolean {
  return dump.length >= DUMP_CUT_BYTES && (goroutines === null || countGoroutines(dump) < goroutines);
}

/** Headers at line starts; "goroutine " inside a line is text of somebody else's. */
export function countGoroutines(dump: Uint8Array): number {
  const bytes = Buffer.from(dump.buffer, dump.byteOffset, dump.byteLength);
  let count = bytes.subarray(0, 10).toString('latin1') === 'goroutine ' ? 1 : 0;
  for (let at = bytes.indexOf('\ngoroutine '); at >= 0; at = bytes.indexOf('\ngoroutine ', at + 1)) count++;
  return count;
}
