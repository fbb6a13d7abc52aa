import type { Finding, Report } from '@tidemark/model';
import { FunctionName, Place, Words } from '../base/names.js';
import { plural } from '../base/text.js';
import { checkedWords } from './headline.js';
import { Section } from './section.js';

const SHOWN = 60;
const LEVEL = { info: 'Note', warning: 'Warning', error: 'Problem' } as const;

/** What was found clear, what was not done or not as asked, and where the evidence ends. */
export function NotesSection({ report, clear }: { report: Report; clear: readonly Finding[] }) {
  const limits = [...new Set((report.evidence ?? []).flatMap((e) => e.limits ?? []))];
  const checked = checkedWords(report);
  if (clear.length + report.notes.length + limits.length === 0 && checked === '') return null;
  return (
    <Section id="notes" title="Also seen, and what was not">
      {checked !== '' && <p>{checked}</p>}
      {clear.length > 0 && (
        <details open={clear.length <= 8}>
          <summary>{plural(clear.length, 'finding')} clear</summary>
          <ul className="clear-list">
            {clear.slice(0, SHOWN).map((f) => (
              <li key={`${f.fingerprint} ${f.title}`}>
                {f.site && (
                  <>
                    <FunctionName name={f.site.function} /> <Place file={f.site.file} line={f.site.line} />{' '}
                  </>
                )}
                <Words text={f.title} />
                {f.evidence[0] && (
                  <span className="dim">
                    {' '}
                    <Words text={f.evidence[0].text} />
                  </span>
                )}
              </li>
            ))}
          </ul>
        </details>
      )}
      <ul className="notes">
        {report.notes.slice(0, SHOWN).map((note) => (
          <li key={`${note.code} ${note.text}`} className={`note-${note.level}`}>
            <strong>{LEVEL[note.level] ?? 'Note'}</strong> <Words text={note.text} />
            {note.code && <code className="dim"> {note.code}</code>}
          </li>
        ))}
        {limits.slice(0, SHOWN).map((limit) => (
          <li key={limit}>
            <strong>Limit</strong> <Words text={limit} />
          </li>
        ))}
      </ul>
    </Section>
  );
}
