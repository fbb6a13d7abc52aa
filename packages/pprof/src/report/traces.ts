import { compareUtf8 } from '../encode.js';
import { labelGroups } from '../transform/label-groups.js';
import { padLeft } from './go-format.js';
import { mean } from './graph.js';
import { profileLabels } from './header.js';
import { printableName } from './node-info.js';
import { nodeTable } from './node-table.js';
import type { Report } from './report.js';
import type { LineSink } from './sink.js';
import { scaledLabel } from './units.js';

const SEPARATOR = '-----------+-------------------------------------------------------';

/** -traces: every sample with its labels and its stack, leaf first. */
export function writeTraces(report: Report, out: LineSink): void {
  for (const label of profileLabels(report)) out.line(label);
  // Without any label the reference joins nothing and still ends the line.
  if (profileLabels(report).length === 0) out.line('');
  const p = report.profile;
  const table = nodeTable(p, false);
  const names = table.infos.map(printableName);
  for (let s = 0; s < p.sampleCount; s++) {
    let first = true;
    for (let i = p.stackStarts[s]!; i < p.stackStarts[s + 1]!; i++) {
      const location = p.stackLocations[i]!;
      const end = table.starts[location + 1]!;
      for (let k = table.starts[location]!; k < end; k++) {
        if (first) {
          out.line(SEPARATOR);
          writeLabels(report, s, out);
        }
        const value = first ? report.format(mean(report.sample.values[s]!, divisor(report, s))) : '';
        first = false;
        out.line(`${padLeft(value, 10)}   ${names[table.nodes[k]!]}${k === end - 1 ? '' : ' (inline)'}`);
      }
    }
  }
  out.line(SEPARATOR);
}

function divisor(report: Report, sample: number) {
  return report.sample.divisors ? report.sample.divisors[sample]! : report.zero;
}

function writeLabels(report: Report, sample: number, out: LineSink): void {
  const { texts, numbers } = labelGroups(report.profile, sample);
  const lines = [...texts].map(([key, values]) => `${padLeft(key, 10)}:  ${values.join(' ')}`);
  for (const line of lines.sort(compareUtf8)) out.line(line);
  const numeric = [...numbers].map(([key, group]) => {
    const unit = report.labelUnits.get(key) ?? '';
    return `${padLeft(key, 10)}:  ${group.numbers.map((n) => scaledLabel(n, unit, 'auto')).join(' ')}`;
  });
  for (const line of numeric.sort(compareUtf8)) out.line(line);
}
