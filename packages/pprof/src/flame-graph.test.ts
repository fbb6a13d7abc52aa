import { describe, expect, it } from 'vitest';
import { flameGraph, parseTextProfile } from './index.js';

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

  it('refuses a type that is not there', () => {
    expect(() => flameGraph(now, { type: 'x' })).toThrow(expect.objectContaining({ code: 'TM_WRONG_PROFILE_TYPE' }));
  });
});
