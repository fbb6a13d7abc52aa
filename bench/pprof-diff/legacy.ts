/** Texts and binaries in the forms that came before profile.proto, made here by hand. */
export function legacyTexts(): [string, Uint8Array][] {
  const text = (...lines: string[]) => new TextEncoder().encode(`${lines.join('\n')}\n`);
  const maps = [
    '--- Memory map: ---',
    '00400000-00800000 r-xp 00000000 08:01 12345 /usr/bin/server',
    '7f0000000000-7f0000100000 r-xp 00000000 08:01 777 /lib/libc-2.31.so',
    '7f0000100000-7f0000200000 rw-p 00000000 08:01 777 /lib/libc-2.31.so',
    '7ffe00000000-7ffe00001000 r-xp 00000000 00:00 0 [vdso]',
  ];
  const out: [string, Uint8Array][] = [
    [
      'heap-v2',
      text(
        'heap profile:    250: 1024000 [  500: 2048000] @ heap_v2/524288',
        '  5: 40960 [ 10: 81920] @ 0x400100 0x400200 0x400300',
        '  1: 1048576 [ 1: 1048576] @ 0x400100 0x7f0000000500',
        '  0: 0 [ 3: 300] @ 0x400150 0x400200 0x400300',
        ...maps,
      ),
    ],
    [
      'heap-go',
      text(
        'heap profile: 3: 4096 [7: 8192] @ heap/1048576',
        '1: 1024 [2: 2048] @ 0x401000 0x402000 0x403000',
        '2: 3072 [5: 6144] @ 0x401000 0x402010',
      ),
    ],
    [
      'heap-noalloc',
      text(
        'heap profile: 3: 4096 [3: 4096] @ heapprofile',
        '1: 1024 [1: 1024] @ 0x401000 0x402000 0x403000',
        '2: 3072 [2: 3072] @ 0x401000 0x402010',
        ...maps,
      ),
    ],
    [
      'growth',
      text(
        'heap profile: 3: 4096 [3: 4096] @ growthz',
        '1: 1024 [1: 1024] @ 0x401000 0x402000',
        '2: 3072 [2: 3072] @ 0x401000 0x402010',
        'MAPPED_LIBRARIES:',
        '00400000-00500000: /usr/bin/grow (@400000) abc123',
        '$x=/opt',
        '00500000-00600000: $x/lib.so',
      ),
    ],
    [
      'goroutine',
      text('goroutine profile: total 7', '4 @ 0x401000 0x402000 0x403000', '2 @ 0x401000 0x402010', '1 @ 0x405000'),
    ],
    ['threadcreate', text('# a comment', 'threadcreate profile: total 3', '2 @ 0x401000 0x402000', '1 @ 0x401010')],
    [
      'mutex',
      text(
        '--- mutex:',
        'cycles/second=2596133933',
        'sampling period=5',
        '36631120 4 @ 0x670e5f 0x670e55 0x4911a1',
        '243919 2 @ 0x489c2a 0x489c29',
      ),
    ],
    [
      'block',
      text(
        '--- contention:',
        'cycles/second=2596133933',
        '35042150 4 @ 0x670e2f 0x670e55 0x4911a1',
        '29484 2 @ 0x495873 0x626f56',
      ),
    ],
    [
      'contentionz',
      text(
        '--- contentionz 1 ---',
        'cycles/second = 3201000000',
        'sampling period = 100',
        'ms since reset = 16502830',
        'discarded samples = 0',
        '  19490304 27 @ 0x400100 0x400200 0x400300',
        '     25438 3 @ 0x400150 0x400250',
        ...maps,
      ),
    ],
    [
      'threadz',
      text(
        '--- threadz 1 ---',
        '',
        '--- Thread 7f794ab90940 (name: main/14748) stack: ---',
        '  PC: 0x00400100: helper',
        '  0x0000000000400200: run',
        '  0x0000000000400300: main',
        '--- Thread 7f794abb7940 (name: thr0/14760) stack: ---',
        '  0x00400150 0x00400250',
        '--- Thread 7f794abb8940 (name: thr1/14761) stack: ---',
        '  [same as previous thread]',
        ...maps,
      ),
    ],
    [
      'java-heap',
      text(
        '--- heapz 1 ---',
        'format = java',
        'resolution = bytes',
        '        7048     1 @ 0x1 0x2 0x3',
        '        4752     9 @ 0x2 0x4',
        '',
        '0x1 com.acme.Foo.bar (Foo.java:12)',
        '0x2 com.acme.Foo.baz (Foo.java:40)',
        '0x3 com.acme.Main.main (Main.java:5)',
        '0x4 sun.misc.Unsafe.park (Native Method)',
      ),
    ],
    [
      'java-contention',
      text(
        '--- contentionz 1 ---',
        'format = java',
        'resolution = microseconds',
        'sampling period = 100',
        'ms since reset = 6019923',
        '            19183000 27 @ 0x1 0x2',
        '            7000 3 @ 0x3',
        '',
        '0x1 com.acme.Lock.lock (Lock.java:10)',
        '0x2 com.acme.Main.run (Main.java:20)',
        '0x3 com.acme.Other.call (Other.java:7)',
      ),
    ],
  ];
  for (const [name, bits, little] of [
    ['32l', 32, true],
    ['32b', 32, false],
    ['64l', 64, true],
    ['64b', 64, false],
  ] as const) {
    out.push([`cpu-${name}`, cpuBinary(bits, little, maps)]);
  }
  return out;
}

/** The binary form of CPU profiles: words of 32 or 64 bits in either byte order, then a memory map. */
function cpuBinary(bits: 32 | 64, little: boolean, maps: readonly string[]): Uint8Array {
  const stacks: [number, number[]][] = [
    [7, [0x400100, 0x400200, 0x400300]],
    [3, [0x400110, 0x400200, 0x400300, 0x400400]],
    [1, [0x400201, 0x400201, 0x400500]],
  ];
  const words = [0, 3, 0, 10000, 0];
  for (const [count, stack] of stacks) words.push(count, stack.length, ...stack);
  words.push(0, 1, 0);
  const bytes = new Uint8Array(words.length * (bits / 8));
  const view = new DataView(bytes.buffer);
  words.forEach((word, i) => {
    if (bits === 32) view.setUint32(i * 4, word, little);
    else view.setBigUint64(i * 8, BigInt(word), little);
  });
  return Buffer.concat([bytes, new TextEncoder().encode(`${maps.join('\n')}\n`)]);
}
