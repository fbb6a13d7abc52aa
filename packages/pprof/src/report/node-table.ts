import type { Profile } from '../profile.js';
import { infoKey, infoOf, type NodeInfo } from './node-info.js';

/** All nodes of a profile, numbered, and the nodes of every location, innermost first. */
export interface NodeTable {
  readonly infos: readonly NodeInfo[];
  /** Location l has the nodes nodes[starts[l] … starts[l + 1]): one a line, or one for a location without lines. */
  readonly starts: Uint32Array;
  readonly nodes: Uint32Array;
}

export function nodeTable(p: Profile, objNames: boolean): NodeTable {
  const infos: NodeInfo[] = [];
  const ids = new Map<string, number>();
  const starts = new Uint32Array(p.locationCount + 1);
  const nodes = new Uint32Array(p.lineFunctions.length + p.locationCount);
  const intern = (info: NodeInfo): number => {
    const key = infoKey(info);
    let id = ids.get(key);
    if (id === undefined) {
      id = infos.push(info) - 1;
      ids.set(key, id);
    }
    return id;
  };
  // Where only functions are told apart, a line's node is its function's: then one look-up a function is enough.
  const perFunction = !objNames && onlyFunctions(p) ? new Int32Array(p.functionCount).fill(-1) : null;
  let n = 0;
  for (let l = 0; l < p.locationCount; l++) {
    starts[l] = n;
    const from = p.lineStarts[l]!;
    const to = p.lineStarts[l + 1]!;
    if (from === to) nodes[n++] = intern(infoOf(p, l, -1, objNames));
    for (let i = from; i < to; i++) {
      const fn = p.lineFunctions[i]!;
      if (perFunction === null || p.functionNames[fn] === 0) {
        nodes[n++] = intern(infoOf(p, l, i, objNames));
        continue;
      }
      if (perFunction[fn]! < 0) perFunction[fn] = intern(infoOf(p, l, i, objNames));
      nodes[n++] = perFunction[fn]!;
    }
  }
  starts[p.locationCount] = n;
  return { infos, starts, nodes: nodes.subarray(0, n) };
}

/** True when neither addresses nor lines tell nodes apart. */
function onlyFunctions(p: Profile): boolean {
  return (
    p.locationAddresses.every((a) => a === 0n) &&
    p.lineNumbers.every((n) => n === 0) &&
    p.lineColumns.every((n) => n === 0)
  );
}
