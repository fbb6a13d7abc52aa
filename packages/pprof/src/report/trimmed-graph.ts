import { buildTree } from './call-tree.js';
import { buildGraph, type Graph, nodeSums } from './graph.js';
import { TagIndex } from './graph-tags.js';
import { add, type Int } from './int.js';
import { nodeTable } from './node-table.js';
import type { Report } from './report.js';
import { keepByCum, removeRedundantEdges, sortNodes, topNodes, trimEdges, trimTags, trimTree } from './trim.js';

export interface TrimmedGraph {
  readonly graph: Graph;
  /** Nodes that were left before the number of nodes was limited. */
  readonly origCount: number;
  readonly droppedNodes: number;
  readonly droppedEdges: number;
}

/**
 * The graph that a report shows: nodes below nodefraction go, then all but the top nodecount, then edges below
 * edgefraction. After each step it is built anew from the samples, since a graph does not know what its edges
 * would become without a node.
 */
export function trimmedGraph(report: Report): TrimmedGraph {
  const { options, profile, sample } = report;
  const visual = options.format === 'dot';
  const objNames = options.format === 'callgrind' || options.format === 'list';
  const asTree = (options.callTree ?? false) && (visual || options.format === 'callgrind');
  const dropNegative = options.dropNegative ?? false;
  const bytesUnit = report.labelUnits.get('bytes') ?? '';
  const tags = () => (visual ? new TagIndex(profile, bytesUnit, report.outputUnit, sample.exact) : null);
  const order = visual ? 'entropy' : options.sort === 'cum' ? 'cum' : 'flat';
  let droppedNodes = 0;

  if (asTree) {
    const graph = buildTree(profile, objNames, sample, { dropNegative, tags: tags() });
    const { nodeCutoff, edgeCutoff } = cutoffs(report, graph);
    if (nodeCutoff > 0) {
      const { kept, count } = keepByCum(graph, nodeCutoff, rowCount(graph));
      if (count !== graph.nodes.length) {
        droppedNodes = graph.nodes.length - count;
        trimTree(graph, new Set(graph.nodes.filter((n) => kept[n.id] === 1)));
      }
    }
    const origCount = graph.nodes.length;
    sortNodes(graph, order);
    if (report.nodeCount > 0) {
      trimTags(graph, nodeCutoff);
      trimEdges(graph, edgeCutoff);
      const top = topNodes(graph, report.nodeCount, visual);
      if (top.length !== graph.nodes.length) {
        trimTree(graph, new Set(top));
        sortNodes(graph, order);
      }
    }
    return finish(graph, origCount, nodeCutoff, edgeCutoff);
  }

  const table = nodeTable(profile, objNames);
  const sums = nodeSums(profile, table, sample);
  // A text only tells which nodes are inlined, a profile of nodes nothing of their edges.
  const edges = options.format === 'text' ? 'inlined' : options.format === 'topproto' ? 'none' : 'all';
  const build = (kept: Uint8Array | null) =>
    buildGraph(profile, table, sample, sums, { kept, dropNegative, edges, minWeight, tags: tags() });
  // Light edges count in a picture's choice of nodes; elsewhere they would only be thrown away again.
  let minWeight = 0;
  // Edges and tags are not asked for before the nodes of the first cut are known.
  const first = buildGraph(profile, table, sample, sums, {
    ...{ kept: null, dropNegative, edges: 'none', minWeight, tags: null },
  });
  const { nodeCutoff, edgeCutoff } = cutoffs(report, first);
  if (!visual) minWeight = edgeCutoff;
  let kept: Uint8Array | null = null;
  if (nodeCutoff > 0) {
    const above = keepByCum(first, nodeCutoff, table.infos.length);
    if (above.count !== first.nodes.length) {
      droppedNodes = first.nodes.length - above.count;
      kept = above.kept;
    }
  }
  let graph = build(kept);
  const origCount = graph.nodes.length;
  sortNodes(graph, order);
  if (report.nodeCount > 0) {
    trimTags(graph, nodeCutoff);
    trimEdges(graph, edgeCutoff);
    const top = topNodes(graph, report.nodeCount, visual);
    if (top.length !== graph.nodes.length) {
      const next = new Uint8Array(table.infos.length);
      for (const n of top) next[n.id] = 1;
      graph = build(next);
      sortNodes(graph, order);
    }
  }
  return finish(graph, origCount, nodeCutoff, edgeCutoff);

  function finish(g: Graph, count: number, tagCutoff: number, edgeCut: number): TrimmedGraph {
    trimTags(g, tagCutoff);
    const droppedEdges = g.lightEdges + trimEdges(g, edgeCut);
    if (visual) removeRedundantEdges(g);
    return { graph: g, origCount: count, droppedNodes, droppedEdges };
  }
}

function rowCount(graph: Graph): number {
  return graph.nodes.reduce((max, n) => Math.max(max, n.id + 1), 0);
}

/** What is left out: |cum| and |weight| below these shares of the flat values' sum. */
function cutoffs(report: Report, graph: Graph): { nodeCutoff: number; edgeCutoff: number } {
  let total: Int = report.zero;
  for (const n of graph.nodes) total = add(total, n.flat);
  const share = (fraction: number) => Math.abs(Math.trunc(Number(total) * fraction));
  return { nodeCutoff: share(report.nodeFraction), edgeCutoff: share(report.edgeFraction) };
}
