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

/** What is known about one process. Allocations are objects since its start, summed over all stacks. */
interface Chain {
  marks: Marks;
  allocated: number | null;
  atMs: number;
  ratePerMs: number | null;
}

/**
 * Tells which process each look saw: of all processes that nothing speaks against, the one whose allocations were
 * expected to stand there by its own pace (a balancer may lead back to an earlier process, and a young one must not
 * become the past of an old one); if none fits, a new one. Limit: when the first look saw a younger process than the
 * second and all its counts are lower, that one change goes unnoticed.
 */
export class Incarnations {
  readonly #chains: Chain[] = [];
  #current = 0;

  /** @returns the number of the process, and why it is not the one of the look before, if so. */
  place(marks: Marks, atMs: number): { incarnation: number; reason: string | null } {
    const before = this.#chains[this.#current];
    const allocated = marks.allocsByStack && sum(marks.allocsByStack);
    let best = this.#chains.length;
    let least = Number.POSITIVE_INFINITY;
    // The current one first: it wins a tie.
    for (const known of new Set([this.#current, ...this.#chains.keys()])) {
      const chain = this.#chains[known];
      if (!chain || contradiction(chain.marks, marks) !== null) continue;
      const surprise = allocated === null ? 0 : Math.abs(allocated - this.#expected(chain, atMs, allocated));
      if (surprise < least) [best, least] = [known, surprise];
    }
    const reason =
      !before || best === this.#current
        ? null
        : (contradiction(before.marks, marks) ?? 'it goes on from an earlier one of the processes seen');
    this.#extend(best, marks, allocated, atMs);
    this.#current = best;
    return { incarnation: best, reason };
  }

  get count(): number {
    return this.#chains.length;
  }

  /** A process seen once has no pace of its own yet: it is given the mean of the others'. */
  #expected(chain: Chain, atMs: number, otherwise: number): number {
    if (chain.allocated === null) return otherwise;
    const paces = this.#chains.flatMap(({ ratePerMs }) => ratePerMs ?? []);
    const mean = paces.length ? paces.reduce((a, b) => a + b) / paces.length : 0;
    return chain.allocated + (chain.ratePerMs ?? mean) * Math.max(0, atMs - chain.atMs);
  }

  #extend(index: number, marks: Marks, allocated: number | null, atMs: number): void {
    const chain = this.#chains[index];
    if (!chain) {
      this.#chains[index] = { marks, allocated, atMs, ratePerMs: null };
      return;
    }
    chain.marks = merge(chain.marks, marks);
    if (allocated === null) return;
    if (chain.allocated !== null && atMs > chain.atMs)
      chain.ratePerMs = Math.max(0, allocated - chain.allocated) / (atMs - chain.atMs);
    chain.allocated = allocated;
    chain.atMs = atMs;
  }
}

function sum(counts: ReadonlyMap<number, number>): number {
  let total = 0;
  for (const count of counts.values()) total += count;
  return total;
}

/** A look that lacks a mark (its heap profile failed) does not forget the one before. */
function merge(before: Marks, after: Marks): Marks {
  return {
    process: after.process ?? before.process,
    buildId: after.buildId ?? before.buildId,
    rateBytes: after.allocsByStack ? after.rateBytes : before.rateBytes,
    allocsByStack: after.allocsByStack ?? before.allocsByStack,
    counters: { ...before.counters, ...after.counters },
    startedAtMs: after.startedAtMs ?? before.startedAtMs,
  };
}
