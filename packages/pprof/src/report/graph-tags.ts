import { compareUtf8 } from '../encode.js';
import type { Profile } from '../profile.js';
import { labelGroups } from '../transform/label-groups.js';
import { add, byAmount, type Int } from './int.js';
import { scaledLabel } from './units.js';

/** A tag of a node: a set of string labels, or one value of the `bytes` label. */
export interface GraphTag {
  readonly name: string;
  readonly unit: string;
  readonly value: Int;
  flat: Int;
  flatDiv: Int;
  cum: Int;
  cumDiv: Int;
}

interface SampleTags {
  /** All string labels of a sample as one text, '' for none. */
  readonly label: string;
  readonly numbers: readonly { readonly name: string; readonly value: Int }[];
}

interface NodeTags {
  readonly labels: Map<string, GraphTag>;
  readonly numbers: Map<string, Map<string, GraphTag>>;
}

/**
 * Sums up the tags of nodes while a graph is built. Of numeric labels only `bytes` counts; values that print alike
 * in the output unit are one tag.
 */
export class TagIndex {
  private readonly p: Profile;
  private readonly unit: string;
  private readonly outputUnit: string;
  private readonly zero: Int;
  private readonly bySample = new Map<number, SampleTags>();
  private readonly byNode = new Map<number, NodeTags>();
  private current: SampleTags = { label: '', numbers: [] };

  constructor(p: Profile, bytesUnit: string, outputUnit: string, exact: boolean) {
    this.p = p;
    this.unit = bytesUnit;
    this.outputUnit = outputUnit;
    this.zero = exact ? 0n : 0;
  }

  enter(sample: number): void {
    let tags = this.bySample.get(sample);
    if (!tags) {
      const groups = labelGroups(this.p, sample);
      const labels: string[] = [];
      for (const [key, texts] of groups.texts) {
        // The mark of a base's samples is no label of the program.
        if (key !== 'pprof::base') for (const text of texts) labels.push(`${key}:${text}`);
      }
      const bytes = groups.numbers.get('bytes')?.numbers ?? [];
      tags = {
        label: labels.sort(compareUtf8).join('\\n'),
        numbers: bytes.map((value) => ({ name: scaledLabel(value, this.unit, this.outputUnit), value })),
      };
      this.bySample.set(sample, tags);
    }
    this.current = tags;
  }

  add(node: number, w: Int, dw: Int, flat: boolean): void {
    let tags = this.byNode.get(node);
    if (!tags) {
      tags = { labels: new Map(), numbers: new Map() };
      this.byNode.set(node, tags);
    }
    const { label, numbers } = this.current;
    if (label !== '') this.addTo(tags.labels, label, '', 0, w, dw, flat);
    let group = tags.numbers.get(label);
    if (!group) {
      group = new Map();
      tags.numbers.set(label, group);
    }
    for (const n of numbers) this.addTo(group, n.name, this.unit, n.value, w, dw, flat);
  }

  labelTags(node: number): GraphTag[] {
    return [...(this.byNode.get(node)?.labels.values() ?? [])];
  }

  numericTags(node: number): Map<string, GraphTag[]> {
    const out = new Map<string, GraphTag[]>();
    for (const [label, tags] of this.byNode.get(node)?.numbers ?? []) out.set(label, [...tags.values()]);
    return out;
  }

  private addTo(
    group: Map<string, GraphTag>,
    name: string,
    unit: string,
    value: Int,
    w: Int,
    dw: Int,
    flat: boolean,
  ): void {
    let tag = group.get(name);
    if (!tag) {
      tag = { name, unit, value, flat: this.zero, flatDiv: this.zero, cum: this.zero, cumDiv: this.zero };
      group.set(name, tag);
    }
    // Without a divisor dw is the number 0 even in exact reports.
    const divisor = typeof w === 'bigint' ? BigInt(dw) : dw;
    if (flat) {
      tag.flat = add(tag.flat, w);
      tag.flatDiv = add(tag.flatDiv, divisor);
    } else {
      tag.cum = add(tag.cum, w);
      tag.cumDiv = add(tag.cumDiv, divisor);
    }
  }
}

/** Heaviest first, by flat or by cum; then by flat; then by name. */
export function sortTags<T extends { name: string; flat: Int; cum: Int }>(tags: T[], byFlat: boolean): T[] {
  return tags.sort((a, b) => {
    if (!byFlat && a.cum !== b.cum) return byAmount(a.cum, b.cum);
    if (a.flat !== b.flat) return byAmount(a.flat, b.flat);
    return compareUtf8(a.name, b.name);
  });
}
