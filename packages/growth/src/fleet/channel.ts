import type { Nuisance, Ramp } from './atoms.js';
import type { Fit, Tried } from './least-squares.js';
import { varianceInflation } from './noise.js';
import type { Rows } from './rows.js';
import { Search } from './search.js';

/** One measured quantity of a service, ready to be fitted. */
export interface Channel {
  readonly rows: Rows;
  /** One value a row, in the channel's unit; all finite. */
  readonly values: Float64Array;
  /** Columns that explain the values beside what every channel has (e.g. the heap's goal for the working set). */
  readonly covariates: readonly Float64Array[];
  readonly deploysAtHours: readonly number[];
  readonly pods: number;
}

export interface ChannelFit {
  /** Twice the log likelihood ratio of "leaks" against the best model without a leak, less what the freedom of choice costs; > 0 speaks for a leak. */
  readonly evidence: number;
  readonly ramp: Ramp;
  /** Unit an hour and its standard error (autocorrelation counted in). */
  readonly slope: number;
  readonly slopeError: number;
  /** How far the slopes of other onsets that fit about as well lie from it (standard deviation, weighted by likelihood). */
  readonly shapeError: number;
  /** Median of the values. */
  readonly level: number;
  readonly quiet: readonly Nuisance[];
  readonly leaky: readonly Nuisance[];
  /** How many times more the noise of the slope is than it would be without autocorrelation (variances). */
  readonly autocorrelation: number;
  /** Relative standard deviation of what the model leaves. */
  readonly noise: number;
  /** Longest time that one process was seen to leak, and the time of the last row. */
  readonly longestHours: number;
  readonly spanHours: number;
  /** Processes that were seen to leak for long. */
  readonly processes: number;
  /** Whether a process was seen before it began to leak: a warm-up never begins late. */
  readonly kinkSeen: boolean;
  /** Share of the level that the longest-leaking process gained. */
  readonly grownBy: number;
  /** How much faster it grows in the second half of the leak, as a share of the slope (a warm-up: slower, below 0), and over its error. */
  readonly bend: { readonly share: number; readonly significance: number };
  /** How alike the pods grow when each is fitted alone; null where one pod is seen to leak. */
  readonly pods: {
    /** The slope of the slowest, as a share of the common one, and over its error. */
    readonly lowestShare: number;
    readonly lowestSignificance: number;
    /** Mean slope over the error that the spread between pods gives it. */
    readonly meanOverError: number;
  } | null;
}

/** Relative: what no model of memory can claim to foresee, so that a nearly exact fit is no proof. */
const NOISE_FLOOR = 0.003;

/** Fits the models with and without a leak. null where there is too little to fit. */
export function fitChannel(channel: Channel): ChannelFit | null {
  const { rows } = channel;
  if (rows.count < 24) return null;
  const search = new Search(channel);
  const quiet = search.nuisances(search.base);
  const best = search.leak(quiet.fit);
  if (!best) return null;
  const { ramp, found: leaky } = best;
  const shared = search.fitOf(leaky.list);
  const estimate = shared.try(search.rampColumn(ramp));
  if (!estimate) return null;
  const effective = 1 / varianceInflation(rows, leaky.fit.rest);
  const free = Math.max(4, rows.count - leaky.fit.basis.length);
  const variance = leaky.fit.sumOfSquares / free;
  const floor = rows.count * NOISE_FLOOR ** 2;
  const evidence =
    rows.count * effective * Math.log((quiet.fit.sumOfSquares + floor) / (leaky.fit.sumOfSquares + floor)) -
    (leaky.cost - quiet.cost);
  const seen = leakSeen(rows, ramp);
  const spread = search.spread(shared, ramp, variance / effective);
  const sd = Math.sqrt((variance + NOISE_FLOOR ** 2) / effective);
  return {
    evidence: estimate.coefficient > 0 ? evidence : -Math.abs(evidence),
    ramp,
    slope: estimate.coefficient * search.level,
    slopeError: (sd / Math.sqrt(estimate.square)) * search.level,
    shapeError: spread * search.level,
    level: search.level,
    quiet: quiet.list,
    leaky: leaky.list,
    autocorrelation: 1 / effective,
    noise: Math.sqrt(variance),
    grownBy: estimate.coefficient * seen.longestHours,
    ...seen,
    bend: bendOf(search.bent(leaky.fit, ramp, seen.longestHours / 2), estimate.coefficient, sd),
    pods: agreementOf(search, shared, ramp, channel.pods, estimate.coefficient, sd),
  };
}

/** How much faster (slower: below 0) it grows in the second half, as a share of the slope, and how many times its error that is. */
function bendOf(tried: Tried | null, slope: number, sd: number): ChannelFit['bend'] {
  if (!tried) return { share: 0, significance: 0 };
  return { share: tried.coefficient / slope, significance: (tried.coefficient * Math.sqrt(tried.square)) / sd };
}

/** How alike the pods grow, each fitted alone: a leak of the program is in all of them, slow noise differs from one to the next. */
function agreementOf(
  search: Search,
  fit: Fit,
  ramp: Ramp,
  pods: number,
  slope: number,
  sd: number,
): ChannelFit['pods'] {
  const each: Tried[] = [];
  if (ramp.pod === null && pods > 1)
    for (let pod = 0; pod < pods; pod++) {
      const tried = fit.try(search.rampColumn({ ...ramp, pod }));
      if (tried) each.push(tried);
    }
  if (each.length < 2) return null;
  const mean = each.reduce((sum, one) => sum + one.coefficient, 0) / each.length;
  const variance = each.reduce((sum, one) => sum + (one.coefficient - mean) ** 2, 0) / (each.length - 1);
  return {
    lowestShare: Math.min(...each.map((one) => one.coefficient / slope)),
    lowestSignificance: Math.min(...each.map((one) => (one.coefficient * Math.sqrt(one.square)) / sd)),
    meanOverError: mean / Math.sqrt(variance / each.length + (0.1 * mean) ** 2 + 1e-12),
  };
}

/** Slope and error of a ramp that is already known, e.g. from another channel, in this channel's unit. */
export function estimateRamp(
  channel: Channel,
  ramp: Ramp,
  beside: readonly Nuisance[],
): { slope: number; slopeError: number } | null {
  const search = new Search(channel);
  const column = search.rampColumn(ramp);
  const fit = search.fitOf(beside);
  const tried = fit.try(column);
  if (!tried) return null;
  const { rest, sumOfSquares, basis } = fit.with(column);
  const variance = sumOfSquares / Math.max(4, rest.length - basis.length);
  const inflation = varianceInflation(channel.rows, rest);
  return {
    slope: tried.coefficient * search.level,
    slopeError: Math.sqrt(((variance + NOISE_FLOOR ** 2) / tried.square) * inflation) * search.level,
  };
}

/** What of a leak was seen: whether its beginning, in how many processes, how long at most in one. */
function leakSeen(rows: Rows, ramp: Ramp) {
  let longestHours = 0;
  let spanHours = 0;
  const processes = new Map<number, number>();
  const before = new Set<number>();
  const leaking = new Set<number>();
  for (let i = 0; i < rows.count; i++) {
    spanHours = Math.max(spanHours, rows.atHours[i]!);
    if (ramp.pod !== null && rows.pod[i] !== ramp.pod) continue;
    const key = rows.pod[i]! * 1e6 + rows.incarnation[i]!;
    const since = rows.atHours[i]! - Math.max(ramp.onsetHours, rows.startedAtHours[i]!);
    if (since <= 0) {
      if (rows.atHours[i]! - rows.startedAtHours[i]! > 3 * rows.binHours) before.add(key);
      continue;
    }
    leaking.add(key);
    processes.set(key, Math.max(processes.get(key) ?? 0, since));
    longestHours = Math.max(longestHours, since);
  }
  let long = 0;
  for (const hours of processes.values()) if (hours > 0.3 * longestHours) long++;
  return { longestHours, spanHours, processes: long, kinkSeen: [...leaking].some((key) => before.has(key)) };
}
