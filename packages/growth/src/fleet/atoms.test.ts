import { describe, expect, it } from 'vitest';
import { hourlyRows } from '../../test/fleet-rows.js';
import { nuisanceColumn, rampColumn } from './atoms.js';

describe('columns', () => {
  const rows = hourlyRows(2, 40, 20);

  it('a ramp climbs from the onset, or from the start of the process, in its pods', () => {
    const all = rampColumn(rows, { onsetHours: 10, pod: null, by: 'time' });
    expect([all[9], all[15], all[25], all[45], all[55]]).toEqual([0, 5.5, 5.5, 0, 5.5]);
    const one = rampColumn(rows, { onsetHours: 10, pod: 1, by: 'load' });
    expect([one[15], one[55]]).toEqual([0, 5.5]);
  });

  it('a step is half way up at its time, a warm-up falls with the age of the process', () => {
    const step = nuisanceColumn(rows, { kind: 'step', atHours: 12.5 });
    expect([step[11], step[12], step[13]]).toEqual([0, 0.5, 1]);
    const warm = nuisanceColumn(rows, { kind: 'warm-up', tauHours: 5 });
    expect(warm[4]).toBeCloseTo(Math.exp(-0.9));
    expect(warm[24]).toBeCloseTo(warm[4]!);
  });

  it('a cache that is emptied grows from the last time on, and from the start of its process', () => {
    const purge = nuisanceColumn(rows, { kind: 'purge', dropsAtHours: [8, 32] });
    expect([purge[5], purge[10], purge[25], purge[35]]).toEqual([5.5, 2.5, 5.5, 3.5]);
  });
});
