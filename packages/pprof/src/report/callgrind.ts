import type { Graph, GraphNode } from './graph.js';
import { flatValue } from './graph.js';
import type { Int } from './int.js';
import type { NodeInfo } from './node-info.js';
import type { Report } from './report.js';
import type { LineSink } from './sink.js';
import { sortEdges } from './trim.js';
import { trimmedGraph } from './trimmed-graph.js';
import { scaleUnit } from './units.js';

/** -callgrind: the graph in the form that KCachegrind reads. */
export function writeCallgrind(report: Report, out: LineSink): void {
  const { graph } = trimmedGraph(report);
  report.settleUnit(graph);
  const calleeName = distinctNames(graph);
  out.line('positions: instr line');
  out.line(`events: ${report.sampleType}(${report.outputUnit})`);
  const objects = new Map<string, number>();
  const files = new Map<string, number>();
  const names = new Map<string, number>();
  const whole = (v: Int) => BigInt(Math.trunc(scaleUnit(v, report.sampleUnit, report.outputUnit).value));
  let previous: NodeInfo | null = null;
  for (const n of graph.nodes) {
    const { info } = n;
    if (
      previous === null ||
      info.objfile !== previous.objfile ||
      info.file !== previous.file ||
      info.name !== previous.name
    ) {
      out.line('');
      out.line(`ob=${shortName(objects, info.objfile)}`);
      out.line(`fl=${shortName(files, info.file)}`);
      out.line(`fn=${shortName(names, info.name)}`);
    }
    out.line(`${position(previous, info.address)} ${info.line} ${whole(flatValue(n))}`);
    for (const e of sortEdges(n.out)) {
      const callee = e.target.info;
      out.line(`cfl=${shortName(files, callee.file)}`);
      out.line(`cfn=${shortName(names, calleeName(e.target))}`);
      out.line(`calls=0 ${position(previous, callee.address)} ${callee.line}`);
      out.line(`* * ${whole(e.weight)}`);
    }
    previous = info;
  }
}

/** `(N) name` at the first use of a name, `(N)` later. */
function shortName(known: Map<string, number>, name: string): string {
  if (name === '') return '';
  const id = known.get(name);
  if (id !== undefined) return `(${id})`;
  known.set(name, known.size + 1);
  return `(${known.size}) ${name}`;
}

/** `*` for the same address as before, a signed distance where that is shorter, else the address. */
function position(previous: NodeInfo | null, address: bigint): string {
  const absolute = `0x${address.toString(16)}`;
  if (previous === null) return absolute;
  if (previous.address === address) return '*';
  const distance = BigInt.asIntN(64, address - previous.address);
  const relative = `${distance >= 0n ? '+' : ''}${distance}`;
  return relative.length < absolute.length ? relative : absolute;
}

/** Names with ` [i/n]` where several functions share file and name: the reader would add them up. */
function distinctNames(graph: Graph): (n: GraphNode) => string {
  const indexes = new Map<string, Map<number, number>>();
  const keyOf = (n: GraphNode) => `${n.info.file}\u0000${n.info.name}`;
  for (const n of graph.nodes) {
    const key = keyOf(n);
    let functions = indexes.get(key);
    if (!functions) {
      functions = new Map();
      indexes.set(key, functions);
    }
    if (!functions.has(n.functionId())) functions.set(n.functionId(), functions.size);
  }
  const listed = new Set(graph.nodes);
  return (n) => {
    // What is not listed has no name there, as in the reference.
    if (!listed.has(n)) return '';
    const functions = indexes.get(keyOf(n))!;
    return functions.size > 1
      ? `${n.info.name} [${functions.get(n.functionId())! + 1}/${functions.size}]`
      : n.info.name;
  };
}
