/**
 * What runtime.MemStats says, under names with units; null where a source does not print it. It comes from expvar
 * (JSON), from the end of `heap?debug=1` (text), and from services' own health pages.
 */
export interface MemStats {
  readonly heapAllocBytes: number;
  readonly totalAllocBytes: number | null;
  readonly sysBytes: number | null;
  readonly mallocs: number | null;
  readonly frees: number | null;
  readonly heapSysBytes: number | null;
  readonly heapIdleBytes: number | null;
  readonly heapInuseBytes: number | null;
  readonly heapReleasedBytes: number | null;
  readonly heapObjects: number | null;
  readonly stackInuseBytes: number | null;
  readonly stackSysBytes: number | null;
  readonly mspanSysBytes: number | null;
  readonly mcacheSysBytes: number | null;
  readonly buckHashSysBytes: number | null;
  readonly gcSysBytes: number | null;
  readonly otherSysBytes: number | null;
  readonly nextGcBytes: number | null;
  readonly lastGcAtMs: number | null;
  readonly pauseTotalSeconds: number | null;
  readonly numGc: number | null;
  readonly numForcedGc: number | null;
  readonly gcCpuFraction: number | null;
  /** Largest RSS that the process ever had; from debug=1 only. */
  readonly maxRssBytes: number | null;
}

/** Reads the `# Name = value` lines at the end of `heap?debug=1`; null when they are not there (cut off). */
export function memStatsFromText(tail: string): MemStats | null {
  const at = tail.lastIndexOf('# runtime.MemStats');
  if (at < 0) return null;
  const values = new Map<string, number>();
  // Two numbers are in use / from the system: `# Stack = 983040 / 983040`.
  for (const line of tail.slice(at).split('\n')) {
    const match = /^# (\w+) = (\d+(?:\.\d+)?(?:e[+-]?\d+)?)(?: \/ (\d+))?\s*$/.exec(line);
    if (!match) continue;
    if (match[3] === undefined) values.set(match[1]!, Number(match[2]));
    else {
      values.set(`${match[1]}Inuse`, Number(match[2]));
      values.set(`${match[1]}Sys`, Number(match[3]));
    }
  }
  return build((key) => values.get(key) ?? null);
}

/** Reads the `memstats` object of an expvar document; null when it is none. */
export function memStatsFromJson(memstats: unknown): MemStats | null {
  if (typeof memstats !== 'object' || memstats === null) return null;
  const fields = memstats as Record<string, unknown>;
  return build((key) => {
    const value = fields[key];
    return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
  });
}

function build(read: (key: string) => number | null): MemStats | null {
  const heapAllocBytes = read('HeapAlloc');
  if (heapAllocBytes === null) return null;
  const scaled = (key: string, by: number) => {
    const value = read(key);
    return value === null || value === 0 ? null : value / by;
  };
  return {
    heapAllocBytes,
    totalAllocBytes: read('TotalAlloc'),
    sysBytes: read('Sys'),
    mallocs: read('Mallocs'),
    frees: read('Frees'),
    heapSysBytes: read('HeapSys'),
    heapIdleBytes: read('HeapIdle'),
    heapInuseBytes: read('HeapInuse'),
    heapReleasedBytes: read('HeapReleased'),
    heapObjects: read('HeapObjects'),
    stackInuseBytes: read('StackInuse'),
    stackSysBytes: read('StackSys'),
    mspanSysBytes: read('MSpanSys'),
    mcacheSysBytes: read('MCacheSys'),
    buckHashSysBytes: read('BuckHashSys'),
    gcSysBytes: read('GCSys'),
    otherSysBytes: read('OtherSys'),
    nextGcBytes: read('NextGC'),
    lastGcAtMs: scaled('LastGC', 1e6),
    pauseTotalSeconds: read('PauseTotalNs') === null ? null : read('PauseTotalNs')! / 1e9,
    numGc: read('NumGC'),
    numForcedGc: read('NumForcedGC'),
    gcCpuFraction: read('GCCPUFraction'),
    maxRssBytes: read('MaxRSS'),
  };
}
