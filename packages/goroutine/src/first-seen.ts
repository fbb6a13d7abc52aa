import type { StackGroup } from '@tidemark/model';
import { stackKey } from './group.js';

/**
 * Our own age of waits. The runtime's minutes are made by the GC (none before a second one saw the block) and are
 * lost for all later dumps once a goroutineleak profile was taken; so each goroutine's first sighting at its
 * present stack is kept by id. An id that moves starts again; an id that is gone is forgotten.
 */
export class FirstSeen {
  #seen = new Map<number, { stack: number; atMs: number }>();
  readonly #stacks = new Map<string, number>();
  readonly #maxGoroutines: number;

  /** Beyond `maxGoroutines` further ids are not followed: their age is unknown, never wrong. */
  constructor(maxGoroutines = 200_000) {
    this.#maxGoroutines = maxGoroutines;
  }

  /** Takes a whole look; looks must come in the order of time. */
  add(atMs: number, groups: readonly StackGroup[]): void {
    const now = new Map<number, { stack: number; atMs: number }>();
    for (const group of groups) {
      if (group.ids.length === 0) continue;
      const key = stackKey(group);
      let stack = this.#stacks.get(key);
      if (stack === undefined) {
        stack = this.#stacks.size;
        this.#stacks.set(key, stack);
      }
      for (const id of group.ids) {
        if (now.size >= this.#maxGoroutines) break;
        const before = this.#seen.get(id);
        now.set(id, before?.stack === stack ? before : { stack, atMs });
      }
    }
    this.#seen = now;
  }

  /** When the goroutine was first seen at the stack that it has now, in milliseconds since 1970. */
  since(id: number): number | null {
    return this.#seen.get(id)?.atMs ?? null;
  }

  /** The earliest of these ids; null where none was followed. */
  oldest(ids: readonly number[]): number | null {
    let oldest: number | null = null;
    for (const id of ids) {
      const atMs = this.since(id);
      if (atMs !== null && (oldest === null || atMs < oldest)) oldest = atMs;
    }
    return oldest;
  }
}
