import type { Finding, Report } from '@tidemark/model';
import type { ReactNode } from 'react';
import { quoteArgv } from '../../../tidemark/src/base/shell.js';
import { CopyButton } from '../base/copy-button.js';
import { formatSeconds, isNumber } from '../base/format.js';
import { FunctionName, Place, Words } from '../base/names.js';
import { TimeChart } from '../charts/time-chart.js';
import { QuantityFacts } from './quantity-facts.js';
import { findingCone, findingPoints } from './report-data.js';
import { StackList } from './stack-list.js';
import { Verdict } from './verdict.js';

const WHY: Partial<Record<Finding['verdict'], string>> = {
  leak: 'Why this is a leak',
  suspect: 'Why this is suspected',
  undecided: 'Why this cannot be told yet',
  fixed: 'Why this is fixed',
  'not-fixed': 'Why this is not fixed',
  worse: 'Why this is worse',
};
/** Sentences and links of one finding; hostile reports have no end. */
const MANY = 40;

/** One finding: how much, where, why, who holds it, what to change, how to prove it and what is not known. */
export function FindingCard({ finding, report, id }: { finding: Finding; report: Report; id: string }) {
  const points = findingPoints(finding, report);
  return (
    <article id={id} className={`finding tone-${finding.verdict}`} aria-labelledby={`${id}-title`}>
      <header>
        <Verdict verdict={finding.verdict} />
        <code className="rule">
          <Words text={finding.rule} />
        </code>
        <span className="finding-title dim">
          <Words text={finding.title} />
        </span>
      </header>
      <h3 id={`${id}-title`}>
        {finding.site ? (
          <>
            <FunctionName name={finding.site.function} /> <Place file={finding.site.file} line={finding.site.line} />
          </>
        ) : (
          <Words text={finding.title} />
        )}
      </h3>
      <div className="finding-measure">
        <QuantityFacts finding={finding} report={report} points={points} />
        {points.length > 1 && finding.quantity && (
          <TimeChart
            label={finding.quantity.unit === 'bytes' ? 'live bytes' : finding.quantity.unit}
            unit={finding.quantity.unit}
            points={points}
            cone={findingCone(finding, points)}
            height={148}
          />
        )}
      </div>
      <div className="finding-words">
        <Part title={WHY[finding.verdict] ?? 'Why'} show={finding.evidence.length > 0}>
          <ul>
            {finding.evidence.slice(0, MANY).map((sentence) => (
              <li key={sentence.text}>
                <Words text={sentence.text} />
                {(sentence.sources ?? []).length > 0 && (
                  <span className="sources"> {sentence.sources.slice(0, 6).join(', ').slice(0, 300)}</span>
                )}
              </li>
            ))}
          </ul>
        </Part>
        <Part
          title={finding.quantity?.unit === 'goroutines' ? 'Comes from' : 'Held by'}
          show={finding.chain.length > 0}
        >
          <ol className="chain">
            {finding.chain.slice(0, MANY).map((link) => (
              <li key={link.text}>
                <Words text={link.text} /> <Place file={link.site?.file} line={link.site?.line} />
              </li>
            ))}
          </ol>
        </Part>
        <Part title="Stack" show={finding.stack.length > 0}>
          <StackList stack={finding.stack} site={finding.site} />
        </Part>
        <Part title="See also" show={finding.related.length > 0}>
          <ul>
            {finding.related.slice(0, MANY).map((r) => (
              <li key={`${r.file}:${r.line} ${r.message}`}>
                <Place file={r.file} line={r.line} /> <Words text={r.message} />
              </li>
            ))}
          </ul>
        </Part>
        <Part title="Cause" show={!!finding.cause}>
          <p>
            <Words text={finding.cause ?? ''} />
          </p>
        </Part>
        <Part title="Change" show={!!finding.fix}>
          <p className="fix">
            <Words text={finding.fix ?? ''} />
          </p>
        </Part>
        <Part title="Prove" show={!!finding.proof}>
          <Command argv={finding.proof?.argv ?? []} />
        </Part>
        <Part title="Not known" show={finding.unknown.length > 0 || isNumber(finding.moreSeconds)}>
          <ul className="dim">
            {finding.unknown.slice(0, MANY).map((text) => (
              <li key={text}>
                <Words text={text} />
              </li>
            ))}
            {isNumber(finding.moreSeconds) && <li>Watch {formatSeconds(finding.moreSeconds)} longer to decide it.</li>}
          </ul>
        </Part>
      </div>
    </article>
  );
}

function Part({ title, show, children }: { title: string; show: boolean; children: ReactNode }) {
  if (!show) return null;
  return (
    <div className="part">
      <h4>{title}</h4>
      <div>{children}</div>
    </div>
  );
}

function Command({ argv }: { argv: readonly string[] }) {
  const line = quoteArgv(argv);
  return (
    <div className="command">
      <code>{line}</code>
      <CopyButton text={line} what="the command" />
    </div>
  );
}
