import type { Finding, Report } from '@tidemark/model';
import { formatChange, formatValue, isNumber, type RateUnit, rateUnit } from '../base/format.js';
import { FunctionName, Place, Words } from '../base/names.js';
import { spanSeconds } from './report-data.js';
import { Verdict } from './verdict.js';

const SHOWN = 12;

/** The findings in one glance, worst first; each row leads to its details. */
export function FindingIndex(props: {
  findings: readonly Finding[];
  report: Report;
  /** A row was chosen whose details may not be on the page yet. */
  onReach: (index: number) => void;
}) {
  if (props.findings.length < 2) return null;
  return (
    <nav className="index" aria-label="Findings, worst first">
      <ol>
        {props.findings.slice(0, SHOWN).map((finding, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the order never changes
          <li key={i}>
            <a href={`#finding-${i + 1}`} onClick={() => props.onReach(i)}>
              <Verdict verdict={finding.verdict} />
              <span className="index-what">
                {finding.site ? (
                  <FunctionName name={finding.site.function} limit={120} />
                ) : (
                  <Words text={finding.title} />
                )}{' '}
                <Place file={finding.site?.file} line={finding.site?.line} />
              </span>
              <span className="index-rate">{rateWords(finding, props.report)}</span>
            </a>
          </li>
        ))}
      </ol>
      {props.findings.length > SHOWN && (
        <p className="dim">and {(props.findings.length - SHOWN).toLocaleString('en-US')} more below</p>
      )}
    </nav>
  );
}

/** `+3.4 GiB/h`, `+20 goroutines/s`; empty where nothing was measured. */
export function rateWords(finding: Finding, report: Report): string {
  const q = finding.quantity;
  const seconds = spanSeconds(finding, report);
  if (!q || !isNumber(q.value)) return '';
  if (!(seconds > 0)) return formatChange(q.value, q.unit);
  const rate = rateUnit(q.value / seconds, q.unit);
  const amount = (q.value / seconds) * rate.seconds;
  const what = q.unit === 'bytes' ? '' : ` ${q.unit}`;
  return `${amount > 0 ? '+' : ''}${formatValue(amount, q.unit)}${what} ${per(rate)}`;
}

/** `an hour`, `a second`. */
export function per(rate: RateUnit): string {
  return `${rate.name === 'hour' ? 'an' : 'a'} ${rate.name}`;
}
