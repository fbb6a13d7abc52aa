import { useState } from 'react';
import { formatSeconds, formatTime, isNumber } from '../base/format.js';
import { shorten, visible } from '../base/text.js';
import { setTheme, type Theme } from '../base/theme.js';
import { headline } from './headline.js';
import type { ReportData } from './report-data.js';
import { Verdict } from './verdict.js';

/** Who was looked at, and the answer in words. */
export function Masthead({ data }: { data: ReportData }) {
  const { verdict, title, detail } = headline(data);
  const { report } = data;
  const { subject } = report;
  const facts = [
    subject.goVersion,
    subject.build && `build ${subject.build.slice(0, 12)}`,
    subject.instance,
    subject.pid !== null && `pid ${subject.pid}`,
    isNumber(subject.ageSeconds) && `up ${formatSeconds(subject.ageSeconds)}`,
    report.window.to && formatTime(Date.parse(report.window.to)),
  ].filter((fact): fact is string => typeof fact === 'string' && fact !== '');
  return (
    <header className={`masthead tone-${verdict}`}>
      <div className="masthead-top">
        <span className="brand">
          <svg width="18" height="18" viewBox="0 0 16 16" aria-hidden="true">
            <path className="brand-mark" d="M1 4.5h14" />
            <path className="brand-water" d="M1 9.5q3.5-3 7 0t7 0V15H1z" />
          </svg>
          Tidemark
        </span>
        <span className="subject">
          <strong>{visible(shorten(subject.service, 120))}</strong>
          {facts.map((fact) => (
            <bdi key={fact}>{visible(shorten(fact, 80))}</bdi>
          ))}
        </span>
        <ThemeSwitch />
      </div>
      <h1>
        <Verdict verdict={verdict} />
        <span className="headline">{title}</span>
      </h1>
      <p className="headline-detail">{detail}</p>
    </header>
  );
}

function ThemeSwitch() {
  const [theme, choose] = useState<Theme>('auto');
  return (
    <label className="theme">
      <span className="sr-only">Colours</span>
      <select
        value={theme}
        onChange={(e) => {
          const next = e.target.value as Theme;
          choose(next);
          setTheme(next);
        }}
      >
        <option value="auto">Auto</option>
        <option value="light">Light</option>
        <option value="dark">Dark</option>
      </select>
    </label>
  );
}
