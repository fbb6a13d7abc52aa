import { normalQuantile } from '../site/distributions.js';
import type { Ramp } from './atoms.js';
import { belief, earlyDebt, FULL_POINTS, LEAK_AT, SUSPECT_AT } from './belief.js';
import { type ChannelFit, estimateRamp } from './channel.js';
import { features } from './features.js';
import { fitService, LEAK_KINDS, type LeakKind, type ServiceFits } from './fits.js';
import type { FleetService } from './service.js';

export interface FleetVerdict {
  readonly service: string;
  readonly verdict: 'leak' | 'suspect' | 'clear' | 'undecided';
  /** What grows; 'none' unless leak or suspect. */
  readonly kind: LeakKind | 'none';
  /** Hours of the window; null unless leak or suspect. */
  readonly sinceHours: number | null;
  /** What one leaking process gains, at mean load where it grows with load; null unless leak or suspect. */
  readonly bytesPerHour: number | null;
  /** 95 % interval of bytesPerHour; of a service that is clear or undecided what a leak could be at most, from 0 on; null where nothing could be fitted. */
  readonly interval95: readonly [number, number] | null;
  readonly growsWith: 'time' | 'load' | null;
  /** Hours from the last point until the first leaking process meets the memory limit: estimate and 95 % interval; null where there is no limit or no end in sight. */
  readonly hoursToLimit: { readonly estimate: number; readonly interval95: readonly [number, number | null] } | null;
  /** Names of the pods that leak. */
  readonly pods: readonly string[];
  /** Belief in the leak, 0…1. It is set so that a service without a leak reaches `leak` at any of five looks in at most one of twenty cases. */
  readonly confidence: number;
  /** Sentences with the numbers the verdict rests on; for undecided also what would decide. */
  readonly why: readonly string[];
}

/**
 * How well a leak that is known can be seen in what was seen: the standard error, in bytes an hour, that its rate is found with when its onset,
 * pods and shape and everything else that moves the memory are known but for their sizes. The rate over it bounds what any detector can do.
 */
export function knownLeakError(service: FleetService, kind: LeakKind, ramp: Ramp): number | null {
  const fits = fitService(service);
  const channel = kind === 'heap' ? fits.bytes : fits[`${kind}Channel`];
  return channel ? (estimateRamp(channel, ramp, fits[kind]?.leaky ?? [])?.slopeError ?? null) : null;
}

/** What `belief` weighs, by channel (null where it cannot be fitted or does not grow), and what an early look owes: for fitting the trees. */
export function serviceFeatures(service: FleetService): { channels: Record<LeakKind, number[] | null>; debt: number } {
  const fits = fitService(service);
  const one = (kind: LeakKind) => {
    const fit = fits[kind];
    return fit && fit.slope > 0 ? features(kind, fit, fits) : null;
  };
  return {
    channels: { heap: one('heap'), goroutine: one('goroutine'), offheap: one('offheap') },
    debt: earlyDebt(fits.points),
  };
}

/**
 * Judges what was seen of one service. Pure and deterministic; cost grows with points × pods once, then with at most 288 means a pod.
 * It may be asked again as the window grows: the thresholds hold for five looks (docs/decisions/fleet-growth.md).
 */
export function judgeService(service: FleetService): FleetVerdict {
  const fits = fitService(service);
  const ranked = LEAK_KINDS.map((kind) => {
    const fit = fits[kind];
    return { kind, fit, score: fit ? belief(kind, fit, fits) : Number.NEGATIVE_INFINITY };
  }).sort((a, b) => b.score - a.score);
  // Goroutines that pile up hold memory, memory makes no goroutines: where both grow, they are the cause.
  const goroutines = ranked.find((one) => one.kind === 'goroutine')!;
  const best = ranked[0]!.kind === 'heap' && goroutines.score >= LEAK_AT ? goroutines : ranked[0]!;
  const named = { service: service.service };
  const quiet = {
    kind: 'none',
    sinceHours: null,
    bytesPerHour: null,
    growsWith: null,
    hoursToLimit: null,
    pods: [],
  } as const;
  if (!best.fit) {
    const needs = `${fits.rows.count} usable means of live heap, at least 24 are needed`;
    return {
      ...named,
      verdict: 'undecided',
      ...quiet,
      interval95: null,
      confidence: 0,
      why: [`too little was seen: ${needs}`],
    };
  }
  const confidence = 1 / (1 + Math.exp(-(best.score - LEAK_AT)));
  // The same odds would do at a later look.
  const early =
    best.score < LEAK_AT && best.score + earlyDebt(fits.points) >= LEAK_AT
      ? `${fits.points} points were seen: so early more proof is asked for; if it goes on, ${FULL_POINTS} points decide`
      : null;
  if (best.score < SUSPECT_AT) {
    const open = early ? [grewBecause(best.kind, best.fit), early] : undecidedBecause(best.fit);
    const { interval95: likely } = bytesRate(fits, best.kind, best.fit);
    const interval95 = [Math.min(0, likely[0]), Math.max(0, likely[1])] as const;
    return open
      ? { ...named, verdict: 'undecided', ...quiet, interval95, confidence, why: open }
      : { ...named, verdict: 'clear', ...quiet, interval95, confidence, why: [clearBecause(best.kind, best.fit)] };
  }
  const rate = bytesRate(fits, best.kind, best.fit);
  const { ramp } = best.fit;
  return {
    service: service.service,
    verdict: best.score >= LEAK_AT ? 'leak' : 'suspect',
    kind: best.kind,
    sinceHours: ramp.onsetHours,
    bytesPerHour: rate.bytesPerHour,
    interval95: rate.interval95,
    growsWith: ramp.by,
    hoursToLimit: hoursToLimit(service, ramp.pod, rate),
    pods: ramp.pod === null ? service.pods.map((p) => p.instance) : [service.pods[ramp.pod]!.instance],
    confidence,
    why: early ? [...leakBecause(best.kind, best.fit), early] : leakBecause(best.kind, best.fit),
  };
}

interface Rate {
  readonly bytesPerHour: number;
  readonly interval95: readonly [number, number];
}

/** Share of a slope that the choice of onset and shape adds to its error beyond the regression's own. */
const MODEL_ERROR = 0.1;
/** What the regression's own error is short of, with terms that were chosen on the same data; measured on simulated services (95 % of them are held). */
const ERROR_FACTOR = 2;

function bytesRate(fits: ServiceFits, kind: LeakKind, fit: ChannelFit): Rate {
  let { slope, slopeError } = fit;
  const shape = slope === 0 ? 0 : fit.shapeError / slope;
  if (kind === 'goroutine') {
    // A goroutine costs its stack and what it holds: the bytes grow by the same ramp.
    const bytes = estimateRamp(fits.bytes, fit.ramp, fits.heap?.leaky ?? []);
    if (bytes) ({ slope, slopeError } = bytes);
  }
  const error =
    normalQuantile(0.025) * Math.hypot(ERROR_FACTOR * Math.hypot(slopeError, shape * slope), MODEL_ERROR * slope);
  return { bytesPerHour: slope, interval95: [slope - error, slope + error] };
}

function hoursToLimit(service: FleetService, pod: number | null, rate: Rate): FleetVerdict['hoursToLimit'] {
  const limit = service.memoryLimitBytes;
  if (limit === null || !(rate.bytesPerHour > 0)) return null;
  // Garbage up to the next goal comes on top of what leaks, unless the Go memory limit holds it down.
  const share = service.goMemLimitBytes === null ? 1 + Math.max(0, service.gogc ?? 100) / 100 : 1;
  let room = Number.POSITIVE_INFINITY;
  for (const [p, one] of service.pods.entries()) {
    if (pod !== null && p !== pod) continue;
    for (let i = service.points - 1; i >= Math.max(0, service.points - 20); i--) {
      const used = one.workingSetBytes[i]!;
      if (!(used >= 0)) continue;
      room = Math.min(room, Math.max(0, limit - used));
      break;
    }
  }
  if (!Number.isFinite(room)) return null;
  const at = (bytesPerHour: number) => room / (bytesPerHour * share);
  const [low, high] = rate.interval95;
  return { estimate: at(rate.bytesPerHour), interval95: [at(high), low > 0 ? at(low) : null] };
}

const percent = (share: number) => `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
const hours = (h: number) => `${h.toFixed(h < 10 ? 1 : 0)} h`;
const NAMES: Record<LeakKind, string> = {
  heap: 'live heap',
  goroutine: 'the number of goroutines',
  offheap: 'memory outside the heap',
};

function grewBecause(kind: LeakKind, fit: ChannelFit): string {
  return `${NAMES[kind]} grew by ${percent(fit.grownBy)} within ${hours(fit.longestHours)} of one process, in step with ${fit.ramp.by}`;
}

function leakBecause(kind: LeakKind, fit: ChannelFit): string[] {
  const why = [
    grewBecause(kind, fit),
    `a model with a leak is better than the best one without by ${fit.evidence.toFixed(0)} (2 ln of the likelihoods, choices paid); the slope is ${(fit.slope / fit.slopeError).toFixed(1)} times its error`,
  ];
  if (fit.kinkSeen) why.push('a process was level before it began: no warm-up begins so late');
  if (fit.processes > 1) why.push(`${fit.processes} processes show it, each from its own start on`);
  if (fit.leaky.length > 0) why.push(`allowed for beside it: ${fit.leaky.map(nameOf).join(', ')}`);
  return why;
}

function clearBecause(kind: LeakKind, fit: ChannelFit): string {
  const top = (fit.slope + 1.96 * fit.slopeError) * fit.longestHours;
  return `no ramp is needed: the likeliest one in ${NAMES[kind]} would be at most ${percent(Math.max(0, top / fit.level))} within ${hours(fit.longestHours)} (evidence ${fit.evidence.toFixed(0)})`;
}

function undecidedBecause(fit: ChannelFit): string[] | null {
  if (!(fit.slope > 0) || fit.grownBy < 0.1 || fit.evidence < 4) return null;
  const slow = fit.quiet.find((one) => one.kind === 'warm-up');
  const grew = `memory grew by ${percent(fit.grownBy)} within ${hours(fit.longestHours)}`;
  if (slow?.kind === 'warm-up' && slow.tauHours > 0.3 * fit.longestHours)
    return [
      `${grew}, which a warm-up of ${hours(slow.tauHours)} explains as well as a leak`,
      `${hours(2 * slow.tauHours)} more of the same process would decide`,
    ];
  if (!fit.kinkSeen)
    return [
      `${grew} since its start was seen; a cache that is emptied later looks the same`,
      `twice the window, or a heap profile now and in an hour, would decide`,
    ];
  return [
    `${grew}, which steps (${fit.quiet.map(nameOf).join(', ')}) explain about as well`,
    `a window ${hours(fit.longestHours)} longer would decide`,
  ];
}

function nameOf(what: ChannelFit['quiet'][number]): string {
  if (what.kind === 'warm-up') return `warm-up of ${hours(what.tauHours)}`;
  if (what.kind === 'step') return `step at ${hours(what.atHours)}`;
  if (what.kind === 'purge') return `${what.dropsAtHours.length} purges`;
  return 'pods of unlike rate';
}
