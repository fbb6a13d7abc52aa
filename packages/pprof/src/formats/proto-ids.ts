import { corrupt, VARINT, type WireReader } from '../wire.js';

/**
 * Ids as small numbers. An id below 2^31 stands for itself; a larger one (legal, never seen) gets a number of
 * its own, so that columns of ids need 32 bits only.
 */
export class NarrowIds {
  private wide: Map<bigint, number> | null = null;

  of(reader: WireReader): number {
    if (reader.isSmall) return reader.lo;
    this.wide ??= new Map();
    const id = reader.bigUnsigned();
    let narrow = this.wide.get(id);
    if (narrow === undefined) {
      narrow = 0x80000000 + this.wide.size;
      this.wide.set(id, narrow);
    }
    return narrow;
  }
}

/** From narrow ids to row indexes; ids 1 … n in order need no table. */
export class IdIndex {
  private readonly count: number;
  private readonly map: Map<number, number> | null;

  constructor(ids: Uint32Array, what: string) {
    this.count = ids.length;
    let sequential = true;
    for (let i = 0; i < ids.length; i++) {
      if (ids[i] === 0) throw corrupt(`found ${what} with reserved id=0`);
      if (ids[i] !== i + 1) sequential = false;
    }
    if (sequential) {
      this.map = null;
      return;
    }
    this.map = new Map();
    for (let i = 0; i < ids.length; i++) this.map.set(ids[i]!, i);
    if (this.map.size !== ids.length) throw corrupt(`multiple ${what}s with the same id`);
  }

  get sequential(): boolean {
    return this.map === null;
  }

  /** −1 where no row has that id. */
  get(id: number): number {
    if (this.map === null) return id === 0 || id > this.count ? -1 : id - 1;
    return this.map.get(id) ?? -1;
  }
}

/** A string index; 2^32 − 1 for what is out of every range, found out when it is looked up. */
export function stringIndex(r: WireReader): number {
  r.expect(VARINT);
  return r.isSmall ? r.lo : 0xffffffff;
}

/** Throws TM_PROFILE_CORRUPT unless all of them are indexes of strings. */
export function checkStrings(indexes: Uint32Array, stringCount: number): Uint32Array {
  for (let i = 0; i < indexes.length; i++) if (indexes[i]! >= stringCount) throw corrupt('a string is not there');
  return indexes;
}
