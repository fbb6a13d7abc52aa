import { TidemarkError } from '@tidemark/model';
import { padLeft } from './go-format.js';
import { cumValue, flatValue, type GraphEdge, nodeName } from './graph.js';
import { reportLabels } from './header.js';
import { add, type Int } from './int.js';
import type { Report } from './report.js';
import type { LineSink } from './sink.js';
import { sortEdges } from './trim.js';
import { trimmedGraph } from './trimmed-graph.js';
import { percentage } from './units.js';

const SEPARATOR = '----------------------------------------------------------+-------------';
const LEGEND = '      flat  flat%   sum%        cum   cum%   calls calls% + context \t \t ';

/** -tree, and -peek for the functions that match: every node with its callers above and its callees below. */
export function writeTree(report: Report, out: LineSink): void {
  const { symbol } = report.options;
  const matches = symbol === undefined ? null : report.host.compile(symbol);
  const trimmed = trimmedGraph(report);
  report.settleUnit(trimmed.graph);
  for (const label of reportLabels(report, trimmed, false)) out.line(label);
  out.line(SEPARATOR);
  out.line(LEGEND);
  let sum: Int = report.zero;
  let matched = 0;
  const { nodes } = trimmed.graph;
  for (const n of nodes) {
    if (matches && !matches(nodeName(n))) continue;
    matched++;
    const flat = flatValue(n);
    const cum = cumValue(n);
    const edge = (e: GraphEdge, name: string) =>
      out.line(
        `${padLeft(report.format(e.weight), 50)} ${percentage(e.weight, cum)} |   ${name}${e.inline ? ' (inline)' : ''}`,
      );
    out.line(SEPARATOR);
    for (const e of sortEdges(n.in)) edge(e, nodeName(e.source));
    sum = add(sum, flat);
    const flatText = `${padLeft(report.format(flat), 10)} ${percentage(flat, report.total)}`;
    const cumText = `${padLeft(report.format(cum), 10)} ${percentage(cum, report.total)}`;
    out.line(`${flatText} ${percentage(sum, report.total)} ${cumText}                | ${nodeName(n)}`);
    for (const e of sortEdges(n.out)) edge(e, nodeName(e.target));
  }
  if (nodes.length > 0) out.line(SEPARATOR);
  if (matches && matched === 0) throw new TidemarkError('TM_USAGE', `no matches found for regexp: ${symbol}`);
}
