import { Uint32List } from './columns.js';

/**
 * Gives equal sequences of numbers equal indexes: stacks (with one more number for what else must be equal) are
 * interned without making a key string of each. Open addressing over a flat store.
 *
 * Profiles of one process list their rows in much the same order. What followed a row the last time is therefore looked
 * at first: it is right nearly always, and it lies beside the row in memory where a hash leads anywhere.
 */
export class StackTable {
  readonly starts = new Uint32List(1024);
  readonly items: Uint32List;
  readonly extras = new Uint32List(1024);
  length = 0;
  /** By 1 + index of a row, 1 + the index of the one that came next; 0 where nobody knows. At 0: the first of all. */
  private readonly followers = new Uint32List(1024);
  /** 1 + the index of the row that came last, 0 for none. */
  private last = 0;
  private slots = new Int32Array(2048).fill(-1);
  private hashes = new Uint32List(1024);
  /** Other hashes each time, so that nobody can prepare an input whose rows all collide. */
  private readonly seed = (Math.random() * 4294967296) | 0;

  constructor(capacity = 4096) {
    this.items = new Uint32List(capacity);
    this.starts.push(0);
    this.followers.push(0);
  }

  /** The row that is likely next, −1 when nobody knows. Who finds it right says so with `follow`. */
  get likely(): number {
    return this.followers.array[this.last]! - 1;
  }

  /** Says that row `index` came next. */
  follow(index: number): void {
    this.followers.array[this.last] = index + 1;
    this.last = index + 1;
  }

  /** Says that rows come from their beginning again. */
  restart(): void {
    this.last = 0;
  }

  /** The index of items[from … to) with that extra; the same as `length` before the call when it is new. */
  intern(items: ArrayLike<number>, from: number, to: number, extra: number): number {
    const { likely } = this;
    const isLikely = likely >= 0 && this.extras.array[likely] === extra && this.equal(likely, items, from, to);
    const index = isLikely ? likely : this.find(items, from, to, extra);
    this.follow(index);
    return index;
  }

  private find(items: ArrayLike<number>, from: number, to: number, extra: number): number {
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
    this.slots[slot] = this.length;
    return this.append(items, from, to, extra, hash);
  }

  private append(items: ArrayLike<number>, from: number, to: number, extra: number, hash: number): number {
    const index = this.length++;
    this.items.reserve(to - from);
    const store = this.items.array;
    let n = this.items.length;
    for (let i = from; i < to; i++) store[n++] = items[i]!;
    this.items.length = n;
    this.starts.push(n);
    this.extras.push(extra);
    this.hashes.push(hash);
    this.followers.push(0);
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
