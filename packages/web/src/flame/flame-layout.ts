import type { FlameNode } from '@tidemark/pprof';

/** What the width of a frame stands for. */
export type FlameWidth = 'now' | 'before' | 'change';

/**
 * The tree as columns, breadth first: one row of the picture is one range of indexes, ordered from left to
 * right, and the children of a frame are one range too. Drawing and hit-testing then need no recursion, so
 * neither 50,000 frames nor a stack of 100,000 calls hurt.
 */
export interface FlameTree {
  readonly count: number;
  readonly names: readonly string[];
  readonly files: readonly (string | undefined)[];
  readonly lines: readonly (number | undefined)[];
  readonly parent: Int32Array;
  readonly depth: Int32Array;
  readonly firstChild: Int32Array;
  readonly childCount: Int32Array;
  readonly value: Float64Array;
  readonly base: Float64Array;
  readonly self: Float64Array;
  readonly selfBase: Float64Array;
  /** Row r is the index range [rowStart[r], rowStart[r + 1]). */
  readonly rowStart: readonly number[];
  /** True where there is something to compare with: any base above zero. */
  readonly compares: boolean;
}

/** Positions for one meaning of width, from 0 to `total`; rows are ordered by `left`. */
export interface FlamePositions {
  readonly total: number;
  readonly left: Float64Array;
  readonly right: Float64Array;
}

const clean = (value: unknown): number => (typeof value === 'number' && value > 0 && value < Infinity ? value : 0);

/** Reads a tree of any shape; what is no positive number counts as 0. Frames beyond `limit` are left out. */
export function flameTree(root: FlameNode, limit = 200_000): FlameTree {
  const nodes: FlameNode[] = [root];
  const parent: number[] = [-1];
  const depth: number[] = [0];
  const firstChild: number[] = [];
  const childCount: number[] = [];
  const rowStart: number[] = [0];
  for (let i = 0; i < nodes.length; i++) {
    if (depth[i]! > rowStart.length - 1) rowStart.push(i);
    const children = Array.isArray(nodes[i]!.children) ? nodes[i]!.children : [];
    const room = Math.max(0, limit - nodes.length);
    const kept = [...children].sort((a, b) => weight(b) - weight(a)).slice(0, room);
    firstChild.push(nodes.length);
    childCount.push(kept.length);
    for (const child of kept) {
      nodes.push(child);
      parent.push(i);
      depth.push(depth[i]! + 1);
    }
  }
  rowStart.push(nodes.length);
  const base = Float64Array.from(nodes, (n) => clean(n.base));
  return {
    count: nodes.length,
    names: nodes.map((n) => String(n.name ?? '?')),
    files: nodes.map((n) => n.site?.file),
    lines: nodes.map((n) => n.site?.line),
    parent: Int32Array.from(parent),
    depth: Int32Array.from(depth),
    firstChild: Int32Array.from(firstChild),
    childCount: Int32Array.from(childCount),
    value: Float64Array.from(nodes, (n) => clean(n.value)),
    base,
    self: Float64Array.from(nodes, (n) => clean(n.self)),
    selfBase: Float64Array.from(nodes, (n) => clean(n.baseSelf)),
    rowStart,
    compares: base.some((b) => b > 0),
  };
}

/** The heaviest on the left, in every meaning of width alike: a frame keeps its place among its siblings. */
function weight(node: FlameNode): number {
  return Math.max(clean(node.value), clean(node.base));
}

/** Lays the frames out. A parent is never narrower than its children together, whatever the numbers say. */
export function flamePositions(tree: FlameTree, width: FlameWidth): FlamePositions {
  const own = (i: number): number => {
    if (width === 'now') return tree.value[i]!;
    if (width === 'before') return tree.base[i]!;
    return Math.abs(tree.self[i]! - tree.selfBase[i]!);
  };
  const size = new Float64Array(tree.count);
  const inner = new Float64Array(tree.count);
  for (let i = tree.count - 1; i >= 0; i--) {
    // Of a change, a frame's own part adds to its children's; of a level, its value holds them already.
    size[i] = width === 'change' ? own(i) + inner[i]! : Math.max(own(i), inner[i]!);
    if (i > 0) inner[tree.parent[i]!]! += size[i]!;
  }
  const left = new Float64Array(tree.count);
  const right = new Float64Array(tree.count);
  right[0] = size[0]!;
  for (let i = 0; i < tree.count; i++) {
    let at = left[i]!;
    const stop = tree.firstChild[i]! + tree.childCount[i]!;
    for (let child = tree.firstChild[i]!; child < stop; child++) {
      left[child] = at;
      at += size[child]!;
      right[child] = at;
    }
  }
  return { total: size[0]!, left, right };
}

/** The first frame of a row that ends right of `x`, or the row's end. */
export function firstRightOf(tree: FlameTree, positions: FlamePositions, row: number, x: number): number {
  let low = tree.rowStart[row]!;
  let high = tree.rowStart[row + 1]!;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (positions.right[middle]! > x) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The frame at a place, or −1. */
export function frameAt(tree: FlameTree, positions: FlamePositions, row: number, x: number): number {
  if (row < 0 || row >= tree.rowStart.length - 1) return -1;
  const i = firstRightOf(tree, positions, row, x);
  return i < tree.rowStart[row + 1]! && positions.left[i]! <= x ? i : -1;
}

/**
 * How much of all change lies at or below a frame, −1 … 1: colour shows where the bytes are, so that a frame
 * which doubled from 1 to 2 kB does not shine beside one that grew by a gigabyte.
 */
export function changeShares(tree: FlameTree): Float64Array {
  let largest = 0;
  for (let i = 0; i < tree.count; i++) largest = Math.max(largest, Math.abs(tree.value[i]! - tree.base[i]!));
  return Float64Array.from(tree.value, (v, i) => (largest === 0 ? 0 : (v - tree.base[i]!) / largest));
}

export interface FlameMatches {
  readonly hit: Uint8Array;
  readonly frames: number;
  /** Size of all matching frames; one within another counts once. */
  readonly size: number;
}

/** Frames whose function or file holds the text, upper and lower case alike. */
export function searchFlame(tree: FlameTree, positions: FlamePositions, text: string): FlameMatches {
  const wanted = text.trim().toLowerCase();
  const hit = new Uint8Array(tree.count);
  const inside = new Uint8Array(tree.count);
  const known = new Map<string, boolean>();
  const holds = (s: string | undefined): boolean => {
    if (!s) return false;
    let answer = known.get(s);
    if (answer === undefined) {
      answer = s.toLowerCase().includes(wanted);
      known.set(s, answer);
    }
    return answer;
  };
  let frames = 0;
  let size = 0;
  if (wanted !== '') {
    for (let i = 0; i < tree.count; i++) {
      const within = i > 0 && inside[tree.parent[i]!] === 1;
      if (holds(tree.names[i]) || holds(tree.files[i])) {
        hit[i] = 1;
        frames++;
        if (!within) size += positions.right[i]! - positions.left[i]!;
      }
      inside[i] = within || hit[i] === 1 ? 1 : 0;
    }
  }
  return { hit, frames, size };
}
