import type { Profile } from '../profile.js';
import type { BuildOptions, Graph, GraphEdge, GraphNode, SampleValues } from './graph.js';
import { add, type Int } from './int.js';
import { infoKey, infoOf, type NodeInfo } from './node-info.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * The call tree of a profile: like the graph, but a node is a function called in one way, from the root down, and
 * recursion makes deeper nodes instead of being counted once.
 */
export function buildTree(
  p: Profile,
  objNames: boolean,
  sample: SampleValues,
  options: Pick<BuildOptions, 'dropNegative' | 'tags'>,
): Graph {
  const zero: Int = sample.exact ? 0n : 0;
  const children = new Map<number, Map<string, Mutable<GraphNode>>>();
  const functions = new Map<string, number>();
  const all: Mutable<GraphNode>[] = [];
  const edges = new Map<number, Mutable<GraphEdge>>();
  const nodeBelow = (parent: number, info: NodeInfo): Mutable<GraphNode> => {
    let below = children.get(parent);
    if (!below) {
      below = new Map();
      children.set(parent, below);
    }
    const key = infoKey(info);
    let node = below.get(key);
    if (!node) {
      const column = info.address === 0n && info.line === 0 ? info.column : 0;
      const fnKey = `${parent} ${infoKey({ ...info, address: 0n, line: 0, column })}`;
      let functionId = functions.get(fnKey);
      if (functionId === undefined) {
        functionId = functions.size;
        functions.set(fnKey, functionId);
      }
      node = {
        ...{ info, functionId, flat: zero, flatDiv: zero, cum: zero, cumDiv: zero, in: [], out: [] },
        ...{ labelTags: [], numericTags: new Map(), id: all.length, name: '' },
      };
      all.push(node);
      below.set(key, node);
    }
    return node;
  };
  for (let s = 0; s < p.sampleCount; s++) {
    const w: Int = sample.values[s]!;
    const dw: Int = sample.divisors ? sample.divisors[s]! : zero;
    if (!w && !dw) continue;
    options.tags?.enter(s);
    let parent: Mutable<GraphNode> | null = null;
    for (let i = p.stackStarts[s + 1]! - 1; i >= p.stackStarts[s]!; i--) {
      const location = p.stackLocations[i]!;
      const first = p.lineStarts[location]!;
      const end = p.lineStarts[location + 1]!;
      for (let l = Math.max(end - 1, first); l >= first; l--) {
        const info = infoOf(p, location, first === end ? -1 : l, objNames);
        const node: Mutable<GraphNode> = nodeBelow(parent ? parent.id : -1, info);
        node.cum = add(node.cum, w);
        node.cumDiv = add(node.cumDiv, dw);
        options.tags?.add(node.id, w, dw, false);
        if (parent) {
          // Every node but a root has exactly one caller, so the node names the edge.
          let edge = edges.get(node.id);
          if (!edge) {
            edge = { source: parent, target: node, weight: zero, weightDiv: zero, residual: false, inline: true };
            edges.set(node.id, edge);
            parent.out.push(edge);
            node.in.push(edge);
          }
          edge.weight = add(edge.weight, w);
          edge.weightDiv = add(edge.weightDiv, dw);
          if (l === end - 1 || first === end) edge.inline = false;
        }
        parent = node;
      }
    }
    if (parent) {
      parent.flat = add(parent.flat, w);
      parent.flatDiv = add(parent.flatDiv, dw);
      options.tags?.add(parent.id, w, dw, true);
    }
  }
  for (const node of all) {
    node.labelTags = options.tags?.labelTags(node.id) ?? [];
    node.numericTags = options.tags?.numericTags(node.id) ?? new Map();
  }
  const nodes = all.filter((n) => {
    if (!n.cum && !n.flat) return false;
    return !(options.dropNegative && (n.flat < 0 || (!n.flat && n.cum < 0)));
  });
  return { nodes, lightEdges: 0 };
}
