import type { GoroutineWaits } from '@tidemark/model';
import { useState } from 'react';
import { FunctionName, Place, Words } from '../base/names.js';
import { plural } from '../base/text.js';
import { Section } from './section.js';

type Explanation = GoroutineWaits['explanations'][number];

const FIRST = 10;
const MOST = 500;

/** Who waits for whom, and why the wait cannot end: the goroutine dumps' own explanations, step by step. */
export function WaitsSection({ waits }: { waits: readonly GoroutineWaits[] }) {
  const [all, setAll] = useState(false);
  const list = waits.flatMap((w) => (w.explanations ?? []).map((explanation) => ({ explanation, waits: w })));
  if (list.length === 0) return null;
  const shown = list.slice(0, all ? MOST : FIRST);
  const cycles = waits.reduce((sum, w) => sum + (w.cycles ?? []).length, 0);
  return (
    <Section
      id="waits"
      title="Who waits for whom"
      lead={cycles > 0 ? `${plural(cycles, 'cycle')} of locks: each holder waits for the next one.` : undefined}
    >
      <ol className="waits">
        {shown.map(({ explanation, waits: w }, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the order never changes
          <li key={i}>
            <Wait explanation={explanation} waiting={countWaiting(explanation, w)} />
          </li>
        ))}
      </ol>
      {list.length > shown.length && !all && (
        <button type="button" className="button" onClick={() => setAll(true)}>
          Show {Math.min(MOST, list.length) - shown.length} more
        </button>
      )}
    </Section>
  );
}

function countWaiting(explanation: Explanation, waits: GoroutineWaits): number {
  return (explanation.groups ?? []).reduce((sum, at) => sum + (waits.groups?.[at]?.count ?? 0), 0);
}

function Wait({ explanation, waiting }: { explanation: Explanation; waiting: number }) {
  return (
    <>
      <p>
        <FunctionName name={explanation.victim.function} />{' '}
        <Place file={explanation.victim.file} line={explanation.victim.line} />{' '}
        <span className="dim">
          {waiting > 0 && `${plural(waiting, 'goroutine')} · `}
          <Words text={explanation.cause} /> · {explanation.endless ? 'cannot end' : 'may end'} ·{' '}
          {explanation.confidence}
        </span>
      </p>
      <ul>
        {(explanation.steps ?? []).slice(0, 40).map((step) => (
          <li key={step.text}>
            <Words text={step.text} /> <Place file={step.site?.file} line={step.site?.line} />
          </li>
        ))}
        {explanation.fix && (
          <li className="fix">
            <Words text={explanation.fix} />
          </li>
        )}
        {(explanation.unknown ?? []).slice(0, 10).map((text) => (
          <li key={text} className="dim">
            Not known: <Words text={text} />
          </li>
        ))}
      </ul>
    </>
  );
}
