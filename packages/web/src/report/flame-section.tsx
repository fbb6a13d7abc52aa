import type { HeapSeries } from '@tidemark/model';
import type { FlameGraph as FlameData } from '@tidemark/pprof';
import { useMemo } from 'react';
import type { Unit } from '../base/format.js';
import { plural } from '../base/text.js';
import { flameFromSites } from '../flame/flame-from-sites.js';
import { FlameGraph } from '../flame/flame-graph.js';
import { Section } from './section.js';

/** The difference flame graph of the first and the last look; from the sites where no profile was joined in. */
export function FlameSection({ flame, heap }: { flame: FlameData | null; heap: readonly HeapSeries[] }) {
  const bySite = useMemo(() => (flame || !heap[0] ? null : flameFromSites(heap[0])), [flame, heap]);
  const data = flame ?? bySite;
  if (!data?.root) return null;
  const lead = bySite
    ? 'Live bytes by call path, first look against last. Every site is drawn under the stack that grew most through it.'
    : `${data.sampleType} by call path, first look against last.${data.dropped > 0 ? ` ${plural(data.dropped, 'frame')} too small to see ${data.dropped === 1 ? 'is' : 'are'} left out.` : ''}`;
  return (
    <Section id="flame" title="Where it grew" lead={lead}>
      <FlameGraph root={data.root} unit={unitOf(data.unit)} />
    </Section>
  );
}

function unitOf(unit: string): Unit {
  return unit === 'bytes' ? 'bytes' : 'count';
}
