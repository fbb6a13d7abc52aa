import type { HeapSeries } from '@tidemark/model';
import { useMemo } from 'react';
import { formatBytes, formatChange, formatPercent } from '../base/format.js';
import { FunctionName, Place } from '../base/names.js';
import { Sparkline } from '../charts/sparkline.js';
import { DataTable, type ShownColumn } from '../table/data-table.js';
import { type SiteRow, siteRows } from './report-data.js';
import { Section } from './section.js';
import { StackList } from './stack-list.js';

/** Of what a site allocated while watched, the share that was freed again; null where it allocated nothing. */
function freedShare(row: SiteRow): number | null {
  if (row.allocated === null || row.change === null || row.allocated <= 0) return null;
  return Math.min(1, Math.max(0, 1 - row.change / row.allocated));
}

const COLUMNS: readonly ShownColumn<SiteRow>[] = [
  {
    key: 'site',
    title: 'Allocated at',
    sortBy: (r) => r.site.site.function,
    cell: (r) => (
      <>
        <FunctionName name={r.site.site.function} short /> <Place file={r.site.site.file} line={r.site.site.line} />
      </>
    ),
  },
  {
    key: 'trend',
    title: 'Trend',
    sortBy: (r) => r.change,
    cell: (r) => <Sparkline values={r.site.inuseBytes ?? []} />,
  },
  { key: 'first', title: 'First', numeric: true, sortBy: (r) => r.first, cell: (r) => formatBytes(r.first) },
  { key: 'last', title: 'Last', numeric: true, sortBy: (r) => r.last, cell: (r) => formatBytes(r.last) },
  {
    key: 'change',
    title: 'Change',
    numeric: true,
    sortBy: (r) => r.change,
    cell: (r) => formatChange(r.change, 'bytes'),
  },
  {
    key: 'allocated',
    title: 'Allocated',
    numeric: true,
    sortBy: (r) => r.allocated,
    cell: (r) => formatBytes(r.allocated),
  },
  { key: 'freed', title: 'Freed', numeric: true, sortBy: freedShare, cell: (r) => formatPercent(freedShare(r)) },
];

const textOf = ({ site }: SiteRow) => `${site.site.function} ${site.site.file}:${site.site.line}`;

/** Every place that allocates, so that what was judged clear can be checked as well. */
export function SitesSection({ series }: { series: readonly HeapSeries[] }) {
  const rows = useMemo(() => siteRows(series), [series]);
  if (series.length === 0) return null;
  return (
    <Section
      id="sites"
      title="All heap sites"
      lead="Live bytes at the first and the last look, estimated from the runtime's samples; what was allocated in between, and the share of it that was freed."
    >
      <DataTable
        caption="Heap sites"
        rows={rows}
        columns={COLUMNS}
        sorting={{ key: 'change', descending: true }}
        textOf={textOf}
        keyOf={(r) => r.key}
        detail={(r) => <StackList stack={r.site.stack ?? []} site={r.site.site} />}
      />
    </Section>
  );
}
