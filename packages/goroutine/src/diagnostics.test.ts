import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Diagnostics } from './diagnostics.js';

describe('what was met', () => {
  it('is counted by kind, in the order of first meetings, each with its first place alone', () => {
    const met = new Diagnostics();
    met.add('text-inside', 4, () => 'first');
    met.add('cut', 9);
    met.add('text-inside', 7, () => 'second');
    met.add('carriage-returns', 0, undefined, 12);
    expect(met.list().map(({ text: _, ...rest }) => rest)).toEqual([
      { kind: 'text-inside', count: 2, line: 4, sample: 'first' },
      { kind: 'cut', count: 1, line: 9, sample: '' },
      { kind: 'carriage-returns', count: 12, line: 0, sample: '' },
    ]);
  });

  it('asks for the sample once: a million lines are not decoded to be thrown away', () => {
    const met = new Diagnostics();
    let asked = 0;
    for (let i = 0; i < 1000; i++) met.add('text-outside', i, () => `${asked++}`);
    expect([asked, met.list()[0]!.count, met.list()[0]!.sample]).toEqual([1, 1000, '0']);
  });

  it('says its number in its sentence, wherever there is one to say', () => {
    const met = new Diagnostics();
    met.add('line-too-long', 1, undefined, 4711);
    met.add('other-source', 1, undefined, 4712);
    met.add('several-dumps', 1, undefined, 4713);
    for (const { count, text } of met.list()) expect(text).toContain(String(count));
  });

  it('shows a sample of any bytes without harm to a terminal, and whole characters only', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const met = new Diagnostics();
        met.add('text-inside', 1, () => text);
        const { sample } = met.list()[0]!;
        expect(sample.length).toBeLessThanOrEqual(120);
        expect(sample).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
        expect(sample).not.toMatch(/\p{Surrogate}/u);
      }),
      { examples: [[`${'x'.repeat(118)}😀 and more`], [`${'x'.repeat(117)}😀😀`]] },
    );
  });
});
