import { describe, expect, it } from 'vitest';
import { bytesOf, readText, rows, tm, types } from '../../test/support.js';
import { readContentionText } from './contention.js';

describe('readContentionText', () => {
  it.each<[string, 'block' | 'mutex' | null]>([
    ['--- contention:', 'block'],
    ['--- mutex:', 'mutex'],
    ['--- contentionz 5 ---', null],
  ])('knows what %s is', (header, kind) => {
    const p = readText(header, 'cycles/second=1000000000', '4000 3 @ 0x11 0x21');
    expect([p.declaredKind, types(p), p.form]).toEqual([
      kind,
      'contentions/count delay/nanoseconds',
      'contention-text',
    ]);
    expect(rows(p)).toEqual(['3 4000 | 0x10 0x20']);
    expect(p.dropFrames).toContain('SpinLock');
  });

  it.each<[string, string[], string, string]>([
    ['nothing', [], '4000 3 @ 0x11', '3 4000 | 0x10'],
    ['cycles of half a nanosecond', ['cycles/second=2000000000'], '4000 3 @ 0x11', '3 2000 | 0x10'],
    ['a period', ['cycles/second = 1000000000', 'sampling period = 5'], '4000 3 @ 0x11', '15 20000 | 0x10'],
    ['a period without cycles', ['sampling period=5'], '4000 3 @ 0x11', '15 4000 | 0x10'],
    ['a period of zero, which scales nothing', ['cycles/second=2', 'sampling period=0'], '40 3 @ 0x11', '3 40 | 0x10'],
    ['what is left out', ['discarded samples=9'], '1 1 @', '1 1'],
    ['spaces between', ['# comment', ''], '  4000     3 @ 0x11', '3 4000 | 0x10'],
    ['a count beyond 2^53', [], '1 9007199254740993 @', '9007199254740993 1'],
    ['a sum that wraps', ['sampling period=2'], '0 4611686018427387904 @', '-9223372036854775808 0'],
  ])('scales by %s', (_, attributes, sample, row) => {
    expect(rows(readText('--- contention:', ...attributes, sample))).toEqual([row]);
  });

  it('reads the duration and the period', () => {
    const p = readText('--- contentionz 1 ---', 'ms since reset = 1500', 'sampling period = 100', '1 1 @ 0x1');
    expect([p.durationNanos, p.period]).toEqual([1_500_000_000n, 100n]);
    expect(p.periodType).toEqual({ type: 'contentions', unit: 'count' });
  });

  it.each(['\n', '\r\n'])('reads symbols (%j)', (end) => {
    const p = readText(
      ['--- mutex:', 'cycles/second=1', '1 1 @ 0x11', '#\t0x10\tsync.(*Mutex).Unlock+0x1\t/m.go:9', '2 1 @ 0x21'].join(
        end,
      ),
    );
    expect(p.frames(0)).toEqual([{ function: 'sync.(*Mutex).Unlock', file: '/m.go', line: 9 }]);
    expect(p.frames(1)[0]!.function).toBe('0x20');
  });

  it('stops at the memory map', () => {
    const p = readText(
      '--- contention:',
      '1 1 @ 0x400011',
      '--- Memory map: ---',
      '400000-500000: /bin/x',
      '5 5 @ 0x1',
    );
    expect(p.sampleCount).toBe(1);
    expect(p.mappings[0]).toMatchObject({ file: '/bin/x', start: 0x400000n });
  });

  it.each([
    ['nothing', ''],
    ['a heap', 'heap profile: 1: 2 [3: 4] @ heap/2'],
    ['an unknown attribute', '--- contention:\nformat = java\n1 1 @ 0x1'],
    ['an attribute that is no number', '--- contention:\ncycles/second=fast\n1 1 @ 0x1'],
    ['a period that is no number', '--- contention:\nsampling period=\n1 1 @ 0x1'],
    ['a line that is no sample', '--- contention:\nhello\n'],
  ])('leaves %s to others', (_, text) => {
    expect(readContentionText(bytesOf(text))).toBeNull();
  });

  it.each(['9223372036854775808 1 @ 0x1', '1 9223372036854775808 @ 0x1', '1 1 @ 0x10000000000000000'])(
    'refuses %j',
    (line) => {
      expect(() => readText('--- contention:', line)).toThrow(tm('TM_PROFILE_CORRUPT'));
    },
  );
});
