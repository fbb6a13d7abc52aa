import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Column, float64, uint16, uint32 } from './columns.js';

describe('Column', () => {
  it.each([
    ['float64', float64, [0, -1, 2 ** 53 - 1, 0.5]],
    ['uint32', uint32, [0, 1, 2 ** 32 - 1]],
    ['uint16', uint16, [0, 65535]],
  ] as const)('of %s keeps what its kind can hold', (_, make, values) => {
    const column = new Column(make);
    for (const value of values) column.push(value);
    expect(values.map((_, i) => column.get(i))).toEqual([...values]);
    expect(column.length).toBe(values.length);
  });

  it('reads back across chunks, and makes a chunk only when the one before is full', () => {
    const made: number[] = [];
    const column = new Column((length) => {
      made.push(length);
      return new Float64Array(length);
    });
    for (let i = 0; i < 40_000; i++) column.push(i * 3);
    expect(made).toEqual([16384, 16384, 16384]);
    for (const i of [0, 16383, 16384, 32767, 32768, 39999]) expect(column.get(i)).toBe(i * 3);
  });

  it('shrinks and grows like a list', () => {
    const step = fc.oneof(
      fc.record({ push: fc.integer({ min: 1, max: 20_000 }) }),
      fc.record({ keep: fc.double({ min: 0, max: 1, noNaN: true }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), (steps) => {
        const column = new Column(uint32);
        const model: number[] = [];
        let next = 0;
        for (const s of steps) {
          if ('push' in s) {
            for (let i = 0; i < s.push; i++) {
              column.push(++next);
              model.push(next);
            }
          } else {
            model.length = Math.floor(model.length * s.keep);
            column.shrink(model.length);
          }
          expect(column.length).toBe(model.length);
        }
        for (let i = 0; i < model.length; i += 97) expect(column.get(i)).toBe(model[i]);
      }),
      { numRuns: 30 },
    );
  });
});
