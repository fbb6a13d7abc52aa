import { describe, expect, it } from 'vitest';
import { bytesOf, readText, rows, tm, types } from '../../test/support.js';
import { readHeapText, scaleSample } from './heap.js';

const INUSE = 'objects/count space/bytes';
const ALL = 'alloc_objects/count alloc_space/bytes inuse_objects/count inuse_space/bytes';

describe('the header of a heap text', () => {
  it.each<[string, string, string, bigint]>([
    ['Go, which doubles the rate', 'heap profile: 1: 2 [3: 4] @ heap/1048576', ALL, 524288n],
    ['Go with rate 1', 'heap profile: 0: 0 [0: 0] @ heap/2', INUSE, 1n],
    ['an odd rate', 'heap profile: 1: 2 [3: 4] @ heap/7', ALL, 3n],
    ['no rate', 'heap profile: 1: 2 [3: 4] @ heap', ALL, 0n],
    ['version 2', 'heap profile: 1: 2 [1: 2] @ heap_v2/524288', INUSE, 524288n],
    ['version 2 of heapz', 'heap profile: 1: 2 [1: 9] @ heapz_v2/100', ALL, 100n],
    ['tcmalloc', 'heap profile:    1:    2 [    1:    2] @ heapprofile', INUSE, 1n],
    ['growth', 'heap profile: 1: 2 [1: 2] @ growthz', INUSE, 1n],
    ['fragmentation', 'heap profile: 1: 2 [9: 9] @ fragmentationz', INUSE, 1n],
  ])('of %s', (_, header, sampleTypes, period) => {
    const p = readText(header);
    expect([types(p), p.period]).toEqual([sampleTypes, period]);
    expect(p.periodType).toEqual({ type: 'space', unit: 'bytes' });
    expect(p.dropFrames).toContain('|malloc|');
  });

  it.each([
    ['nothing', ''],
    ['another profile', 'goroutine profile: total 1'],
    ['an unknown kind', 'heap profile: 1: 2 [3: 4] @ heap_v3/5'],
    ['a rate beyond int64', 'heap profile: 1: 2 [3: 4] @ heap/99999999999999999999'],
  ])('is not that of %s', (_, text) => {
    expect(readHeapText(bytesOf(text))).toBeNull();
  });
});

describe('samples of a heap text', () => {
  // Of objects as large as the rate the share 1 − 1/e is sampled: 1 / (1 − 1/e) = 1.5819767068693265.
  it.each<[string, string, string, string]>([
    ['unscaled at rate 1', 'heap/2', '1: 100 [2: 200] @ 0x11 0x21', '2 200 1 100 | 0x10 0x20 | bytes=#100'],
    ['scaled', 'heap/1048576', '1: 524288 [100: 52428800] @ 0x11', '158 82941140 1 829411 | 0x10 | bytes=#524288'],
    ['scaled by version 2', 'heap_v2/524288', '1: 524288 [1: 524288] @', '1 829411 1 829411 |  | bytes=#524288'],
    ['freed', 'heap/2', '0: 0 [2: 64] @ 0x11', '2 64 0 0 | 0x10 | bytes=#32'],
    ['empty', 'heap/2', '0: 0 [0: 0] @ 0x11', '0 0 0 0 | 0x10 | bytes=#0'],
    ['negative, as differences have them', 'heapprofile', '-1: -16 [0: 0] @ 0x11', '0 0 -1 -16 | 0x10 | bytes=#16'],
    [
      'beyond 2^53',
      'heapprofile',
      '1: 9007199254740993 [0: 0] @',
      '0 0 1 9007199254740993 |  | bytes=#9007199254740992',
    ],
  ])('are %s', (_, kind, sample, row) => {
    expect(rows(readText(`heap profile: 1: 2 [3: 4] @ ${kind}`, sample))).toEqual([row]);
  });

  it.each([
    ['words', 'hello'],
    ['bytes without objects', '0: 5 [0: 0] @ 0x1'],
    ['allocated bytes without objects', '1: 5 [0: 5] @ 0x1'],
    ['a count beyond int64', '9223372036854775808: 5 [1: 5] @ 0x1'],
    ['an address of 65 bits', '1: 5 [1: 5] @ 0x10000000000000000'],
  ])('refuse %s', (_, sample) => {
    expect(() => readText('heap profile: 1: 2 [3: 4] @ heap/2', sample)).toThrow(tm('TM_PROFILE_CORRUPT'));
  });

  it.each<[number, number, number, number[]]>([
    [0, 100, 10, [0, 0]],
    [5, 0, 10, [0, 0]],
    [5, 50, 1, [5, 50]],
    [5, 50, 0, [5, 50]],
    [1, 2 ** 40, 524288, [1, 2 ** 40]],
  ])('scaleSample(%i, %i, %i)', (count, bytes, rate, scaled) => {
    expect(scaleSample(count, bytes, rate)).toEqual(scaled);
  });
});

const TEXT = [
  'heap profile: 2: 132 [3: 164] @ heap/2',
  '1: 100 [2: 132] @ 0x401011 0x401021',
  '#\t0x401010\tmain.inner+0x8\t/src/a.go:5',
  '#\t0x401010\tmain.outer+0x18\t/src/a.go:9',
  '#\t0x401020\tmain.main+0x20\t/src/a.go:12',
  '1: 32 [1: 32] @ 0x401031',
  '',
  '# runtime.MemStats',
  '# HeapAlloc = 123',
  '# PauseNs = [1 2 3]',
  '# NumGC = 7',
];
const ROWS = [
  '2 132 1 100 | +main.inner@/src/a.go:5 main.outer@/src/a.go:9 main.main@/src/a.go:12 | bytes=#66',
  '1 32 1 32 | 0x401030 | bytes=#32',
];

describe('a whole heap text', () => {
  it.each(['\n', '\r\n'])('has symbols, addresses and statistics (%j)', (end) => {
    const p = readText(TEXT.join(end));
    // The object size is that of the pair that was read last: of what is in use.
    expect(rows(p)).toEqual([ROWS[0]!.replace('#66', '#100'), ROWS[1]]);
    expect(p.memStats).toEqual({ HeapAlloc: 123, NumGC: 7 });
    expect(p.total).toBeNull();
  });

  it('has mappings', () => {
    const p = readText(...TEXT, '--- Memory map: ---', '  400000-500000: /bin/x', '# HeapAlloc = 5');
    expect(p.mappings.map((m) => [m.id, m.start, m.limit, m.file, m.hasFunctions])).toEqual([
      [1n, 0x400000n, 0x500000n, '/bin/x', true],
    ]);
    expect([...p.locationMappings]).toEqual([1, 1, 1]);
    expect(p.memStats?.['HeapAlloc']).toBe(123);
  });

  it('answers or refuses what is cut at any byte, and never invents samples', () => {
    const bytes = bytesOf(TEXT.join('\n'));
    for (let n = TEXT[0]!.length; n < bytes.length; n++) {
      try {
        expect(readHeapText(bytes.subarray(0, n))?.sampleCount).toBeLessThanOrEqual(2);
      } catch (error) {
        expect(error).toEqual(tm('TM_PROFILE_CORRUPT'));
      }
    }
  });
});
