import type { Finding, Report } from '@tidemark/model';
import {
  formatChance,
  formatChange,
  formatPercent,
  formatSeconds,
  formatValue,
  isNumber,
  rateUnit,
} from '../base/format.js';
import type { Point } from '../charts/chart-data.js';
import { per, rateWords } from './finding-index.js';
import { spanSeconds } from './report-data.js';

/** How much, how fast, how sure. */
export function QuantityFacts(props: { finding: Finding; report: Report; points: readonly Point[] }) {
  const { finding, report, points } = props;
  const q = finding.quantity;
  if (!q) return null;
  const seconds = spanSeconds(finding, report);
  const what = q.unit === 'bytes' ? '' : ` ${q.unit}`;
  return (
    <dl className="quantity">
      <div className="quantity-main">
        <dt className="sr-only">Rate</dt>
        <dd>{rateWords(finding, report)}</dd>
      </div>
      {q.interval && isNumber(q.interval.low) && isNumber(q.interval.high) && seconds > 0 && (
        <Row term={`${formatPercent(q.interval.level)} interval`}>{intervalWords(q.interval, q, seconds)}</Row>
      )}
      {isNumber(q.value) && (
        <Row term="Added">
          {formatChange(q.value, q.unit)}
          {what}
          {seconds > 0 && ` in ${formatSeconds(seconds)}`}
        </Row>
      )}
      {points.length > 1 && (
        <Row term="From, to">
          {formatValue(points[0]![1], q.unit)} → {formatValue(points[points.length - 1]![1], q.unit)}
        </Row>
      )}
      {isNumber(q.timeToLimitSeconds) && <Row term="Limit reached in">{formatSeconds(q.timeToLimitSeconds)}</Row>}
      {isNumber(finding.errorChance) && <Row term="Chance of error">{formatChance(finding.errorChance)}</Row>}
    </dl>
  );
}

function intervalWords(
  interval: { low: number; high: number },
  q: NonNullable<Finding['quantity']>,
  seconds: number,
): string {
  const rate = rateUnit(q.value / seconds, q.unit);
  const scale = rate.seconds / seconds;
  return `${formatValue(interval.low * scale, q.unit)} … ${formatValue(interval.high * scale, q.unit)} ${per(rate)}`;
}

function Row({ term, children }: { term: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}
