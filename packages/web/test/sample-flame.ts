import type { FlameGraph, FlameNode } from '@tidemark/pprof';

/** A flame graph of about `frames` boxes: few boxes have `fan` callees, the others one, down to `depth`. */
export function sampleFlame(frames: number, fan = 4, depth = 60): FlameGraph {
  let count = 1;
  const make = (name: string, level: number): FlameNode => ({
    name,
    site: { function: name, file: `internal/part${level}/file.go`, line: level + 1 },
    value: 0,
    self: 0,
    base: 0,
    baseSelf: 0,
    inlined: false,
    children: [],
  });
  const root = make('root', 0);
  const rows: FlameNode[] = [root];
  const parents: number[] = [-1];
  const levels: number[] = [0];
  for (let i = 0; i < rows.length && count < frames; i++) {
    const level = levels[i]!;
    // Most frames call one function and few call many, as in stacks of real programs.
    const callees = level >= depth ? 0 : i % 5 === 0 || level < 3 ? fan : 1;
    for (let c = 0; c < callees && count < frames; c++) {
      const child = make(`github.com/acme/app/part${level}.(*T${count % 97}).call${count}`, level + 1);
      rows[i]!.children.push(child);
      rows.push(child);
      parents.push(i);
      levels.push(level + 1);
      count++;
    }
  }
  for (let i = rows.length - 1; i > 0; i--) {
    const node = rows[i]!;
    if (node.children.length === 0) {
      node.self = 1000 + ((i * 7919) % 5000);
      node.baseSelf = i === rows.length - 1 ? 0 : node.self - ((i * 31) % 300) + 100;
    }
    node.value += node.self;
    node.base += node.baseSelf;
    rows[parents[i]!]!.value += node.value;
    rows[parents[i]!]!.base += node.base;
  }
  return { root, sampleType: 'inuse_space', unit: 'bytes', dropped: 0, depth: Math.max(...levels) };
}
