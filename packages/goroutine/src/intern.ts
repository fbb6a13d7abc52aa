import { TidemarkError } from '@tidemark/model';

/**
 * Gives equal byte strings one small number. Open addressing over one arena of bytes: nothing is allocated for
 * a string that was seen before, which is what nearly every line of a dump is. Bytes are compared, not only
 * hashes: two texts that were made to collide stay two texts.
 */
export class ByteTable {
  #slots = new Int32Array(1024).fill(-1);
  #bytes = new Uint8Array(1 << 16);
  #used = 0;
  /** Start of entry i; entry i ends where i + 1 starts. */
  readonly #starts: number[] = [0];
  readonly #hashes: number[] = [];
  readonly #maxBytes: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get size(): number {
    return this.#hashes.length;
  }

  /** The number of the first `length` bytes of `key`. Throws TM_LIMIT when the distinct ones outgrow the limit. */
  intern(key: Uint8Array, length: number, hash: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const id = this.#slots[slot]!;
      if (id < 0) return this.#add(key, length, hash, slot);
      if (this.#hashes[id] === hash && this.#equals(id, key, length)) return id;
    }
  }

  /** All bytes; entry `id` lies from `startOf(id)` to `endOf(id)`. Another array after each `intern` that grows it. */
  get arena(): Uint8Array {
    return this.#bytes;
  }

  startOf(id: number): number {
    return this.#starts[id]!;
  }

  endOf(id: number): number {
    return this.#starts[id + 1]!;
  }

  /** The bytes of entry `id`, as a view. */
  bytes(id: number): Uint8Array {
    return this.#bytes.subarray(this.#starts[id], this.#starts[id + 1]);
  }

  #equals(id: number, key: Uint8Array, length: number): boolean {
    const start = this.#starts[id]!;
    if (this.#starts[id + 1]! - start !== length) return false;
    const bytes = this.#bytes;
    for (let i = 0; i < length; i++) if (bytes[start + i] !== key[i]) return false;
    return true;
  }

  #add(key: Uint8Array, length: number, hash: number, slot: number): number {
    const end = this.#used + length;
    if (end > this.#maxBytes) {
      throw new TidemarkError('TM_LIMIT', `the dump has more than ${this.#maxBytes} bytes of different lines`, {
        advice: 'Raise maxDistinctBytes if you trust the input.',
      });
    }
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.min(this.#maxBytes, Math.max(end, this.#bytes.length * 2)));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    for (let i = 0; i < length; i++) this.#bytes[this.#used + i] = key[i]!;
    this.#used = end;
    const id = this.#hashes.length;
    this.#hashes.push(hash);
    this.#starts.push(end);
    this.#slots[slot] = id;
    if (this.#hashes.length * 2 > this.#slots.length) this.#grow();
    return id;
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 2).fill(-1);
    const mask = slots.length - 1;
    for (let id = 0; id < this.#hashes.length; id++) {
      let slot = this.#hashes[id]! & mask;
      while (slots[slot]! >= 0) slot = (slot + 1) & mask;
      slots[slot] = id;
    }
    this.#slots = slots;
  }
}

/** One step of the hash that keys of ByteTable carry (FNV-1a, 32 bits). */
export function hashStep(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, 0x01000193);
}

export const HASH_START = 0x811c9dc5 | 0;

/** Spreads the bits of a finished hash, so that its low ones can pick a slot. */
export function hashEnd(hash: number): number {
  const h = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return h ^ (h >>> 13);
}
