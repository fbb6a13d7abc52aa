import { compareUtf8 } from '../encode.js';
import { truncateToInt64 } from '../formats/lines.js';
import { type Graph, type GraphEdge, type GraphNode, nodeName } from './graph.js';
import type { GraphTag } from './graph-tags.js';
import { abs, add, byAmount, type Int } from './int.js';
import { compareInfo } from './node-info.js';

/** Edges heaviest first, then by the names at their ends. A difference's +x and −x stay as they come. */
export function sortEdges(edges: readonly GraphEdge[]): GraphEdge[] {
  return edges.toSorted((a, b) => {
    if (a.weight !== b.weight) {
      const order = byAmount(a.weight, b.weight);
      if (order !== 0) return order;
    }
    return compareUtf8(nodeName(a.source), nodeName(b.source)) || compareUtf8(nodeName(a.target), nodeName(b.target));
  });
}

export function sortNodes(graph: Graph, order: 'flat' | 'cum' | 'entropy'): void {
  if (order === 'flat') {
    graph.nodes.sort(
      (a, b) => byAmount(a.flat, b.flat) || compareNames(a, b) || byAmount(a.cum, b.cum) || compareInfo(a.info, b.info),
    );
    return;
  }
  const scores = new Map<GraphNode, Int>(graph.nodes.map((n) => [n, order === 'cum' ? abs(n.cum) : entropyAmount(n)]));
  const byScore = (a: Int, b: Int) => (a > b ? -1 : a < b ? 1 : 0);
  graph.nodes.sort(
    (a, b) =>
      byScore(scores.get(a)!, scores.get(b)!) ||
      compareNames(a, b) ||
      byAmount(a.flat, b.flat) ||
      compareInfo(a.info, b.info),
  );
}

function compareNames(a: GraphNode, b: GraphNode): number {
  const x = a.info.address;
  const y = b.info.address;
  if (x !== 0n && y !== 0n && x !== y) return x < y ? -1 : 1;
  return compareUtf8(nodeName(a), nodeName(b));
}

/**
 * How much a node says in a picture: its cum, weighted by the entropy of its incoming and outgoing edges, so that
 * what only passes on counts little (google/pprof graph.go).
 */
function entropyAmount(n: GraphNode): Int {
  const score =
    (n.in.length === 0 ? 1 : edgeEntropy(n.in, typeof n.flat === 'bigint' ? 0n : 0)) +
    (n.out.length === 0 ? 1 : edgeEntropy(n.out, n.flat));
  // An edge of weight 0 makes it NaN, of which Go makes the smallest int64, as of what is out of range; sum and
  // amount then wrap around.
  const scaled = truncateToInt64(score * Number(n.cum));
  if (typeof scaled === 'number' && typeof n.flat === 'number') return Math.abs(scaled + n.flat);
  const sum = BigInt.asIntN(64, BigInt(scaled) + BigInt(n.flat));
  return sum < 0n ? BigInt.asIntN(64, -sum) : sum;
}

/** log2 as Go computes it, by mantissa and exponent: the last bit can decide a tie. */
function log2(x: number): number {
  // Shares of a difference may be negative, or of a total near 0.
  if (!(x > 0) || x === Number.POSITIVE_INFINITY) return x === 0 ? Number.NEGATIVE_INFINITY : x < 0 ? Number.NaN : x;
  let exponent = 0;
  let fraction = x;
  while (fraction >= 1) {
    fraction /= 2;
    exponent++;
  }
  while (fraction < 0.5) {
    fraction *= 2;
    exponent--;
  }
  return fraction === 0.5 ? exponent - 1 : exponent + Math.log(fraction) * (1 / Math.LN2);
}

function edgeEntropy(edges: readonly GraphEdge[], self: Int): number {
  let sum = self;
  for (const e of edges) if (e.weight > 0) sum = add(sum, e.weight);
  const total = Number(sum);
  if (total === 0) return 0;
  let score = 0;
  for (const e of edges) {
    const share = Math.abs(Number(e.weight)) / total;
    score += -share * log2(share);
  }
  if (self > 0) {
    const share = Number(self) / total;
    score += -share * log2(share);
  }
  return score;
}

/** Rows of the table whose |cum| reaches the cutoff. */
export function keepByCum(graph: Graph, cutoff: number, rows: number): { kept: Uint8Array; count: number } {
  const kept = new Uint8Array(rows);
  let count = 0;
  for (const n of graph.nodes) {
    if (abs(n.cum) < cutoff) continue;
    kept[n.id] = 1;
    count++;
  }
  return { kept, count };
}

export function trimTags(graph: Graph, cutoff: number): void {
  const heavy = (t: GraphTag) => abs(t.flat) >= cutoff || abs(t.cum) >= cutoff;
  for (const n of graph.nodes) {
    n.labelTags = n.labelTags.filter(heavy);
    for (const [label, tags] of n.numericTags) n.numericTags.set(label, tags.filter(heavy));
  }
}

/** Removes edges to listed nodes below the cutoff and answers how many. */
export function trimEdges(graph: Graph, cutoff: number): number {
  const listed = new Set(graph.nodes);
  const sources = new Set<GraphNode>();
  const light = (e: GraphEdge) => abs(e.weight) < cutoff;
  let dropped = 0;
  for (const n of graph.nodes) {
    dropped += keepOnly(n.in, (e) => {
      if (!light(e)) return true;
      sources.add(e.source);
      return false;
    });
  }
  for (const n of sources) keepOnly(n.out, (e) => !(light(e) && listed.has(e.target)));
  return dropped;
}

/** Filters in place, in one pass, and answers how many went. */
function keepOnly<T>(list: T[], keep: (item: T) => boolean): number {
  let n = 0;
  for (const item of list) if (keep(item)) list[n++] = item;
  const dropped = list.length - n;
  list.length = n;
  return dropped;
}

function removeEdge(edge: GraphEdge): void {
  remove(edge.source.out, edge);
  remove(edge.target.in, edge);
}

function remove<T>(list: T[], item: T): void {
  const at = list.indexOf(item);
  if (at >= 0) list.splice(at, 1);
}

/** Nodes at most as many as asked for; in a picture their tags take places too, four a node at most. */
export function topNodes(graph: Graph, maxNodes: number, visual: boolean): GraphNode[] {
  let limit = maxNodes;
  if (visual) {
    let count = 0;
    for (let i = 0; i < graph.nodes.length; i++) {
      count += Math.min(countTags(graph.nodes[i]!), 4) + 1;
      if (count >= maxNodes) {
        limit = i + 1;
        break;
      }
    }
  }
  return graph.nodes.slice(0, limit);
}

function countTags(n: GraphNode): number {
  let count = n.labelTags.filter((t) => t.flat).length;
  for (const tags of n.numericTags.values()) count += tags.filter((t) => t.flat).length;
  return count;
}

/** Takes nodes out of a tree; their children become children of their parent, or roots. */
export function trimTree(graph: Graph, kept: ReadonlySet<GraphNode>): void {
  const nodes = graph.nodes;
  graph.nodes = nodes.filter((n) => kept.has(n));
  for (const n of nodes) {
    if (kept.has(n)) continue;
    const up = n.in[0];
    if (!up) {
      for (const down of n.out) down.target.in.length = 0;
      continue;
    }
    const parent = up.source;
    remove(parent.out, up);
    for (const down of n.out) {
      parent.out.push(down);
      down.source = parent;
      down.residual = true;
      down.inline = up.inline && down.inline;
    }
  }
  removeRedundantEdges(graph);
}

/**
 * Removes residual edges whose ends are connected otherwise, lightest first, but none that is heavier than an edge
 * that stays.
 */
export function removeRedundantEdges(graph: Graph): void {
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const edges = sortEdges(graph.nodes[i]!.in);
    for (let j = edges.length - 1; j >= 0; j--) {
      const e = edges[j]!;
      if (!e.residual) break;
      if (isRedundant(e)) removeEdge(e);
    }
  }
}

function isRedundant(e: GraphEdge): boolean {
  const seen = new Set<GraphNode>([e.target]);
  const queue = [e.target];
  for (let i = 0; i < queue.length; i++) {
    for (const up of queue[i]!.in) {
      if (up === e || seen.has(up.source)) continue;
      if (up.source === e.source) return true;
      seen.add(up.source);
      queue.push(up.source);
    }
  }
  return false;
}
