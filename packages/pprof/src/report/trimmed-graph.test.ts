import { describe, expect, it } from 'vitest';
import { testHost } from '../../test/render.js';
import { parseTextProfile } from '../text-columns.js';
import { callGraph } from './call-graph.js';
import type { ReportOptions } from './options.js';

const CHAIN = parseTextProfile(`cpu/count
600 main;big
300 main;mid;deep;leaf
90 main;mid;deep
9 main;small
1 main;tiny`);

function graphOf(options: Partial<ReportOptions>, p = CHAIN) {
  const g = callGraph(p, { nodeFraction: 0, edgeFraction: 0, ...options }, testHost());
  const edges = g.edges.map(
    (e) => `${g.nodes[e.from]!.name}${e.residual ? '..' : '->'}${g.nodes[e.to]!.name} ${e.weight}`,
  );
  return { nodes: g.nodes.map((n) => n.name).sort(), edges: edges.sort(), dropped: [g.droppedNodes, g.droppedEdges] };
}

const ALL = ['big', 'deep', 'leaf', 'main', 'mid', 'small', 'tiny'];

describe('trimming', () => {
  it.each([
    // What has just the cutoff stays; the cutoff is a whole number, rounded down.
    [0, ALL, 0],
    [0.001, ALL, 0],
    [0.0011, ALL, 0],
    [0.002, ['big', 'deep', 'leaf', 'main', 'mid', 'small'], 1],
    [0.009, ['big', 'deep', 'leaf', 'main', 'mid', 'small'], 1],
    [0.01, ['big', 'deep', 'leaf', 'main', 'mid'], 2],
    [0.35, ['big', 'deep', 'main', 'mid'], 3],
  ] as const)('nodefraction %d', (nodeFraction, nodes, dropped) => {
    const g = graphOf({ nodeFraction });
    expect([g.nodes, g.dropped[0]]).toEqual([nodes, dropped]);
  });

  it('leads a residual edge over nodes that were left out, summed over all ways', () => {
    const fan = parseTextProfile('cpu/count\n30 main;x;leaf\n30 main;y;leaf\n30 main;z;z2;leaf');
    expect(graphOf({ nodeFraction: 0.5 }, fan)).toEqual({
      nodes: ['leaf', 'main'],
      edges: ['main..leaf 90'],
      dropped: [4, 0],
    });
  });

  it.each([
    [0.01, ['deep->leaf 300', 'main->big 600', 'main->mid 390', 'mid->deep 390'], 2],
    [0.35, ['main->big 600', 'main->mid 390', 'mid->deep 390'], 3],
    [0.5, ['main->big 600'], 5],
  ] as const)('edgefraction %d', (edgeFraction, edges, dropped) => {
    const g = graphOf({ edgeFraction, nodeCount: 0 });
    expect([g.edges, g.dropped[1]]).toEqual([edges, dropped]);
  });
});
