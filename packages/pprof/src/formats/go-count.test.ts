import { describe, expect, it } from 'vitest';
import { bytesOf, readText, rows, tm, types } from '../../test/support.js';
import { readGoCountText } from './go-count.js';

describe('readGoCountText', () => {
  it.each([
    ['goroutine', 'goroutine-text'],
    ['goroutineleak', 'goroutine-text'],
    ['threadcreate', 'threadcreate-text'],
    ['my.own/connections', 'count-text'],
  ])('reads a %s profile', (type, form) => {
    const p = readText(`${type} profile: total 12`, '7 @ 0x11 0x21', '5 @ 0x31');
    expect([p.form, types(p), p.total, p.period]).toEqual([form, `${type}/count`, 12, 1n]);
    expect(p.periodType).toEqual({ type, unit: 'count' });
    expect(rows(p)).toEqual(['7 | 0x10 0x20', '5 | 0x30']);
  });

  it.each(['\n', '\r\n'])('reads symbols and labels of the sample before them (%j)', (end) => {
    const p = readText(
      [
        '',
        '# a comment before the header',
        'goroutine profile: total 3',
        '2 @ 0x11 0x21',
        '# labels: {"user":"a b", "tier":"gold"}',
        '#\t0x10\tmain.inner+0x1\t/a.go:1',
        '#\t0x10\tmain.outer+0x2\t/a.go:2',
        '#\t0x20\tmain.main+0x3\t/a.go:3',
        '',
        '1 @ 0x20',
        '#\t0x1f\tmain.main+0x3\t/a.go:3',
      ].join(end),
    );
    expect(rows(p)).toEqual([
      '2 | +main.inner@/a.go:1 main.outer@/a.go:2 main.main@/a.go:3 | user=a b tier=gold',
      '1 | main.main@/a.go:3',
    ]);
    expect(p.functionCount).toBe(3);
  });

  it.each<[string, string[], string[]]>([
    ['no sample', [], []],
    ['a sample without a stack', ['1 @'], ['1']],
    ['zero goroutines', ['0 @ 0x1'], ['0 | 0x0']],
    ['more than 2^53', ['9007199254740993 @'], ['9007199254740993']],
    ['address 0, whose call is below', ['1 @ 0x0'], ['1 | 0xffffffffffffffff']],
    ['symbols before all samples, which belong to none', ['#\t0x1\tmain.f+0x1\t/a.go:1', '1 @ 0x2'], ['1 | 0x1']],
    ['a sample whose runtime knew no names', ['1 @ 0x2', '#\t0x1'], ['1 | 0x1']],
  ])('reads %s', (_, lines, expected) => {
    expect(rows(readText('goroutine profile: total 1', ...lines))).toEqual(expected);
  });

  it('reads a memory map', () => {
    const p = readText('threadcreate profile: total 1', '1 @ 0x400011', '--- Memory map: ---', '400000-500000: /bin/x');
    expect(p.mappings.map((m) => m.file)).toEqual(['/bin/x']);
    expect([...p.locationMappings]).toEqual([1]);
  });

  it.each([
    ['nothing', ''],
    ['comments alone', '# a\n\n# b'],
    ['a heap', 'heap profile: 1: 2 [3: 4] @ heap/2'],
    ['words behind the total', 'goroutine profile: total 1 or so'],
    ['a dump of stacks', 'goroutine 1 [running]:\nmain.main()'],
  ])('leaves %s to others', (_, text) => {
    expect(readGoCountText(bytesOf(text))).toBeNull();
  });

  it.each(['x @ 0x1', '-1 @ 0x1', '1 @ 1', '1 @ 0x1 main.f', '9223372036854775808 @ 0x1', '1 @ 0x10000000000000000'])(
    'refuses the sample %j',
    (line) => {
      expect(() => readText('goroutine profile: total 1', line)).toThrow(tm('TM_PROFILE_CORRUPT'));
    },
  );
});
