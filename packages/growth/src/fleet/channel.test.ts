import { describe, expect, it } from 'vitest';
import { hourlyRows } from '../../test/fleet-rows.js';
import { Random } from '../../test/random.js';
import { type Channel, estimateRamp, fitChannel } from './channel.js';

/** A channel of 96 hourly means a pod: `value` with 1 % of noise. */
function channel(pods: number, value: (at: number, pod: number, age: number) => number, restartAt?: number): Channel {
  const rows = hourlyRows(pods, 96, restartAt);
  const random = new Random(7);
  const values = Float64Array.from({ length: rows.count }, (_, i) => {
    const at = rows.atHours[i]!;
    return 1e8 * value(at, rows.pod[i]!, at - rows.startedAtHours[i]!) * (1 + 0.01 * random.normal());
  });
  return { rows, values, covariates: [], deploysAtHours: [], pods };
}

describe('a channel', () => {
  it('with a leak in all pods: rate, onset, no bend, pods alike', () => {
    const fit = fitChannel(channel(3, (at) => 1 + 0.004 * Math.max(0, at - 40)))!;
    expect(fit.evidence).toBeGreaterThan(50);
    expect(fit.slope / 4e5).toBeCloseTo(1, 0);
    expect(Math.abs(fit.ramp.onsetHours - 40)).toBeLessThan(6);
    expect(fit.kinkSeen).toBe(true);
    expect(Math.abs(fit.bend.significance)).toBeLessThan(3);
    expect(fit.pods!.lowestShare).toBeGreaterThan(0.8);
    expect(fit.pods!.meanOverError).toBeGreaterThan(5);
  });

  it('with growth that slows down has a bend', () => {
    const slow = fitChannel(channel(2, (at) => 1 + 0.012 * Math.sqrt(at / 96)))!;
    expect(slow.bend.share).toBeLessThan(0);
  });

  it('with a leak in one pod names it, and says nothing about the others', () => {
    const fit = fitChannel(channel(3, (at, pod) => 1 + (pod === 2 ? 0.005 * Math.max(0, at - 30) : 0)))!;
    expect(fit.ramp.pod).toBe(2);
    expect(fit.pods).toBeNull();
    expect(fit.evidence).toBeGreaterThan(30);
  });

  it('that warms up, steps or is emptied needs no leak', () => {
    const evidence = (c: Channel) => fitChannel(c)!.evidence;
    expect(evidence(channel(2, (_, __, age) => 1 + 0.6 * (1 - Math.exp(-age / 3)), 50))).toBeLessThan(20);
    expect(evidence(channel(2, (at) => (at > 33.3 ? 1.3 : 1)))).toBeLessThan(20);
    expect(evidence(channel(2, (at) => 1 + 0.2 * ((at % 24) / 24)))).toBeLessThan(20);
    expect(evidence(channel(2, () => 1))).toBeLessThan(20);
  });

  it('finds a warm-up whose time lies between those that are tried first', () => {
    for (const tau of [0.9, 1.3, 2.1, 3.7]) {
      const { quiet, noise } = fitChannel(channel(3, (_, __, age) => 1 - 0.7 * Math.exp(-age / tau), 50))!;
      const found = quiet.find((one) => one.kind === 'warm-up');
      expect(found).toMatchObject({ kind: 'warm-up' });
      if (found?.kind === 'warm-up') expect(Math.abs(Math.log2(found.tauHours / tau))).toBeLessThan(0.3);
      expect(noise).toBeLessThan(0.015);
    }
  });

  it('is not fitted where there are fewer than 24 means', () => {
    const rows = hourlyRows(1, 23);
    const few = { rows, values: rows.atHours, covariates: [], deploysAtHours: [], pods: 1 };
    expect(fitChannel(few)).toBeNull();
  });

  it('tells the rate of a ramp that is known, with its error', () => {
    const known = channel(2, (at) => 1 + 0.002 * Math.max(0, at - 50));
    const ramp = { onsetHours: 50, pod: null, by: 'time' } as const;
    const { slope, slopeError } = estimateRamp(known, ramp, [])!;
    expect(Math.abs(slope - 2e5)).toBeLessThan(4 * slopeError);
    expect(slopeError).toBeLessThan(2e4);
  });
});
