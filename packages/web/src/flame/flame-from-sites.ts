import type { HeapSeries, Site } from '@tidemark/model';
import type { FlameGraph, FlameNode } from '@tidemark/pprof';

/**
 * A flame graph where only the sites are known: each site under its heaviest stack, with the bytes it held at
 * the first and the last look. Exact for sites of one stack, an attribution for the others: the page says so.
 * Null where no site holds anything.
 */
export function flameFromSites(series: HeapSeries): FlameGraph | null {
  const known = new Map<FlameNode, Map<string, FlameNode>>();
  const add = (parent: FlameNode | null, name: string, site: Site): FlameNode => {
    const node: FlameNode = { name, site, value: 0, self: 0, base: 0, baseSelf: 0, inlined: false, children: [] };
    known.set(node, new Map());
    parent?.children.push(node);
    return node;
  };
  const root = add(null, 'all sites', { function: 'all sites', file: '', line: 0 });
  let depth = 0;
  for (const { site, stack, inuseBytes } of series.sites ?? []) {
    const now = inuseBytes?.at(-1) ?? 0;
    const before = inuseBytes?.[0] ?? 0;
    if (!(now > 0 || before > 0)) continue;
    const frames = stack && stack.length > 0 ? stack : [site];
    depth = Math.max(depth, frames.length);
    let here = root;
    root.value += now;
    root.base += before;
    for (const frame of frames.toReversed()) {
      const below = known.get(here)!;
      const next = below.get(frame.function) ?? add(here, frame.function, frame);
      below.set(frame.function, next);
      next.value += now;
      next.base += before;
      here = next;
    }
    here.self += now;
    here.baseSelf += before;
  }
  return root.children.length > 0 ? { root, sampleType: 'inuse_space', unit: 'bytes', dropped: 0, depth } : null;
}
