import { useEffect, useMemo, useRef, useState } from 'react';
import uPlot from 'uplot';
import { formatSeconds, formatTime, formatValue, type Unit } from '../base/format.js';
import { resolveColour, useThemeVersion } from '../base/theme.js';
import { type Cone, cleanPoints, coneEdges, type Point, thinOut, valueRange } from './chart-data.js';
import 'uplot/dist/uPlot.min.css';

const TABLE_ROWS = 60;

/** One series over time: a line with its looks marked, and the interval of what it adds as a band. */
export function TimeChart(props: {
  label: string;
  unit: Unit;
  points: readonly Point[];
  cone?: Cone | null;
  height?: number;
}) {
  const { label, unit, cone = null, height = 150 } = props;
  const points = useMemo(() => thinOut(cleanPoints(props.points)), [props.points]);
  const theme = useThemeVersion();
  const box = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState<number | null>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `theme` stands for the stylesheet, which is read here
  useEffect(() => {
    const element = box.current;
    if (!element || points.length === 0) return;
    const plot = new uPlot(options(element, points, unit, cone, height, setAt), data(points, cone), element);
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [points, unit, cone, height, theme]);

  if (points.length === 0) return <p className="empty">No values to draw.</p>;
  const first = points[0]!;
  const last = points[points.length - 1]!;
  const shown = points[at ?? points.length - 1] ?? last;
  return (
    <figure className="chart">
      <figcaption>
        <span className="chart-label">{label}</span>
        <span className="chart-value">
          {formatValue(shown[1], unit)}
          <span className="dim"> at {formatSeconds((shown[0] - first[0]) / 1000)}</span>
        </span>
      </figcaption>
      <div
        ref={box}
        role="img"
        style={{ height }}
        aria-label={`${label}: from ${formatValue(first[1], unit)} to ${formatValue(last[1], unit)} in ${formatSeconds((last[0] - first[0]) / 1000)}, ${points.length} points`}
      />
      <table className="sr-only">
        <caption>{label}</caption>
        <tbody>
          {thinOut(points, TABLE_ROWS).map(([ms, value]) => (
            <tr key={ms}>
              <th scope="row">{formatTime(ms)}</th>
              <td>{formatValue(value, unit)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}

/** Time in seconds since the first point: what matters is how long it was watched, not the clock on the wall. */
function data(points: readonly Point[], cone: Cone | null): uPlot.AlignedData {
  const start = points[0]![0];
  const times = points.map(([ms]) => (ms - start) / 1000);
  const values = points.map(([, value]) => value);
  if (!cone) return [times, values];
  const edges = coneEdges(
    points.map(([ms]) => ms),
    cone,
  );
  return [times, values, edges.low, edges.high];
}

function options(
  element: HTMLElement,
  points: readonly Point[],
  unit: Unit,
  cone: Cone | null,
  height: number,
  onMove: (index: number | null) => void,
): uPlot.Options {
  const colour = (name: string) => resolveColour(element, name);
  const line = colour('--line');
  const band = colour('--band');
  const all = data(points, cone).slice(1).flat() as (number | null)[];
  const axis = {
    stroke: colour('--dim'),
    font: `11px ${getComputedStyle(element).fontFamily}`,
    grid: { stroke: colour('--rule'), width: 1 },
    ticks: { show: false },
    gap: 6,
  };
  const edge: uPlot.Series = { stroke: band, width: 0, points: { show: false } };
  const few = points.length <= 60;
  return {
    width: Math.max(1, element.clientWidth),
    height,
    padding: [8, 16, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: true, y: false, setScale: true }, points: { size: 7 } },
    scales: { x: { time: false }, y: { range: () => valueRange(all) } },
    axes: [
      { ...axis, size: 24, space: 60, values: (_, ticks) => ticks.map((t) => formatSeconds(t)) },
      { ...axis, size: 66, space: 34, values: (_, ticks) => ticks.map((t) => formatValue(t, unit)), ...steps(unit) },
    ],
    series: [
      {},
      {
        stroke: line,
        width: 1.75,
        fill: cone ? undefined : colour('--wash'),
        points: { show: few, size: 6, fill: colour('--surface'), stroke: line, width: 1.5 },
      } as uPlot.Series,
      ...(cone ? [edge, edge] : []),
    ],
    ...(cone ? { bands: [{ series: [3, 2] as [number, number], fill: band }] } : {}),
    hooks: { setCursor: [(plot) => onMove(plot.cursor.idx ?? null)] },
  };
}

/** Steps of a byte axis are powers of two, so that its labels are round. */
function steps(unit: Unit): Partial<uPlot.Axis> {
  if (unit !== 'bytes') return {};
  return { incrs: Array.from({ length: 54 }, (_, i) => 2 ** i) };
}
