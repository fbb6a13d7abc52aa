import { LineSplitter } from '../base/lines.js';

/** One GC cycle as a gctrace line tells it. Sizes are whole MiB in the line, so ± 1 MiB. */
export interface GcCycle {
  /** Number of the cycle since the process began. */
  readonly cycle: number;
  /** Seconds since the process began. */
  readonly atSeconds: number;
  /** Time of the log line, where it has one in front; milliseconds since 1970. */
  readonly loggedAtMs: number | null;
  /** Share of CPU spent in the GC since the process began, 0..1. */
  readonly cpuRatio: number;
  /** Both stop-the-world phases together. */
  readonly pauseSeconds: number;
  readonly concurrentSeconds: number;
  readonly heapStartBytes: number;
  readonly heapEndBytes: number;
  readonly liveBytes: number;
  readonly goalBytes: number;
  /** Since Go 1.18. */
  readonly stacksBytes: number | null;
  readonly globalsBytes: number | null;
  readonly processors: number;
  readonly forced: boolean;
  /** True when the cycle also looked for leaked goroutines (Go 1.27, goroutineleak). */
  readonly leakCheck: boolean;
  /** Which process of the log: it rises by one when the cycle number or the clock goes back. */
  readonly incarnation: number;
}

export interface GcTrace {
  readonly cycles: readonly GcCycle[];
  /** Lines that begin like a cycle but are damaged, e.g. by another writer in the middle. */
  readonly damaged: number;
  readonly lines: number;
  /** Cycles beyond the bound: the oldest were dropped, every second one, so that the shape stays. */
  readonly thinned: boolean;
}

const MIB = 2 ** 20;
const MAX_CYCLES = 200_000;

const START = /(?:^|[^\w@])gc (\d{1,10}) @(\d{1,12}(?:\.\d{1,6})?)s (\d{1,3})%/;
const CYCLE = new RegExp(
  `${START.source}(?<leak> \\(checking for goroutine leaks\\))?: ` +
    '(?<clock>[\\d.]+\\+[\\d.]+\\+[\\d.]+) ms clock, [\\d.+/]+ ms cpu, ' +
    '(?<start>\\d+)->(?<end>\\d+)->(?<live>\\d+) MB, (?<goal>\\d+) MB goal, ' +
    '(?:(?<stacks>\\d+) MB stacks, (?<globals>\\d+) MB globals, )?(?<procs>\\d+) P(?<forced> \\(forced\\))?',
);

/**
 * Reads GODEBUG=gctrace=1 output of Go 1.5 … 1.27 out of any log: `push` chunks, then `end`. Other text may stand
 * on other lines, before or behind (time stamps, JSON wrappers, container prefixes).
 */
export class GcTraceReader {
  readonly #lines = new LineSplitter(64 * 1024, (line) => this.#line(line));
  readonly #onCycle: ((cycle: GcCycle) => void) | undefined;
  #cycles: GcCycle[] = [];
  #damaged = 0;
  #count = 0;
  #thinned = false;
  #incarnation = 0;
  #last: GcCycle | null = null;

  constructor(onCycle?: (cycle: GcCycle) => void) {
    this.#onCycle = onCycle;
  }

  push(chunk: Uint8Array): void {
    this.#lines.push(chunk);
  }

  end(): GcTrace {
    this.#lines.end();
    return { cycles: this.#cycles, damaged: this.#damaged, lines: this.#count, thinned: this.#thinned };
  }

  #line(line: string): void {
    this.#count++;
    const parsed = parseGcTraceLine(line);
    if (!parsed) {
      if (START.test(line)) this.#damaged++;
      return;
    }
    const before = this.#last;
    if (before && (parsed.cycle <= before.cycle || parsed.atSeconds < before.atSeconds)) this.#incarnation++;
    const cycle = { ...parsed, incarnation: this.#incarnation };
    this.#last = cycle;
    this.#cycles.push(cycle);
    if (this.#cycles.length > MAX_CYCLES) {
      this.#thinned = true;
      this.#cycles = this.#cycles.filter((_, i) => i % 2 === 1);
    }
    this.#onCycle?.(cycle);
  }
}

/** One line; null when it is no cycle, or a damaged one. */
export function parseGcTraceLine(line: string): Omit<GcCycle, 'incarnation'> | null {
  const match = CYCLE.exec(line);
  const part = match?.groups;
  if (!match || !part) return null;
  const clock = part['clock']!.split('+').map(Number) as [number, number, number];
  if (clock.some(Number.isNaN)) return null;
  const mib = (text: string | undefined) => (text === undefined ? null : Number(text) * MIB);
  return {
    cycle: Number(match[1]),
    atSeconds: Number(match[2]),
    loggedAtMs: loggedAt(line.slice(0, match.index + 1)),
    cpuRatio: Number(match[3]) / 100,
    pauseSeconds: (clock[0] + clock[2]) / 1000,
    concurrentSeconds: clock[1] / 1000,
    heapStartBytes: mib(part['start'])!,
    heapEndBytes: mib(part['end'])!,
    liveBytes: mib(part['live'])!,
    goalBytes: mib(part['goal'])!,
    stacksBytes: mib(part['stacks']),
    globalsBytes: mib(part['globals']),
    processors: Number(part['procs']),
    forced: part['forced'] !== undefined,
    leakCheck: part['leak'] !== undefined,
  };
}

/** Time stamps that log drivers put in front: RFC 3339 or `2026-11-24 08:00:00`, as UTC where no zone is given. */
function loggedAt(prefix: string): number | null {
  const match = /(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d{1,9})?)\s?(Z|[+-]\d\d:?\d\d)?/.exec(prefix);
  if (!match) return null;
  const [seconds, fraction] = match[2]!.split('.');
  const ms = Date.parse(`${match[1]}T${seconds}.${(fraction ?? '0').slice(0, 3).padEnd(3, '0')}${match[3] ?? 'Z'}`);
  return Number.isNaN(ms) ? null : ms;
}
