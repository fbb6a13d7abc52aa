import { holm, independentDelta, siteDelta } from '@tidemark/growth';
import { type Comparison, type ComparisonRow, type HeapSeries, SCHEMA_VERSIONS, TidemarkError } from '@tidemark/model';
import { VERSION } from '../base/version.js';
import { loadSaved, type Watch } from '../capture/index.js';
import { observe } from './observe.js';

/**
 * Two snapshots, each a file or a directory of one look, place by place. Whether they are of one process is decided as
 * for a watch: then what was born and freed in between carries the noise; else both snapshots do.
 */
export async function compareSnapshots(before: string, after: string): Promise<Comparison> {
  const both = await loadSaved([before, after]);
  if (both.looks.length < 2) {
    throw new TidemarkError('TM_ONE_SNAPSHOT', `${before} and ${after} are one look, not two`, {
      advice:
        'Give two snapshots taken at different times; heap and goroutine profiles of one moment cannot be compared.',
    });
  }
  const sameProcess = !both.restarted;
  // Judged as one process only so that both end up in one series; the noise is computed by `sameProcess`.
  const seen = observe({ ...both, looks: both.looks.map((l) => ({ ...l, incarnation: 0 })), restarted: false }, []);
  const seconds = (seen.toMs - seen.fromMs) / 1000;
  return {
    $schema: `tidemark-comparison-v${SCHEMA_VERSIONS.comparison}.schema.json`,
    schemaVersion: SCHEMA_VERSIONS.comparison,
    tool: { name: 'tidemark', version: VERSION, command: 'compare' },
    sameProcess,
    seconds: seconds > 0 ? seconds : null,
    heap: seen.heap && seen.heap.snapshots.length > 1 ? compareHeap(seen.heap, sameProcess) : null,
    goroutines: seen.goroutines && seen.goroutines.looks.length > 1 ? compareGoroutines(seen.goroutines) : null,
    notes: [...seen.notes, ...explain(both, seen.heap)],
  };
}

function compareHeap(heap: HeapSeries, sameProcess: boolean): Comparison['heap'] {
  const last = heap.snapshots.length - 1;
  const { rateBytes } = heap;
  const compared = heap.sites
    .filter((s) => s.inuseBytes[0]! > 0 || s.inuseBytes[last]! > 0)
    .map((site) => {
      const one = siteDelta({ rateBytes, strata: site.strata, from: 0, to: last });
      const delta = sameProcess
        ? one
        : independentDelta({ rateBytes, strata: site.strata, at: 0 }, { rateBytes, strata: site.strata, at: last });
      return { site, one, delta };
    });
  const chances = holm(compared.map(({ delta }) => delta.pGrowth));
  const rows = compared.map(
    ({ site, one, delta }, i): ComparisonRow => ({
      site: site.site,
      before: site.inuseBytes[0]!,
      after: site.inuseBytes[last]!,
      delta: delta.bytes,
      interval: delta.interval,
      errorChance: chances[i]!,
      allocated: sameProcess ? one.bornBytes : null,
      freedShare: sameProcess && one.bornBytes > 0 ? Math.min(1, one.freedBytes / one.bornBytes) : null,
      waitsIn: null,
    }),
  );
  return {
    before: heap.snapshots[0]!.inuseBytes,
    after: heap.snapshots[last]!.inuseBytes,
    rateBytes,
    rows: rows.sort((a, b) => b.delta - a.delta),
  };
}

function compareGoroutines(series: NonNullable<ReturnType<typeof observe>['goroutines']>): Comparison['goroutines'] {
  const last = series.looks.length - 1;
  const rows = series.groups.map(
    (group): ComparisonRow => ({
      site: group.site,
      before: group.counts[0]!,
      after: group.counts[last]!,
      delta: group.counts[last]! - group.counts[0]!,
      interval: null,
      errorChance: null,
      allocated: null,
      freedShare: null,
      waitsIn: group.state ?? group.waitsIn,
    }),
  );
  return {
    before: series.looks[0]!.total,
    after: series.looks[last]!.total,
    rows: rows.filter((r) => r.delta !== 0).sort((a, b) => b.delta - a.delta),
  };
}

function explain(both: Watch, heap: HeapSeries | null): Comparison['notes'] {
  const notes: Comparison['notes'] = [];
  if (both.restarted) {
    notes.push({
      level: 'warning',
      code: null,
      text: 'the snapshots are of two processes: allocations since the start of each do not compare, and the noise is that of both',
    });
  }
  if (heap && heap.snapshots.length > 1 && !heap.snapshots.at(-1)!.newCycle) {
    notes.push({
      level: 'warning',
      code: null,
      text: 'no GC published a new heap profile between the snapshots: they show the same picture',
    });
  }
  return notes;
}
