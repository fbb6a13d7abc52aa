/** What a made-up service does; everything else about it is fixed. */
export interface Shape {
  pods?: number;
  hours?: number;
  /** Bytes of live heap of pod p at hour t of a process that is `age` hours old. */
  live: (t: number, age: number, p: number) => number;
  goroutines?: (t: number, age: number, p: number) => number;
  off?: (t: number, age: number, p: number) => number;
  load?: (t: number) => number;
  restartsAt?: number[];
  limit?: number | null;
  noise?: number;
}

/** A service document as a collector would write it; noise is seeded, so every run sees the same. */
export function document(shape: Shape, seed = 1): Record<string, unknown> {
  const points = 360;
  const hours = shape.hours ?? 72;
  const step = hours / points;
  let state = seed;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const pods = Array.from({ length: shape.pods ?? 2 }, (_, p) => {
    let started = -5;
    const rows = Array.from({ length: points }, (_, i) => {
      const t = i * step;
      for (const at of shape.restartsAt ?? []) if (at <= t && at > started) started = at;
      const age = t - started;
      const live = shape.live(t, age, p) * (1 + (shape.noise ?? 0.02) * normal());
      const goroutines = (shape.goroutines?.(t, age, p) ?? 500) * (1 + 0.03 * normal());
      const stack = goroutines * 4096;
      const next = 2 * live + stack;
      const load = (shape.load?.(t) ?? 1) * (1 + 0.02 * normal());
      return {
        live,
        next,
        stack,
        goroutines,
        load,
        started,
        alloc: live + (next - live) * uniform(),
        ws: next * 1.08 + stack + 2e7 + (shape.off?.(t, age, p) ?? 0),
      };
    });
    return {
      instance: `pod-${p}`,
      heapAllocBytes: rows.map((r) => r.alloc),
      nextGcBytes: rows.map((r) => r.next),
      workingSetBytes: rows.map((r) => r.ws),
      stackInuseBytes: rows.map((r) => r.stack),
      goroutines: rows.map((r) => r.goroutines),
      gcCycles: rows.map((_, i) => i * 40),
      requestRate: rows.map((r) => r.load),
      startedAtHours: rows.map((r) => r.started),
    };
  });
  return {
    schemaVersion: 1,
    service: 'shop',
    stepSeconds: step * 3600,
    points,
    gogc: 100,
    goMemLimitBytes: null,
    memoryLimitBytes: shape.limit === undefined ? 4e9 : shape.limit,
    deploysAtHours: [],
    pods,
  };
}
