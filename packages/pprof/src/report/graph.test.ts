import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyProfile } from '../../test/arbitrary.js';
import type { Profile } from '../profile.js';
import { parseTextProfile } from '../text-columns.js';
import { coarsen } from '../transform/granularity.js';
import { buildGraph, cumValue, flatValue, type Graph, mean, sampleValues, weightValue } from './graph.js';
import { nodeTable } from './node-table.js';

const OPTIONS = { kept: null, dropNegative: false, edges: true, minWeight: 0, tags: null };

/** The graph of a profile by function, its nodes found by name. */
function graphOf(p: Profile, more: { type?: number; mean?: boolean; keep?: string[]; dropNegative?: boolean } = {}) {
  const q = coarsen(p, 'functions', { noInlines: false, showColumns: false });
  const table = nodeTable(q, false);
  const kept = more.keep ? Uint8Array.from(table.infos, (i) => (more.keep!.includes(i.name) ? 1 : 0)) : null;
  const values = sampleValues(q, more.type ?? 0, more.mean ?? false);
  return buildGraph(q, table, values, { ...OPTIONS, kept, dropNegative: more.dropNegative ?? false });
}

const text = (...lines: string[]) => parseTextProfile(['n/count b/bytes', ...lines].join('\n'));

function nodesOf(g: Graph): Record<string, [number, number]> {
  return Object.fromEntries(g.nodes.map((n) => [n.info.name, [Number(flatValue(n)), Number(cumValue(n))]]));
}

function edgesOf(g: Graph): Record<string, number> {
  const arrow = (e: { residual: boolean; inline: boolean }) => (e.residual ? '..' : e.inline ? '=>' : '->');
  const edges = g.nodes.flatMap((n) => n.out);
  return Object.fromEntries(
    edges.map((e) => [`${e.source.info.name}${arrow(e)}${e.target.info.name}`, Number(weightValue(e))]),
  );
}

/**
 * The same sums, computed sample by sample from names alone: what a node, an edge, a residual edge and an inlined
 * edge are, as the reference defines them, without any table, column or early exit.
 */
function naiveGraph(p: Profile, type: number, keep: ReadonlySet<string> | null) {
  const nodes = new Map<string, [number, number]>();
  const edges = new Map<string, { weight: number; residual: boolean; inline: boolean }>();
  for (let s = 0; s < p.sampleCount; s++) {
    const value = p.value(s, type);
    if (value === 0) continue;
    const frames = p.frames(s).toReversed();
    const seen = new Set<string>();
    const crossed = new Set<string>();
    let parent: string | null = null;
    let residual = false;
    for (const frame of frames) {
      const name = frame.function;
      if (keep && !keep.has(name)) {
        residual = true;
        continue;
      }
      const node = nodes.get(name) ?? [0, 0];
      nodes.set(name, node);
      if (!seen.has(name)) node[1] += value;
      seen.add(name);
      if (parent !== null && parent !== name) {
        const key = `${parent} ${name}`;
        const edge = edges.get(key) ?? { weight: 0, residual: false, inline: true };
        edges.set(key, edge);
        if (!crossed.has(key)) {
          edge.weight += value;
          if (residual) edge.residual = true;
          if (!frame.inlined) edge.inline = false;
        }
        crossed.add(key);
      }
      parent = name;
      residual = false;
    }
    if (parent !== null && !residual) nodes.get(parent)![0] += value;
  }
  for (const [name, [flat, cum]] of nodes) if (flat === 0 && cum === 0) nodes.delete(name);
  return { nodes, edges };
}

describe('buildGraph', () => {
  it.each<[string, number, boolean]>([
    ['of the first column', 0, false],
    ['of the second column', 1, false],
    ['with some functions left out', 0, true],
  ])('is what adding up name by name gives: %s', (_, type, some) => {
    fc.assert(
      fc.property(anyProfile(), fc.subarray(['main.main', 'a', 'b', 'ünï']), (p, keep) => {
        const g = graphOf(p, { type, ...(some ? { keep } : {}) });
        const expected = naiveGraph(p, type, some ? new Set(keep) : null);
        expect(nodesOf(g)).toEqual(Object.fromEntries(expected.nodes));
        const listed = g.nodes.flatMap((n) =>
          n.out.map((e): [string, typeof e] => [`${n.info.name} ${e.target.info.name}`, e]),
        );
        for (const [key, e] of listed) {
          const { weight, residual, inline } = expected.edges.get(key)!;
          expect([key, e.weight, e.residual, e.inline]).toEqual([key, weight, residual, inline]);
        }
        // An edge is missing only where its caller is not listed, its own sums having cancelled out.
        const found = new Set(listed.map(([key]) => key));
        const missing = [...expected.edges.keys()].filter((key) => !found.has(key));
        for (const key of missing) expect(expected.nodes.has(key.split(' ')[0]!)).toBe(false);
      }),
    );
  });

  it('gives the same with 64-bit integers as with doubles', () => {
    fc.assert(
      fc.property(anyProfile(), (p) => {
        const wide = p.with({ values: BigInt64Array.from(p.values, BigInt) });
        const [narrowGraph, wideGraph] = [graphOf(p), graphOf(wide)];
        expect(nodesOf(wideGraph)).toEqual(nodesOf(narrowGraph));
        expect(edgesOf(wideGraph)).toEqual(edgesOf(narrowGraph));
      }),
      { numRuns: 60 },
    );
  });

  it('has in and out lists that are two views of one set of edges', () => {
    fc.assert(
      fc.property(anyProfile(), (p) => {
        for (const n of graphOf(p).nodes) {
          for (const e of n.out) expect(e.source === n && e.target.in.includes(e)).toBe(true);
          for (const e of n.in) expect(e.target === n && e.source.out.includes(e)).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('balances: where nothing recurs, a node has what it keeps and what it passes on', () => {
    const stack = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 1 });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(90), stack), { minLength: 1 }), (samples) => {
        const g = graphOf(text(...samples.map(([v, s]) => `${v} 0 ${s.join(';')}`)));
        for (const n of g.nodes) {
          const below = n.out.reduce((sum, e) => sum + Number(e.weight), 0);
          expect(Number(n.cum)).toBe(Number(n.flat) + below);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('loses the flat value of a leaf that is left out, but not the cum of its callers', () => {
    const g = graphOf(text('5 0 main;a;leaf', '3 0 main;a'), { keep: ['main', 'a'] });
    expect(nodesOf(g)).toEqual({ main: [0, 8], a: [3, 8] });
  });

  it('makes only the edge behind a gap residual, not those after it', () => {
    const g = graphOf(text('5 0 main;gone;a;b'), { keep: ['main', 'a', 'b'] });
    expect(edgesOf(g)).toEqual({ 'main..a': 5, 'a->b': 5 });
  });

  it('divides sums by sums for means, node by node and edge by edge', () => {
    const g = graphOf(text('2 100 main;a', '1 20 main;a', '3 9 main;b'), { type: 1, mean: true });
    expect(nodesOf(g)).toEqual({ main: [0, 21], a: [40, 40], b: [3, 3] });
    expect(edgesOf(g)).toEqual({ 'main->a': 40, 'main->b': 3 });
  });

  it('counts samples without a value but with a divisor in means', () => {
    const g = graphOf(text('2 100 main;a', '8 0 main;a'), { type: 1, mean: true });
    expect(nodesOf(g)).toEqual({ main: [0, 10], a: [10, 10] });
  });

  it('leaves out nodes whose flat and cum are zero, though not those with either', () => {
    expect(nodesOf(graphOf(text('5 0 a;b', '-5 0 a', '2 0 c')))).toEqual({ a: [-5, 0], b: [5, 5], c: [2, 2] });
    expect(nodesOf(graphOf(text('5 0 a;b', '-5 0 a;b')))).toEqual({});
  });

  it.each<[string, string[], Record<string, [number, number]>]>([
    ['negative flat', ['-1 0 a', '5 0 a;b'], { b: [5, 5] }],
    ['no flat and negative cum', ['-1 0 a;b'], {}],
    ['no flat and positive cum', ['-1 0 a;b', '2 0 a;c'], { a: [0, 1], c: [2, 2] }],
    ['positive flat and negative cum', ['1 0 a', '-5 0 a;b'], { a: [1, -4] }],
  ])('dropNegative and a node of %s', (_, lines, nodes) => {
    expect(nodesOf(graphOf(text(...lines), { dropNegative: true }))).toEqual(nodes);
  });

  it('keeps the edges of a node that dropNegative dropped with its neighbours', () => {
    const g = graphOf(text('-4 0 main;a', '9 0 main;b'), { dropNegative: true });
    expect(edgesOf(g)).toEqual({ 'main->a': -4, 'main->b': 9 });
  });

  it('counts edges that are too light instead of making them, when asked', () => {
    const p = coarsen(text('9 0 m;a', '2 0 m;b', '-3 0 m;c'), 'functions', { noInlines: false, showColumns: false });
    const g = buildGraph(p, nodeTable(p, false), sampleValues(p, 0, false), { ...OPTIONS, minWeight: 3 });
    expect(g.lightEdges).toBe(1);
    expect(edgesOf(g)).toEqual({ 'm->a': 9, 'm->c': -3 });
  });

  it('finds edges alike below and above the number of nodes that a matrix serves', () => {
    // 3000 functions: edges are found by hash, and the table of edges grows twice.
    const lines = Array.from({ length: 3000 }, (_, i) => `${i + 1} 0 f${i % 50};g${i}`);
    const g = graphOf(text(...lines, '7 0 f3;g3'));
    const edges = edgesOf(g);
    expect(Object.keys(edges)).toHaveLength(3000);
    expect([edges['f0->g0'], edges['f3->g3'], edges['f49->g2999']]).toEqual([1, 4 + 7, 3000]);
  });

  it('tells functions of one name apart by file and start line where objects are asked for', () => {
    const p = text('1 0 f@a.go:1', '1 0 f@a.go:9', '1 0 f@b.go:1');
    const g = buildGraph(p, nodeTable(p, true), sampleValues(p, 0, false), OPTIONS);
    const ids = g.nodes.map((n) => n.functionId);
    expect(g.nodes).toHaveLength(3);
    expect([ids[0] === ids[1], ids[0] === ids[2]]).toEqual([true, false]);
  });
});

describe('sampleValues', () => {
  const column = (p: Profile, type: number, isMean = false) => {
    const { exact, values, divisors } = sampleValues(p, type, isMean);
    return [exact, Array.from(values, String), divisors && Array.from(divisors, String)];
  };

  it.each<[string, string[], number, boolean, unknown[]]>([
    ['one column', ['1 10 a', '2 20 b'], 1, false, [false, ['10', '20'], null]],
    ['a divisor beside it for means', ['1 10 a', '2 20 b'], 1, true, [false, ['10', '20'], ['1', '2']]],
    // Doubles hold each value, but their sum would be rounded.
    [
      'integers where a sum may leave 2^53',
      ['1 9007199254740991 a', '1 2 b'],
      1,
      false,
      [true, ['9007199254740991', '2'], null],
    ],
    [
      'amounts, not sums, decide',
      ['1 9007199254740991 a', '1 -9007199254740991 b'],
      1,
      false,
      [true, ['9007199254740991', '-9007199254740991'], null],
    ],
    ['another large column does not', ['1 9007199254740991 a', '1 2 b'], 0, false, [false, ['1', '1'], null]],
    ['a large divisor does', ['9007199254740991 1 a'], 1, true, [true, ['1'], ['9007199254740991']]],
  ])('%s', (_, lines, type, isMean, expected) => {
    expect(column(text(...lines), type, isMean)).toEqual(expected);
  });

  it('is exact when it must be, whatever the values', () => {
    expect(sampleValues(text('1 1 a'), 0, false, true).exact).toBe(true);
  });
});

it.each<[number | bigint, number | bigint, number | bigint]>([
  [7, 2, 3],
  [-7, 2, -3],
  [7, 0, 7],
  [-7n, 2n, -3n],
  [2n ** 62n, 3n, 1537228672809129301n],
  [7n, 0n, 7n],
])('the mean of %s over %s is %s, cut towards zero', (sum, divisor, result) => {
  expect(mean(sum, divisor)).toBe(result);
});
