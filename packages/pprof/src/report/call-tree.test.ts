import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyProfile } from '../../test/arbitrary.js';
import type { Profile } from '../profile.js';
import { parseTextProfile } from '../text-columns.js';
import { coarsen } from '../transform/granularity.js';
import { buildTree } from './call-tree.js';
import { cumValue, flatValue, type Graph, type GraphNode, sampleValues } from './graph.js';
import { TagIndex } from './graph-tags.js';

interface Options {
  readonly type?: number;
  readonly mean?: boolean;
  readonly dropNegative?: boolean;
}

function treeOf(p: Profile, { type = 0, mean = false, dropNegative = false }: Options = {}): Graph {
  const q = coarsen(p, 'functions', { noInlines: false, showColumns: false });
  const values = sampleValues(q, type, mean);
  return buildTree(q, false, values, { dropNegative, tags: new TagIndex(q, 'bytes', 'bytes', values.exact) });
}

const text = (...lines: string[]) => parseTextProfile(['n/count b/bytes', ...lines].join('\n'));

/** A node as the way to it from its root. */
function way(n: GraphNode): string {
  const up = n.in[0];
  return up ? `${way(up.source)}${up.inline ? '=' : '/'}${n.info.name}` : n.info.name;
}
const show = (g: Graph) => g.nodes.map((n) => `${way(n)} ${flatValue(n)} ${cumValue(n)}`).sort();

describe('buildTree', () => {
  it.each<[string, string[], string[]]>([
    ['a node is a way', ['1 0 m;a;f', '2 0 m;b;f'], ['m 0 3', 'm/a 0 1', 'm/a/f 1 1', 'm/b 0 2', 'm/b/f 2 2']],
    ['recursion goes deeper', ['1 0 f;f;f', '2 0 f'], ['f 2 3', 'f/f 0 1', 'f/f/f 1 1']],
    ['several roots stand side by side', ['1 0 a', '2 0 b;a'], ['a 1 1', 'b 0 2', 'b/a 2 2']],
    ['what was inlined is marked', ['1 0 m;+f', '2 0 m;g'], ['m 0 3', 'm/g 2 2', 'm=f 1 1']],
    // One real call is enough to make it a call.
    ['inlined only where it always was', ['1 0 m;+f', '2 0 m;f'], ['m 0 3', 'm/f 3 3']],
    ['zero makes no node', ['0 0 m;a', '1 0 m'], ['m 1 1']],
    ['what cancels out is no node', ['1 0 m;a', '-1 0 m;a', '2 0 m'], ['m 2 2']],
    ['an empty stack is in none', ['5 0 -', '1 0 m'], ['m 1 1']],
  ])('%s', (_, lines, expected) => expect(show(treeOf(text(...lines)))).toEqual(expected));

  it('divides sums by sums for means', () => {
    expect(show(treeOf(text('2 100 m;a', '1 20 m;a', '3 9 m'), { type: 1, mean: true }))).toEqual([
      'm 3 21',
      'm/a 40 40',
    ]);
  });

  it('drops nodes that are negative when asked', () => {
    const p = text('5 0 m;a', '-2 0 m;b', '-9 0 x;y');
    expect(show(treeOf(p, { dropNegative: true }))).toEqual(['m 0 3', 'm/a 5 5']);
  });

  it('has tags of its own at every way', () => {
    const g = treeOf(text('1 0 m;a;f zone=x', '2 0 m;b;f zone=y'));
    const tags = (name: string) =>
      g.nodes.find((n) => way(n) === name)!.labelTags.map((t) => `${t.name} ${t.flat} ${t.cum}`);
    expect([tags('m'), tags('m/a/f'), tags('m/b')]).toEqual([
      ['zone:x 0 1', 'zone:y 0 2'],
      ['zone:x 1 1'],
      ['zone:y 0 2'],
    ]);
  });

  it('is a tree: every node has one caller at most, whose cum holds it', () => {
    fc.assert(
      fc.property(anyProfile({ signed: false, bare: true }), (p) => {
        const g = treeOf(p);
        for (const n of g.nodes) {
          expect(n.in.length).toBeLessThanOrEqual(1);
          const below = n.out.reduce((sum, e) => sum + Number(e.weight), 0);
          expect(Number(n.cum)).toBe(Number(n.flat) + below);
          for (const e of n.out) expect(e.weight).toBe(e.target.cum);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('gives the same with 64-bit integers as with doubles', () => {
    fc.assert(
      fc.property(anyProfile(), (p) => {
        expect(show(treeOf(p.with({ values: BigInt64Array.from(p.values, BigInt) })))).toEqual(show(treeOf(p)));
      }),
      { numRuns: 40 },
    );
  });

  it('goes as deep as a stack does', () => {
    const deep = Array.from({ length: 5000 }, (_, i) => `f${i % 3}`).join(';');
    expect(treeOf(text(`1 0 ${deep}`)).nodes).toHaveLength(5000);
  });
});
