import { add, type Int } from './int.js';
import { printableName } from './node-info.js';
import { nodeTable } from './node-table.js';
import type { Report } from './report.js';
import type { LineSink } from './sink.js';

/** -collapsed: one line a stack, `root;…;leaf value`, as flame graph scripts read it. Equal lines are added up. */
export function writeCollapsed(report: Report, out: LineSink): void {
  const p = report.profile;
  const table = nodeTable(p, false);
  // Semicolons and line ends would break the form, so names lose them.
  const names = table.infos.map((i) => printableName(i).replace(/[;\r\n]/g, ' '));
  const sums = new Map<string, Int>();
  for (let s = 0; s < p.sampleCount; s++) {
    const value = report.sample.values[s]!;
    if (!value) continue;
    const frames: string[] = [];
    for (let i = p.stackStarts[s + 1]! - 1; i >= p.stackStarts[s]!; i--) {
      const location = p.stackLocations[i]!;
      for (let k = table.starts[location + 1]! - 1; k >= table.starts[location]!; k--)
        frames.push(names[table.nodes[k]!]!);
    }
    const stack = frames.join(';');
    sums.set(stack, add(sums.get(stack) ?? report.zero, value));
  }
  for (const [stack, sum] of sums) out.line(`${stack} ${sum}`);
}
