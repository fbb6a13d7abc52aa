import { describe, expect, it } from 'vitest';
import { parseExpvar } from './expvar.js';
import { memStatsFromText } from './memstats.js';

const TEXT = `0: 0 [1: 8] @ 0x1 0x2
#	0x1	main.f+0x1	/x.go:1

# runtime.MemStats
# Alloc = 1048576
# TotalAlloc = 2097152
# Sys = 8388608
# HeapAlloc = 1048576
# Stack = 983040 / 1048576
# MSpan = 111 / 222
# GCSys = 333
# NextGC = 4194304
# LastGC = 1764000000000000000
# PauseNs = [1 2 3]
# NumGC = 7
# GCCPUFraction = 1.5e-05
# DebugGC = false
# MaxRSS = 12345678
`;

describe('MemStats', () => {
  it('are read from the end of a debug=1 text', () => {
    expect(memStatsFromText(TEXT)).toMatchObject({
      heapAllocBytes: 1_048_576,
      totalAllocBytes: 2_097_152,
      stackInuseBytes: 983_040,
      stackSysBytes: 1_048_576,
      mspanSysBytes: 222,
      lastGcAtMs: 1_764_000_000_000,
      numGc: 7,
      gcCpuFraction: 1.5e-5,
      maxRssBytes: 12_345_678,
      pauseTotalSeconds: null,
    });
  });

  it('are not invented for a text that was cut', () => {
    expect(memStatsFromText(TEXT.slice(0, 40))).toBeNull();
    expect(memStatsFromText('# runtime.MemStats\n# Alloc = 5\n')).toBeNull();
    expect(memStatsFromText('')).toBeNull();
  });

  it('are read from expvar, whatever else the document holds', () => {
    const expvar = parseExpvar(
      JSON.stringify({
        ...{ cmdline: ['/srv/shop', '-x'], requests: 12, name: 'x', nested: { a: 1 }, ['__proto__x']: 1 },
        memstats: { HeapAlloc: 10, NumGC: 3, PauseTotalNs: 2e9, Sys: -1, HeapSys: 'many', LastGC: 0 },
      }),
    );
    expect(expvar.memStats).toMatchObject({ heapAllocBytes: 10, numGc: 3, pauseTotalSeconds: 2, sysBytes: null });
    expect(expvar.memStats).toMatchObject({ heapSysBytes: null, lastGcAtMs: null });
    expect(expvar.cmdline).toEqual(['/srv/shop', '-x']);
    expect(expvar.numbers['requests']).toBe(12);
  });

  it.each(['', '[]', 'null', '{', '"x"'])('refuses %j as expvar', (text) =>
    expect(() => parseExpvar(text)).toThrow(expect.objectContaining({ code: 'TM_TARGET_ERROR' })),
  );

  it('bounds what it keeps of an expvar document', () => {
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`n${i}`, i]));
    expect(Object.keys(parseExpvar(JSON.stringify(many)).numbers)).toHaveLength(200);
  });
});
