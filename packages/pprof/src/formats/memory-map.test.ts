import { describe, expect, it } from 'vitest';
import { bytesOf, tm } from '../../test/support.js';
import { Lines } from './lines.js';
import { assignMappings, type DraftMapping, isMemoryMapStart, readMemoryMap, tidyMappings } from './memory-map.js';

const NO_SYMBOLS = { hasFunctions: false, hasFilenames: false, hasLineNumbers: false, hasInlineFrames: false };
const mapping = (start: bigint, limit: bigint, file = '', offset = 0n, buildId = ''): DraftMapping => ({
  ...{ id: 0n, start, limit, offset, file, buildId },
  ...NO_SYMBOLS,
});
const read = (...lines: string[]) => readMemoryMap(new Lines(bytesOf(lines.join('\n'))));

describe('readMemoryMap', () => {
  it.each<[string, string, DraftMapping]>([
    ['proc', '00400000-00500000 r-xp 00001000 08:01 123   /bin/x', mapping(0x400000n, 0x500000n, '/bin/x', 0x1000n)],
    ['proc without a file', '400000-500000 r-xp 00000000 00:00 0', mapping(0x400000n, 0x500000n)],
    [
      'proc of a kernel page',
      'ffffffffff600000-ffffffffff601000 r-xp 0 00:00 0 [vsyscall]',
      mapping(0xffffffffff600000n, 0xffffffffff601000n, '[vsyscall]'),
    ],
    ['brief', '400000-500000: /bin/x', mapping(0x400000n, 0x500000n, '/bin/x')],
    ['brief with 0x', '  0x400000-0x500000: /bin/x', mapping(0x400000n, 0x500000n, '/bin/x')],
    [
      'brief with offset and build id',
      '400000-500000: /bin/x (@1000) abc123',
      mapping(0x400000n, 0x500000n, '/bin/x', 0x1000n, 'abc123'),
    ],
    ['brief with permissions', '400000-500000 r-xp /bin/x', mapping(0x400000n, 0x500000n, '/bin/x')],
    ['the prefix of a logger', 'server.cc:12] 400000-500000: /bin/x', mapping(0x400000n, 0x500000n, '/bin/x')],
  ])('reads a line of the form %s', (_, line, expected) => {
    expect(read(line)).toEqual([expected]);
  });

  it.each([
    ['data', '400000-500000 rw-p 00000000 08:01 123 /bin/x'],
    ['words', 'build=abc'],
    ['nothing', ''],
    ['an address of 68 bits', '40000000000000000-50000000000000000: /bin/x'],
  ])('leaves out %s', (_, line) => {
    expect(read(line)).toEqual([]);
  });

  it('puts variables in', () => {
    const files = read('  lib = /usr/lib', 'name=x', '10-20: $lib/$name.so', '20-30: $other').map((m) => m.file);
    expect(files).toEqual(['/usr/lib/x.so', '$other']);
  });

  it('takes the variable that was defined first where several fit', () => {
    const files = read('x=1', 'xy=2', 'x=3', '10-20: $xy', '20-30: $$x$').map((m) => m.file);
    expect(files).toEqual(['1y', '$1$']);
  });

  it('refuses variables that double with every line, before memory is full', () => {
    // One that is the beginning of another would be taken for it, so that all names are equally long.
    const doubling = Array.from({ length: 60 }, (_, i) => `x${i + 11}=$x${i + 10}$x${i + 10}`);
    expect(() => read('x10=aaaaaaaa', ...doubling, '10-20: $x70')).toThrow(tm('TM_PROFILE_CORRUPT'));
  });

  it('refuses thousands of variables for thousands of places', () => {
    const names = Array.from({ length: 8000 }, (_, i) => `v${i}=1`);
    expect(() => read(...names, `10-20: ${'$'.repeat(8000)}`)).toThrow(tm('TM_PROFILE_CORRUPT'));
  });

  it('serves a map as large as a real one may be', () => {
    const lines = Array.from(
      { length: 20_000 },
      (_, i) => `${(i * 16).toString(16)}-${(i * 16 + 16).toString(16)}: $lib/${i}`,
    );
    const maps = read('lib=/usr/lib', ...lines);
    expect([maps.length, maps.at(-1)?.file]).toEqual([20_000, '/usr/lib/19999']);
  });

  // In time that grows with the square of its length, each of these would take minutes: the test would time out.
  it.each(['0', 'a', ' ', '-', 'r', '(@1', ':', '[1:', '0x'])(
    'takes a line of %j three hundred thousand times',
    (part) => {
      const long = part.repeat(300_000);
      for (const line of [long, `10-20 r-xp ${long}`, `10-20: ${long} (@`]) {
        expect(read(line, '30-40: /bin/x').at(-1)?.file).toBe('/bin/x');
      }
    },
  );

  it.each([
    ['--- Memory map: ---', true],
    ['MAPPED_LIBRARIES:', true],
    ['Memory map', false],
  ])('begins after %j: %s', (line, begins) => {
    expect(isMemoryMapStart(line)).toBe(begins);
  });
});

describe('tidyMappings', () => {
  const tidy = (...mappings: DraftMapping[]) =>
    tidyMappings(mappings).map((m) => [m.start, m.limit, m.file, m.buildId]);

  it.each<[string, DraftMapping[], unknown[]]>([
    ['none', [], []],
    ['neighbours of one file', [mapping(1n, 2n, 'x'), mapping(2n, 3n, 'x')], [[1n, 3n, 'x', '']]],
    ['a neighbour without a name', [mapping(1n, 2n, 'x'), mapping(2n, 3n)], [[1n, 3n, 'x', '']]],
    ['a neighbour with a name', [mapping(1n, 2n), mapping(2n, 3n, 'x', 0n, 'id')], [[1n, 3n, 'x', 'id']]],
    ['offsets that go on', [mapping(10n, 12n, 'x', 5n), mapping(12n, 13n, 'x', 7n)], [[10n, 13n, 'x', '']]],
  ])('joins %s', (_, mappings, expected) => {
    expect(tidy(...mappings)).toEqual(expected);
  });

  it.each<[string, DraftMapping[]]>([
    ['a hole between', [mapping(1n, 2n, 'x'), mapping(3n, 4n, 'x')]],
    ['other files', [mapping(1n, 2n, 'x'), mapping(2n, 3n, 'y')]],
    ['other build ids', [mapping(1n, 2n, 'x', 0n, 'a'), mapping(2n, 3n, 'x', 0n, 'b')]],
    ['offsets with a hole', [mapping(10n, 12n, 'x', 5n), mapping(12n, 13n, 'x', 8n)]],
  ])('does not join over %s', (_, mappings) => {
    expect(tidy(...mappings)).toHaveLength(2);
  });

  it.each([
    [
      ['/lib/a.so', '/bin/x'],
      ['/bin/x', '/lib/a.so'],
    ],
    [
      ['/lib/a.so.6', '[vdso]', '/bin/x (deleted)'],
      ['/bin/x (deleted)', '[vdso]', '/lib/a.so.6'],
    ],
    [
      ['/bin/x', '/bin/y'],
      ['/bin/x', '/bin/y'],
    ],
    [
      ['/lib/a.so', ''],
      ['/lib/a.so', ''],
    ],
  ])('puts the program of %j first', (files, expected) => {
    const mappings = files.map((file, i) => mapping(BigInt(i * 100), BigInt(i * 100 + 1), file));
    expect(tidyMappings(mappings).map((m) => m.file)).toEqual(expected);
  });
});

describe('assignMappings', () => {
  it('finds the mapping of an address: from its start to before its limit', () => {
    const mappings = [mapping(100n, 200n, 'a'), mapping(200n, 300n, 'b')];
    expect(assignMappings(mappings, [0n, 100n, 199n, 200n, 299n])).toEqual([0, 1, 1, 2, 2]);
    expect(mappings.map((m) => m.id)).toEqual([1n, 2n]);
  });

  it('makes one mapping for all that have none', () => {
    const mappings = [mapping(100n, 200n, 'a')];
    expect(assignMappings(mappings, [150n, 99n, 200n, 2n ** 64n - 2n])).toEqual([1, 2, 2, 2]);
    expect(mappings[1]).toEqual({ ...mapping(0n, 2n ** 64n - 1n), id: 2n });
  });

  it('makes none when there is no address but 0', () => {
    const mappings: DraftMapping[] = [];
    expect(assignMappings(mappings, [0n])).toEqual([0]);
    expect(mappings).toEqual([]);
  });

  it('lets a mapping begin at its offset where an address needs it', () => {
    const mappings = [mapping(0x2000n, 0x3000n, 'a', 0x1000n)];
    expect(assignMappings(mappings, [0x1000n, 0xfffn])).toEqual([1, 2]);
    expect(mappings[0]).toMatchObject({ start: 0x1000n, offset: 0n });
  });

  it('moves a program that was loaded where programs are', () => {
    const mappings = [mapping(0x401000n, 0x500000n, '/bin/x', 0x1000n)];
    expect(assignMappings(mappings, [0x400500n])).toEqual([1]);
    expect(mappings[0]).toMatchObject({ start: 0x400000n, offset: 0n });
  });

  it('drops a huge page that stands for the start of the program', () => {
    const mappings = [mapping(100n, 200n, '/anon_hugepage (deleted)'), mapping(200n, 300n, '/bin/x')];
    expect(assignMappings(mappings, [250n])).toEqual([1]);
    expect(mappings.map((m) => m.file)).toEqual(['/bin/x']);
  });
});
