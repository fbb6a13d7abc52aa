import type { Profile } from './profile.js';
import { WireWriter } from './wire.js';

/**
 * Writes profile.proto, uncompressed, byte for byte as google/pprof does: strings are numbered in the order in
 * which that writer meets them, labels are sorted by key with strings before numbers.
 */
export function encodeProfile(p: Profile): Uint8Array {
  const out = new WireWriter();
  const strings = new OutputStrings(p);
  const typeIndexes = p.sampleTypes.map((t) => ({ type: strings.ofText(t.type), unit: strings.ofText(t.unit) }));
  const labels = encodeOrder(p, strings);
  const mappingStrings = p.mappings.map((m) => ({ file: strings.ofText(m.file), build: strings.ofText(m.buildId) }));
  for (let f = 0; f < p.functionCount; f++) {
    strings.of(p.functionNames[f]!);
    strings.of(p.functionSystemNames[f]!);
    strings.of(p.functionFiles[f]!);
  }
  const dropFrames = strings.ofText(p.dropFrames);
  const keepFrames = strings.ofText(p.keepFrames);
  const periodType = { type: strings.ofText(p.periodType.type), unit: strings.ofText(p.periodType.unit) };
  const comments = p.comments.map((c) => strings.ofText(c));
  const defaultSampleType = strings.ofText(p.defaultSampleType);
  const docUrl = strings.ofText(p.docUrl);

  for (const t of typeIndexes) {
    out.nested(1, () => {
      out.optional(1, t.type);
      out.optional(2, t.unit);
    });
  }
  const width = p.sampleTypes.length;
  const locationIds = p.locationIds;
  for (let s = 0; s < p.sampleCount; s++) {
    out.nested(2, () => {
      const from = p.stackStarts[s]!;
      const to = p.stackStarts[s + 1]!;
      if (to - from > 2) {
        out.nested(1, () => {
          if (locationIds) for (let i = from; i < to; i++) out.varint(locationIds[p.stackLocations[i]!]!);
          else for (let i = from; i < to; i++) out.varint(p.stackLocations[i]! + 1);
        });
      } else {
        for (let i = from; i < to; i++) out.always(1, p.locationId(p.stackLocations[i]!));
      }
      out.repeated(2, p.values.subarray(s * width, (s + 1) * width));
      for (const label of labels(s)) {
        out.nested(3, () => {
          out.optional(1, strings.of(p.labelKeys[label]!));
          if (p.labelTexts[label] !== 0) out.optional(2, strings.of(p.labelTexts[label]!));
          else {
            out.optional(3, p.labelNumbers[label]!);
            out.optional(4, strings.of(p.labelUnits[label]!));
          }
        });
      }
    });
  }
  p.mappings.forEach((m, i) => {
    out.nested(3, () => {
      out.optional(1, m.id);
      out.optional(2, m.start);
      out.optional(3, m.limit);
      out.optional(4, m.offset);
      out.optional(5, mappingStrings[i]!.file);
      out.optional(6, mappingStrings[i]!.build);
      out.optional(7, m.hasFunctions ? 1 : 0);
      out.optional(8, m.hasFilenames ? 1 : 0);
      out.optional(9, m.hasLineNumbers ? 1 : 0);
      out.optional(10, m.hasInlineFrames ? 1 : 0);
    });
  });
  for (let l = 0; l < p.locationCount; l++) {
    out.nested(4, () => {
      out.optional(1, p.locationId(l));
      const mapping = p.locationMappings[l]!;
      if (mapping !== 0) out.optional(2, p.mappings[mapping - 1]!.id);
      out.optional(3, p.locationAddresses[l]!);
      for (let i = p.lineStarts[l]!; i < p.lineStarts[l + 1]!; i++) {
        out.nested(4, () => {
          out.optional(1, p.functionId(p.lineFunctions[i]!));
          out.optional(2, p.lineNumbers[i]!);
          out.optional(3, p.lineColumns[i]!);
        });
      }
      out.optional(5, p.locationFolded[l]!);
    });
  }
  for (let f = 0; f < p.functionCount; f++) {
    out.nested(5, () => {
      out.optional(1, p.functionId(f));
      out.optional(2, strings.of(p.functionNames[f]!));
      out.optional(3, strings.of(p.functionSystemNames[f]!));
      out.optional(4, strings.of(p.functionFiles[f]!));
      out.optional(5, p.functionStartLines[f]!);
    });
  }
  strings.write(out, 6);
  out.optional(7, dropFrames);
  out.optional(8, keepFrames);
  out.optional(9, p.timeNanos);
  out.optional(10, p.durationNanos);
  if (periodType.type !== 0 || periodType.unit !== 0) {
    out.nested(11, () => {
      out.optional(1, periodType.type);
      out.optional(2, periodType.unit);
    });
  }
  out.optional(12, p.period);
  out.repeated(13, comments);
  out.always(14, defaultSampleType);
  out.optional(15, docUrl);
  return out.finish();
}

/** Strings renumbered by first use; equal texts under different indexes become one. */
class OutputStrings {
  private readonly p: Profile;
  private readonly byIndex: Int32Array;
  private readonly byText = new Map<string, number>([['', 0]]);
  private readonly utf8: Uint8Array[] = [new Uint8Array(0)];

  constructor(p: Profile) {
    this.p = p;
    this.byIndex = new Int32Array(p.strings.length).fill(-1);
  }

  of(index: number): number {
    const known = this.byIndex[index]!;
    if (known >= 0) return known;
    const text = this.p.strings.get(index);
    let out = this.byText.get(text);
    if (out === undefined) {
      out = this.utf8.push(this.p.strings.utf8(index)) - 1;
      this.byText.set(text, out);
    }
    this.byIndex[index] = out;
    return out;
  }

  ofText(text: string): number {
    const known = this.byText.get(text);
    if (known !== undefined) return known;
    const out = this.utf8.push(new TextEncoder().encode(text)) - 1;
    this.byText.set(text, out);
    return out;
  }

  write(out: WireWriter, field: number): void {
    for (const bytes of this.utf8) out.raw(field, bytes);
  }
}

/** Numbers the strings of all labels and answers, a sample, its labels in the order to write them. */
function encodeOrder(p: Profile, strings: OutputStrings): (sample: number) => readonly number[] {
  const sorted = (s: number): readonly number[] => {
    const from = p.labelStarts[s]!;
    const to = p.labelStarts[s + 1]!;
    if (to === from) return [];
    if (to === from + 1) return [from];
    const order = Array.from({ length: to - from }, (_, i) => from + i);
    const rank = (i: number) => (p.labelTexts[i] !== 0 ? 0 : 1);
    return order.sort(
      (a, b) =>
        rank(a) - rank(b) || compareUtf8(p.strings.get(p.labelKeys[a]!), p.strings.get(p.labelKeys[b]!)) || a - b,
    );
  };
  if (p.labelKeys.length > 0) {
    for (let s = 0; s < p.sampleCount; s++) {
      for (const i of sorted(s)) {
        strings.of(p.labelKeys[i]!);
        if (p.labelTexts[i] !== 0) strings.of(p.labelTexts[i]!);
        else strings.of(p.labelUnits[i]!);
      }
    }
  }
  return sorted;
}

/** Order of UTF-8 bytes, which is the order of code points; plain < would sort surrogate pairs too early. */
export function compareUtf8(a: string, b: string): number {
  if (a === b) return 0;
  const n = Math.min(a.length, b.length);
  for (let i = 0; i < n; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    const high = (c: number) => (c >= 0xd800 && c <= 0xdfff ? c + 0x10000 : c);
    return high(x) - high(y);
  }
  return a.length - b.length;
}
