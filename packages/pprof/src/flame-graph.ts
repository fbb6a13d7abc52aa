import { type Site, TidemarkError } from '@tidemark/model';
import type { Profile } from './profile.js';

/**
 * A box of a flame graph: a function called by its parent's function. Values are those of one sample type; `base`
 * is the same of the profile that is compared with, 0 without one.
 */
export interface FlameNode {
  readonly name: string;
  readonly site: Site;
  /** Everything at and below this box. */
  value: number;
  /** What ends here, without callees. */
  self: number;
  base: number;
  baseSelf: number;
  /** Inlined into the parent in every sample. */
  inlined: boolean;
  /** Larger of value and base first. */
  children: FlameNode[];
}

export interface FlameGraph {
  readonly root: FlameNode;
  readonly sampleType: string;
  readonly unit: string;
  /** Boxes that were left out because they are smaller than minFraction of the whole. */
  readonly dropped: number;
  /** Depth of the deepest box; the root has 0. */
  readonly depth: number;
}

export interface FlameOptions {
  /** Sample type by name; the profile's default, else its last one. */
  readonly type?: string;
  /** What to compare with: boxes carry both values, and boxes that only the base has are there with value 0. */
  readonly base?: Profile;
  /** `line` makes lines of one function boxes of their own; `function` by default. */
  readonly by?: 'function' | 'line';
  /** Boxes below this share of the root (the larger of both) are left out; 0 by default. */
  readonly minFraction?: number;
}

/**
 * The tree of calls from the root down, for drawing: box width is value / root.value, a difference is coloured by
 * value − base. Negative samples count by their amount, so that a difference profile has widths too.
 */
export function flameGraph(p: Profile, options: FlameOptions = {}): FlameGraph {
  const name = options.type ?? (p.defaultSampleType || p.sampleTypes.at(-1)?.type || '');
  const type = p.typeIndex(name) >= 0 ? p.typeIndex(name) : options.type ? -1 : p.sampleTypes.length - 1;
  if (type < 0) throw new TidemarkError('TM_WRONG_PROFILE_TYPE', `the profile has no sample type ${name}`);
  const tree = new CallTree(options.by ?? 'function');
  tree.add(p, type, false);
  if (options.base) {
    const baseType = options.base.typeIndex(p.sampleTypes[type]!.type);
    if (baseType < 0) throw new TidemarkError('TM_WRONG_PROFILE_TYPE', `the base has no sample type ${name}`);
    tree.add(options.base, baseType, true);
  }
  const { type: sampleType, unit } = p.sampleTypes[type]!;
  return { sampleType, unit, ...tree.nodes(options.minFraction ?? 0) };
}

/** The tree as columns while samples are added: one row a box, row 0 the root. */
class CallTree {
  private readonly by: 'function' | 'line';
  private readonly places: Site[] = [];
  private readonly placeIds = new Map<string, number>();
  /** parent row × 2^26 + place → row. */
  private readonly rows = new Map<number, number>();
  private readonly parents: number[] = [-1];
  private readonly rowPlaces: number[] = [-1];
  private readonly inlined: boolean[] = [true];
  private readonly self: number[] = [0];
  private readonly baseSelf: number[] = [0];

  constructor(by: 'function' | 'line') {
    this.by = by;
  }

  add(p: Profile, type: number, isBase: boolean): void {
    const self = isBase ? this.baseSelf : this.self;
    const resolved: (number[] | undefined)[] = new Array(p.locationCount);
    const width = p.sampleTypes.length;
    for (let s = 0; s < p.sampleCount; s++) {
      const value = Math.abs(Number(p.values[s * width + type]!));
      if (value === 0) continue;
      let row = 0;
      for (let i = p.stackStarts[s + 1]! - 1; i >= p.stackStarts[s]!; i--) {
        const location = p.stackLocations[i]!;
        let places = resolved[location];
        if (places === undefined) {
          places = p.locationSites(location).map((site) => this.place(site));
          resolved[location] = places;
        }
        for (let k = places.length - 1; k >= 0; k--) row = this.child(row, places[k]!, k < places.length - 1);
      }
      self[row] = self[row]! + value;
    }
  }

  nodes(minFraction: number): { root: FlameNode; dropped: number; depth: number } {
    const count = this.parents.length;
    const value = Float64Array.from(this.self);
    const base = Float64Array.from(this.baseSelf);
    // Rows come after their parents, so one pass from the end sums up all subtrees.
    for (let row = count - 1; row > 0; row--) {
      const parent = this.parents[row]!;
      value[parent] = value[parent]! + value[row]!;
      base[parent] = base[parent]! + base[row]!;
    }
    const smallest = Math.max(value[0]!, base[0]!) * minFraction;
    const nodes: (FlameNode | undefined)[] = new Array(count);
    const depths = new Uint32Array(count);
    let dropped = 0;
    let depth = 0;
    for (let row = 0; row < count; row++) {
      const parent = row === 0 ? undefined : nodes[this.parents[row]!];
      if (row > 0 && (!parent || Math.max(value[row]!, base[row]!) < smallest)) {
        dropped++;
        continue;
      }
      const site = row === 0 ? { function: 'all', file: '', line: 0 } : this.places[this.rowPlaces[row]!]!;
      const node: FlameNode = {
        name: this.by === 'line' && row > 0 && site.line > 0 ? `${site.function}:${site.line}` : site.function,
        site,
        value: value[row]!,
        self: this.self[row]!,
        base: base[row]!,
        baseSelf: this.baseSelf[row]!,
        inlined: row > 0 && this.inlined[row]!,
        children: [],
      };
      nodes[row] = node;
      if (parent) {
        parent.children.push(node);
        depths[row] = depths[this.parents[row]!]! + 1;
        depth = Math.max(depth, depths[row]!);
      }
    }
    for (const node of nodes) {
      node?.children.sort(
        (a, b) => Math.max(b.value, b.base) - Math.max(a.value, a.base) || (a.name < b.name ? -1 : 1),
      );
    }
    return { root: nodes[0]!, dropped, depth };
  }

  private place(site: Site): number {
    const line = this.by === 'line' ? site.line : 0;
    const key = this.by === 'line' ? `${site.function}\n${site.file}\n${line}` : site.function;
    let id = this.placeIds.get(key);
    if (id === undefined) {
      id = this.places.push({ function: site.function, file: site.file, line }) - 1;
      this.placeIds.set(key, id);
    }
    return id;
  }

  private child(parent: number, place: number, inlined: boolean): number {
    const key = parent * 0x4000000 + place;
    let row = this.rows.get(key);
    if (row === undefined) {
      row = this.parents.push(parent) - 1;
      this.rowPlaces.push(place);
      this.inlined.push(inlined);
      this.self.push(0);
      this.baseSelf.push(0);
      this.rows.set(key, row);
    } else if (!inlined) this.inlined[row] = false;
    return row;
  }
}
