import { isNumber, type MaybeNumber } from '../base/format.js';

const WIDTH = 84;
const HEIGHT = 18;

/** A row's few values as a line, from zero; the text beside it says the same. */
export function Sparkline({ values }: { values: readonly MaybeNumber[] }) {
  const known = values.map((v) => (isNumber(v) ? v : 0));
  if (known.length < 2) return null;
  const stride = Math.max(1, Math.ceil(known.length / WIDTH));
  const few = known.filter((_, i) => i % stride === 0 || i === known.length - 1);
  const high = Math.max(...few, Number.MIN_VALUE);
  const x = (i: number) => 2 + (i / Math.max(1, few.length - 1)) * (WIDTH - 4);
  const y = (v: number) => HEIGHT - 2 - (Math.max(0, v) / high) * (HEIGHT - 4);
  const line = few.map((v, i) => `${x(i).toFixed(1)},${y(v).toFixed(1)}`).join(' ');
  return (
    <svg className="sparkline" width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      <polygon points={`${x(0)},${HEIGHT} ${line} ${x(few.length - 1)},${HEIGHT}`} />
      <polyline points={line} />
      <circle cx={x(few.length - 1)} cy={y(few[few.length - 1]!)} r="2" />
    </svg>
  );
}
