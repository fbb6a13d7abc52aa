import { type Frame, TidemarkError } from '@tidemark/model';
import type { Profile } from './profile.js';
import { StackTable } from './stack-table.js';

/**
 * Several snapshots of one program, aligned: a row is a stack together with an object size, and has one value a
 * snapshot and sample type.
 */
export interface ProfileSeries {
  readonly sampleTypes: readonly string[];
  readonly snapshotCount: number;
  readonly rowCount: number;
  /** Bytes of one object of a row's heap samples; 0 where the profile is of something else. */
  readonly objectBytes: Float64Array;
  /** columns[snapshot][type][row]; 0 where the snapshot has no such stack. */
  readonly columns: readonly (readonly Float64Array[])[];
  /** Frames of a row, normalised, leaf first. Made anew at each call: keep what you need. */
  sites(row: number): Frame[];
  /** The same number for rows with equal stacks, whatever their object size. */
  readonly stackOf: Uint32Array;
  readonly stackCount: number;
  /** The place ids of a stack, leaf first; `place(id)` gives the frame. Equal frames have equal ids. */
  stackPlaces(stack: number): Uint32Array;
  place(id: number): Frame;
  readonly placeCount: number;
}

/**
 * Aligns snapshots of one program by function, file and line (addresses move between processes, symbols do not)
 * and object size. Sample types are those that the first snapshot has; one that another lacks throws
 * TM_WRONG_PROFILE_TYPE. Memory: the distinct stacks once, and 8 bytes a row, snapshot and type.
 */
export function joinSeries(profiles: readonly Profile[]): ProfileSeries {
  const first = profiles[0];
  if (!first) throw new TidemarkError('TM_USAGE', 'no profiles to join');
  const types = first.sampleTypes.map((t) => t.type);
  const places: Frame[] = [];
  const placeIds = new Map<string, number>();
  const stacks = new StackTable(1 << 16);
  const rows = new StackTable();
  const sizes: number[] = [];
  const sizeIds = new Map<number, number>();
  const columns = profiles.map(() => types.map(() => new Float64Array(1024)));

  profiles.forEach((p, snapshot) => {
    const typeIndexes = types.map((type) => {
      const index = p.typeIndex(type);
      if (index < 0) {
        throw new TidemarkError('TM_WRONG_PROFILE_TYPE', `snapshot ${snapshot + 1} has no sample type ${type}`);
      }
      return index;
    });
    const placesOf: (Uint32Array | undefined)[] = new Array(p.locationCount);
    const resolve = (location: number): Uint32Array => {
      const ids = Uint32Array.from(p.locationSites(location), (frame) => {
        const key = `${frame.function}\n${frame.file}\n${frame.line}`;
        let id = placeIds.get(key);
        if (id === undefined) {
          id = places.push(frame) - 1;
          placeIds.set(key, id);
        }
        return id;
      });
      placesOf[location] = ids;
      return ids;
    };
    const sizeOf = objectSizes(p);
    const width = p.sampleTypes.length;
    const mine = columns[snapshot]!;
    let scratch = new Uint32Array(1024);
    for (let s = 0; s < p.sampleCount; s++) {
      let n = 0;
      for (let i = p.stackStarts[s]!; i < p.stackStarts[s + 1]!; i++) {
        const ids = placesOf[p.stackLocations[i]!] ?? resolve(p.stackLocations[i]!);
        if (n + ids.length > scratch.length) {
          const next = new Uint32Array((n + ids.length) * 2);
          next.set(scratch);
          scratch = next;
        }
        for (let k = 0; k < ids.length; k++) scratch[n++] = ids[k]!;
      }
      const stack = stacks.intern(scratch, 0, n, 0);
      const size = sizeOf(s);
      let sizeId = sizeIds.get(size);
      if (sizeId === undefined) {
        sizeId = sizes.push(size) - 1;
        sizeIds.set(size, sizeId);
      }
      const row = rows.intern([stack], 0, 1, sizeId);
      for (let t = 0; t < mine.length; t++) {
        let column = mine[t]!;
        if (row >= column.length) {
          const next = new Float64Array(Math.max(row + 1, column.length * 2));
          next.set(column);
          mine[t] = next;
          column = next;
        }
        column[row] = column[row]! + Number(p.values[s * width + typeIndexes[t]!]!);
      }
    }
  });

  const rowCount = rows.length;
  const stackOf = rows.items.finish();
  const stackPlaces = (stack: number) =>
    stacks.items.array.subarray(stacks.starts.array[stack]!, stacks.starts.array[stack + 1]!);
  return {
    sampleTypes: types,
    snapshotCount: profiles.length,
    rowCount,
    objectBytes: Float64Array.from({ length: rowCount }, (_, row) => sizes[rows.extras.array[row]!]!),
    columns: columns.map((byType) => byType.map((column) => exactly(column, rowCount))),
    sites: (row) => Array.from(stackPlaces(stackOf[row]!), (id) => places[id]!),
    stackOf,
    stackCount: stacks.length,
    stackPlaces,
    place: (id) => places[id]!,
    placeCount: places.length,
  };
}

function exactly(column: Float64Array, length: number): Float64Array {
  if (column.length >= length) return column.subarray(0, length);
  const next = new Float64Array(length);
  next.set(column);
  return next;
}

/** Bytes of one object of a sample: the label that Go writes, else what bytes ÷ objects says, else 0. */
function objectSizes(p: Profile): (sample: number) => number {
  const bytesKeys = new Set<number>();
  for (const key of new Set(p.labelKeys)) if (p.strings.get(key) === 'bytes') bytesKeys.add(key);
  const pairs = [
    ['inuse_objects', 'inuse_space'],
    ['alloc_objects', 'alloc_space'],
    ['objects', 'space'],
  ]
    .map(([objects, space]) => [p.typeIndex(objects!), p.typeIndex(space!)] as const)
    .filter(([objects, space]) => objects >= 0 && space >= 0);
  return (sample) => {
    for (let i = p.labelStarts[sample]!; i < p.labelStarts[sample + 1]!; i++) {
      if (bytesKeys.has(p.labelKeys[i]!) && p.labelTexts[i] === 0) return Number(p.labelNumbers[i]!);
    }
    for (const [objects, space] of pairs) {
      const count = p.value(sample, objects);
      if (count > 0) return Math.round(p.value(sample, space) / count);
    }
    return 0;
  };
}
