import { basename } from 'node:path';
import { type Subject, TidemarkError } from '@tidemark/model';
import { type Clock, type Random, systemClock } from '../base/clock.js';
import { formatSeconds } from '../base/units.js';
import { findProcess, type LocalProcess, readBuildInfo, readProcess, type Target } from '../targets/index.js';
import { allocsByStack, buildIdOf, goVersionOf } from './decode.js';
import { Incarnations, type Marks } from './incarnation.js';
import { type RawLook, takeLook } from './look.js';
import { lookTimes, type Plan, resolvePlan } from './plan.js';
import { Session, TargetGone } from './session.js';
import { openSpool, type Spool } from './spool.js';
import type { Look, Watch, WatchHooks } from './types.js';

export interface WatchOptions extends WatchHooks {
  /** Ends the watch early: what was taken is returned, not thrown away. */
  readonly signal?: AbortSignal;
  /** Directory under which the captures are kept (`.tidemark`); null keeps none. */
  readonly spoolRoot?: string | null;
  readonly clock?: Clock;
  readonly random?: Random;
}

/** Looks in a row without any answer after which the target counts as gone. */
const MAX_SILENT_LOOKS = 2;

/**
 * Watches a live target: several looks, each as cheap as its place in the plan allows, and returns all that was
 * taken: also when the target dies (a TM_TARGET_GONE note) or the signal aborts.
 *
 * @throws TidemarkError TM_USAGE for a plan that makes no sense; what the first request failed with when nothing at
 * all could be taken.
 */
export async function watch(target: Target, given: Partial<Plan> = {}, options: WatchOptions = {}): Promise<Watch> {
  const plan = resolvePlan(given);
  const clock = options.clock ?? systemClock;
  const { signal } = options;
  const session = new Session({
    ...{ target, plan, clock, signal },
    random: options.random ?? Math.random,
    onNote: options.onNote?.bind(options),
  });
  const search = await findProcess(target);
  if (!search.process) session.note('info', null, `no readings from /proc: ${search.reason}`);
  const observer = new Observer(target, search.process);
  await observer.readBuild();
  const spool = await startSpool(session, search.process, options.spoolRoot ?? null);
  const looks: Look[] = [];
  const times = lookTimes(plan);
  const startedAt = clock.now();
  let silent = 0;
  const result = (): Watch => ({
    subject: observer.subject(looks.at(-1) ?? null),
    ...{ looks: [...looks], captures: [...session.captures], notes: [...session.notes] },
    restarted: observer.incarnations.count > 1,
    stopped: signal?.aborted ?? false,
    spool: spool?.directory ?? null,
  });
  try {
    for (let index = 0; index < times.length; index++) {
      options.onLook?.(index + 1, times.length);
      session.answered = false;
      const last = index === times.length - 1;
      const process = await observer.refreshProcess();
      const raw = await takeLook(session, { index, first: index === 0, last, process });
      silent = session.answered ? 0 : silent + 1;
      if (index === 0 && !raw.heap && !raw.goroutine) throw nothingTaken(session);
      const look = observer.place(raw, session);
      looks.push(look);
      await spool?.keep(look, observer.subject(look), session);
      if (silent >= MAX_SILENT_LOOKS) throw new TargetGone(`${silent} looks in a row had no answer`);
      const waitMs = last ? null : Math.max(nextWait(times, index, clock.now() - startedAt, session), 0);
      options.onWait?.(look, times.length, waitMs, result);
      if (waitMs !== null) await clock.sleep(waitMs, signal);
      signal?.throwIfAborted();
    }
  } catch (error) {
    if (error instanceof TargetGone) {
      if (looks.length === 0) throw session.firstError ?? new TidemarkError('TM_UNREACHABLE', error.reason);
      const seconds = formatSeconds((clock.now() - startedAt) / 1000);
      session.note('error', 'TM_TARGET_GONE', `the target went away after ${seconds}: ${error.reason}`);
    } else if (!signal?.aborted) {
      throw error;
    } else {
      session.note('info', null, `stopped after ${looks.length} of ${times.length} looks`);
    }
  }
  await spool?.finish(session.notes);
  return result();
}

/** A look that took long moves the next ones; none is made up for, and there is always a pause. */
function nextWait(times: readonly number[], index: number, elapsedMs: number, session: Session): number {
  const due = times[index + 1]!;
  const gap = due - times[index]!;
  const isLast = index + 2 === times.length;
  return Math.max((isLast ? due : session.jittered(gap) + times[index]!) - elapsedMs, gap * 0.25);
}

function nothingTaken(session: Session): TidemarkError {
  return (
    session.firstError ??
    new TidemarkError('TM_PPROF_ABSENT', `${session.target.shown} offers neither a heap nor a goroutine profile`)
  );
}

async function startSpool(session: Session, process: LocalProcess | null, root: string | null): Promise<Spool | null> {
  if (root === null) return null;
  const name = process ? String(process.pid) : session.target.base.host;
  return openSpool(root, name, session.clock.now(), session);
}

/** Gathers who is watched, look by look. */
class Observer {
  readonly incarnations = new Incarnations();
  readonly #target: Target;
  #process: LocalProcess | null;
  #buildId: string | null = null;
  #goVersion: string | null = null;
  #programFile: string | null = null;

  constructor(target: Target, process: LocalProcess | null) {
    this.#target = target;
    this.#process = process;
  }

  /** What the program of a local process says about its build. */
  async readBuild(): Promise<void> {
    const info = this.#process && (await readBuildInfo(`/proc/${this.#process.pid}/exe`));
    // `go1.26.8 X:experiment` names the experiments too.
    this.#goVersion = info?.goVersion.split(' ')[0] ?? null;
  }

  /** The process behind the target; looked for again when it is not the one of the look before. */
  async refreshProcess(): Promise<LocalProcess | null> {
    if (!this.#process) return null;
    const now = await readProcess(this.#process.pid);
    if (now?.startTicks === this.#process.startTicks) return this.#process;
    const found = (await findProcess(this.#target)).process;
    if (found) this.#process = found;
    return found;
  }

  place(raw: RawLook, session: Session): Look {
    const { heapProfile, goVersion, ...look } = raw;
    this.#goVersion ??= goVersion;
    if (heapProfile) {
      this.#buildId = buildIdOf(heapProfile) ?? this.#buildId;
      this.#goVersion ??= goVersionOf(heapProfile);
      this.#programFile ??= heapProfile.mappings[0]?.file || null;
    }
    const { incarnation, reason } = this.incarnations.place(this.#marks(raw), raw.atMs);
    if (reason)
      session.note(
        'warning',
        null,
        `look ${raw.index + 1} saw another process (restart, or another instance behind a balancer): ${reason}`,
      );
    return { ...look, incarnation };
  }

  subject(look: Look | null): Subject {
    const argv = this.#target.offers.cmdline ?? look?.expvar?.cmdline ?? null;
    const program = argv?.[0] || this.#programFile;
    const startedAtMs = look?.process?.startedAtMs ?? look?.metrics?.['process_start_ms'] ?? null;
    return {
      service: program ? basename(program.replaceAll('\\', '/')) : this.#target.base.host,
      instance: this.#target.base.host,
      build: this.#buildId,
      goVersion: this.#goVersion,
      pid: this.#process?.pid ?? null,
      ageSeconds: startedAtMs === null || !look ? null : Math.max(0, (look.atMs - startedAtMs) / 1000),
    };
  }

  #marks(raw: RawLook): Marks {
    const counters: Record<string, number> = {};
    const stats = raw.expvar?.memStats;
    const put = (name: string, value: number | null | undefined) => {
      if (value !== null && value !== undefined) counters[name] = value;
    };
    put('NumGC', stats?.numGc);
    put('TotalAlloc', stats?.totalAllocBytes);
    put('Mallocs', stats?.mallocs);
    put('gc_cycles', raw.metrics?.['gc_cycles']);
    put('heap_allocated_bytes', raw.metrics?.['heap_allocated_bytes']);
    put('NumGC of debug=1', raw.memStats?.numGc);
    put('TotalAlloc of debug=1', raw.memStats?.totalAllocBytes);
    return {
      process: this.#process && raw.process ? `${this.#process.pid}:${this.#process.startTicks}` : null,
      buildId: raw.heapProfile ? buildIdOf(raw.heapProfile) : null,
      rateBytes: raw.heapProfile ? Number(raw.heapProfile.period) : null,
      allocsByStack: raw.heapProfile ? allocsByStack(raw.heapProfile) : null,
      counters,
      startedAtMs: raw.process?.startedAtMs ?? raw.metrics?.['process_start_ms'] ?? null,
    };
  }
}
