import { compareUtf8 } from './encode.js';
import type { Profile } from './profile.js';

/**
 * A text that is equal exactly for equal sets of labels: keys sorted, strings before numbers, several values of
 * a key in their order, units as they were. Two samples with one stack merge only when these are equal.
 */
export function labelKey(p: Profile, sample: number): string {
  const from = p.labelStarts[sample]!;
  const to = p.labelStarts[sample + 1]!;
  if (from === to) return '';
  if (to === from + 1) return single(p, from);
  const order = Array.from({ length: to - from }, (_, i) => from + i);
  order.sort((a, b) => {
    const texts = (p.labelTexts[a] === 0 ? 1 : 0) - (p.labelTexts[b] === 0 ? 1 : 0);
    return texts || compareUtf8(p.strings.get(p.labelKeys[a]!), p.strings.get(p.labelKeys[b]!)) || a - b;
  });
  return order.map((i) => single(p, i)).join('');
}

function single(p: Profile, i: number): string {
  const key = p.strings.get(p.labelKeys[i]!);
  const text = p.labelTexts[i]!;
  if (text !== 0) {
    const value = p.strings.get(text);
    return `s${key.length}:${key}${value.length}:${value}`;
  }
  const unit = p.strings.get(p.labelUnits[i]!);
  return `n${key.length}:${key}${p.labelNumbers[i]},${unit.length}:${unit}`;
}
