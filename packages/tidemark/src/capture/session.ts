import { createHash } from 'node:crypto';
import { type Capture, type CaptureKind, isTidemarkError, type Note, type TidemarkError } from '@tidemark/model';
import type { Clock, Random } from '../base/clock.js';
import { formatSeconds } from '../base/units.js';
import type { Ask, HttpAnswer, Target } from '../targets/index.js';
import type { Plan } from './plan.js';
import type { Taken } from './types.js';

/** The target is away for longer than the plan waits: the watch ends with what it has. */
export class TargetGone extends Error {
  constructor(readonly reason: string) {
    super(reason);
  }
}

const GC_COST_MS_PER_MIB = 2;

/** One watch's dealings with its target: asks with patience, remembers what failed, and tells it once. */
export class Session {
  readonly notes: Note[] = [];
  readonly captures: Capture[] = [];
  readonly target: Target;
  readonly plan: Plan;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  /** The first thing that failed: the reason to give when nothing could be taken at all. */
  firstError: TidemarkError | null = null;
  /** True once anything was answered since it was last set to false. */
  answered = false;
  readonly #random: Random;
  readonly #onNote: ((note: Note) => void) | undefined;
  #gcSpentMs = 0;
  readonly #told = new Map<string, number>();

  constructor(parts: {
    target: Target;
    plan: Plan;
    clock: Clock;
    random: Random;
    signal?: AbortSignal | undefined;
    onNote?: ((note: Note) => void) | undefined;
  }) {
    this.target = parts.target;
    this.plan = parts.plan;
    this.clock = parts.clock;
    this.signal = parts.signal;
    this.#random = parts.random;
    this.#onNote = parts.onNote;
  }

  /**
   * Whether another forced GC between the ends fits the budget; if so it is spent. Marking costs up to 2 ms of CPU a
   * mebibyte of live heap, maps of strings the most (docs/capture.md); what is not known costs too much.
   */
  mayForceGc(liveBytes: number): boolean {
    const costMs = GC_COST_MS_PER_MIB * (liveBytes / 2 ** 20);
    if (!(this.#gcSpentMs + costMs <= this.plan.gcBudgetShare * this.plan.forMs)) return false;
    this.#gcSpentMs += costMs;
    return true;
  }

  /** Tells something once, however often it happens. */
  note(level: Note['level'], code: string | null, text: string): void {
    const times = (this.#told.get(text) ?? 0) + 1;
    this.#told.set(text, times);
    if (times > 1) return;
    const note: Note = { level, code, text };
    this.notes.push(note);
    this.#onNote?.(note);
  }

  /** Asks for a profile and keeps it; null when the target could not give it, which is noted. */
  async take(kind: CaptureKind, index: number, ask: Ask): Promise<Taken | null> {
    const takenAtMs = this.clock.now();
    const request = this.target.describe(ask);
    const answer = await this.attempt(`${kind} (${request})`, () => this.target.fetch(ask, undefined, this.signal));
    if (!answer) return null;
    return this.keep(kind, index, answer, { request, takenAtMs, forcedGc: ask.query?.['gc'] === '1' });
  }

  keep(
    kind: CaptureKind,
    index: number,
    answer: Pick<HttpAnswer, 'body' | 'tookMs'>,
    how: { request: string; takenAtMs: number; forcedGc: boolean },
  ): Taken {
    const capture: Capture = {
      schemaVersion: 1,
      id: `${kind}-${index}`,
      kind,
      source: this.target.shown,
      takenAt: new Date(how.takenAtMs).toISOString(),
      tookMs: answer.tookMs,
      sizeBytes: answer.body.length,
      sha256: createHash('sha256').update(answer.body).digest('hex'),
      forcedGc: how.forcedGc,
      request: how.request,
    };
    this.captures.push(capture);
    return { capture, bytes: answer.body };
  }

  /**
   * Runs one request. Unreachable: called again with back-off until the plan's patience ends, then TargetGone.
   * Overload (429, 503) and cut answers: once more. Everything else that is known: a note and null.
   */
  async attempt<T>(what: string, ask: () => Promise<T>): Promise<T | null> {
    const deadline = this.clock.now() + this.plan.reconnectMs;
    for (let tries = 1; ; tries++) {
      this.signal?.throwIfAborted();
      try {
        const answer = await ask();
        this.answered = true;
        return answer;
      } catch (error) {
        if (!isTidemarkError(error)) throw error;
        this.firstError ??= error;
        const away = error.code === 'TM_UNREACHABLE';
        if (away && this.clock.now() >= deadline)
          throw new TargetGone(`${error.message}, for ${formatSeconds(this.plan.reconnectMs / 1000)}`);
        const passing = error.code === 'TM_RESPONSE_CUT' || / answers (?:429|502|503)\b/.test(error.message);
        if (!away && !(passing && tries === 1)) {
          this.note('warning', error.code, `skipped ${what}: ${error.message}`);
          return null;
        }
        await this.clock.sleep(Math.min(250 * 2 ** (tries - 1), 2000) * (0.75 + 0.5 * this.#random()), this.signal);
      }
    }
  }

  /** A time moved by the plan's jitter. */
  jittered(ms: number): number {
    return ms * (1 + this.plan.jitter * (2 * this.#random() - 1));
  }
}
