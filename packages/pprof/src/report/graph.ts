import type { Profile } from '../profile.js';
import type { GraphTag, TagIndex } from './graph-tags.js';
import { abs, divide, type Int, type IntColumn, newColumn } from './int.js';
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
  readonly functionId: () => number;
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
  if (!forceExact && p.values instanceof Float64Array) {
    const values = doubles(p.values, type, width, p.sampleCount);
    const divisors = values && isMean ? doubles(p.values, 0, width, p.sampleCount) : null;
    if (values && !(isMean && divisors === null)) return { exact: false, values, divisors };
  }
  const exact = (t: number): IntColumn =>
    BigInt64Array.from({ length: p.sampleCount }, (_, s) => BigInt(p.values[s * width + t]!));
  return { exact: true, values: exact(type), divisors: isMean ? exact(0) : null };
}

/** One column of doubles; null where their amounts add up to too much. */
function doubles(values: Float64Array, type: number, width: number, count: number): Float64Array | null {
  const column = new Float64Array(count);
  let amount = 0;
  for (let s = 0; s < count; s++) {
    const value = values[s * width + type]!;
    amount += Math.abs(value);
    column[s] = value;
  }
  return amount < Number.MAX_SAFE_INTEGER ? column : null;
}

/** Where the search for an edge begins, a multiple of 4. */
function slotOf(source: number, target: number): number {
  const hash = Math.imul(Math.imul(source, 0x9e3779b1) + target, 0x85ebca6b);
  return (hash ^ (hash >>> 15)) & ~3;
}

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
  /** Open addressing, four numbers a slot: 1 + source (0 is empty), target, edge, nothing. One place in memory a look. */
  private slots = new Int32Array(4 * 4096);
  private readonly exact: boolean;

  constructor(exact: boolean, withDivisors: boolean) {
    this.exact = exact;
    this.weights = newColumn(1024, exact) as Float64Array;
    this.divisors = withDivisors ? (newColumn(1024, exact) as Float64Array) : null;
  }

  find(source: number, target: number): number {
    const { slots } = this;
    const mask = slots.length - 1;
    let slot = slotOf(source, target) & mask;
    for (; slots[slot] !== 0; slot = (slot + 4) & mask) {
      if (slots[slot] === source + 1 && slots[slot + 1] === target) return slots[slot + 2]!;
    }
    const edge = this.count++;
    if (edge === this.sources.length) this.grow();
    this.sources[edge] = source;
    this.targets[edge] = target;
    this.inline[edge] = 1;
    slots[slot] = source + 1;
    slots[slot + 1] = target;
    slots[slot + 2] = edge;
    if (this.count * 8 > slots.length) this.rehash();
    return edge;
  }

  private rehash(): void {
    const slots = new Int32Array(this.slots.length * 2);
    const mask = slots.length - 1;
    for (let edge = 0; edge < this.count; edge++) {
      const source = this.sources[edge]!;
      const target = this.targets[edge]!;
      let slot = slotOf(source, target) & mask;
      while (slots[slot] !== 0) slot = (slot + 4) & mask;
      slots[slot] = source + 1;
      slots[slot + 1] = target;
      slots[slot + 2] = edge;
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

/** Own and cumulative values of all nodes by their row in the table. They do not depend on which nodes are kept. */
export interface NodeSums {
  readonly flat: IntColumn;
  readonly cum: IntColumn;
  /** Of the divisors, for means. */
  readonly divisors: { readonly flat: IntColumn; readonly cum: IntColumn } | null;
}

/** cum counts a node once a sample, flat goes to the leaf. */
export function nodeSums(p: Profile, table: NodeTable, sample: SampleValues): NodeSums {
  const of = (values: IntColumn) => {
    const flat = newColumn(table.infos.length, sample.exact);
    const cum = newColumn(table.infos.length, sample.exact);
    addUp(p, table, values as Float64Array, flat as Float64Array, cum as Float64Array);
    return { flat, cum };
  };
  return { ...of(sample.values), divisors: sample.divisors ? of(sample.divisors) : null };
}

/** The columns are typed as doubles but hold big integers in exact reports: the same code adds both. */
function addUp(p: Profile, table: NodeTable, values: Float64Array, flat: Float64Array, cum: Float64Array): void {
  const { stackStarts, stackLocations, sampleCount } = p;
  const { starts, nodes } = table;
  const seen = new Int32Array(cum.length).fill(-1);
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

export interface BuildOptions {
  /** Nodes to keep, by row of the table; null keeps all. */
  readonly kept: Uint8Array | null;
  readonly dropNegative: boolean;
  /** None is enough to choose the nodes to keep; `inlined` are all edges to nodes that are inlined anywhere. */
  readonly edges: 'none' | 'inlined' | 'all';
  /** Edges of less |weight| to listed nodes are not made: most are, and nobody would look at them. */
  readonly minWeight: number;
  /** Tags are summed up as well when given. */
  readonly tags: TagIndex | null;
}

/** What a walk over stacks meets at each location: see keptSteps. */
interface Steps {
  readonly starts: Uint32Array;
  /** 8 × node + bits. */
  readonly steps: Uint32Array;
  /** 1 where a location ends over nodes that are not kept. */
  readonly skipsLast: Uint8Array;
}

/** There are nodes before it that are not kept. */
const SKIPPED_BEFORE = 1;
/** It was really called, not inlined. */
const CALLED = 2;
/** The edge to it is asked for. */
const WANTED = 4;

/** The kept nodes of each location, the outermost first. */
function keptSteps(table: NodeTable, kept: Uint8Array | null, inlinedOnly: boolean): Steps {
  const { nodes } = table;
  const count = table.starts.length - 1;
  const wanted = new Uint8Array(table.infos.length).fill(inlinedOnly ? 0 : WANTED);
  for (let location = 0; inlinedOnly && location < count; location++) {
    const last = table.starts[location + 1]! - 1;
    for (let k = table.starts[location]!; k < last; k++) wanted[nodes[k]!] = WANTED;
  }
  const starts = new Uint32Array(count + 1);
  const steps = new Uint32Array(nodes.length);
  const skipsLast = new Uint8Array(count);
  let n = 0;
  for (let location = 0; location < count; location++) {
    starts[location] = n;
    const first = table.starts[location]!;
    const last = table.starts[location + 1]! - 1;
    let skipped = 0;
    for (let k = last; k >= first; k--) {
      const node = nodes[k]!;
      if (kept !== null && kept[node] === 0) skipped = SKIPPED_BEFORE;
      else {
        steps[n++] = node * 8 + wanted[node]! + skipped + (k === last ? CALLED : 0);
        skipped = 0;
      }
    }
    skipsLast[location] = skipped;
  }
  starts[count] = n;
  return { starts, steps, skipsLast };
}

/**
 * Edges once a pair of nodes a sample; a node that is not kept makes the next edge residual. Inline are those whose
 * calls all were.
 */
function addUpEdges(p: Profile, { starts, steps, skipsLast }: Steps, sample: SampleValues, edges: EdgeTable): void {
  const values = sample.values as Float64Array;
  const divisors = sample.divisors as Float64Array | null;
  const { stackStarts, stackLocations, sampleCount } = p;
  for (let s = 0; s < sampleCount; s++) {
    const w = values[s]!;
    const dw = divisors ? divisors[s]! : 0;
    if (!w && !dw) continue;
    let parent = -1;
    let residual = 0;
    for (let i = stackStarts[s + 1]! - 1, end = stackStarts[s]!; i >= end; i--) {
      const location = stackLocations[i]!;
      const last = starts[location + 1]!;
      for (let k = starts[location]!; k < last; k++) {
        const step = steps[k]!;
        const node = step >>> 3;
        if ((step & WANTED) !== 0 && parent >= 0 && parent !== node) {
          const edge = edges.find(parent, node);
          if (edges.seen[edge] !== s) {
            edges.seen[edge] = s;
            edges.weights[edge] = edges.weights[edge]! + w;
            if (divisors) edges.divisors![edge] = edges.divisors![edge]! + dw;
            if ((residual | (step & SKIPPED_BEFORE)) !== 0) edges.residual[edge] = 1;
            if ((step & CALLED) !== 0) edges.inline[edge] = 0;
          }
        }
        parent = node;
        residual = 0;
      }
      residual |= skipsLast[location]!;
    }
  }
}

/** Tags of the kept nodes, each node once a sample, and of the leaf where it is kept. */
function addUpTags(p: Profile, table: NodeTable, sample: SampleValues, kept: Uint8Array | null, tags: TagIndex): void {
  const { starts, nodes } = table;
  const seen = new Int32Array(table.infos.length).fill(-1);
  for (let s = 0; s < p.sampleCount; s++) {
    const w = sample.values[s]!;
    const dw = sample.divisors ? sample.divisors[s]! : 0;
    const from = p.stackStarts[s]!;
    const to = p.stackStarts[s + 1]!;
    if ((!w && !dw) || from === to) continue;
    tags.enter(s);
    for (let i = to - 1; i >= from; i--) {
      const location = p.stackLocations[i]!;
      for (let k = starts[location + 1]! - 1; k >= starts[location]!; k--) {
        const node = nodes[k]!;
        if (seen[node] === s || (kept !== null && kept[node] === 0)) continue;
        seen[node] = s;
        tags.add(node, w, dw, false);
      }
    }
    const leaf = nodes[starts[p.stackLocations[from]!]!]!;
    if (kept === null || kept[leaf] === 1) tags.add(leaf, w, dw, true);
  }
}

/** The call graph of a profile: its nodes with the sums that are known of them, and the edges between those kept. */
export function buildGraph(
  p: Profile,
  table: NodeTable,
  sample: SampleValues,
  sums: NodeSums,
  options: BuildOptions,
): Graph {
  const count = table.infos.length;
  const { exact } = sample;
  const { flat, cum } = sums;
  const { kept, tags } = options;
  const edges = new EdgeTable(exact, sample.divisors !== null);
  if (options.edges !== 'none') addUpEdges(p, keptSteps(table, kept, options.edges === 'inlined'), sample, edges);
  if (tags) addUpTags(p, table, sample, kept, tags);
  const zero: Int = exact ? 0n : 0;
  const functionIds = functionNumbers(table);
  const byId: (GraphNode | undefined)[] = new Array(count);
  const out: GraphNode[] = [];
  const makeNode = (id: number, listed: boolean): GraphNode => {
    const node: GraphNode = {
      info: table.infos[id]!,
      functionId: () => functionIds(id),
      flat: flat[id]!,
      flatDiv: sums.divisors ? sums.divisors.flat[id]! : zero,
      cum: cum[id]!,
      cumDiv: sums.divisors ? sums.divisors.cum[id]! : zero,
      in: [],
      out: [],
      labelTags: (listed && tags?.labelTags(id)) || [],
      numericTags: (listed && tags?.numericTags(id)) || new Map(),
      id,
      name: '',
    };
    byId[id] = node;
    return node;
  };
  const isListed = (id: number): boolean => {
    if ((kept !== null && kept[id] === 0) || (!cum[id] && !flat[id])) return false;
    return !options.dropNegative || !(flat[id]! < 0 || (!flat[id] && cum[id]! < 0));
  };
  for (let id = 0; id < count; id++) if (isListed(id)) out.push(makeNode(id, true));
  // A node that adds up to nothing, or a dropped negative one, is not listed; yet its edges stay with its neighbours.
  const ghost = (id: number): GraphNode => makeNode(id, false);
  let lightEdges = 0;
  for (let e = 0; e < edges.count; e++) {
    const weight = edges.weights[e]!;
    // Light edges are those that would be found from the listed nodes that they lead to: others are not left out.
    if (abs(weight) < options.minWeight && isListed(edges.targets[e]!)) {
      lightEdges++;
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
