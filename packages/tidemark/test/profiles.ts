import { gzipSync } from 'node:zlib';
import { encodeProfile, parseTextProfile } from '@tidemark/pprof';

export interface HeapParts {
  /** Live bytes by function of package main; twice as much was ever allocated unless `alloc` says otherwise. */
  readonly live: Readonly<Record<string, number>>;
  readonly alloc?: number;
  readonly atMs?: number;
  readonly program?: string;
  readonly buildId?: string;
}

/** A heap profile as a Go service answers it: gzip of profile.proto. */
export function heapProfile(parts: HeapParts): Uint8Array {
  const rows = Object.entries(parts.live).map(([name, bytes]) => {
    const alloc = parts.alloc ?? bytes * 2;
    return `${Math.ceil(alloc / 1024)} ${alloc} ${Math.ceil(bytes / 1024)} ${bytes} main.main@main.go:9;${name}@${name.slice(0, 9)}.go:7`;
  });
  const profile = parseTextProfile(
    ['alloc_objects/count alloc_space/bytes inuse_objects/count inuse_space/bytes', ...rows].join('\n'),
  );
  const mapping = { ...profile.mappings[0]!, file: `/srv/${parts.program ?? 'shop'}`, buildId: parts.buildId ?? 'b1' };
  return gzipSync(
    encodeProfile(
      profile.with({
        timeNanos: BigInt(Math.round((parts.atMs ?? 0) * 1e6)),
        period: 524_288n,
        periodType: { type: 'space', unit: 'bytes' },
        mappings: [mapping],
      }),
    ),
  );
}

export function goroutineProfile(counts: Readonly<Record<string, number>>, atMs = 0): Uint8Array {
  const rows = Object.entries(counts).map(([name, count]) => `${count} main.main@main.go:9;${name}@main.go:7`);
  const profile = parseTextProfile(['goroutine/count', ...rows].join('\n'));
  return gzipSync(encodeProfile(profile.with({ timeNanos: BigInt(Math.round(atMs * 1e6)) })));
}

/** `heap?debug=1` of one site, with what Go prints behind it. */
export function heapText(liveBytes: number, stats: { lastGcAtMs: number; numGc: number }): string {
  return `heap profile: 1: ${liveBytes} [2: ${liveBytes * 2}] @ heap/1048576
1: ${liveBytes} [2: ${liveBytes * 2}] @ 0x401000 0x402000
#\t0x401000\tmain.fill+0x10\t/src/main.go:7
#\t0x402000\tmain.main+0x10\t/src/main.go:9

# runtime.MemStats
# Alloc = ${liveBytes}
# TotalAlloc = ${liveBytes * 2}
# HeapAlloc = ${liveBytes}
# LastGC = ${stats.lastGcAtMs}000000
# NumGC = ${stats.numGc}
`;
}
