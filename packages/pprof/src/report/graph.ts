import type { Profile } from '../profile.js';
import type { GraphTag, TagIndex } from './graph-tags.js';
import { divide, type Int, type IntColumn, newColumn } from './int.js';
import { type NodeInfo, printableName } from './node-info.js';
import type { NodeTable } from './node-table.js';

/** A call from one node to another; weights are of the samples that take it. */
export interface GraphEdge {
  source: GraphNode;
  readonly target: GraphNode;
  readonly weight: Int;
  readonly weightDiv: Int;
  /** Leads over nodes that were left out. */
  residual: boolean;
  /** Every call was inlined into the caller. */
  inline: boolean;
}

export interface GraphNode {
  readonly info: NodeInfo;
  /** Equal for nodes of one function; of a tree, within one caller. */
  readonly functionId: number;
  readonly flat: Int;
  readonly flatDiv: Int;
  readonly cum: Int;
  readonly cumDiv: Int;
  readonly in: GraphEdge[];
  readonly out: GraphEdge[];
  labelTags: GraphTag[];
  /** By the name of the label tag that they belong to, '' for none. */
  numericTags: Map<string, GraphTag[]>;
  /** Row in the table that it was made from. */
  readonly id: number;
  name: string;
}

export interface Graph {
  nodes: GraphNode[];
  /** Edges that were not made because they are lighter than asked for. */
  readonly lightEdges: number;
}

export function mean(sum: Int, divisor: Int): Int {
  return divisor ? divide(sum, divisor) : sum;
}

export const flatValue = (n: { flat: Int; flatDiv: Int }): Int => mean(n.flat, n.flatDiv);
export const cumValue = (n: { cum: Int; cumDiv: Int }): Int => mean(n.cum, n.cumDiv);
export const weightValue = (e: GraphEdge): Int => mean(e.weight, e.weightDiv);

/** Values of one sample type, and of the divisor for means. */
export interface SampleValues {
  readonly exact: boolean;
  readonly values: IntColumn;
  readonly divisors: IntColumn | null;
}

/**
 * One column of values as the reports want it: exact integers where doubles might not hold a sum, that is when
 * the amounts of a column add up to 2^53 or more.
 */
export function sampleValues(p: Profile, type: number, isMean: boolean, forceExact = false): SampleValues {
  const width = p.sampleTypes.length;
  let exact = forceExact || p.values instanceof BigInt64Array;
  for (const t of isMean ? [type, 0] : [type]) {
    let amount = 0;
    for (let i = t; i < p.values.length && !exact; i += width) {
      amount += Math.abs(Number(p.values[i]!));
      if (amount >= Number.MAX_SAFE_INTEGER) exact = true;
    }
  }
  const column = (t: number): IntColumn => {
    const out = newColumn(p.sampleCount, exact);
    if (out instanceof BigInt64Array) {
      for (let s = 0; s < p.sampleCount; s++) out[s] = BigInt(p.values[s * width + t]!);
    } else {
      for (let s = 0; s < p.sampleCount; s++) out[s] = p.values[s * width + t] as number;
    }
    return out;
  };
  return { exact, values: column(type), divisors: isMean ? column(0) : null };
}

/** Up to so many nodes edges are found in a table of all pairs: 4 MiB at most, much faster than a hash. */
const MATRIX_WIDTH = 1024;

/** Edges while they are summed up: rows of columns, found by their two nodes. */
class EdgeTable {
  count = 0;
  sources = new Uint32Array(1024);
  targets = new Uint32Array(1024);
  seen = new Int32Array(1024).fill(-1);
  residual = new Uint8Array(1024);
  inline = new Uint8Array(1024);
  weights: Float64Array;
  divisors: Float64Array | null;
  private slots = new Int32Array(4096).fill(-1);
  private readonly exact: boolean;
  /** 1 + edge by source row × width + target row, where the kept nodes are few; null means the hash is used. */
  private readonly matrix: Int32Array | null;
  private readonly rows: Int32Array;
  private readonly width: number;

  constructor(exact: boolean, withDivisors: boolean, nodes: number, kept: Uint8Array | null) {
    this.exact = exact;
    this.rows = new Int32Array(nodes);
    let width = 0;
    for (let i = 0; i < nodes; i++) if (kept === null || kept[i] === 1) this.rows[i] = width++;
    this.width = width;
    this.matrix = width <= MATRIX_WIDTH ? new Int32Array(width * width) : null;
    this.weights = newColumn(1024, exact) as Float64Array;
    this.divisors = withDivisors ? (newColumn(1024, exact) as Float64Array) : null;
  }

  find(source: number, target: number): number {
    if (this.matrix !== null) {
      const at = this.rows[source]! * this.width + this.rows[target]!;
      const known = this.matrix[at]!;
      if (known > 0) return known - 1;
      this.matrix[at] = this.count + 1;
      return this.make(source, target);
    }
    const mask = this.slots.length - 1;
    let slot = (Math.imul(source, 0x9e3779b1) ^ Math.imul(target, 0x85ebca6b)) >>> 3;
    for (slot &= mask; ; slot = (slot + 1) & mask) {
      const edge = this.slots[slot]!;
      if (edge < 0) break;
      if (this.sources[edge] === source && this.targets[edge] === target) return edge;
    }
    const edge = this.make(source, target);
    this.slots[slot] = edge;
    if (this.count * 2 > this.slots.length) this.rehash();
    return edge;
  }

  private make(source: number, target: number): number {
    const edge = this.count++;
    if (edge === this.sources.length) this.grow();
    this.sources[edge] = source;
    this.targets[edge] = target;
    this.inline[edge] = 1;
    return edge;
  }

  private rehash(): void {
    const slots = new Int32Array(this.slots.length * 2).fill(-1);
    const mask = slots.length - 1;
    for (let e = 0; e < this.count; e++) {
      let slot = ((Math.imul(this.sources[e]!, 0x9e3779b1) ^ Math.imul(this.targets[e]!, 0x85ebca6b)) >>> 3) & mask;
      while (slots[slot]! >= 0) slot = (slot + 1) & mask;
      slots[slot] = e;
    }
    this.slots = slots;
  }

  private grow(): void {
    const size = this.sources.length * 2;
    const copy = <T extends { set(a: T): void }>(next: T, old: T): T => {
      next.set(old);
      return next;
    };
    this.sources = copy(new Uint32Array(size), this.sources);
    this.targets = copy(new Uint32Array(size), this.targets);
    this.seen = copy(new Int32Array(size).fill(-1), this.seen);
    this.residual = copy(new Uint8Array(size), this.residual);
    this.inline = copy(new Uint8Array(size), this.inline);
    this.weights = copy(newColumn(size, this.exact) as Float64Array, this.weights);
    if (this.divisors) this.divisors = copy(newColumn(size, this.exact) as Float64Array, this.divisors);
  }
}

export interface BuildOptions {
  /** Nodes to keep, by row of the table; null keeps all. */
  readonly kept: Uint8Array | null;
  readonly dropNegative: boolean;
  /** Without edges only flat and cum are right: enough to choose the nodes to keep. */
  readonly edges: boolean;
  /** Edges of less |weight| are not made: most are, and nobody would look at them. */
  readonly minWeight: number;
  /** Tags are summed up as well when given. */
  readonly tags: TagIndex | null;
}

/**
 * The call graph of a profile: cum counts a node once a sample, an edge once a pair of nodes a sample, flat goes to
 * the leaf. A node that is not kept makes the next edge residual; a leaf that is not kept loses its flat value.
 * The accumulators are typed as doubles but hold big integers in exact reports: the same code adds both.
 */
export function buildGraph(p: Profile, table: NodeTable, sample: SampleValues, options: BuildOptions): Graph {
  const count = table.infos.length;
  const { exact } = sample;
  const values = sample.values as Float64Array;
  const divisors = sample.divisors as Float64Array | null;
  const flat = newColumn(count, exact) as Float64Array;
  const cum = newColumn(count, exact) as Float64Array;
  const flatDiv = divisors ? (newColumn(count, exact) as Float64Array) : null;
  const cumDiv = divisors ? (newColumn(count, exact) as Float64Array) : null;
  const seen = new Int32Array(count).fill(-1);
  const { kept, tags } = options;
  const withEdges = options.edges;
  const edges = new EdgeTable(exact, divisors !== null, withEdges ? count : 0, kept);
  const { starts, nodes } = table;
  const { stackStarts, stackLocations } = p;
  const plain = !withEdges && kept === null && divisors === null && tags === null;
  if (plain) sumPlain(p, table, values, flat, cum, seen);
  for (let s = 0; !plain && s < p.sampleCount; s++) {
    const w = values[s]!;
    const dw = divisors ? divisors[s]! : 0;
    if (!w && !dw) continue;
    tags?.enter(s);
    let parent = -1;
    let residual = false;
    for (let i = stackStarts[s + 1]! - 1, end = stackStarts[s]!; i >= end; i--) {
      const location = stackLocations[i]!;
      const first = starts[location]!;
      const last = starts[location + 1]! - 1;
      for (let k = last; k >= first; k--) {
        const node = nodes[k]!;
        if (kept !== null && kept[node] === 0) {
          residual = true;
          continue;
        }
        if (seen[node] !== s) {
          seen[node] = s;
          cum[node] = cum[node]! + w;
          if (cumDiv) cumDiv[node] = cumDiv[node]! + dw;
          tags?.add(node, w, dw, false);
        }
        if (withEdges && parent >= 0 && parent !== node) {
          const edge = edges.find(parent, node);
          if (edges.seen[edge] !== s) {
            edges.seen[edge] = s;
            edges.weights[edge] = edges.weights[edge]! + w;
            if (divisors) edges.divisors![edge] = edges.divisors![edge]! + dw;
            if (residual) edges.residual[edge] = 1;
            if (k === last) edges.inline[edge] = 0;
          }
        }
        parent = node;
        residual = false;
      }
    }
    if (parent >= 0 && !residual) {
      flat[parent] = flat[parent]! + w;
      if (flatDiv) flatDiv[parent] = flatDiv[parent]! + dw;
      tags?.add(parent, w, dw, true);
    }
  }
  const zero: Int = exact ? 0n : 0;
  const functionIds = functionNumbers(table);
  const byId: (GraphNode | undefined)[] = new Array(count);
  const out: GraphNode[] = [];
  for (let id = 0; id < count; id++) {
    if (!cum[id] && !flat[id]) continue;
    if (options.dropNegative && (flat[id]! < 0 || (!flat[id] && cum[id]! < 0))) continue;
    const info = table.infos[id]!;
    const node: GraphNode = {
      info,
      functionId: functionIds(id),
      flat: flat[id]!,
      flatDiv: flatDiv ? flatDiv[id]! : zero,
      cum: cum[id]!,
      cumDiv: cumDiv ? cumDiv[id]! : zero,
      in: [],
      out: [],
      labelTags: tags?.labelTags(id) ?? [],
      numericTags: tags?.numericTags(id) ?? new Map(),
      id,
      name: '',
    };
    byId[id] = node;
    out.push(node);
  }
  // A dropped negative node is not listed, yet its edges stay with its neighbours: make it for them.
  const ghost = (id: number): GraphNode => {
    const node: GraphNode = {
      info: table.infos[id]!,
      functionId: functionIds(id),
      flat: flat[id]!,
      flatDiv: flatDiv ? flatDiv[id]! : zero,
      cum: cum[id]!,
      cumDiv: cumDiv ? cumDiv[id]! : zero,
      in: [],
      out: [],
      labelTags: [],
      numericTags: new Map(),
      id,
      name: '',
    };
    byId[id] = node;
    return node;
  };
  let lightEdges = 0;
  for (let e = 0; e < edges.count; e++) {
    const weight = edges.weights[e]!;
    if ((weight < 0 ? -weight : weight) < options.minWeight) {
      // An edge to a node that is not listed is not counted, as it would not be found from the listed ones.
      if (byId[edges.targets[e]!]) lightEdges++;
      continue;
    }
    const source = byId[edges.sources[e]!] ?? ghost(edges.sources[e]!);
    const target = byId[edges.targets[e]!] ?? ghost(edges.targets[e]!);
    const edge: GraphEdge = {
      source,
      target,
      weight,
      weightDiv: edges.divisors ? edges.divisors[e]! : zero,
      residual: edges.residual[e] === 1,
      inline: edges.inline[e] === 1,
    };
    source.out.push(edge);
    target.in.push(edge);
  }
  return { nodes: out, lightEdges };
}

/** Flat and cum of all nodes, nothing else: the first pass of every report, and a loop that stays small. */
function sumPlain(
  p: Profile,
  table: NodeTable,
  values: Float64Array,
  flat: Float64Array,
  cum: Float64Array,
  seen: Int32Array,
): void {
  const { stackStarts, stackLocations, sampleCount } = p;
  const { starts, nodes } = table;
  for (let s = 0; s < sampleCount; s++) {
    const w = values[s]!;
    const from = stackStarts[s]!;
    const to = stackStarts[s + 1]!;
    if (!w || from === to) continue;
    for (let i = from; i < to; i++) {
      const location = stackLocations[i]!;
      const last = starts[location + 1]!;
      for (let k = starts[location]!; k < last; k++) {
        const node = nodes[k]!;
        if (seen[node] === s) continue;
        seen[node] = s;
        cum[node] = cum[node]! + w;
      }
    }
    const leaf = nodes[starts[stackLocations[from]!]!]!;
    flat[leaf] = flat[leaf]! + w;
  }
}

/** Numbers the functions that nodes belong to, on demand. */
function functionNumbers(table: NodeTable): (id: number) => number {
  const numbers = new Map<string, number>();
  return (id) => {
    const i = table.infos[id]!;
    // A node with neither address nor line stands for a function of its own, by its column as well.
    const column = i.address === 0n && i.line === 0 ? i.column : 0;
    const key = `${i.name}\u0000${i.file}\u0000${i.startLine}\u0000${i.objfile}\u0000${column}`;
    let number = numbers.get(key);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(key, number);
    }
    return number;
  };
}

/** The name of a node as reports print it, made once. */
export function nodeName(n: GraphNode): string {
  if (n.name === '') n.name = printableName(n.info);
  return n.name;
}
