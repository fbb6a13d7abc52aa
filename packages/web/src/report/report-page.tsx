import { useEffect, useMemo, useState } from 'react';
import { ErrorBoundary } from '../base/error-boundary.js';
import { plural } from '../base/text.js';
import { FindingCard } from './finding-card.js';
import { FindingIndex } from './finding-index.js';
import { FlameSection } from './flame-section.js';
import { GoroutineSection } from './goroutine-section.js';
import { HowJudged } from './how-judged.js';
import { Masthead } from './masthead.js';
import { NotesSection } from './notes-section.js';
import { evidenceOf, type ReportData, rankFindings } from './report-data.js';
import { Section } from './section.js';
import { SignalsSection } from './signals-section.js';
import { SitesSection } from './sites-section.js';
import { WaitsSection } from './waits-section.js';

const FIRST = 10;
const MORE = 20;

/** A whole report on one page: the answer first, then each finding, then the evidence to check it against. */
export function ReportPage({ data }: { data: ReportData }) {
  const { report } = data;
  const ranked = useMemo(() => rankFindings(report.findings), [report]);
  const told = ranked.filter((f) => f.verdict !== 'clear');
  const clear = ranked.filter((f) => f.verdict === 'clear');
  const [limit, setLimit] = useState(FIRST);
  useOpenDetailsOnPaper();
  const heap = evidenceOf(report, 'heap-series');
  const goroutines = evidenceOf(report, 'goroutine-series');
  const signals = evidenceOf(report, 'signal-series');
  return (
    <div className="page">
      <Masthead data={data} />
      <main>
        <FindingIndex findings={told} report={report} onReach={(i) => i >= limit && setLimit(i + 1)} />
        {told.length > 0 && (
          <Section id="findings" title="Findings">
            {told.slice(0, limit).map((finding, i) => (
              // Two findings may share a fingerprint in a hostile report; their rank is unique.
              // biome-ignore lint/suspicious/noArrayIndexKey: the order never changes
              <ErrorBoundary key={i} what="This finding">
                <FindingCard finding={finding} report={report} id={`finding-${i + 1}`} />
              </ErrorBoundary>
            ))}
            {told.length > limit && (
              <button type="button" className="button" onClick={() => setLimit(limit + MORE)}>
                Show {Math.min(MORE, told.length - limit)} more of {plural(told.length - limit, 'finding')} of lower
                rank
              </button>
            )}
          </Section>
        )}
        <ErrorBoundary what="The flame graph">
          <FlameSection flame={data.flame ?? null} heap={heap} />
        </ErrorBoundary>
        <ErrorBoundary what="The memory charts">
          <SignalsSection heap={heap} signals={signals} />
        </ErrorBoundary>
        <ErrorBoundary what="The goroutine table">
          <GoroutineSection series={goroutines} />
        </ErrorBoundary>
        <ErrorBoundary what="The list of waits">
          <WaitsSection waits={evidenceOf(report, 'goroutine-waits')} />
        </ErrorBoundary>
        <ErrorBoundary what="The table of sites">
          <SitesSection series={heap} />
        </ErrorBoundary>
        <ErrorBoundary what="The notes">
          <NotesSection report={report} clear={clear} />
        </ErrorBoundary>
        <HowJudged report={report} />
      </main>
    </div>
  );
}

/** Nobody can open a fold on paper. */
function useOpenDetailsOnPaper(): void {
  useEffect(() => {
    const open = () => {
      for (const element of document.querySelectorAll('details')) element.open = true;
    };
    addEventListener('beforeprint', open);
    return () => removeEventListener('beforeprint', open);
  }, []);
}
