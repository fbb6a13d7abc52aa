import { type Nuisance, nuisanceColumn, type Ramp, rampColumn } from './atoms.js';
import { Fit } from './least-squares.js';
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
  /** Median of the values. */
  readonly level: number;
  readonly quiet: readonly Nuisance[];
  readonly leaky: readonly Nuisance[];
  /** Autocorrelation of what the model leaves, from one row to the next. */
  readonly autocorrelation: number;
  /** Relative standard deviation of what the model leaves. */
  readonly noise: number;
  /** Rows of the leaking pods after the onset, and the hours they span at most within one process. */
  readonly leakRows: number;
  readonly leakHours: number;
  readonly grownBy: number;
}

const MAX_STEPS = 4;
/** Penalties in units of 2 ln L: what a freely placed change gains on pure noise (Bonferroni over its places). */
const STEP_COST = 14;
const WARM_UP_COST = 10;
const PURGE_COST = 14;

/** Fits the models with and without a leak. null where there is too little to fit. */
export function fitChannel(channel: Channel): ChannelFit | null {
  const { rows } = channel;
  if (rows.count < 24) return null;
  const search = new Search(channel);
  const quiet = search.nuisances(search.base, []);
  let best: { ramp: Ramp; found: Found; cost: number } | null = null;
  for (const start of [search.base, quiet.fit]) {
    let ramp = search.ramp(start);
    if (!ramp) continue;
    let found = search.nuisances(search.base.with(search.rampColumn(ramp)), []);
    for (let round = 0; round < 2; round++) {
      const again = search.ramp(search.fitOf(found.list));
      if (!again || same(again, ramp)) break;
      ramp = again;
      found = search.nuisances(search.base.with(search.rampColumn(ramp)), []);
    }
    const cost = rows.count * Math.log(found.fit.sumOfSquares) + found.cost;
    if (!best || cost < best.cost) best = { ramp, found, cost };
  }
  if (!best) return null;
  const leaky = best.found;
  const column = search.rampColumn(best.ramp);
  const estimate = search.fitOf(leaky.list).try(column);
  if (!estimate) return null;
  const rho = autocorrelation(rows, leaky.fit.rest);
  const effective = (1 - rho) / (1 + rho);
  const free = Math.max(4, rows.count - leaky.fit.columns);
  const variance = leaky.fit.sumOfSquares / free;
  const evidence =
    rows.count * effective * Math.log(quiet.fit.sumOfSquares / leaky.fit.sumOfSquares) - (leaky.cost - quiet.cost);
  let leakRows = 0;
  let leakHours = 0;
  const raw = rampColumn(rows, best.ramp);
  for (let i = 0; i < rows.count; i++) {
    if (raw[i]! > 0) leakRows++;
    if (raw[i]! > leakHours) leakHours = raw[i]!;
  }
  return {
    evidence: estimate.coefficient > 0 ? evidence : -Math.abs(evidence),
    ramp: best.ramp,
    slope: estimate.coefficient * search.level,
    slopeError: Math.sqrt(variance / estimate.square / effective) * search.level,
    level: search.level,
    quiet: quiet.list,
    leaky: leaky.list,
    autocorrelation: rho,
    noise: Math.sqrt(variance),
    leakRows,
    leakHours,
    grownBy: estimate.coefficient * leakHours,
  };
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
  readonly #ramps: { ramp: Ramp; column: Float64Array }[] = [];
  readonly #dictionary: { what: Nuisance; column: Float64Array; cost: number }[] = [];

  constructor(channel: Channel) {
    const { rows, values } = channel;
    this.#rows = rows;
    this.level = Math.max(median(values), Number.MIN_VALUE);
    this.#weights = rowWeights(rows, values, this.level);
    let fit = new Fit(this.#weighted(values.map((v) => v / this.level)));
    for (let p = 0; p < channel.pods; p++)
      fit = fit.with(this.#weighted(rows.pod.reduce(indicator(p), new Float64Array(rows.count))));
    fit = fit.with(this.#weighted(rows.load));
    for (const column of channel.covariates) fit = fit.with(this.#weighted(column));
    this.base = fit;
    const times = Float64Array.from(rows.atHours).sort();
    const first = times[0]!;
    const last = times[times.length - 1]!;
    const span = last - first;
    const grid = (n: number) => Array.from({ length: n - 1 }, (_, i) => first + (span * (i + 1)) / n);
    const deploys = channel.deploysAtHours.filter((at) => at > first && at < last);
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

  rampColumn(ramp: Ramp): Float64Array {
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

  /** Forward selection of what else moves the values, while it pays its cost. */
  nuisances(start: Fit, list: readonly Nuisance[]): Found {
    let fit = start;
    let chosen = [...list];
    let cost = 0;
    for (let round = 0; round < MAX_STEPS + 2; round++) {
      const before = fit.sumOfSquares;
      const rho = autocorrelation(this.#rows, fit.rest);
      const effective = (this.#rows.count * (1 - rho)) / (1 + rho);
      let best: { what: Nuisance; column: Float64Array; cost: number } | null = null;
      let most = 0;
      for (const one of this.#dictionary) {
        if (one.what.kind !== 'step' && chosen.some((c) => c.kind === one.what.kind)) continue;
        const tried = fit.try(one.column);
        if (!tried) continue;
        // A cache that warms up grows, one that is purged falls.
        if (one.what.kind === 'warm-up' && tried.coefficient > 0) continue;
        if (one.what.kind === 'purge' && tried.coefficient < 0) continue;
        const gain = effective * Math.log(before / Math.max(before - tried.gain, 1e-12 * before)) - one.cost;
        if (gain > most) {
          most = gain;
          best = one;
        }
      }
      if (!best) break;
      fit = fit.with(best.column);
      chosen = [...chosen, best.what];
      cost += best.cost;
    }
    return { fit, list: chosen, cost };
  }

  #add(what: Nuisance, cost: number): void {
    this.#dictionary.push({ what, column: this.#weighted(nuisanceColumn(this.#rows, what)), cost });
  }

  #weighted(column: Float64Array): Float64Array {
    const out = new Float64Array(column.length);
    for (let i = 0; i < out.length; i++) out[i] = column[i]! * this.#weights[i]!;
    return out;
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

/** Correlation of a row's rest with the next one's of the same process, at least 0. */
function autocorrelation(rows: Rows, rest: Float64Array): number {
  let square = 0;
  let along = 0;
  for (let i = 0; i < rest.length; i++) {
    square += rest[i]! * rest[i]!;
    if (i > 0 && rows.pod[i] === rows.pod[i - 1] && rows.incarnation[i] === rows.incarnation[i - 1])
      along += rest[i]! * rest[i - 1]!;
  }
  return square > 0 ? Math.min(0.95, Math.max(0, along / square)) : 0;
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
      if (!side) sides.set(key, (side = { before: [], after: [] }));
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
