import type { HeapSeries, Signal, SignalSeries } from '@tidemark/model';
import { useState } from 'react';
import { shorten, visible } from '../base/text.js';
import type { Point } from '../charts/chart-data.js';
import { TimeChart } from '../charts/time-chart.js';
import { Section } from './section.js';

const FIRST = 12;

interface Chart {
  readonly key: string;
  readonly label: string;
  readonly unit: Signal['unit'];
  readonly points: readonly Point[];
}

/** Every series that was read of the process, small and side by side, so that they can be compared. */
export function SignalsSection({ heap, signals }: { heap: readonly HeapSeries[]; signals: readonly SignalSeries[] }) {
  const [all, setAll] = useState(false);
  const charts = [...heap.flatMap(heapCharts), ...signals.flatMap(signalCharts)];
  if (charts.length === 0) return null;
  const shown = charts.slice(0, all ? 200 : FIRST);
  return (
    <Section id="signals" title="The process over time">
      <div className="chart-grid">
        {shown.map((chart) => (
          <TimeChart key={chart.key} label={chart.label} unit={chart.unit} points={chart.points} height={120} />
        ))}
      </div>
      {charts.length > shown.length && (
        <button type="button" className="button" onClick={() => setAll(true)}>
          Show {charts.length - shown.length} more
        </button>
      )}
    </Section>
  );
}

function heapCharts(series: HeapSeries, n: number): Chart[] {
  const snapshots = series.snapshots ?? [];
  if (snapshots.length < 2) return [];
  return [
    {
      key: `heap ${n}`,
      label: 'live heap, all sites',
      unit: 'bytes',
      points: snapshots.map((s) => [s.atMs, s.inuseBytes]),
    },
    {
      key: `objects ${n}`,
      label: 'live objects',
      unit: 'count',
      points: snapshots.map((s) => [s.atMs, s.inuseObjects]),
    },
  ];
}

function signalCharts(series: SignalSeries, n: number): Chart[] {
  return (series.signals ?? [])
    .filter((s) => (s.points ?? []).length > 1 && s.unit !== 'boolean' && s.unit !== 'timestamp-ms')
    .map((s, i) => {
      const labels = Object.entries(s.labels ?? {}).map(([k, v]) => `${k}=${v}`);
      const name = s.name.replaceAll('_', ' ');
      const label = visible(shorten([name, ...labels].join(' '), 80));
      return { key: `${n}.${i}`, label, unit: s.unit, points: s.points };
    });
}
