import { type Nuisance, nuisanceColumn, type Ramp, rampColumn } from './atoms.js';
import { Column, Fit } from './least-squares.js';
import type { Rows } from './rows.js';

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
}

/** Likelihoods of shapes are taken less seriously than they look: the true shape is among none of them. */
const SHAPE_TEMPER = 4;
const MAX_STEPS = 5;
/** Relative: what no model of memory can claim to foresee, so that a nearly exact fit is no proof. */
const NOISE_FLOOR = 0.003;
const MAX_NUISANCES = 9;
const POD_RATE_COST = 9;
/** Penalties in units of 2 ln L: what a freely placed change gains on pure noise (Bonferroni over its places). */
const STEP_COST = 14;
const WARM_UP_COST = 10;
const PURGE_COST = 14;

/** Fits the models with and without a leak. null where there is too little to fit. */
export function fitChannel(channel: Channel): ChannelFit | null {
  const { rows } = channel;
  if (rows.count < 24) return null;
  const search = new Search(channel);
  const quiet = search.nuisances(search.base);
  let best: { ramp: Ramp; found: Found; cost: number } | null = null;
  for (const start of [search.base, quiet.fit]) {
    let ramp = search.ramp(start);
    if (!ramp) continue;
    let found = search.leaky(ramp);
    for (let round = 0; round < 2; round++) {
      const again = search.ramp(search.fitOf(found.list.filter((one) => one.kind !== 'pod-rate')));
      if (!again || same(again, ramp)) break;
      ramp = again;
      found = search.leaky(ramp);
    }
    const cost = rows.count * Math.log(found.fit.sumOfSquares) + found.cost;
    if (!best || cost < best.cost) best = { ramp, found, cost };
  }
  if (!best) return null;
  const leaky = best.found;
  const column = search.rampColumn(best.ramp);
  const shared = search.fitOf(leaky.list.filter((one) => one.kind !== 'pod-rate'));
  const estimate = shared.try(column);
  if (!estimate) return null;
  const effective = 1 / varianceInflation(rows, leaky.fit.rest);
  const free = Math.max(4, rows.count - leaky.fit.basis.length);
  const variance = leaky.fit.sumOfSquares / free;
  const floor = rows.count * NOISE_FLOOR ** 2;
  const evidence =
    rows.count * effective * Math.log((quiet.fit.sumOfSquares + floor) / (leaky.fit.sumOfSquares + floor)) -
    (leaky.cost - quiet.cost);
  const seen = leakSeen(rows, best.ramp);
  const spread = search.spread(shared, best.ramp, variance / effective);
  return {
    evidence: estimate.coefficient > 0 ? evidence : -Math.abs(evidence),
    ramp: best.ramp,
    slope: estimate.coefficient * search.level,
    slopeError: Math.sqrt((variance + NOISE_FLOOR ** 2) / estimate.square / effective) * search.level,
    shapeError: spread * search.level,
    level: search.level,
    quiet: quiet.list,
    leaky: leaky.list,
    autocorrelation: 1 / effective,
    noise: Math.sqrt(variance),
    grownBy: estimate.coefficient * seen.longestHours,
    ...seen,
  };
}

/** Slope and error of a ramp that is already known, e.g. from another channel, in this channel's unit. */
export function estimateRamp(
  channel: Channel,
  ramp: Ramp,
  beside: readonly Nuisance[],
): { slope: number; slopeError: number } | null {
  const search = new Search(channel);
  const list = beside.filter((one) => one.kind !== 'pod-rate');
  const column = search.rampColumn(ramp);
  const fit = search.fitOf(list);
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

interface Entry {
  readonly what: Nuisance;
  readonly column: Column;
  readonly cost: number;
}

interface Found {
  readonly fit: Fit;
  readonly list: readonly Nuisance[];
  readonly cost: number;
}

/** The columns of one channel, weighted once and kept, and the searches over them. */
class Search {
  readonly base: Fit;
  readonly level: number;
  readonly #rows: Rows;
  readonly #weights: Float64Array;
  readonly #ramps: { ramp: Ramp; column: Column }[] = [];
  readonly #dictionary: Entry[] = [];
  readonly #pods: number;
  /** Variance between neighbours. */
  readonly #noise: number;
  readonly #placeHours: number;

  constructor(channel: Channel) {
    const { rows, values } = channel;
    this.#rows = rows;
    this.#pods = channel.pods;
    this.level = Math.max(median(values), Number.MIN_VALUE);
    this.#weights = rowWeights(rows, values, this.level);
    let fit = new Fit(this.#weighted(values.map((v) => v / this.level)).values);
    for (let p = 0; p < channel.pods; p++)
      fit = fit.with(this.#weighted(rows.pod.reduce(indicator(p), new Float64Array(rows.count))));
    fit = fit.with(this.#weighted(rows.load));
    for (const column of channel.covariates) fit = fit.with(this.#weighted(column));
    this.base = fit;
    this.#noise = neighbourVariance(rows, fit.rest);
    const times = Float64Array.from(rows.atHours).sort();
    const first = times[0]!;
    const last = times[times.length - 1]!;
    const span = last - first;
    const grid = (n: number) => Array.from({ length: n - 1 }, (_, i) => first + (span * (i + 1)) / n);
    const deploys = channel.deploysAtHours.filter((at) => at > first && at < last);
    this.#placeHours = span / 60;
    const places = [...grid(60), ...deploys].sort((a, b) => a - b);
    for (const atHours of places) this.#add({ kind: 'step', atHours }, STEP_COST);
    let maxAge = 0;
    for (let i = 0; i < rows.count; i++) maxAge = Math.max(maxAge, rows.atHours[i]! - rows.startedAtHours[i]!);
    for (let k = 0; k < 9; k++) this.#add({ kind: 'warm-up', tauHours: maxAge * 1.5 * 2 ** -k }, WARM_UP_COST);
    const drops = findDrops(rows, values, places);
    if (drops.length > 0) this.#add({ kind: 'purge', dropsAtHours: drops }, PURGE_COST);
    const onsets = [Math.min(0, first), ...grid(24), ...deploys].filter((at) => at < last - span * 0.04);
    const subsets = channel.pods > 1 ? [null, ...Array.from({ length: channel.pods }, (_, p) => p)] : [null];
    for (const onsetHours of onsets)
      for (const pod of subsets)
        for (const by of ['time', 'load'] as const) {
          const ramp: Ramp = { onsetHours, pod, by };
          this.#ramps.push({ ramp, column: this.rampColumn(ramp) });
        }
  }

  rampColumn(ramp: Ramp): Column {
    return this.#weighted(rampColumn(this.#rows, ramp));
  }

  fitOf(list: readonly Nuisance[]): Fit {
    return list.reduce((fit, what) => fit.with(this.#weighted(nuisanceColumn(this.#rows, what))), this.base);
  }

  /** The ramp upwards that brings most. */
  ramp(fit: Fit): Ramp | null {
    let best: Ramp | null = null;
    let most = 0;
    for (const { ramp, column } of this.#ramps) {
      const tried = fit.try(column);
      if (!tried || tried.coefficient <= 0) continue;
      const gain = tried.gain * (ramp.by === 'load' ? 0.995 : 1);
      if (gain > most) {
        most = gain;
        best = ramp;
      }
    }
    return best;
  }

  /** Spread of the slopes over all onsets and both shapes, weighted by how well each fits; `noise` is the variance with autocorrelation. */
  spread(fit: Fit, chosen: Ramp, noise: number): number {
    const tried = this.#ramps.filter((one) => one.ramp.pod === chosen.pod).map((one) => fit.try(one.column));
    const most = Math.max(...tried.map((one) => one?.gain ?? 0));
    const center = fit.try(this.rampColumn(chosen))?.coefficient ?? 0;
    let weight = 0;
    let square = 0;
    for (const one of tried) {
      if (!one) continue;
      const w = Math.exp((one.gain - most) / 2 / noise / SHAPE_TEMPER);
      weight += w;
      square += w * (one.coefficient - center) ** 2;
    }
    return weight > 0 ? Math.sqrt(square / weight) : 0;
  }

  /** The best nuisances beside a ramp. */
  leaky(ramp: Ramp): Found {
    const extra: Entry[] = [];
    if (ramp.pod === null)
      for (let pod = 1; pod < this.#pods; pod++) {
        const one: Ramp = { ...ramp, pod };
        extra.push({ what: { kind: 'pod-rate', ramp: one }, column: this.rampColumn(one), cost: POD_RATE_COST });
      }
    return this.nuisances(this.base.with(this.rampColumn(ramp)), extra);
  }

  /**
   * Forward selection of what else moves the values, while it pays its cost against the noise between neighbours (a model that still misses a
   * step leaves a rest that looks like slow noise, so the rest cannot judge), then backward with the rest of the full model.
   */
  nuisances(start: Fit, extra: readonly Entry[] = []): Found {
    let fit = start;
    const chosen: Entry[] = [];
    for (let round = 0; round < MAX_NUISANCES; round++) {
      let best: Entry | null = null;
      let most = 0;
      for (const one of [...this.#dictionary, ...extra]) {
        const gain = this.#gain(fit, one, chosen);
        if (gain > most) {
          most = gain;
          best = one;
        }
      }
      if (!best) break;
      best = this.#refine(fit, best, most, chosen);
      fit = fit.with(best.column);
      chosen.push(best);
    }
    for (;;) {
      const effective = this.#rows.count / varianceInflation(this.#rows, fit.rest);
      let weakest: { index: number; fit: Fit; gain: number } | null = null;
      let before = start;
      for (let index = 0; index < chosen.length; index++) {
        const without = chosen.slice(index + 1).reduce((f, one) => f.with(one.column), before);
        before = before.with(chosen[index]!.column);
        const gain = effective * Math.log(without.sumOfSquares / fit.sumOfSquares) - chosen[index]!.cost;
        if (gain < 0 && (!weakest || gain < weakest.gain)) weakest = { index, fit: without, gain };
      }
      if (!weakest) break;
      chosen.splice(weakest.index, 1);
      fit = weakest.fit;
    }
    return { fit, list: chosen.map((one) => one.what), cost: chosen.reduce((sum, one) => sum + one.cost, 0) };
  }

  #gain(fit: Fit, one: Entry, chosen: readonly Entry[]): number {
    const { kind } = one.what;
    if (kind === 'purge' && chosen.some((c) => c.what.kind === kind)) return 0;
    // A start and a warm-up, far apart in time; three exponentials would follow any growth.
    if (one.what.kind === 'warm-up') {
      const others = chosen.flatMap((c) => (c.what.kind === 'warm-up' ? [c.what.tauHours] : []));
      const { tauHours } = one.what;
      if (others.length > 1 || others.some((tau) => Math.abs(Math.log(tau / tauHours)) < 1)) return 0;
    }
    if (kind === 'step' && chosen.filter((c) => c.what.kind === 'step').length >= MAX_STEPS) return 0;
    const tried = fit.try(one.column);
    if (!tried) return 0;
    // A cache that warms up grows, one that is purged falls.
    if (kind === 'warm-up' && tried.coefficient > 0) return 0;
    if (kind === 'purge' && tried.coefficient < 0) return 0;
    return tried.gain / this.#noise - one.cost;
  }

  /** A step lies anywhere between two means: halves, then quarters of a stretch. */
  #refine(fit: Fit, found: Entry, gain: number, chosen: readonly Entry[]): Entry {
    if (found.what.kind !== 'step') return found;
    let best = found;
    let most = gain;
    for (const part of [0.5, 0.25, 0.125]) {
      const { atHours } = best.what as { atHours: number };
      for (const side of [-1, 1]) {
        const what: Nuisance = { kind: 'step', atHours: atHours + side * part * this.#placeHours };
        const one: Entry = { what, column: this.#weighted(nuisanceColumn(this.#rows, what)), cost: found.cost };
        const brings = this.#gain(fit, one, chosen);
        if (brings > most) {
          most = brings;
          best = one;
        }
      }
    }
    return best;
  }

  #add(what: Nuisance, cost: number): void {
    this.#dictionary.push({ what, column: this.#weighted(nuisanceColumn(this.#rows, what)), cost });
  }

  #weighted(column: Float64Array): Column {
    const out = new Float64Array(column.length);
    for (let i = 0; i < out.length; i++) out[i] = column[i]! * this.#weights[i]!;
    return new Column(out);
  }
}

function indicator(p: number) {
  return (out: Float64Array, pod: number, i: number) => {
    if (pod === p) out[i] = 1;
    return out;
  };
}

const same = (a: Ramp, b: Ramp) => a.onsetHours === b.onsetHours && a.pod === b.pod && a.by === b.by;

/** Noise is a share of the level, so a row weighs by the level around it (median of its neighbours) and by its points. */
function rowWeights(rows: Rows, values: Float64Array, level: number): Float64Array {
  const weights = new Float64Array(rows.count);
  let most = 0;
  for (const w of rows.weight) most = Math.max(most, w);
  const around: number[] = [];
  for (let i = 0; i < rows.count; i++) {
    around.length = 0;
    for (let j = Math.max(0, i - 4); j <= Math.min(rows.count - 1, i + 4); j++)
      if (rows.incarnation[j] === rows.incarnation[i] && rows.pod[j] === rows.pod[i]) around.push(values[j]!);
    around.sort((a, b) => a - b);
    const here = Math.max(around[around.length >> 1]!, level * 0.05);
    weights[i] = (Math.sqrt(rows.weight[i]! / most) * level) / here;
  }
  return weights;
}

/** Variance of the noise from one row to the next of the same process (median of second differences), so that slow changes count little. */
function neighbourVariance(rows: Rows, rest: Float64Array): number {
  const differences: number[] = [];
  for (let i = 1; i + 1 < rest.length; i++)
    if (rows.incarnation[i - 1] === rows.incarnation[i + 1] && rows.pod[i - 1] === rows.pod[i + 1])
      differences.push(Math.abs(rest[i]! - (rest[i - 1]! + rest[i + 1]!) / 2));
  const typical = differences.length > 0 ? median(differences) / 0.6745 : 0;
  return Math.max((typical * typical) / 1.5, 1e-8);
}

/**
 * Long-run variance over variance, at least 1 (Newey & West 1987, Bartlett weights): how much autocorrelation widens a slope. Pods are summed
 * apart, processes too.
 */
function varianceInflation(rows: Rows, rest: Float64Array): number {
  const lags = 10;
  const sums = new Float64Array(lags + 1);
  for (let i = 0; i < rest.length; i++)
    for (let k = 0; k <= lags && i - k >= 0; k++) {
      if (rows.pod[i] !== rows.pod[i - k] || rows.incarnation[i] !== rows.incarnation[i - k]) break;
      sums[k]! += rest[i]! * rest[i - k]!;
    }
  let inflation = 1;
  if (sums[0]! > 0) for (let k = 1; k <= lags; k++) inflation += 2 * (1 - k / (lags + 1)) * (sums[k]! / sums[0]!);
  return Math.max(1, inflation);
}

/**
 * Times at which the values of (nearly) all pods fall at once though no process restarted: a cache that is emptied.
 * A fall counts when it is more than four times the noise of the means on both sides.
 */
function findDrops(rows: Rows, values: Float64Array, places: readonly number[]): number[] {
  const width = places.length > 1 ? (places[places.length - 1]! - places[0]!) / places.length : 1;
  const found: { at: number; fall: number }[] = [];
  for (const at of places) {
    const sides = new Map<number, { before: number[]; after: number[] }>();
    for (let i = 0; i < rows.count; i++) {
      const away = rows.atHours[i]! - at;
      if (away < -2 * width || away > 2 * width) continue;
      const key = rows.pod[i]! * 1e6 + rows.incarnation[i]!;
      let side = sides.get(key);
      if (!side) {
        side = { before: [], after: [] };
        sides.set(key, side);
      }
      (away < 0 ? side.before : side.after).push(values[i]!);
    }
    let fall = 0;
    let variance = 0;
    let n = 0;
    for (const { before, after } of sides.values()) {
      if (before.length < 2 || after.length < 2) continue;
      const a = meanAndVariance(before);
      const b = meanAndVariance(after);
      fall += (a.mean - b.mean) / a.mean;
      variance += (a.variance / before.length + b.variance / after.length) / (a.mean * a.mean);
      n++;
    }
    if (n > 0 && fall / n > 0.02 && fall > 4 * Math.sqrt(variance)) found.push({ at, fall: fall / n });
  }
  const kept: { at: number; fall: number }[] = [];
  for (const one of found.sort((a, b) => b.fall - a.fall))
    if (kept.length < 40 && kept.every((k) => Math.abs(k.at - one.at) > 2.5 * width)) kept.push(one);
  return kept.map((k) => k.at).sort((a, b) => a - b);
}

function meanAndVariance(v: readonly number[]) {
  const mean = v.reduce((a, b) => a + b, 0) / v.length;
  return { mean, variance: v.reduce((a, b) => a + (b - mean) ** 2, 0) / Math.max(1, v.length - 1) };
}

export function median(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  return sorted.length > 0 ? sorted[sorted.length >> 1]! : Number.NaN;
}
