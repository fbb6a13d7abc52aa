import { formatChange, formatPercent, formatValue, type Unit } from '../base/format.js';
import { FunctionName, Place } from '../base/names.js';
import type { FlameTree } from './flame-layout.js';

/** All that is known about one frame: the same words in the tooltip and in the bar below the graph. */
export function FrameFacts({ tree, frame, unit }: { tree: FlameTree; frame: number; unit: Unit }) {
  const i = frame < tree.count ? frame : 0;
  const value = tree.value[i]!;
  const base = tree.base[i]!;
  const self = tree.self[i]!;
  const selfChange = self - tree.selfBase[i]!;
  const whole = tree.value[0]!;
  return (
    <>
      <div className="frame-name">
        <FunctionName name={tree.names[i]!} /> <Place file={tree.files[i]} line={tree.lines[i]} />
      </div>
      <dl className="facts">
        <Fact term="now">
          {formatValue(value, unit)}
          {whole > 0 && <span className="dim"> ({formatPercent(value / whole)})</span>}
        </Fact>
        {tree.compares && (
          <>
            <Fact term="before">{formatValue(base, unit)}</Fact>
            <Fact term="change">{formatChange(value - base, unit)}</Fact>
          </>
        )}
        <Fact term="of its own">
          {formatValue(self, unit)}
          {tree.compares && selfChange !== 0 && <span className="dim"> ({formatChange(selfChange, unit)})</span>}
        </Fact>
      </dl>
    </>
  );
}

function Fact({ term, children }: { term: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}
