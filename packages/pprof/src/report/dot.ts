import { basePath } from './go-format.js';
import { cumValue, flatValue, type GraphEdge, type GraphNode, mean, nodeName, weightValue } from './graph.js';
import { type GraphTag, sortTags } from './graph-tags.js';
import { reportLabels } from './header.js';
import { abs, add, divide, type Int, multiply } from './int.js';
import { type NodeInfo, nameParts } from './node-info.js';
import type { Report } from './report.js';
import { shortFunctionName } from './short-name.js';
import type { LineSink } from './sink.js';
import { sortEdges } from './trim.js';
import { trimmedGraph } from './trimmed-graph.js';
import { percentage, scaledLabel, scaleUnit } from './units.js';

/** Boxes for tags at one node: so many string labels, and so many groups of numbers at each. */
const MAX_NODELETS = 4;

/** -dot: the call graph for Graphviz. */
export function writeDot(report: Report, out: LineSink): void {
  const trimmed = trimmedGraph(report);
  report.settleUnit(trimmed.graph);
  const labels = reportLabels(report, trimmed, true);
  out.line(`digraph "${report.title || 'unnamed'}" {`);
  out.line('node [style=filled fillcolor="#f8f8f8"]');
  const legend = `label="${labels.map(escapeText).join('\\l')}\\l"`;
  const tooltip = report.title === '' ? '' : ` tooltip="${report.title}"`;
  out.line(`subgraph cluster_L { "${escapeText(labels[0]!)}" [shape=box fontsize=16 ${legend}${tooltip}] }`);
  const { nodes } = trimmed.graph;
  const ids = new Map<GraphNode, number>(nodes.map((n, i) => [n, i + 1]));
  const maxFlat = nodes.reduce((max, n) => Math.max(max, Number(abs(flatValue(n)))), 0);
  const withNodelets = new Set<GraphNode>();
  const edges: GraphEdge[] = [];
  for (const n of nodes) {
    writeNode(report, n, ids.get(n)!, maxFlat, out);
    if (writeNodelets(report, n, ids.get(n)!, out)) withNodelets.add(n);
    edges.push(...n.out);
  }
  for (const e of sortEdges(edges)) {
    writeEdge(report, e, ids.get(e.source) ?? 0, ids.get(e.target) ?? 0, withNodelets.has(e.source), out);
  }
  out.line('}');
}

function writeNode(report: Report, n: GraphNode, id: number, maxFlat: number, out: LineSink): void {
  const flat = flatValue(n);
  const cum = cumValue(n);
  const share = (v: Int) => percentage(v, report.total).trim();
  const flatText = report.format(flat);
  let label = multilineName(n.info) + (flat ? `${flatText} (${share(flat)})` : '0');
  let cumText = flatText;
  if (cum !== flat) {
    cumText = report.format(cum);
    label += `${flat ? '\\n' : ' '}of ${cumText} (${share(cum)})`;
  }
  let fontSize = 8;
  const size = Number(abs(flat));
  if (maxFlat !== 0 && size !== 0 && size <= maxFlat) fontSize += Math.ceil(16 * Math.sqrt(size / maxFlat));
  const score = Number(cum) / Number(abs(report.total));
  out.line(
    `N${id} [label="${label}" id="node${id}" fontsize=${fontSize} shape=box tooltip="${escapeText(nodeName(n))} (${cumText})" ` +
      `color="${dotColor(score, false)}" fillcolor="${dotColor(score, true)}"]`,
  );
}

/** Boxes for the tags of a node; true when there are any. Inner nodes show flat values, leaves cumulative ones. */
function writeNodelets(report: Report, n: GraphNode, id: number, out: LineSink): boolean {
  const flatTags = n.out.length > 0;
  let any = false;
  sortTags([...n.labelTags], flatTags)
    .slice(0, MAX_NODELETS)
    .forEach((t, i) => {
      const w = flatTags ? mean(t.flat, t.flatDiv) : mean(t.cum, t.cumDiv);
      if (!w) return;
      any = true;
      const weight = report.format(w);
      out.line(`N${id}_${i} [label = "${t.name}" id="N${id}_${i}" fontsize=8 shape=box3d tooltip="${weight}"]`);
      out.line(`N${id} -> N${id}_${i} [label=" ${weight}" weight=100 tooltip="${weight}" labeltooltip="${weight}"]`);
      const numbers = n.numericTags.get(t.name);
      if (numbers && writeNumbers(report, numbers, flatTags, `N${id}_${i}`, out)) any = true;
    });
  const loose = n.numericTags.get('');
  if (loose && writeNumbers(report, loose, flatTags, `N${id}`, out)) any = true;
  return any;
}

function writeNumbers(report: Report, tags: GraphTag[], flatTags: boolean, source: string, out: LineSink): boolean {
  let any = false;
  collapse(tags, flatTags).forEach((t, i) => {
    const flat = mean(t.flat, t.flatDiv);
    const cum = mean(t.cum, t.cumDiv);
    const isFlat = flatTags || flat === cum;
    const w = isFlat ? flat : cum;
    if (!w) return;
    any = true;
    const weight = report.format(w);
    const style = isFlat ? '' : ' style="dotted"';
    out.line(`N${source}_${i} [label = "${t.name}" id="N${source}_${i}" fontsize=8 shape=box3d tooltip="${weight}"]`);
    out.line(
      `${source} -> N${source}_${i} [label=" ${weight}" weight=100 tooltip="${weight}" labeltooltip="${weight}"${style}]`,
    );
  });
  return any;
}

/** At most four tags: the heaviest found groups, every other one joins the group that is nearest in value. */
function collapse(tags: GraphTag[], flatTags: boolean): GraphTag[] {
  const sorted = sortTags([...tags], flatTags);
  if (sorted.length <= MAX_NODELETS) return sorted;
  const groups = sorted.slice(0, MAX_NODELETS).map((t) => [t]);
  for (const t of sorted.slice(MAX_NODELETS)) {
    let nearest = groups[0]!;
    let distance = tagDistance(t, nearest[0]!);
    for (const group of groups.slice(1)) {
      const d = tagDistance(t, group[0]!);
      if (d >= distance) continue;
      nearest = group;
      distance = d;
    }
    nearest.push(t);
  }
  return sortTags(groups.map(groupTag), flatTags);
}

function tagDistance(t: GraphTag, u: GraphTag): number {
  return Math.abs(scaleUnit(u.value, u.unit, t.unit).value - Number(t.value));
}

function groupTag(group: GraphTag[]): GraphTag {
  const first = group[0]!;
  const zero: Int = typeof first.flat === 'bigint' ? 0n : 0;
  const label = (t: GraphTag) => scaledLabel(t.value, t.unit, 'auto');
  if (group.length === 1) {
    const [flat, cum] = [mean(first.flat, first.flatDiv), mean(first.cum, first.cumDiv)];
    return { ...first, name: label(first), flat, cum, flatDiv: zero, cumDiv: zero };
  }
  let min = first;
  let max = first;
  let [flat, flatDiv, cum, cumDiv] = [first.flat, first.flatDiv, first.cum, first.cumDiv];
  for (const t of group.slice(1)) {
    if (Math.trunc(scaleUnit(t.value, t.unit, min.unit).value) < Number(min.value)) min = t;
    if (Math.trunc(scaleUnit(t.value, t.unit, max.unit).value) > Number(max.value)) max = t;
    flat = add(flat, t.flat);
    flatDiv = add(flatDiv, t.flatDiv);
    cum = add(cum, t.cum);
    cumDiv = add(cumDiv, t.cumDiv);
  }
  return {
    ...{ name: `${label(min)}..${label(max)}`, unit: '', value: zero, flatDiv: zero, cumDiv: zero },
    ...{ flat: mean(flat, flatDiv), cum: mean(cum, cumDiv) },
  };
}

function writeEdge(report: Report, e: GraphEdge, from: number, to: number, nodelets: boolean, out: LineSink): void {
  const value = weightValue(e);
  const text = report.format(value);
  let attributes = `label=" ${text}${e.inline ? '\\n (inline)' : ''}"`;
  if (report.total) {
    const share = (factor: number) => Math.min(Number(abs(divide(multiply(value, factor), report.total))), factor);
    const weight = 1 + share(100);
    if (weight > 1) attributes += ` weight=${weight}`;
    const width = 1 + share(5);
    if (width > 1) attributes += ` penwidth=${width}`;
    attributes += ` color="${dotColor(Number(value) / Number(abs(report.total)), false)}"`;
  }
  const arrow = e.residual ? '...' : '->';
  const tooltip = `"${escapeText(nodeName(e.source))} ${arrow} ${escapeText(nodeName(e.target))} (${text})"`;
  attributes += ` tooltip=${tooltip} labeltooltip=${tooltip}`;
  if (e.residual) attributes += ' style="dotted"';
  if (nodelets) attributes += ' minlen=2';
  out.line(`N${from} -> N${to} [${attributes}]`);
}

/** −1 is green, 0 grey, 1 red; backgrounds are pale. Small scores are moved away from grey, to be told apart. */
function dotColor(score: number, background: boolean): string {
  const value = background ? 0.93 : 0.7;
  let saturation = background ? 0.1 : 1;
  // Go's Max and Min keep NaN, and its conversion to a byte makes 0 of it.
  let s = Math.max(-1, Math.min(1, score));
  if (Math.abs(s) < 0.2) saturation *= Math.abs(s) / 0.2;
  if (s > 0) s = s ** 0.3;
  if (s < 0) s = -((-s) ** 0.3);
  const red = s < 0 ? value * (1 + saturation * s) : value;
  const green = s < 0 ? value : value * (1 - saturation * s);
  const blue = value * (1 - saturation);
  const hex = (part: number) => (Math.trunc(part * 255) & 0xff).toString(16).padStart(2, '0');
  return `#${hex(red)}${hex(green)}${hex(blue)}`;
}

function multilineName(info: NodeInfo): string {
  const name = escapeText(shortFunctionName(info.name))
    .replaceAll('::', '\\n')
    .replaceAll('[...]', '[…]')
    .replaceAll('.', '\\n');
  const file = info.file === '' ? '' : basePath(info.file);
  return `${nameParts({ ...info, name, file }).join('\\n')}\\n`;
}

function escapeText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\l');
}
