import { basePath, timeText } from './go-format.js';
import { flatValue } from './graph.js';
import { add, type Int } from './int.js';
import type { Report } from './report.js';
import type { TrimmedGraph } from './trimmed-graph.js';
import { percentage, scaledLabel, scaleUnit } from './units.js';

/** What a profile says of itself: file, build id, comments, type, time, duration. */
export function profileLabels(report: Report): string[] {
  const p = report.profile;
  const labels: string[] = [];
  const main = p.mappings[0];
  if (main?.file) labels.push(`File: ${basePath(main.file)}`);
  if (main?.buildId) labels.push(`Build ID: ${main.buildId}`);
  labels.push(...p.comments.filter((c) => !c.startsWith('#')));
  if (report.sampleType !== '') labels.push(`Type: ${report.sampleType}`);
  if (p.docUrl !== '') labels.push(`Doc: ${p.docUrl}`);
  if (p.timeNanos !== 0n) labels.push(`Time: ${timeText(p.timeNanos, report.host.timeZoneAt).header}`);
  if (p.durationNanos !== 0n) {
    const duration = scaledLabel(p.durationNanos, 'nanoseconds', 'auto');
    const total = scaleUnit(report.total, report.sampleUnit, 'nanoseconds');
    const share =
      total.unit === 'ns' && total.value !== 0 ? `(${percentage(Math.trunc(total.value), p.durationNanos)})` : '';
    labels.push(`Duration: ${duration}, Total samples = ${report.format(report.total)} ${share}`);
  }
  return labels;
}

/** The header of a report of nodes. `full` is for pictures: profile labels always, and a link that explains. */
export function reportLabels(report: Report, trimmed: TrimmedGraph, full: boolean): string[] {
  const { graph, origCount, droppedNodes, droppedEdges } = trimmed;
  const { options, total } = report;
  const labels = full || !options.compactLabels ? profileLabels(report) : [];
  const filters = activeFilters(report);
  if (filters.length > 0) labels.push('Active filters:', ...filters);
  let shown: Int = report.zero;
  for (const n of graph.nodes) shown = add(shown, flatValue(n));
  labels.push(
    `Showing nodes accounting for ${report.format(shown)}, ${percentage(shown, total).trim()} of ${report.format(total)} total`,
  );
  if (total) {
    const limit = (fraction: number) => report.format(Math.abs(Math.trunc(Number(total) * fraction)));
    const dropped = (count: number, what: string, by: string, fraction: number) =>
      `Dropped ${count} ${what}${count > 1 ? 's' : ''} (${by} <= ${limit(fraction)})`;
    if (droppedNodes > 0) labels.push(dropped(droppedNodes, 'node', 'cum', report.nodeFraction));
    if (full && droppedEdges > 0) labels.push(dropped(droppedEdges, 'edge', 'freq', report.edgeFraction));
    const count = graph.nodes.length;
    if (count > 0 && count < origCount) labels.push(`Showing top ${count} nodes out of ${origCount}`);
  }
  if (full) labels.push('\nSee https://git.io/JfYMW for how to read the graph');
  return labels;
}

/** Filters as `name=pattern`, cut at 80 bytes, indented. */
function activeFilters(report: Report): string[] {
  const o = report.options;
  const all: [string, string | undefined][] = [
    ['focus', o.focus],
    ['ignore', o.ignore],
    ['hide', o.hide],
    ['show', o.show],
    ['show_from', o.showFrom],
    ['tagfocus', o.tagFocus],
    ['tagignore', o.tagIgnore],
    ['tagshow', o.tagShow],
    ['taghide', o.tagHide],
  ];
  return all
    .filter(([, value]) => value)
    .map(([name, value]) => {
      const text = `${name}=${value}`;
      const bytes = new TextEncoder().encode(text);
      return `   ${bytes.length > 80 ? `${new TextDecoder().decode(bytes.subarray(0, 80))}…` : text}`;
    });
}
