import type { GoroutineWaits, Site } from '@tidemark/model';

/** The wait-for graph for Graphviz: locks are boxes, goroutines ellipses; an edge leads to what is waited for. */
export function renderWaitGraph(waits: GoroutineWaits): string {
  const lines = ['digraph waits {', '  rankdir=LR; node [fontname="sans-serif", fontsize=10];'];
  const inCycle = new Set(waits.cycles.flat());
  waits.locks.forEach((lock, index) => {
    const name = lock.name ?? lock.address ?? lock.kind;
    const title = `${lock.kind} ${name}${lock.address && lock.name ? `\n${lock.address}` : ''}`;
    lines.push(`  l${index} [shape=box, label=${quote(title)}${inCycle.has(index) ? ', color=red, penwidth=2' : ''}];`);
    const byPlace = new Map<string, { ids: number[]; site: Site }>();
    for (const waiter of lock.waiters) {
      const key = `${waiter.site.function}:${waiter.site.line}`;
      const seen = byPlace.get(key);
      if (seen) seen.ids.push(waiter.goroutine);
      else byPlace.set(key, { ids: [waiter.goroutine], site: waiter.site });
    }
    for (const { ids, site } of byPlace.values()) {
      // A goroutine that holds a lock itself is a node of its own, so that chains and cycles are seen.
      const holding = ids.filter((id) => holds(waits, id));
      for (const id of holding) lines.push(`  g${id} -> l${index} [label="waits"];`, node(id, site));
      const rest = ids.filter((id) => !holding.includes(id));
      if (rest.length === 0) continue;
      const many = `w${index}_${rest[0]}`;
      const label = rest.length === 1 ? `goroutine ${rest[0]}` : `${rest.length} goroutines`;
      lines.push(`  ${many} [label=${quote(`${label}\n${where(site)}`)}];`, `  ${many} -> l${index} [label="waits"];`);
    }
    const { holder } = lock;
    if (holder.goroutine !== null && holder.site) {
      lines.push(node(holder.goroutine, holder.waitsAt ?? holder.site));
      const style = holder.confidence === 'proven' ? '' : ', style=dashed';
      lines.push(`  l${index} -> g${holder.goroutine} [label="held by"${style}];`);
    } else if (holder.kind === 'gone') {
      lines.push(`  n${index} [shape=plaintext, label="nobody alive"];`, `  l${index} -> n${index} [label="held by"];`);
    }
  });
  return `${[...new Set(lines)].join('\n')}\n}\n`;
}

function holds(waits: GoroutineWaits, goroutine: number): boolean {
  return waits.locks.some((lock) => lock.holder.goroutine === goroutine);
}

function node(goroutine: number, site: Site): string {
  return `  g${goroutine} [label=${quote(`goroutine ${goroutine}\n${where(site)}`)}];`;
}

function where(site: Site): string {
  const name = site.function.slice(site.function.lastIndexOf('/') + 1);
  return `${name}:${site.line}`;
}

/** Names are foreign text: nothing in them may end the string. */
function quote(text: string): string {
  const clean = text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, ' ');
  return `"${clean.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}
