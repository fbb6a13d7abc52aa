import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  aggregate,
  diffProfiles,
  encodeProfile,
  joinSeries,
  mergeProfiles,
  type Profile,
  parseTextProfile,
  profileKind,
  readProfile,
  stackGroups,
} from './index.js';

const codec = { gunzip: (bytes: Uint8Array, maxOutputLength: number) => gunzipSync(bytes, { maxOutputLength }) };
const read = (bytes: Uint8Array) => readProfile(bytes, codec);
const text = (lines: string) => read(new TextEncoder().encode(lines));

const HEAP = `alloc_objects/count alloc_space/bytes inuse_objects/count inuse_space/bytes
5 500 3 300 main.main@main.go:5;main.fill@fill.go:9;+append@builtin.go:1 bytes=#100bytes
1 8 1 8 main.main@main.go:6 bytes=#8bytes
2 64 0 0 main.main@main.go:5;main.fill@fill.go:9;main.fill@fill.go:9 bytes=#32bytes
`;

/** Everything that a profile says, for comparison. */
function content(p: Profile): unknown {
  return Array.from({ length: p.sampleCount }, (_, s) => ({
    frames: p.frames(s),
    values: p.sampleTypes.map((_t, t) => p.value(s, t)),
    labels: p.labels(s),
  }));
}

describe('the proto form', () => {
  it('survives encode and decode, bare and gzipped', () => {
    const p = parseTextProfile(HEAP);
    for (const bytes of [encodeProfile(p), gzipSync(encodeProfile(p))]) {
      const back = read(bytes);
      expect(content(back)).toEqual(content(p));
      expect(back.sampleTypes).toEqual(p.sampleTypes);
      expect(back.mappings).toEqual(p.mappings);
      expect(encodeProfile(back)).toEqual(encodeProfile(p));
    }
  });

  it('keeps any 64-bit values exactly', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { minLength: 1 }), (values) => {
        const p = parseTextProfile(`a/count\n${values.map((v, i) => `${v} f${i}`).join('\n')}`);
        const back = read(encodeProfile(p));
        expect(Array.from(back.values, BigInt)).toEqual(values);
      }),
    );
  });

  it('expands inlined frames, innermost first', () => {
    const frames = parseTextProfile(HEAP).frames(0);
    expect(frames.map((f) => [f.function, f.inlined ?? false])).toEqual([
      ['append', true],
      ['main.fill', false],
      ['main.main', false],
    ]);
  });

  it('refuses what is cut, and says so', () => {
    const bytes = encodeProfile(parseTextProfile(HEAP));
    for (let n = 1; n < bytes.length; n++) {
      try {
        read(bytes.subarray(0, n));
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/^TM_(PROFILE_CORRUPT|NOT_A_PROFILE)$/) });
      }
    }
    expect(() => read(bytes.subarray(0, 40))).toThrow(expect.objectContaining({ code: 'TM_PROFILE_CORRUPT' }));
  });

  it.each([
    ['nothing', new Uint8Array(0), 'TM_FILE_EMPTY'],
    ['a web page', new TextEncoder().encode('<!doctype html><html></html>'), 'TM_NOT_A_PROFILE'],
    ['JSON', new TextEncoder().encode('{"a":1}'), 'TM_NOT_A_PROFILE'],
    ['an image', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0), 'TM_NOT_A_PROFILE'],
  ])('refuses %s', (_, bytes, code) => {
    expect(() => read(bytes)).toThrow(expect.objectContaining({ code }));
  });
});

describe('sums and differences', () => {
  it('adds equal stacks with equal labels', () => {
    const p = parseTextProfile(HEAP);
    const sum = mergeProfiles([p, p, p]);
    expect(sum.sampleCount).toBe(3);
    expect(sum.sum(1)).toBe(3 * p.sum(1));
  });

  it('is associative on totals', () => {
    const profile = fc
      .array(fc.tuple(fc.integer({ min: -50, max: 50 }), fc.constantFrom('a', 'a;b', 'a;b;c', 'a;c')), { minLength: 1 })
      .map((rows) => parseTextProfile(`v/count\n${rows.map(([v, s]) => `${v} ${s}`).join('\n')}`));
    const totals = (p: Profile) =>
      aggregate(p, 0, 'function')
        .filter((r) => r.cum !== 0 || r.flat !== 0)
        .map((r) => [r.site.function, r.flat, r.cum])
        .sort();
    fc.assert(
      fc.property(profile, profile, profile, (a, b, c) => {
        const left = mergeProfiles([mergeProfiles([a, b]), c]);
        const right = mergeProfiles([a, mergeProfiles([b, c])]);
        expect(totals(left)).toEqual(totals(right));
        expect(totals(left)).toEqual(totals(mergeProfiles([a, b, c])));
      }),
    );
  });

  it('of a profile with itself is nothing', () => {
    const p = parseTextProfile(HEAP);
    expect(diffProfiles(p, p).sampleCount).toBe(0);
  });

  it('sums beyond 2^53 exactly', () => {
    const p = parseTextProfile('v/count\n9007199254740991 a');
    expect(mergeProfiles([p, p]).values[0]).toBe(18014398509481982n);
  });

  it('refuses profiles of different kinds', () => {
    expect(() => mergeProfiles([parseTextProfile(HEAP), parseTextProfile('goroutine/count\n1 a')])).toThrow(
      expect.objectContaining({ code: 'TM_WRONG_PROFILE_TYPE' }),
    );
  });
});

describe('aggregate', () => {
  it('counts a place once a sample in cum, and the innermost frame in flat', () => {
    const p = parseTextProfile(HEAP);
    const rows = Object.fromEntries(aggregate(p, 1, 'function').map((r) => [r.site.function, [r.flat, r.cum]]));
    expect(rows).toEqual({ append: [500, 500], 'main.fill': [64, 564], 'main.main': [8, 572] });
    const lines = aggregate(p, 1, 'line').map((r) => `${r.site.function}:${r.site.line} ${r.flat} ${r.cum}`);
    expect(lines).toEqual(['append:1 500 500', 'main.fill:9 64 564', 'main.main:6 8 8', 'main.main:5 0 564']);
  });
});

describe('debug=1 texts', () => {
  it('reads a heap with its symbols, object sizes and MemStats', () => {
    const p = text(
      [
        'heap profile: 1: 100 [2: 200] @ heap/2',
        '1: 100 [2: 200] @ 0x10 0x20 0x30',
        '#\t0x1f\tmain.fill+0x8a\t\t/src/a.go:5',
        '#\t0x2f\tmain.main[...]+0x12\t/src/a.go:10',
        '',
        '# runtime.MemStats',
        '# HeapAlloc = 123',
        '# LastGC = 1795509854006149185',
        '# Stack = 5 / 9',
        '# NumGC = 21',
        '# MaxRSS = 9236480',
      ].join('\n'),
    );
    expect(p.form).toBe('heap-text');
    expect(profileKind(p)).toBe('heap');
    expect(p.period).toBe(1n);
    expect(p.frames(0)).toEqual([
      { function: 'main.fill', file: '/src/a.go', line: 5 },
      { function: 'main.main[...]', file: '/src/a.go', line: 10 },
    ]);
    expect(p.value(0, p.typeIndex('alloc_space'))).toBe(200);
    expect(p.numberLabel(0, 'bytes')).toBe(100);
    expect(p.memStats).toMatchObject({ HeapAlloc: 123, NumGC: 21, MaxRSS: 9236480, Stack: 5 });
  });

  it('reads goroutines with labels, and frames that share an address as inlined', () => {
    const p = text(
      [
        'goroutine profile: total 7',
        '7 @ 0x10 0x20',
        '# labels: {"shard":"a \\"1\\"", "tier":"gold"}',
        '#\t0x1f\tmain.inner+0x8\t/src/a.go:5',
        '#\t0x1f\tmain.outer+0x9\t/src/a.go:9',
        '',
      ].join('\n'),
    );
    expect(p.total).toBe(7);
    expect(stackGroups(p)).toEqual([
      {
        count: 7,
        frames: [
          { function: 'main.inner', file: '/src/a.go', line: 5, inlined: true },
          { function: 'main.outer', file: '/src/a.go', line: 9 },
        ],
        creator: null,
        state: null,
        labels: { shard: 'a "1"', tier: 'gold' },
        ids: [],
      },
    ]);
  });

  it.each([
    ['--- mutex:', 'mutex'],
    ['--- contention:', 'block'],
  ])('reads %s', (header, kind) => {
    const p = text(
      `${header}\ncycles/second=2000000000\nsampling period=5\n4000 3 @ 0x10 0x20\n#\t0xf\tmain.f+0x1\t/a.go:1\n`,
    );
    expect(profileKind(p)).toBe(kind);
    expect([p.value(0, 0), p.value(0, 1)]).toEqual([15, 10000]);
    expect(p.frames(0)[0]?.function).toBe('main.f');
  });

  it('gives addresses where there are no symbols', () => {
    const p = text('threadcreate profile: total 1\n1 @ 0x11 0x21\n');
    expect(p.frames(0).map((f) => f.function)).toEqual(['0x10', '0x20']);
    expect(profileKind(p)).toBe('threadcreate');
  });
});

describe('joinSeries', () => {
  it('aligns stacks by name and object size, whatever their ids and addresses', () => {
    const one = parseTextProfile(
      'inuse_objects/count inuse_space/bytes\n1 8 a@a.go:1;b@b.go:2 bytes=#8\n2 32 a@a.go:1;b@b.go:2 bytes=#16',
    );
    const two = parseTextProfile(
      'inuse_objects/count inuse_space/bytes\n9 9 x@x.go:1 bytes=#1\n4 64 a@a.go:1;b@b.go:2 bytes=#16',
    );
    const series = joinSeries([one, two]);
    expect(series.rowCount).toBe(3);
    expect(series.stackCount).toBe(2);
    expect([...series.objectBytes]).toEqual([8, 16, 1]);
    expect([...series.columns[0]![1]!]).toEqual([8, 32, 0]);
    expect([...series.columns[1]![1]!]).toEqual([0, 64, 9]);
    expect(series.sites(1).map((f) => f.function)).toEqual(['b', 'a']);
  });
});
