import { TidemarkError } from '@tidemark/model';

/** One pod's columns: one value a point, NaN where nothing was seen. Point i was taken at `i × stepSeconds`. */
export interface FleetPod {
  readonly instance: string;
  readonly heapAllocBytes: Float64Array;
  readonly nextGcBytes: Float64Array;
  readonly workingSetBytes: Float64Array;
  readonly stackInuseBytes: Float64Array;
  readonly goroutines: Float64Array;
  readonly gcCycles: Float64Array;
  /** Requests in any unit that keeps its meaning: only its proportions are used. */
  readonly requestRate: Float64Array;
  /** When the process that was seen at this point had started, in hours of the window (may be negative). */
  readonly startedAtHours: Float64Array;
  /** Live heap after the last GC where the runtime tells it (Go 1.21 on): then nothing has to be solved from the goal. */
  readonly heapLiveBytes?: Float64Array;
}

/** One service over one window: what `judgeService` looks at. */
export interface FleetService {
  readonly service: string;
  readonly stepSeconds: number;
  readonly points: number;
  readonly gogc: number | null;
  readonly goMemLimitBytes: number | null;
  readonly memoryLimitBytes: number | null;
  readonly deploysAtHours: readonly number[];
  readonly pods: readonly FleetPod[];
}

export interface ServiceLimits {
  readonly maxPods: number;
  readonly maxPoints: number;
}

export const SERVICE_LIMITS: ServiceLimits = { maxPods: 1000, maxPoints: 200_000 };

const COLUMNS = [
  'heapAllocBytes',
  'nextGcBytes',
  'workingSetBytes',
  'stackInuseBytes',
  'goroutines',
  'gcCycles',
  'requestRate',
  'startedAtHours',
  'heapLiveBytes',
] as const;

/**
 * Reads one service document (schemaVersion 1). null, NaN, negative and absurd values become "not seen"; a limit of 0 means none.
 * Where pods carry `atSeconds`, points are sorted by it onto the grid: a clock that went back and duplicates keep the last value of a cell.
 * TM_SERIES_MALFORMED where it is no such document; TM_LIMIT above the limits.
 */
export function readService(document: unknown, limits: ServiceLimits = SERVICE_LIMITS): FleetService {
  const doc = object(document, 'a service document');
  const version = doc['schemaVersion'];
  if (version !== undefined && version !== 1) throw malformed(`schemaVersion ${String(version)} is not known, 1 is`);
  const service = doc['service'];
  if (typeof service !== 'string' || service === '') throw malformed('"service" is no name');
  const stepSeconds = doc['stepSeconds'];
  if (!positive(stepSeconds)) throw malformed('"stepSeconds" is no positive number');
  if (!Array.isArray(doc['pods'])) throw malformed('"pods" is no list');
  if (doc['pods'].length > limits.maxPods) throw tooLarge(`${doc['pods'].length} pods, at most ${limits.maxPods}`);
  let points = 0;
  const raw = doc['pods'].map((pod) => {
    const one = object(pod, 'a pod');
    for (const name of COLUMNS) {
      const column = one[name];
      if (column === undefined) continue;
      if (!Array.isArray(column)) throw malformed(`"${name}" of a pod is no list`);
      points = Math.max(points, column.length);
    }
    return one;
  });
  if (points > limits.maxPoints) throw tooLarge(`${points} points, at most ${limits.maxPoints}`);
  const cells = raw.map((pod) => gridCells(pod['atSeconds'], stepSeconds, points, limits.maxPoints));
  for (const one of cells) if (one) points = Math.max(points, one.points);
  const pods = raw.map((pod, i): FleetPod => {
    const columns = Object.fromEntries(
      COLUMNS.map((name) => [name, readColumn(pod[name], points, cells[i]?.at, name !== 'startedAtHours')]),
    ) as unknown as Record<(typeof COLUMNS)[number], Float64Array>;
    return { instance: typeof pod['instance'] === 'string' ? pod['instance'] : `pod-${i}`, ...columns };
  });
  const deploys = Array.isArray(doc['deploysAtHours']) ? doc['deploysAtHours'] : [];
  return {
    service,
    stepSeconds,
    points,
    gogc: typeof doc['gogc'] === 'number' && Number.isFinite(doc['gogc']) ? doc['gogc'] : null,
    goMemLimitBytes: positive(doc['goMemLimitBytes']) ? doc['goMemLimitBytes'] : null,
    memoryLimitBytes: positive(doc['memoryLimitBytes']) ? doc['memoryLimitBytes'] : null,
    deploysAtHours: deploys.filter((at): at is number => typeof at === 'number' && Number.isFinite(at)).slice(0, 1000),
    pods,
  };
}

/** The same service as it was seen in the beginning of its window; columns are shared, nothing is copied. */
export function firstPoints(service: FleetService, points: number): FleetService {
  const hours = (points * service.stepSeconds) / 3600;
  const pods = service.pods.map(
    (pod) =>
      Object.fromEntries(
        Object.entries(pod).map(([k, v]) => [k, v instanceof Float64Array ? v.subarray(0, points) : v]),
      ) as unknown as FleetPod,
  );
  return { ...service, points, deploysAtHours: service.deploysAtHours.filter((at) => at <= hours), pods };
}

function gridCells(at: unknown, stepSeconds: number, points: number, max: number) {
  if (!Array.isArray(at)) return undefined;
  let first = Number.POSITIVE_INFINITY;
  for (const one of at) if (typeof one === 'number' && one < first) first = one;
  let last = 0;
  const cells = Array.from({ length: Math.min(at.length, points) }, (_, i) => {
    const cell = typeof at[i] === 'number' && Number.isFinite(at[i]) ? Math.round((at[i] - first) / stepSeconds) : -1;
    if (cell >= max) throw tooLarge(`a time ${cell} steps after the first, at most ${max}`);
    last = Math.max(last, cell + 1);
    return cell;
  });
  return { at: cells, points: last };
}

/** Nothing that a Go process reports passes 2^53; NextGC is 2^63 with GOGC=off. */
const MAX_VALUE = 2 ** 53;

function readColumn(values: unknown, points: number, cells: readonly number[] | undefined, unsigned: boolean) {
  const column = new Float64Array(points).fill(Number.NaN);
  if (!Array.isArray(values)) return column;
  for (let i = 0; i < values.length; i++) {
    const cell = cells ? (cells[i] ?? -1) : i;
    const value: unknown = values[i];
    if (cell < 0 || typeof value !== 'number' || !(Math.abs(value) < MAX_VALUE) || (unsigned && value < 0)) continue;
    column[cell] = value;
  }
  return column;
}

function object(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(`${what} is no object`);
  return value as Record<string, unknown>;
}

const positive = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value > 0;
const malformed = (text: string) => new TidemarkError('TM_SERIES_MALFORMED', text);
const tooLarge = (text: string) => new TidemarkError('TM_LIMIT', text);
