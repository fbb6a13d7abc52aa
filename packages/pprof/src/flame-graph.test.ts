import { describe, expect, it } from 'vitest';
import { type FlameNode, flameGraph, parseTextProfile } from './index.js';

describe('flameGraph', () => {
  const now = parseTextProfile('v/bytes\n10 main;a@a.go:1\n20 main;a@a.go:2\n5 main;b@b.go:1;+c@c.go:1\n1 main');
  const before = parseTextProfile('v/bytes\n4 main;a@a.go:1\n6 main;gone');

  it('merges calls by function from the root down', () => {
    const { root, unit, depth } = flameGraph(now);
    expect([unit, depth]).toEqual(['bytes', 3]);
    expect(root).toMatchObject({ name: 'all', value: 36, self: 0 });
    const main = root.children[0]!;
    expect(main).toMatchObject({ name: 'main', value: 36, self: 1 });
    expect(main.children.map((n) => [n.name, n.value, n.self])).toEqual([
      ['a', 30, 30],
      ['b', 5, 0],
    ]);
    expect(main.children[1]!.children[0]).toMatchObject({ name: 'c', inlined: true, self: 5 });
  });

  it('keeps lines apart when asked', () => {
    expect(flameGraph(now, { by: 'line' }).root.children[0]!.children.map((n) => n.name)).toEqual([
      'a:2',
      'a:1',
      'b:1',
    ]);
  });

  it('carries the base, with boxes that only the base has', () => {
    const main = flameGraph(now, { base: before }).root.children[0]!;
    expect(main).toMatchObject({ value: 36, base: 10 });
    expect(main.children.map((n) => [n.name, n.value, n.base])).toEqual([
      ['a', 30, 4],
      ['gone', 0, 6],
      ['b', 5, 0],
    ]);
  });

  it('leaves out what is too small and counts it', () => {
    const { root, dropped } = flameGraph(now, { minFraction: 0.2 });
    expect(root.children[0]!.children.map((n) => n.name)).toEqual(['a']);
    expect(dropped).toBe(2);
  });

  const shape = (n: FlameNode): string => {
    const below = n.children.map(shape).join(' ');
    return `${n.name}${n.inlined ? '*' : ''}=${n.value}${below && `(${below})`}`;
  };

  it.each([
    ['recursion goes deeper', '2 f;f;f\n1 f', 'all=3(f=3(f=2(f=2)))'],
    ['a difference has widths', '-3 main;a\n2 main;b', 'all=5(main=5(a=3 b=2))'],
    ['inlined only where it always is', '1 m@m:1;+a@a:1\n1 m@m:2;a@a:1\n1 m@m:3;+b@b:1', 'all=3(m=3(a=2 b*=1))'],
    ['equal boxes stand by name', '1 b\n1 a\n1 c', 'all=3(a=1 b=1 c=1)'],
    ['zero makes no box', '0 a\n1 b', 'all=1(b=1)'],
    ['nothing is a root', '', 'all=0'],
  ])('%s', (_, samples, expected) => {
    expect(shape(flameGraph(parseTextProfile(`v/count\n${samples}`)).root)).toBe(expected);
  });

  it('keeps what is small now but was large in the base, and drops what is below with its parent', () => {
    const small = parseTextProfile('v/count\n1 main;a\n98 main;b\n1 main;c;d');
    const large = parseTextProfile('v/count\n50 main;a');
    const { root, dropped, depth } = flameGraph(small, { base: large, minFraction: 0.1 });
    expect(shape(root)).toBe('all=100(main=100(b=98 a=1))');
    expect([dropped, depth]).toEqual([2, 2]);
  });

  it('takes the type by name, else the default, else the last', () => {
    const p = parseTextProfile('objects/count space/bytes\n1 64 f');
    const chosen = (q = p, type?: string) => flameGraph(q, type ? { type } : {}).root.value;
    expect([chosen(), chosen(p, 'objects'), chosen(p.with({ defaultSampleType: 'objects' }))]).toEqual([64, 1, 1]);
    expect(() => flameGraph(p, { base: now })).toThrow('the base has no sample type space');
  });

  it('refuses a type that is not there', () => {
    expect(() => flameGraph(now, { type: 'x' })).toThrow(expect.objectContaining({ code: 'TM_WRONG_PROFILE_TYPE' }));
  });
});
