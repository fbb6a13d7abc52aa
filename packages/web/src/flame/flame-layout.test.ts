import type { FlameNode } from '@tidemark/pprof';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { paletteStep } from './flame-draw.js';
import { changeShares, flamePositions, flameTree, frameAt, searchFlame } from './flame-layout.js';

function node(name: string, self: number, baseSelf: number, children: FlameNode[] = [], file = 'a.go'): FlameNode {
  const sum = (pick: (n: FlameNode) => number) => children.reduce((s, c) => s + pick(c), 0);
  return {
    name,
    site: { function: name, file, line: 1 },
    self,
    baseSelf,
    value: self + sum((c) => c.value),
    base: baseSelf + sum((c) => c.base),
    inlined: false,
    children,
  };
}

const tree = flameTree(
  node('root', 0, 0, [node('small', 10, 30), node('big', 20, 20, [node('leak', 60, 10), node('same', 10, 10)])]),
);

/** Any tree as a list in which each frame names an earlier one as its caller. */
const anyTree = fc
  .array(fc.tuple(fc.nat(1000), fc.nat(1000), fc.nat(), fc.constantFrom('f', 'g', 'h')), { maxLength: 60 })
  .map((list) => {
    const children = list.map((): FlameNode[] => []);
    const nodes: FlameNode[] = [];
    for (let i = list.length - 1; i > 0; i--) {
      const [self, base, caller, name] = list[i]!;
      nodes[i] = node(name, self, base, children[i]);
      children[caller % i]!.push(nodes[i]!);
    }
    return node('root', 0, 0, children[0]);
  });

describe('flameTree', () => {
  it('puts rows one after the other, the heaviest child first', () => {
    expect(tree.names).toEqual(['root', 'big', 'small', 'leak', 'same']);
    expect(tree.rowStart).toEqual([0, 1, 3, 5]);
    expect([...tree.parent]).toEqual([-1, 0, 0, 1, 1]);
  });

  it('takes a stack of 100,000 calls, and numbers that are none', () => {
    let deep: FlameNode = { ...node('leaf', 1, 0), value: Number.NaN, children: null as unknown as FlameNode[] };
    for (let i = 0; i < 100_000; i++) deep = { ...node('f', 0, 0), value: -1, children: [deep] };
    const read = flameTree(deep);
    expect(read.count).toBe(100_001);
    expect(flamePositions(read, 'now').total).toBe(0);
  });

  it('reads no more frames than it may', () => {
    const wide = node(
      'root',
      0,
      0,
      Array.from({ length: 1000 }, (_, i) => node(`f${i}`, i, 0)),
    );
    const read = flameTree(wide, 100);
    expect(read.count).toBe(100);
    expect(read.names[1]).toBe('f999');
  });
});

describe('flamePositions', () => {
  it('is as wide as the level, or as all that changed', () => {
    expect(flamePositions(tree, 'now').total).toBe(100);
    expect(flamePositions(tree, 'before').total).toBe(70);
    expect(flamePositions(tree, 'change').total).toBe(20 + 50);
  });

  it('keeps children within their parents and siblings apart', () => {
    fc.assert(
      fc.property(anyTree, fc.constantFrom('now' as const, 'before' as const, 'change' as const), (root, width) => {
        const t = flameTree(root);
        const { left, right } = flamePositions(t, width);
        for (let i = 1; i < t.count; i++) {
          const parent = t.parent[i]!;
          expect(left[i]).toBeGreaterThanOrEqual(left[parent]!);
          expect(right[i]).toBeLessThanOrEqual(right[parent]! + 1e-6);
          if (t.depth[i - 1] === t.depth[i]) expect(left[i]).toBeGreaterThanOrEqual(right[i - 1]!);
        }
      }),
    );
  });

  it('finds the frame under a place, and none beside them', () => {
    const positions = flamePositions(tree, 'now');
    for (let i = 0; i < tree.count; i++) {
      const middle = (positions.left[i]! + positions.right[i]!) / 2;
      expect(frameAt(tree, positions, tree.depth[i]!, middle)).toBe(i);
    }
    expect(frameAt(tree, positions, 2, 99)).toBe(-1);
    expect(frameAt(tree, positions, 7, 1)).toBe(-1);
    expect(frameAt(tree, positions, -1, 1)).toBe(-1);
  });
});

describe('colour', () => {
  it('follows the share of all change, with its sign', () => {
    const shares = changeShares(tree);
    const of = (name: string) => shares[tree.names.indexOf(name)]!;
    expect(of('leak')).toBeCloseTo(1);
    expect(of('small')).toBeCloseTo(-0.4);
    expect(of('same')).toBe(0);
    expect(paletteStep(of('same'))).toBe(6);
    expect(paletteStep(1)).toBe(12);
    expect(paletteStep(-1)).toBe(0);
    expect(paletteStep(Number.NaN)).toBe(6);
  });
});

describe('searchFlame', () => {
  it('counts what lies within another match once', () => {
    const found = searchFlame(tree, flamePositions(tree, 'now'), ' A.GO ');
    expect(found).toMatchObject({ frames: 5, size: 100 });
    expect(searchFlame(tree, flamePositions(tree, 'now'), 'leak')).toMatchObject({ frames: 1, size: 60 });
    expect(searchFlame(tree, flamePositions(tree, 'now'), '').frames).toBe(0);
  });
});
