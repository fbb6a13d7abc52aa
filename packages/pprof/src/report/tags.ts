import { labelGroups } from '../transform/label-groups.js';
import { sortTags } from './graph-tags.js';
import { add, type Int } from './int.js';
import type { Report } from './report.js';
import type { LineSink } from './sink.js';
import { alignRight } from './tab-table.js';
import { percentage, scaledLabel } from './units.js';

/** -tags: every label key with its values and how much of the profile has them. */
export function writeTags(report: Report, out: LineSink): void {
  const p = report.profile;
  const byKey = new Map<string, { total: Int; values: Map<string, Int> }>();
  const count = (key: string, value: string, amount: Int) => {
    let tag = byKey.get(key);
    if (!tag) {
      tag = { total: report.zero, values: new Map() };
      byKey.set(key, tag);
    }
    tag.total = add(tag.total, amount);
    tag.values.set(value, add(tag.values.get(value) ?? report.zero, amount));
  };
  for (let s = 0; s < p.sampleCount; s++) {
    const amount = report.sample.values[s]!;
    const groups = labelGroups(p, s);
    for (const [key, texts] of groups.texts) for (const text of texts) count(key, text, amount);
    for (const [key, { numbers }] of groups.numbers) {
      const unit = report.labelUnits.get(key) ?? '';
      for (const n of numbers) count(key, scaledLabel(n, unit, report.outputUnit), amount);
    }
  }
  const total = report.total;
  const share = (value: Int) => (total > 0 ? ` (${percentage(value, total)})` : '');
  const lines: string[] = [];
  const keys = [...byKey.keys()].map((name) => ({ name, flat: report.zero, cum: report.zero }));
  for (const { name: key } of sortTags(keys, true)) {
    const tag = byKey.get(key)!;
    lines.push(`${key}:\t Total ${report.format(tag.total)} of ${report.format(total)}${share(tag.total)}`);
    const values = [...tag.values].map(([name, flat]) => ({ name, flat, cum: flat }));
    for (const { name, flat } of sortTags(values, true)) {
      lines.push(` \t${report.format(flat)}${share(flat)}:\t ${name}`);
    }
    lines.push('');
  }
  for (const line of alignRight(lines)) out.line(line);
}
