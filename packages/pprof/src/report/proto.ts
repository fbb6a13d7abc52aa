import { ProfileBuilder } from '../builder.js';
import { Int64List } from '../columns.js';
import { truncateToInt64 } from '../formats/lines.js';
import type { Profile } from '../profile.js';
import { cumValue, flatValue } from './graph.js';
import type { Report } from './report.js';
import { trimmedGraph } from './trimmed-graph.js';
import { scaleUnit } from './units.js';

/** -proto: the profile after filters, divided where asked. */
export function protoReport(report: Report): Profile {
  const p = report.profile;
  const ratio = report.divideRatio;
  if (!(ratio > 0) || ratio === 1) return p;
  const values = new Int64List(p.values.length);
  for (const v of p.values) values.push(truncateToInt64(Number(v) * ratio));
  return p.with({ values: values.finish() });
}

/** -topproto: a sample a node, with cum and flat. */
export function topProtoReport(report: Report): Profile {
  const { graph } = trimmedGraph(report);
  report.settleUnit(graph);
  const p = report.profile;
  const b = new ProfileBuilder('proto');
  b.sampleTypes = [
    { type: 'cum', unit: report.outputUnit },
    { type: 'flat', unit: report.outputUnit },
  ];
  b.timeNanos = p.timeNanos;
  b.durationNanos = p.durationNanos;
  b.periodType = p.periodType;
  b.period = p.period;
  const functions = new Map<string, number>();
  for (const n of graph.nodes) {
    const { info } = n;
    const key = `${info.name}\u0000${info.file}\u0000${info.startLine}`;
    let fn = functions.get(key);
    if (fn === undefined) {
      fn = b.addFunction(info.name, info.file, '', info.startLine);
      functions.set(key, fn);
    }
    const location = b.addLocation(info.address, [{ fn, line: info.line, column: info.column }]);
    const scaled = (v: number | bigint) => truncateToInt64(scaleUnit(v, report.sampleUnit, report.outputUnit).value);
    b.addSample([location], [scaled(cumValue(n)), scaled(flatValue(n))]);
  }
  return b.build();
}
