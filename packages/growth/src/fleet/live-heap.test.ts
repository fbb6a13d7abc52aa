import { describe, expect, it } from 'vitest';
import { document } from '../../test/fleet-document.js';
import { liveHeap } from './live-heap.js';
import { readService } from './service.js';

const BASE = 2e8;

describe('live heap', () => {
  it('is what the goal says, with the stacks taken off where Go counts them', () => {
    const live = liveHeap(readService(document({ live: () => BASE, noise: 0 })))[0]!;
    for (const v of live) expect(v / BASE).toBeCloseTo(1, 6);
  });

  it('under the memory limit comes from the bytes a collection frees, also where there are few collections a point', () => {
    // The limit holds the goal at 300 MB; 240 MB are allocated a point at load 1: 2 or 3 collections of 100 MB each.
    const service = document({ live: () => BASE, noise: 0, load: (t) => 1 + 0.4 * Math.sin(t) }) as unknown as {
      goMemLimitBytes: number;
      pods: Record<string, number[]>[];
    };
    service.goMemLimitBytes = 3e8;
    for (const pod of service.pods) {
      let allocated = 0;
      pod['gcCycles'] = pod['requestRate']!.map((load) => {
        allocated += 2.4e8 * load;
        return Math.floor(allocated / 1e8);
      });
      pod['nextGcBytes'] = pod['nextGcBytes']!.map(() => 3e8);
      pod['heapAllocBytes'] = pod['heapAllocBytes']!.map((_, i) => 2e8 + 1e8 * ((i * 0.618) % 1));
    }
    const late = [...liveHeap(readService(service))[0]!].slice(30);
    const mean = late.reduce((a, b) => a + b, 0) / late.length;
    expect(mean / BASE).toBeGreaterThan(0.95);
    expect(mean / BASE).toBeLessThan(1.05);
    // One collection more or less in a single point would be a third of the 100 MB.
    for (const v of late) expect(Math.abs(v - mean)).toBeLessThan(1.2e7);
  });

  it('is unknown where the goal is', () => {
    const service = document({ live: () => BASE }) as unknown as { pods: Record<string, (number | null)[]>[] };
    service.pods[0]!['nextGcBytes']![5] = null;
    const live = liveHeap(readService(service))[0]!;
    expect(live[5]).toBeNaN();
    expect(live[6]).toBeGreaterThan(0);
  });
});
