import { describe, expect, it } from 'vitest';
import { testHost } from '../../test/render.js';
import { parseTextProfile } from '../text-columns.js';
import { callGraph } from './call-graph.js';

function edgesOf(samples: string) {
  const g = callGraph(parseTextProfile(`heap/bytes\n${samples}`), { trim: false }, testHost());
  return g.edges.map((e) => `${g.nodes[e.from]!.name} ${g.nodes[e.to]!.name} ${e.weight}${e.inline ? ' inline' : ''}`);
}

describe('edges', () => {
  it.each([
    ['heaviest first, by amount', '1 main;a\n-5 main;b\n3 main;c', ['main b -5', 'main c 3', 'main a 1']],
    ['once a sample', '2 a;b;a;b', ['a b 2', 'b a 2']],
    ['never to itself', '2 a;a;a', []],
    ['inlined only where every call is', '1 m@m:1;+a@a:1\n1 m@m:2;a@a:1\n3 m@m:3;+b@b:1', ['m b 3 inline', 'm a 2']],
  ])('%s', (_, samples, edges) => expect(edgesOf(samples)).toEqual(edges));
});

it('carries places and totals as numbers, also of 64-bit values', () => {
  const p = parseTextProfile('heap/bytes\n9007199254740993 main@m.go:1;a@a.go:2');
  const g = callGraph(p, { granularity: 'lines' }, testHost());
  expect(g).toMatchObject({ sampleType: 'heap', unit: 'bytes', total: 2 ** 53, droppedNodes: 0, droppedEdges: 0 });
  expect(g.nodes.find((n) => n.site.function === 'a')).toEqual({
    name: 'a a.go:2',
    site: { function: 'a', file: 'a.go', line: 2 },
    flat: 2 ** 53,
    cum: 2 ** 53,
  });
});

it('is empty for an empty profile', () => {
  expect(callGraph(parseTextProfile('v/count'), {}, testHost())).toMatchObject({ nodes: [], edges: [], total: 0 });
});
