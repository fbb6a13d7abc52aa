import { compareUtf8 } from '../encode.js';
import type { Mapping, Profile } from '../profile.js';
import { labelGroups } from '../transform/label-groups.js';
import { durationText, padLeft, timeText } from './go-format.js';
import type { Report } from './report.js';
import type { LineSink } from './sink.js';

/** -raw: everything that the profile holds, as text. */
export function writeRaw(report: Report, out: LineSink): void {
  const p = report.profile;
  for (const c of p.comments) out.line(`Comment: ${c}`);
  if (p.docUrl !== '') out.line(`Doc: ${p.docUrl}`);
  out.line(`PeriodType: ${p.periodType.type} ${p.periodType.unit}`);
  out.line(`Period: ${p.period}`);
  if (p.timeNanos !== 0n) out.line(`Time: ${timeText(p.timeNanos, report.host.timeZoneAt).raw}`);
  // Four characters of the duration's text: that is what Go's %.4v leaves of it.
  if (p.durationNanos !== 0n) out.line(`Duration: ${[...durationText(p.durationNanos)].slice(0, 4).join('')}`);
  out.line('Samples:');
  out.line(
    p.sampleTypes
      .map((t) => `${t.type}/${t.unit}${t.type === p.defaultSampleType ? '[dflt]' : ''} `)
      .join('')
      .trim(),
  );
  const width = p.sampleTypes.length;
  for (let s = 0; s < p.sampleCount; s++) {
    let line = '';
    for (let t = 0; t < width; t++) line += ` ${padLeft(String(p.values[s * width + t]!), 10)}`;
    line += ': ';
    for (let i = p.stackStarts[s]!; i < p.stackStarts[s + 1]!; i++) line += `${p.locationId(p.stackLocations[i]!)} `;
    out.line(line);
    writeLabels(p, s, out);
  }
  out.line('Locations');
  for (let l = 0; l < p.locationCount; l++) writeLocation(p, l, out);
  out.line('Mappings');
  for (const m of p.mappings) out.line(mappingText(m));
}

function writeLabels(p: Profile, sample: number, out: LineSink): void {
  const { texts, numbers } = labelGroups(p, sample);
  const indent = '                ';
  if (texts.size > 0) {
    const parts = [...texts].map(([key, values]) => `${key}:[${values.join(' ')}]`);
    out.line(indent + parts.sort(compareUtf8).join(' '));
  }
  if (numbers.size > 0) {
    const parts = [...numbers].map(([key, group]) => {
      const values = group.numbers.map((n, i) => (group.units ? `${n} ${group.units[i]}` : String(n)));
      return `${key}:[${values.join(' ')}]`;
    });
    out.line(indent + parts.sort(compareUtf8).join(' '));
  }
}

function writeLocation(p: Profile, l: number, out: LineSink): void {
  let start = `${padLeft(String(p.locationId(l)), 6)}: 0x${p.locationAddresses[l]!.toString(16)} `;
  const mapping = p.locationMappings[l]!;
  if (mapping !== 0) start += `M=${p.mappings[mapping - 1]!.id} `;
  if (p.locationFolded[l]) start += '[F] ';
  if (p.lineStarts[l] === p.lineStarts[l + 1]) out.line(start);
  for (let i = p.lineStarts[l]!; i < p.lineStarts[l + 1]!; i++) {
    const fn = p.lineFunctions[i]!;
    const name = p.strings.get(p.functionNames[fn]!);
    const system = p.strings.get(p.functionSystemNames[fn]!);
    const file = p.strings.get(p.functionFiles[fn]!);
    const place = `${file}:${p.lineNumbers[i]}:${p.lineColumns[i]} s=${p.functionStartLines[fn]}`;
    out.line(`${start}${name} ${place}${name === system ? '' : `(${system})`}`);
    start = '             ';
  }
}

function mappingText(m: Mapping): string {
  const hex = (n: bigint) => `0x${n.toString(16)}`;
  const flags = [
    m.hasFunctions ? '[FN]' : '',
    m.hasFilenames ? '[FL]' : '',
    m.hasLineNumbers ? '[LN]' : '',
    m.hasInlineFrames ? '[IN]' : '',
  ].join('');
  return `${m.id}: ${hex(m.start)}/${hex(m.limit)}/${hex(m.offset)} ${m.file} ${m.buildId} ${flags}`;
}
