import type { Frame, Site } from '@tidemark/model';
import { useState } from 'react';
import { FunctionName, Place } from '../base/names.js';
import { plural } from '../base/text.js';

const SHOWN = 10;
const MOST = 500;

/** A stack, leaf first, the line that matters marked; long ones open on demand. */
export function StackList({ stack, site }: { stack: readonly Frame[]; site: Site | null }) {
  const [all, setAll] = useState(false);
  const marked = stack.findIndex((f) => f.function === site?.function && f.line === site?.line);
  const first = Math.max(SHOWN, marked + 3);
  const shown = stack.slice(0, all ? MOST : first);
  return (
    <>
      <ol className="stack">
        {shown.map((frame, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a recursive stack repeats its frames
          <li key={i} className={i === marked ? 'marked' : undefined} aria-current={i === marked ? 'true' : undefined}>
            <FunctionName name={frame.function} /> <Place file={frame.file} line={frame.line} />
            {frame.inlined && <span className="dim"> inlined</span>}
          </li>
        ))}
      </ol>
      {stack.length > shown.length && !all && (
        <button type="button" className="button" onClick={() => setAll(true)}>
          {plural(Math.min(MOST, stack.length) - shown.length, 'caller')} more
        </button>
      )}
    </>
  );
}
