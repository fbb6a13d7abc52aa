import type { Site } from '@tidemark/model';
import type { Profile } from './profile.js';

/** What one place has itself (flat) and together with all that it called (cum), in the units of the column. */
export interface AggregateRow {
  readonly site: Site;
  readonly flat: number;
  readonly cum: number;
}

/**
 * Flat and cumulative values of one column by function or by line, largest |flat| first. A place counts once a
 * sample in cum, however often it is on the stack. Names are normalised; by function, line is 0.
 */
export function aggregate(p: Profile, type: number, by: 'function' | 'line'): AggregateRow[] {
  const places = new Map<string, number>();
  const sites: Site[] = [];
  const placesOf: (Uint32Array | undefined)[] = new Array(p.locationCount);
  const width = p.sampleTypes.length;
  const resolve = (location: number): Uint32Array => {
    const rows = Uint32Array.from(p.locationSites(location), (frame) => {
      const site = { function: frame.function, file: frame.file, line: by === 'line' ? frame.line : 0 };
      const key = by === 'line' ? `${site.function}\n${site.file}\n${site.line}` : site.function;
      let row = places.get(key);
      if (row === undefined) {
        row = sites.push(site) - 1;
        places.set(key, row);
      }
      return row;
    });
    placesOf[location] = rows;
    return rows;
  };
  let flat = new Float64Array(1024);
  let cum = new Float64Array(1024);
  let seenAt = new Int32Array(1024).fill(-1);
  for (let s = 0; s < p.sampleCount; s++) {
    const value = Number(p.values[s * width + type]!);
    if (value === 0) continue;
    const from = p.stackStarts[s]!;
    const to = p.stackStarts[s + 1]!;
    for (let i = from; i < to; i++) {
      const rows = placesOf[p.stackLocations[i]!] ?? resolve(p.stackLocations[i]!);
      if (sites.length > flat.length) {
        flat = grown(flat, sites.length, 0);
        cum = grown(cum, sites.length, 0);
        seenAt = grown(seenAt, sites.length, -1);
      }
      for (let r = 0; r < rows.length; r++) {
        const row = rows[r]!;
        if (i === from && r === 0) flat[row] = flat[row]! + value;
        if (seenAt[row] === s) continue;
        seenAt[row] = s;
        cum[row] = cum[row]! + value;
      }
    }
  }
  return sites
    .map((site, i) => ({ site, flat: flat[i]!, cum: cum[i]! }))
    .sort((a, b) => Math.abs(b.flat) - Math.abs(a.flat) || Math.abs(b.cum) - Math.abs(a.cum));
}

function grown<T extends Float64Array | Int32Array>(array: T, atLeast: number, fill: number): T {
  const next = new (array.constructor as new (n: number) => T)(Math.max(atLeast, array.length * 2));
  next.set(array);
  next.fill(fill, array.length);
  return next;
}
