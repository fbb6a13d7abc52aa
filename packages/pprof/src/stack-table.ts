import { Uint32List } from './columns.js';

/**
 * Gives equal sequences of numbers equal indexes: stacks (with one more number for what else must be equal) are
 * interned without making a key string of each. Open addressing over a flat store.
 */
export class StackTable {
  readonly starts = new Uint32List(1024);
  readonly items: Uint32List;
  readonly extras = new Uint32List(1024);
  length = 0;
  private slots = new Int32Array(2048).fill(-1);
  private hashes = new Uint32List(1024);
  /** Other hashes each time, so that nobody can prepare an input whose rows all collide. */
  private readonly seed = (Math.random() * 4294967296) | 0;

  constructor(capacity = 4096) {
    this.items = new Uint32List(capacity);
    this.starts.push(0);
  }

  /** The index of items[from … to) with that extra; the same as `length` before the call when it is new. */
  intern(items: ArrayLike<number>, from: number, to: number, extra: number): number {
    let hash = Math.imul(extra ^ this.seed, 0x85ebca6b);
    for (let i = from; i < to; i++) {
      hash = Math.imul(hash ^ items[i]!, 0x01000193);
      hash ^= hash >>> 15;
    }
    hash >>>= 0;
    const mask = this.slots.length - 1;
    let slot = Math.imul(hash, 0x9e3779b1) >>> 7;
    for (slot &= mask; ; slot = (slot + 1) & mask) {
      const at = this.slots[slot]!;
      if (at < 0) break;
      if (this.hashes.array[at] === hash && this.extras.array[at] === extra && this.equal(at, items, from, to))
        return at;
    }
    const index = this.length++;
    this.items.reserve(to - from);
    const store = this.items.array;
    let n = this.items.length;
    for (let i = from; i < to; i++) store[n++] = items[i]!;
    this.items.length = n;
    this.starts.push(n);
    this.extras.push(extra);
    this.hashes.push(hash);
    this.slots[slot] = index;
    if (this.length * 2 > this.slots.length) this.rehash();
    return index;
  }

  private equal(at: number, items: ArrayLike<number>, from: number, to: number): boolean {
    const start = this.starts.array[at]!;
    if (this.starts.array[at + 1]! - start !== to - from) return false;
    const store = this.items.array;
    for (let i = from; i < to; i++) if (store[start + i - from] !== items[i]) return false;
    return true;
  }

  private rehash(): void {
    const slots = new Int32Array(this.slots.length * 2).fill(-1);
    const mask = slots.length - 1;
    for (let i = 0; i < this.length; i++) {
      let slot = (Math.imul(this.hashes.array[i]!, 0x9e3779b1) >>> 7) & mask;
      while (slots[slot]! >= 0) slot = (slot + 1) & mask;
      slots[slot] = i;
    }
    this.slots = slots;
  }
}
