import { ProfileBuilder } from './builder.js';
import type { Profile } from './profile.js';

/**
 * A profile from text, for tests and examples. The first line names the sample types as type/unit; every other
 * line is a sample: its values, then `;`-separated frames from root to leaf (`function@file:line`, file and line
 * optional), then labels: `key=text` or `key=#number[unit]`.
 *
 *     inuse_objects/count inuse_space/bytes
 *     3 4096   main.main@main.go:10;main.fill@fill.go:7   bytes=#1024bytes
 *
 * A `+` before a frame says that it is inlined into the frame before it.
 */
export function parseTextProfile(text: string): Profile {
  const b = new ProfileBuilder('stacks');
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('//'));
  b.sampleTypes = (lines.shift() ?? '').split(/\s+/).map((t) => {
    const [type, unit] = t.split('/');
    return { type: type!, unit: unit ?? 'count' };
  });
  b.periodType = b.sampleTypes.at(-1)!;
  b.period = 1n;
  b.mappings = [
    {
      id: 1n,
      start: 0x400000n,
      limit: 0x800000n,
      offset: 0n,
      file: '/bin/test',
      buildId: '',
      hasFunctions: true,
      hasFilenames: true,
      hasLineNumbers: true,
      hasInlineFrames: true,
    },
  ];
  const functions = new Map<string, number>();
  const locations = new Map<string, number>();
  const width = b.sampleTypes.length;
  for (const line of lines) {
    const words = line.split(/\s+/);
    const values = words.slice(0, width).map((v) => (Number.isSafeInteger(Number(v)) ? Number(v) : BigInt(v)));
    const groups: string[][] = [];
    for (const frame of (words[width] ?? '').split(';').filter((f) => f !== '' && f !== '-')) {
      // Lines of a location are innermost first, so what is inlined goes before its caller.
      if (frame.startsWith('+')) groups.at(-1)!.unshift(frame.slice(1));
      else groups.push([frame]);
    }
    const stack = groups.reverse().map((group) => {
      const key = group.join(';');
      let location = locations.get(key);
      if (location === undefined) {
        const frames = group.map((f) => {
          // Paths of modules have an @ as well, names have none.
          const at = f.indexOf('@');
          const name = at < 0 ? f : f.slice(0, at);
          const place = at < 0 ? '' : f.slice(at + 1);
          const colon = place.lastIndexOf(':');
          const file = colon < 0 ? place : place.slice(0, colon);
          const id = `${name}@${file}`;
          let fn = functions.get(id);
          if (fn === undefined) {
            fn = b.addFunction(name, file);
            functions.set(id, fn);
          }
          return { fn, line: colon < 0 ? 0 : Number(place.slice(colon + 1)) };
        });
        location = b.addLocation(BigInt(0x400000 + locations.size * 16), frames, 1);
        locations.set(key, location);
      }
      return location;
    });
    b.addSample(stack, values);
    for (const label of words.slice(width + 1)) {
      const equals = label.indexOf('=');
      const key = label.slice(0, equals);
      const value = label.slice(equals + 1);
      const number = /^#(-?\d+)(.*)$/.exec(value);
      if (number) b.addNumberLabel(key, Number(number[1]), number[2]);
      else b.addTextLabel(key, value);
    }
  }
  return b.build();
}
