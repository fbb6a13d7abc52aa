import { describe, expect, it } from 'vitest';
import { nodesOf, render, testHost } from '../../test/render.js';
import { combineProfiles, markBase } from '../combine.js';
import { diffProfiles, normaliseTo, scale } from '../scale.js';
import { parseTextProfile } from '../text-columns.js';
import { Report, sampleIndexByName } from './report.js';

describe('the unit of a whole report', () => {
  it.each([
    // That of the smallest value …
    ['4096 a\n2048 b', ['4kB', '2kB']],
    ['4096 a\n1000 b', ['4096B', '1000B']],
    // … unless the whole is more than 100 times as much in a larger unit: then that of 100 times the smallest.
    ['1048576 a\n1000 b', ['1024kB', '0.98kB']],
    ['1073741824 a\n20480 b', ['1024MB', '0.02MB']],
    ['104857 a\n1100 b', ['102.40kB', '1.07kB']],
    // Signs do not matter.
    ['-4096 a\n-2048 b', ['-4kB', '-2kB']],
  ])('%j', (samples, flats) => {
    expect(nodesOf(`heap/bytes\n${samples}`).map((row) => row.split(' ')[0])).toEqual(flats);
  });

  it('is the one that was asked for', () => {
    expect(nodesOf('heap/bytes\n4096 a\n512 b', { unit: 'kb' })).toEqual(['4kB 4kB a', '0.50kB 0.50kB b']);
  });
});

describe('which values', () => {
  const TWO = 'objects/count space/bytes\n4 4096 main;a\n1 3072 main;b\n0 0 main;c';
  it.each([
    [{}, ['4kB 4kB a', '3kB 3kB b', '0 7kB main']],
    [{ sampleIndex: 'objects' }, ['4 4 a', '1 1 b', '0 5 main']],
    [{ sampleIndex: '0' }, ['4 4 a', '1 1 b', '0 5 main']],
    // Divided by the first column, node by node; the order is that of the sums.
    [{ mean: true }, ['1kB 1kB a', '3kB 3kB b', '0 1.40kB main']],
    [{ divideBy: 2 }, ['2kB 2kB a', '1.50kB 1.50kB b', '0 3.50kB main']],
    [{ divideBy: 0.5, sampleIndex: 'objects' }, ['8 8 a', '2 2 b', '0 10 main']],
    // Cut, not rounded.
    [{ divideBy: 3, sampleIndex: 'objects' }, ['1 1 a', '0 0 b', '0 1 main']],
  ])('%j', (options, nodes) => expect(nodesOf(TWO, options)).toEqual(nodes));

  it.each([
    ['', 1],
    ['objects', 0],
    ['inuse_space', 1],
    ['+1', 1],
  ])('sample_index %j is %d', (name, index) => {
    expect(sampleIndexByName(parseTextProfile(TWO), name)).toBe(index);
  });

  it('starts from the default type of the profile', () => {
    const p = parseTextProfile(TWO);
    expect(sampleIndexByName(p.with({ defaultSampleType: 'objects' }), '')).toBe(0);
    expect(sampleIndexByName(p.with({ defaultSampleType: 'gone' }), '')).toBe(1);
  });

  it.each(['-1', '2', 'spac', 'inuse_x'])('refuses sample_index %s', (name) => {
    expect(() => sampleIndexByName(parseTextProfile(TWO), name)).toThrow(expect.objectContaining({ code: 'TM_USAGE' }));
  });
});

describe('differences', () => {
  const now = parseTextProfile('heap/count\n30 main;a\n10 main;b');
  const before = parseTextProfile('heap/count\n10 main;a\n10 main;c');
  const marked = combineProfiles([now, scale(markBase(before), -1)]);
  it('subtract stack by stack, and count shares of all amounts', () => {
    const p = diffProfiles(now, before);
    expect(nodesOf(p)).toEqual(['20 20 a', '10 10 b', '-10 -10 c', '0 20 main']);
    expect(new Report(p, { format: 'text' }, testHost()).total).toBe(40);
  });

  it('count shares of the base where it is marked', () => {
    expect(nodesOf(marked)).toEqual(['20 20 a', '10 10 b', '-10 -10 c', '0 20 main']);
    expect(new Report(marked, { format: 'text' }, testHost()).total).toBe(20);
  });

  it('compare shapes alone after normalizing', () => {
    expect(nodesOf(normaliseTo(now, before))).toEqual(['15 15 a', '5 5 b', '0 20 main']);
    expect(nodesOf(diffProfiles(now, before, { normalise: true }))).toEqual(['-10 -10 c', '5 5 a', '5 5 b']);
  });
});

describe('the header', () => {
  const p = parseTextProfile('cpu/nanoseconds\n2000000000 main;a\n2000000 main;b').with({
    comments: ['seen', '#unseen'],
    timeNanos: 1_790_000_000_000_000_000n,
    durationNanos: 10_000_000_000n,
    docUrl: 'https://example.org/doc',
  });

  it('says what the profile is, which filters work, and what was left out', () => {
    const text = render(p, { format: 'text', focus: 'main', tagIgnore: 'y'.repeat(90) });
    expect(text).toMatchInlineSnapshot(`
      "File: test
      seen
      Type: cpu
      Doc: https://example.org/doc
      Time: 2026-09-21 14:13:20 UTC
      Duration: 10s, Total samples = 2s (20.02%)
      Active filters:
         focus=main
         tagignore=yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy…
      Showing nodes accounting for 2s, 99.90% of 2s total
      Dropped 1 node (cum <= 0.01s)
            flat  flat%   sum%        cum   cum%
              2s 99.90% 99.90%         2s 99.90%  a
               0     0% 99.90%         2s   100%  main
      "
    `);
  });

  it('is short with compact labels', () => {
    expect(render(p, { format: 'text', compactLabels: true, nodeCount: 1 })).toMatchInlineSnapshot(`
      "Showing nodes accounting for 2s, 99.90% of 2s total
      Dropped 1 node (cum <= 0.01s)
      Showing top 1 nodes out of 2
            flat  flat%   sum%        cum   cum%
              2s 99.90% 99.90%         2s 99.90%  a
      "
    `);
  });

  it('comments writes all of them', () => {
    expect(render(p, { format: 'comments' })).toBe('seen\n#unseen\n');
  });
});

describe('values divided by less than one', () => {
  const big = parseTextProfile('v/widgets\n6000000000000000000 a\n1000000000000000000 b');
  it('that no longer fit into 64 bits become what Go makes of them, as in the reference', () => {
    expect(nodesOf(big, { divideBy: 0.5 })).toEqual([
      '-9223372036854775808widgets -9223372036854775808widgets a',
      '2000000000000000000widgets 2000000000000000000widgets b',
    ]);
  });
  it('that still fit are as many as they are', () => {
    expect(nodesOf('v/widgets\n6 a', { divideBy: 0.5 })).toEqual(['12widgets 12widgets a']);
  });
  it('below zero are not divided at all', () => {
    expect(nodesOf('v/widgets\n6 a', { divideBy: -2 })).toEqual(['6widgets 6widgets a']);
  });
});
