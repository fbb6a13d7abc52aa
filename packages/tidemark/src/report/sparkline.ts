const BARS = '▁▂▃▄▅▆▇█';

/** A plot in one line, from the least to the greatest value; equal values draw a flat line. */
export function sparkline(values: readonly number[], width = 24): string {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return '';
  const low = Math.min(...finite);
  const span = Math.max(...finite) - low;
  // More looks than columns: the mean of each column's share, so that no spike is made up.
  const columns = Math.min(width, values.length);
  let out = '';
  for (let c = 0; c < columns; c++) {
    const from = Math.floor((c * values.length) / columns);
    const slice = values.slice(from, Math.max(from + 1, Math.floor(((c + 1) * values.length) / columns)));
    const mean = slice.reduce((a, b) => a + b, 0) / slice.length;
    out += Number.isFinite(mean) ? BARS[span === 0 ? 0 : Math.round(((mean - low) / span) * (BARS.length - 1))] : ' ';
  }
  return out;
}
