import { type Nuisance, nuisanceColumn, type Ramp, rampColumn } from './atoms.js';
import type { Channel } from './channel.js';
import { findDrops } from './drops.js';
import { Column, Fit, type Tried } from './least-squares.js';
import { median, neighbourVariance, rowWeights, varianceInflation } from './noise.js';
import type { Rows } from './rows.js';

/** Likelihoods of shapes are taken less seriously than they look: the true shape is among none of them. */
const SHAPE_TEMPER = 4;
const MAX_STEPS = 5;
const MAX_NUISANCES = 9;
const POD_RATE_COST = 9;
/** Penalties in units of 2 ln L: what a freely placed change gains on pure noise (Bonferroni over its places). */
const STEP_COST = 14;
const WARM_UP_COST = 10;
const PURGE_COST = 14;

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
export class Search {
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
    const drops = findDrops(rows, fit.rest, this.#noise);
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

  /** What a second ramp brings that begins when a process has leaked for some hours: the leak's bend. */
  bent(fit: Fit, ramp: Ramp, afterHours: number): Tried | null {
    const startedAtHours = this.#rows.startedAtHours.map((at) => Math.max(at, ramp.onsetHours) + afterHours);
    const late = { ...ramp, onsetHours: Number.NEGATIVE_INFINITY };
    return fit.try(this.#weighted(rampColumn({ ...this.#rows, startedAtHours }, late)));
  }

  rampColumn(ramp: Ramp): Column {
    return this.#weighted(rampColumn(this.#rows, ramp));
  }

  /** The nuisances that are common to all pods, without a leak. */
  fitOf(list: readonly Nuisance[]): Fit {
    return list
      .filter((what) => what.kind !== 'pod-rate')
      .reduce((fit, what) => fit.with(this.#weighted(nuisanceColumn(this.#rows, what))), this.base);
  }

  /** The best leak and what is best beside it, searched from two sides: from nothing, and from what the best model without a leak leaves. */
  leak(quiet: Fit): { ramp: Ramp; found: Found } | null {
    let best: { ramp: Ramp; found: Found; cost: number } | null = null;
    for (const start of [this.base, quiet]) {
      let ramp = this.ramp(start);
      if (!ramp) continue;
      let found = this.#leaky(ramp);
      for (let round = 0; round < 2; round++) {
        const again = this.ramp(this.fitOf(found.list));
        if (!again || same(again, ramp)) break;
        ramp = again;
        found = this.#leaky(ramp);
      }
      const cost = this.#rows.count * Math.log(found.fit.sumOfSquares) + found.cost;
      if (!best || cost < best.cost) best = { ramp, found, cost };
    }
    return best;
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
  #leaky(ramp: Ramp): Found {
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

  /** A step lies anywhere between two means, a warm-up lasts anything: halves, then quarters of a stretch or of an octave. */
  #refine(fit: Fit, found: Entry, gain: number, chosen: readonly Entry[]): Entry {
    let best = found;
    let most = gain;
    for (const part of [0.5, 0.25, 0.125]) {
      const { what } = best;
      for (const side of [-1, 1]) {
        let other: Nuisance;
        if (what.kind === 'step') other = { kind: 'step', atHours: what.atHours + side * part * this.#placeHours };
        else if (what.kind === 'warm-up') other = { kind: 'warm-up', tauHours: what.tauHours * 2 ** (side * part) };
        else return found;
        const one: Entry = { what: other, column: this.#weighted(nuisanceColumn(this.#rows, other)), cost: found.cost };
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
