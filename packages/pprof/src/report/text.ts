import { padLeft } from './go-format.js';
import { cumValue, flatValue, nodeName } from './graph.js';
import { reportLabels } from './header.js';
import { add, type Int } from './int.js';
import type { Report } from './report.js';
import type { LineSink } from './sink.js';
import { trimmedGraph } from './trimmed-graph.js';
import { percentage } from './units.js';

/** -text and -top: a line a node. */
export function writeText(report: Report, out: LineSink): void {
  const trimmed = trimmedGraph(report);
  report.settleUnit(trimmed.graph);
  for (const label of reportLabels(report, trimmed, false)) out.line(label);
  out.line('      flat  flat%   sum%        cum   cum%');
  let sum: Int = report.zero;
  for (const n of trimmed.graph.nodes) {
    const flat = flatValue(n);
    const cum = cumValue(n);
    sum = add(sum, flat);
    const inlined = n.in.some((e) => e.inline);
    const called = n.in.some((e) => !e.inline);
    const mark = inlined ? (called ? ' (partial-inline)' : ' (inline)') : '';
    const flatText = `${padLeft(report.format(flat), 10)} ${percentage(flat, report.total)}`;
    const cumText = `${padLeft(report.format(cum), 10)} ${percentage(cum, report.total)}`;
    out.line(`${flatText} ${percentage(sum, report.total)} ${cumText}  ${nodeName(n)}${mark}`);
  }
}
