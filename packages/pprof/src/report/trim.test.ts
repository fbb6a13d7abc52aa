import { describe, expect, it } from 'vitest';
import { compareUtf8 } from '../encode.js';
import { parseTextProfile } from '../text-columns.js';
import { coarsen } from '../transform/granularity.js';
import { buildTree } from './call-tree.js';
import { buildGraph, type Graph, type GraphEdge, type GraphNode, sampleValues } from './graph.js';
import { TagIndex } from './graph-tags.js';
import { nodeTable } from './node-table.js';
import {
  keepByCum,
  removeRedundantEdges,
  sortEdges,
  sortNodes,
  topNodes,
  trimEdges,
  trimTags,
  trimTree,
} from './trim.js';

function profile(...lines: string[]) {
  const p = parseTextProfile(['v/count', ...lines].join('\n'));
  return coarsen(p, 'functions', { noInlines: false, showColumns: false });
}

function graph(lines: string[], keep?: string[]): Graph {
  const p = profile(...lines);
  const table = nodeTable(p, false);
  const kept = keep ? Uint8Array.from(table.infos, (i) => (keep.includes(i.name) ? 1 : 0)) : null;
  const values = sampleValues(p, 0, false);
  const tags = new TagIndex(p, 'bytes', 'bytes', values.exact);
  return buildGraph(p, table, values, { kept, dropNegative: false, edges: true, minWeight: 0, tags });
}

function tree(lines: string[]): Graph {
  const p = profile(...lines);
  return buildTree(p, false, sampleValues(p, 0, false), { dropNegative: false, tags: null });
}

const names = (nodes: readonly GraphNode[]) => nodes.map((n) => n.info.name).join(' ');
const arrow = (e: GraphEdge) =>
  `${e.source.info.name}${e.residual ? '..' : e.inline ? '=>' : '->'}${e.target.info.name} ${e.weight}`;
const edges = (g: Graph) => g.nodes.flatMap((n) => n.out.map(arrow)).sort();
const node = (g: Graph, name: string) => g.nodes.find((n) => n.info.name === name)!;

describe('sortNodes', () => {
  const order = (by: 'flat' | 'cum' | 'entropy', ...lines: string[]) => {
    const g = graph(lines);
    sortNodes(g, by);
    return names(g.nodes);
  };

  it.each<[string, 'flat' | 'cum' | 'entropy', string[], string]>([
    ['by flat', 'flat', ['1 m;a', '9 m;b', '5 m;c'], 'b c a m'],
    ['by amount of flat', 'flat', ['1 m;a', '-9 m;b', '5 m;c'], 'b c a m'],
    ['equal flat by name', 'flat', ['5 c', '5 a', '5 b'], 'a b c'],
    // Names are compared as bytes: a code unit of a surrogate pair would come before U+E000.
    ['equal flat by name in bytes', 'flat', ['5 \u{1f600}', '5 \ue000', '5 Z', '5 a'], 'Z a \ue000 \u{1f600}'],
    ['by cum', 'cum', ['1 m;a', '9 m;b', '5 m;b;c'], 'm b c a'],
    ['by amount of cum', 'cum', ['1 a', '-9 b;c', '5 d'], 'b c d a'],
    ['equal cum by name, not by flat', 'cum', ['5 z', '5 b;y'], 'b y z'],
    // cum × (entropy of the ways in + of the ways out) + flat, where no way at all counts 1, cut to whole numbers:
    // a 8 × 1 + 8, m 12 × (0 + 0.918), b and z 4 × 1 + 4, x and y 4 × 1.
    ['by entropy', 'entropy', ['8 m;a', '4 x;m;b', '4 y;z'], 'a m b z x y'],
  ])('%s', (_, by, lines, expected) => {
    expect(order(by, ...lines)).toBe(expected);
  });

  it('puts a chain below what has a value of its own', () => {
    // pass has the same cum as its caller and its callee, all of it in one edge each way: entropy 0.
    const sorted = order('entropy', '10 root;pass;leaf', '4 own').split(' ');
    expect(sorted.indexOf('pass')).toBe(sorted.length - 1);
  });

  it('sorts addresses as numbers where both nodes have one', () => {
    const p = parseTextProfile('v/count\n5 z@a.go:1\n5 a@a.go:2');
    const g = buildGraph(p, nodeTable(p, false), sampleValues(p, 0, false), {
      ...{ kept: null, dropNegative: false, edges: true, minWeight: 0, tags: null },
    });
    sortNodes(g, 'flat');
    expect(names(g.nodes)).toBe('z a');
  });
});

describe('sortEdges', () => {
  it.each<[string, string[], string[]]>([
    ['heaviest first', ['1 m;a', '9 m;b'], ['m->b 9', 'm->a 1']],
    ['by amount', ['1 m;a', '-9 m;b'], ['m->b -9', 'm->a 1']],
    ['equal ones by caller, then callee', ['2 y;b', '2 x;b', '2 x;a'], ['x->a 2', 'x->b 2', 'y->b 2']],
  ])('%s', (_, lines, expected) => {
    const all = graph(lines).nodes.flatMap((n) => n.out);
    expect(sortEdges(all).map(arrow)).toEqual(expected);
  });

  it('leaves the list that it is given', () => {
    const list = node(graph(['1 m;a', '9 m;b']), 'm').out;
    const before = [...list];
    sortEdges(list);
    expect(list).toEqual(before);
  });
});

describe('keepByCum', () => {
  it.each([
    [0, 'm a b c'],
    [1, 'm a b c'],
    [2, 'm b c'],
    // What has just the cutoff stays, negative or not.
    [5, 'm b c'],
    [6, 'm c'],
    [100, ''],
  ])('a cutoff of %i keeps %s', (cutoff, expected) => {
    const g = graph(['1 m;a', '-5 m;b', '9 m;c', '10 m']);
    const { kept, count } = keepByCum(g, cutoff, 4);
    const list = g.nodes.filter((n) => kept[n.id] === 1);
    expect([names(list).split(' ').sort().join(' '), count]).toEqual([
      expected.split(' ').sort().join(' '),
      list.length,
    ]);
  });
});

describe('trimEdges', () => {
  it('removes what is lighter than the cutoff at both ends, and counts it', () => {
    const g = graph(['1 m;a', '-5 m;b', '9 m;c']);
    expect(trimEdges(g, 5)).toBe(1);
    expect([edges(g), node(g, 'a').in]).toEqual([['m->b -5', 'm->c 9'], []]);
  });

  it('does not count an edge to a node that is not listed', () => {
    const g = graph(['1 m;a', '1 m;b']);
    g.nodes = g.nodes.filter((n) => n.info.name !== 'a');
    expect(trimEdges(g, 5)).toBe(1);
    expect(edges(g)).toEqual(['m->a 1']);
  });

  it('removes nothing at a cutoff of zero', () => expect(trimEdges(graph(['0 z;y', '1 m;a']), 0)).toBe(0));
});

describe('trimTags', () => {
  it('keeps tags that are heavy by flat or by cum', () => {
    const g = graph(['9 m zone=a', '9 m;leaf zone=b', '1 m zone=c', '9 m bytes=#16', '1 m bytes=#32']);
    trimTags(g, 5);
    const m = node(g, 'm');
    expect(m.labelTags.map((t) => t.name).sort()).toEqual(['zone:a', 'zone:b']);
    expect([...m.numericTags.values()].flat().map((t) => t.value)).toEqual([16]);
  });
});

describe('topNodes', () => {
  const g = graph(['9 a', '8 b', '7 c', '6 d']);
  it.each([
    [1, 'a'],
    [3, 'a b c'],
    [9, 'a b c d'],
  ])('are the first %i of a list', (count, expected) => expect(names(topNodes(g, count, false))).toBe(expected));

  it.each<[string, string[], number, number]>([
    ['a node without tags takes one place', ['9 a', '8 b', '7 c'], 2, 2],
    ['a tag takes a place', ['9 a zone=x', '8 b', '7 c'], 2, 1],
    ['a node and its tag take two of three', ['9 a zone=x', '8 b', '7 c'], 3, 2],
    ['numbers are tags as well', ['9 a bytes=#16', '8 b', '7 c'], 2, 1],
    // Four tags are drawn at most, however many there are.
    [
      'more than four tags take four places',
      [1, 2, 3, 4, 5, 6].map((i) => `1 a zone=z${i}`).concat('5 b', '4 c'),
      6,
      2,
    ],
    // A tag of callees is no tag of the node itself.
    ['tags without flat take none', ['9 a;b zone=x', '7 c'], 2, 2],
  ])('in a picture: %s', (_, lines, max, expected) => {
    const picture = graph(lines);
    picture.nodes.sort((x, y) => compareUtf8(x.info.name, y.info.name));
    expect(topNodes(picture, max, true)).toHaveLength(expected);
  });
});

describe('trimTree', () => {
  const trimmed = (lines: string[], drop: string[]) => {
    const g = tree(lines);
    trimTree(g, new Set(g.nodes.filter((n) => !drop.includes(n.info.name))));
    return g;
  };

  it.each<[string, string[], string[], string[]]>([
    ['a leaf goes', ['5 m;a', '3 m;b'], ['b'], ['m->a 5']],
    ['what is below moves up and is residual', ['5 m;x;a', '3 m;x;b'], ['x'], ['m..a 5', 'm..b 3']],
    ['two in a row', ['5 m;x;y;a'], ['x', 'y'], ['m..a 5']],
    ['a root leaves roots', ['5 m;a;b'], ['m'], ['a->b 5']],
    ['all', ['5 m;a'], ['m', 'a'], []],
    ['none', ['5 m;a'], [], ['m->a 5']],
  ])('%s', (_, lines, drop, expected) => expect(edges(trimmed(lines, drop))).toEqual(expected));

  it('keeps inlining only where the whole way was inlined', () => {
    expect(edges(trimmed(['5 m;+x;+a'], ['x']))).toEqual(['m..a 5']);
    const inline = (lines: string[]) => trimmed(lines, ['x']).nodes.flatMap((n) => n.out.map((e) => e.inline));
    expect([inline(['5 m;+x;+a']), inline(['5 m;x;+a']), inline(['5 m;+x;a'])]).toEqual([[true], [false], [false]]);
  });

  it('makes the children of a dropped root roots', () => {
    const g = trimmed(['5 m;a', '3 m;b'], ['m']);
    expect(g.nodes.map((n) => [n.info.name, n.in.length])).toEqual([
      ['a', 0],
      ['b', 0],
    ]);
  });
});

describe('removeRedundantEdges', () => {
  const cleaned = (lines: string[], keep: string[], order: string[]) => {
    const g = graph(lines, keep);
    g.nodes = order.map((name) => node(g, name));
    removeRedundantEdges(g);
    return edges(g);
  };

  it('removes a residual edge whose ends are connected otherwise', () => {
    expect(cleaned(['9 m;a;b', '2 m;x;b'], ['m', 'a', 'b'], ['m', 'a', 'b'])).toEqual(['a->b 9', 'm->a 9']);
  });

  it('keeps one that is the only way', () => {
    expect(cleaned(['9 m;a', '2 m;x;b'], ['m', 'a', 'b'], ['m', 'a', 'b'])).toEqual(['m->a 9', 'm..b 2']);
  });

  it('stops at the first edge that is none, however redundant the heavier ones are', () => {
    // Of the edges to b, lightest first, k->b is real: the residual one from m stays.
    const lines = ['9 m;a;b', '5 m;x;b', '1 k;b'];
    expect(cleaned(lines, ['m', 'a', 'b', 'k'], ['m', 'a', 'k', 'b'])).toContain('m..b 5');
  });

  it('does not go round in a circle', () => {
    const lines = ['9 a;b;a;b', '2 m;x;b', '3 m;a'];
    expect(cleaned(lines, ['m', 'a', 'b'], ['m', 'a', 'b'])).not.toContain('m..b 2');
  });
});
