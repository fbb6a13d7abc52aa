import type { GoroutineSeries } from '@tidemark/model';
import { useMemo } from 'react';
import { formatChange, formatCount, isNumber } from '../base/format.js';
import { FunctionName, Place, Words } from '../base/names.js';
import { Sparkline } from '../charts/sparkline.js';
import { TimeChart } from '../charts/time-chart.js';
import { DataTable, type ShownColumn } from '../table/data-table.js';
import { type GroupRow, groupRows } from './report-data.js';
import { Section } from './section.js';
import { StackList } from './stack-list.js';

const COLUMNS: readonly ShownColumn<GroupRow>[] = [
  {
    key: 'site',
    title: 'Waits at',
    sortBy: (r) => r.group.site.function,
    cell: (r) => (
      <>
        <FunctionName name={r.group.site.function} short /> <Place file={r.group.site.file} line={r.group.site.line} />
      </>
    ),
  },
  {
    key: 'state',
    title: 'Waits for',
    sortBy: (r) => r.group.state ?? r.group.waitsIn,
    cell: (r) => (
      <>
        <Words text={r.group.state ?? r.group.waitsIn ?? '–'} />
        {isNumber(r.group.oldestWaitMinutes) && <span className="dim unbroken"> {r.group.oldestWaitMinutes} min</span>}
        {r.group.provenLeaked && <span className="flag"> unreachable</span>}
      </>
    ),
  },
  {
    key: 'creator',
    title: 'Started by',
    sortBy: (r) => r.group.creator?.function ?? null,
    cell: (r) =>
      r.group.creator ? (
        <>
          <FunctionName name={r.group.creator.function} short />{' '}
          <Place file={r.group.creator.file} line={r.group.creator.line} />
        </>
      ) : (
        '–'
      ),
  },
  { key: 'trend', title: 'Trend', sortBy: (r) => r.change, cell: (r) => <Sparkline values={r.group.counts ?? []} /> },
  { key: 'first', title: 'First', numeric: true, sortBy: (r) => r.first, cell: (r) => formatCount(r.first) },
  { key: 'last', title: 'Last', numeric: true, sortBy: (r) => r.last, cell: (r) => formatCount(r.last) },
  {
    key: 'change',
    title: 'Change',
    numeric: true,
    sortBy: (r) => r.change,
    cell: (r) => formatChange(r.change, 'goroutines'),
  },
];

const textOf = ({ group }: GroupRow) =>
  [group.site.function, group.site.file, group.state, group.waitsIn, group.creator?.function].join(' ');

/** Goroutines by the place where they wait, with their number at every look. */
export function GoroutineSection({ series }: { series: readonly GoroutineSeries[] }) {
  const rows = useMemo(() => groupRows(series), [series]);
  if (series.length === 0) return null;
  const looks = series[0]?.looks ?? [];
  return (
    <Section id="goroutines" title="Goroutines">
      {looks.length > 1 && (
        <TimeChart
          label="goroutines, all"
          unit="goroutines"
          points={looks.map((l) => [l.atMs, l.total])}
          height={110}
        />
      )}
      <DataTable
        caption="Goroutines by the place where they wait"
        rows={rows}
        columns={COLUMNS}
        sorting={{ key: 'change', descending: true }}
        textOf={textOf}
        keyOf={(r) => r.key}
        detail={(r) => <StackList stack={r.group.stack ?? []} site={r.group.site} />}
      />
    </Section>
  );
}
