import type { Report } from '@tidemark/model';
import { formatBytes, formatSeconds, formatTime } from '../base/format.js';
import { shorten, visible } from '../base/text.js';
import { evidenceOf } from './report-data.js';
import { Section } from './section.js';

/** How the verdicts came about, so that a reader can doubt them. */
export function HowJudged({ report }: { report: Report }) {
  const rate = evidenceOf(report, 'heap-series')[0]?.rateBytes;
  const { window, tool } = report;
  return (
    <Section id="how" title="How this was judged">
      <div className="prose">
        <p>
          <strong>Leak</strong>: it grows beyond what sampling noise, warm-up and load explain, and the evidence shows
          that it will not stop. <strong>Suspect</strong>: it grows, and nothing seen so far tells a leak from something
          that still fills. <strong>Undecided</strong>: the evidence cannot tell; the finding says what would.{' '}
          <strong>Clear</strong>: looked at, and nothing grows that should not.
        </p>
        {rate !== undefined && (
          <p>
            Go samples the heap: on average one sample for each {formatBytes(rate)} allocated. Byte figures are
            estimates from these samples; an interval says how far the truth may lie from them at its level. The chance
            of error counts all places that were tested and every look, not the one that stands out.
          </p>
        )}
        <p>
          {window.looks} looks from {formatTime(Date.parse(window.from))} to {formatTime(Date.parse(window.to))},{' '}
          {formatSeconds(window.seconds)}. Times in charts count from the first value. The band in a finding's chart is
          the interval of what was added since the growth began.
        </p>
        <p className="dim">
          Written by tidemark {visible(shorten(String(tool.version), 40))} (
          <code>{visible(shorten(String(tool.command), 400))}</code>). This file holds all its data and loads nothing.
        </p>
      </div>
    </Section>
  );
}
