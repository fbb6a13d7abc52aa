import type { Site } from '@tidemark/model';
import type { Profile } from '../profile.js';
import { cumValue, flatValue, type GraphNode, nodeName, weightValue } from './graph.js';
import type { ReportHost, ReportOptions } from './options.js';
import { Report } from './report.js';
import { sortEdges } from './trim.js';
import { trimmedGraph } from './trimmed-graph.js';

export interface CallGraphNode {
  readonly name: string;
  readonly site: Site;
  readonly flat: number;
  readonly cum: number;
}

export interface CallGraphEdge {
  /** Indexes into the nodes. */
  readonly from: number;
  readonly to: number;
  readonly weight: number;
  /** Leads over nodes that were left out. */
  readonly residual: boolean;
  readonly inline: boolean;
}

/** A call graph as plain data: nodes the most telling first, edges the heaviest first. */
export interface CallGraph {
  readonly sampleType: string;
  readonly unit: string;
  readonly total: number;
  readonly nodes: readonly CallGraphNode[];
  readonly edges: readonly CallGraphEdge[];
  readonly droppedNodes: number;
  readonly droppedEdges: number;
}

/** The graph that -dot would draw, with the same filters and limits. Throws TM_USAGE as reports do. */
export function callGraph(p: Profile, options: Omit<ReportOptions, 'format'>, host: ReportHost): CallGraph {
  const report = new Report(p, { ...options, format: 'dot' }, host);
  const { graph, droppedNodes, droppedEdges } = trimmedGraph(report);
  const index = new Map<GraphNode, number>(graph.nodes.map((n, i) => [n, i]));
  const edges = sortEdges(graph.nodes.flatMap((n) => n.out)).filter((e) => index.has(e.target));
  return {
    sampleType: report.sampleType,
    unit: report.sampleUnit,
    total: Number(report.total),
    nodes: graph.nodes.map((n) => ({
      name: nodeName(n),
      site: { function: n.info.name, file: n.info.file, line: Math.max(0, n.info.line) },
      flat: Number(flatValue(n)),
      cum: Number(cumValue(n)),
    })),
    edges: edges.map((e) => ({
      from: index.get(e.source)!,
      to: index.get(e.target)!,
      weight: Number(weightValue(e)),
      residual: e.residual,
      inline: e.inline,
    })),
    droppedNodes,
    droppedEdges,
  };
}
