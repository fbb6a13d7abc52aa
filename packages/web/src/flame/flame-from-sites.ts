import type { HeapSeries } from '@tidemark/model';
import type { FlameNode } from './flame-node.js';

interface Building {
  name: string;
  file: string;
  line: number;
  value: number;
  base: number;
  self: number;
  selfBase: number;
  children: Building[];
  index: Map<string, Building>;
}

/**
 * A flame graph where only the sites are known: each site under its heaviest stack, with the bytes it held at
 * the first and the last look. Exact for sites of one stack, an attribution for the others: the page says so.
 * Null where no site has a stack.
 */
export function flameFromSites(series: HeapSeries): FlameNode | null {
  const node = (name: string, file = '', line = 0): Building => ({
    name,
    file,
    line,
    value: 0,
    base: 0,
    self: 0,
    selfBase: 0,
    children: [],
    index: new Map(),
  });
  const root = node('all sites');
  for (const { site, stack, inuseBytes } of series.sites ?? []) {
    const now = inuseBytes?.at(-1) ?? 0;
    const before = inuseBytes?.[0] ?? 0;
    if (!(now > 0 || before > 0)) continue;
    const frames = stack && stack.length > 0 ? stack : [site];
    root.value += now;
    root.base += before;
    let here = root;
    for (let i = frames.length - 1; i >= 0; i--) {
      const frame = frames[i]!;
      const key = `${frame.function}\n${frame.file}\n${frame.line}`;
      let next = here.index.get(key);
      if (!next) {
        next = node(frame.function, frame.file, frame.line);
        here.index.set(key, next);
        here.children.push(next);
      }
      next.value += now;
      next.base += before;
      here = next;
    }
    here.self += now;
    here.selfBase += before;
  }
  return root.children.length > 0 ? root : null;
}
