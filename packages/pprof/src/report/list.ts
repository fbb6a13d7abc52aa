import { TidemarkError } from '@tidemark/model';
import { compareUtf8 } from '../encode.js';
import { padLeft } from './go-format.js';
import { buildGraph, type GraphNode } from './graph.js';
import { add, type Int } from './int.js';
import { compareInfo } from './node-info.js';
import { nodeTable } from './node-table.js';
import type { Report } from './report.js';
import type { LineSink } from './sink.js';
import { percentage } from './units.js';

/** -list: the source of the functions that match, every line with what it costs. */
export function writeList(report: Report, out: LineSink): void {
  const { symbol = '' } = report.options;
  const matches = report.host.compile(symbol);
  const graph = buildGraph(report.profile, nodeTable(report.profile, true), report.sample, {
    ...{ kept: null, dropNegative: report.options.dropNegative ?? false, edges: false, minWeight: 0, tags: null },
  });
  const functions = groupBy(
    graph.nodes.filter((n) => matches(n.info.name)),
    (n) => n.info.name,
  );
  if (functions.size === 0) throw new TidemarkError('TM_USAGE', `no matches found for regexp: ${symbol}`);
  out.line(`Total: ${report.format(report.total)}`);
  const sources = new Map<string, readonly string[] | Error>();
  for (const name of [...functions.keys()].sort(compareUtf8)) {
    const files = groupBy(
      functions.get(name)!.filter((n) => n.info.file !== ''),
      (n) => n.info.file,
    );
    if (files.size === 0) {
      out.line(`No source information for ${name}`);
      continue;
    }
    const sorted = [...files.values()].sort(
      (a, b) => compareUtf8(a[0]!.info.file, b[0]!.info.file) || compareInfo(a[0]!.info, b[0]!.info),
    );
    for (const nodes of sorted) writeFile(report, name, nodes, sources, out);
  }
}

function writeFile(
  report: Report,
  name: string,
  nodes: GraphNode[],
  sources: Map<string, readonly string[] | Error>,
  out: LineSink,
): void {
  const file = nodes[0]!.info.file;
  const flat = nodes.reduce((sum: Int, n) => add(sum, n.flat), report.zero);
  const cum = nodes.reduce((sum: Int, n) => add(sum, n.cum), report.zero);
  out.line(`ROUTINE ======================== ${name} in ${file}`);
  const sums = `${padLeft(report.format(flat), 10)} ${padLeft(report.format(cum), 10)}`;
  out.line(`${sums} (flat, cum) ${percentage(cum, report.total)} of Total`);
  const byLine = new Map<number, { flat: Int; cum: Int }>();
  let start = Number.POSITIVE_INFINITY;
  let end = 0;
  for (const n of nodes) {
    const { line, startLine } = n.info;
    const known = byLine.get(line) ?? { flat: report.zero, cum: report.zero };
    byLine.set(line, { flat: add(known.flat, n.flat), cum: add(known.cum, n.cum) });
    // From the function's own first line, where the profile tells it.
    start = Math.min(start, startLine !== 0 ? startLine : line - CONTEXT);
    end = Math.max(end, line + CONTEXT);
  }
  // Where no line is known there may be nothing to show: then a source is not looked for, nor missed.
  if (end < Math.max(1, start) && !sources.has(file)) return;
  const lines = sources.get(file) ?? report.host.readSource?.(file) ?? new Error(`could not find file ${file}`);
  sources.set(file, lines);
  if (lines instanceof Error) {
    out.line(` Error: ${lines.message}`);
    return;
  }
  const value = (v: Int | undefined) => padLeft(v ? report.format(v) : '.', 10);
  for (let at = Math.max(1, start); at <= Math.min(lines.length, end); at++) {
    const known = byLine.get(at);
    out.line(`${value(known?.flat)} ${value(known?.cum)} ${padLeft(String(at), 6)}:${lines[at - 1]}`);
  }
}

/** Lines that are shown after the last (and, without a known start, before the first) one with a value. */
const CONTEXT = 5;

function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}
