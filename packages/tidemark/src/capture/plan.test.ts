import { describe, expect, it } from 'vitest';
import { lookTimes, resolvePlan } from './plan.js';

describe('a plan', () => {
  it('looks at both ends and in between', () => {
    expect(lookTimes(resolvePlan())).toEqual([0, 15_000, 30_000, 45_000, 60_000]);
    expect(lookTimes({ forMs: 10_000, everyMs: 15_000 })).toEqual([0, 10_000]);
    expect(lookTimes({ forMs: 0, everyMs: 15_000 })).toEqual([0]);
  });

  it.each([{ forMs: -1 }, { forMs: Number.NaN }, { forMs: Infinity }, { everyMs: 0 }, { forMs: 1e12, everyMs: 1000 }])(
    'refuses %j',
    (plan) => expect(() => resolvePlan(plan)).toThrow(expect.objectContaining({ code: 'TM_USAGE' })),
  );
});
