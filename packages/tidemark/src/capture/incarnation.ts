/** Marks of one process that a look leaves. What is null was not to be had. */
export interface Marks {
  /** `pid:start` of a process on this machine: decides alone. */
  readonly process: string | null;
  readonly buildId: string | null;
  readonly rateBytes: number | null;
  /** Objects ever allocated, by stack: a runtime never forgets a stack and never lowers its count. */
  readonly allocsByStack: ReadonlyMap<number, number> | null;
  /** Counters that only rise within a process: GC cycles, bytes allocated … */
  readonly counters: Readonly<Record<string, number>>;
  /** Start of the process in milliseconds since 1970, where a source tells it. */
  readonly startedAtMs: number | null;
}

/** Start times that differ by less are one: they are computed from clocks. */
const START_TOLERANCE_MS = 2000;

/** Why two looks cannot have seen one process, in words; null when nothing speaks against it. */
export function contradiction(before: Marks, after: Marks): string | null {
  if (before.process !== null && after.process !== null)
    return before.process === after.process
      ? null
      : `the process is another one (${before.process} → ${after.process})`;
  if (before.buildId && after.buildId && before.buildId !== after.buildId)
    return `the build changed (${before.buildId} → ${after.buildId})`;
  if (
    before.startedAtMs !== null &&
    after.startedAtMs !== null &&
    Math.abs(before.startedAtMs - after.startedAtMs) > START_TOLERANCE_MS
  )
    return 'the start time of the process changed';
  for (const [name, value] of Object.entries(before.counters)) {
    const later = after.counters[name];
    if (later !== undefined && later < value) return `${name} went back from ${value} to ${later}`;
  }
  // A changed sampling rate changes how counts are scaled up, not the process.
  if (before.allocsByStack && after.allocsByStack && before.rateBytes === after.rateBytes) {
    let lower = 0;
    for (const [stack, count] of before.allocsByStack) if ((after.allocsByStack.get(stack) ?? 0) < count) lower++;
    if (lower > 0)
      return `allocations went back at ${lower} of ${before.allocsByStack.size} stacks, which one process never does`;
  }
  return null;
}

/**
 * Tells which process each look saw. A look that contradicts the one before is compared with all processes seen so
 * far (a balancer may lead back to one of them), the latest first; if none fits, it is a new one.
 */
export class Incarnations {
  readonly #last: Marks[] = [];
  #current = 0;

  /** @returns the number of the process, and why it is not the one of the look before, if so. */
  place(marks: Marks): { incarnation: number; reason: string | null } {
    const latest = this.#last[this.#current];
    const reason = latest ? contradiction(latest, marks) : null;
    if (reason !== null) {
      const known = this.#last.findLastIndex((seen) => contradiction(seen, marks) === null);
      this.#current = known >= 0 ? known : this.#last.length;
    }
    this.#last[this.#current] = merge(latest && reason === null ? latest : this.#last[this.#current], marks);
    return { incarnation: this.#current, reason };
  }

  get count(): number {
    return this.#last.length;
  }
}

/** A look that lacks a mark (its heap profile failed) does not forget the one before. */
function merge(before: Marks | undefined, after: Marks): Marks {
  if (!before) return after;
  return {
    process: after.process ?? before.process,
    buildId: after.buildId ?? before.buildId,
    rateBytes: after.allocsByStack ? after.rateBytes : before.rateBytes,
    allocsByStack: after.allocsByStack ?? before.allocsByStack,
    counters: { ...before.counters, ...after.counters },
    startedAtMs: after.startedAtMs ?? before.startedAtMs,
  };
}
