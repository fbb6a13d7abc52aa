// The spellings of the command line's output, so that the same number reads alike in every report; here they
// also take what JSON made of NaN.
import * as units from '../../../tidemark/src/base/units.js';

/** A number that may have been NaN or infinite before JSON made it null. */
export type MaybeNumber = number | null | undefined;

export type Unit = 'bytes' | 'goroutines' | 'count' | 'seconds' | 'ratio' | 'boolean' | 'timestamp-ms';

const NOTHING = '–';

export function isNumber(value: MaybeNumber): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

const told = (format: (value: number) => string) => (value: MaybeNumber) =>
  isNumber(value) ? format(value).replace(/^-/, '−') : NOTHING;

export const formatBytes = told(units.formatBytes);
export const formatSeconds = told((s) => (s === 0 ? '0 s' : units.formatSeconds(s)));
export const formatChance = told(units.formatChance);
export const formatPercent = told((share) => (share > 0 && share < 0.0005 ? '< 0.1 %' : units.formatPercent(share)));
/** Exact up to a million, then `1.2 M`: hostile and lifetime counts have no end. */
export const formatCount = told((value) => {
  const size = Math.abs(value);
  if (size < 1e6) return units.formatCount(value);
  if (size >= 1e15) return value.toExponential(1);
  const [unit, name] = size >= 1e12 ? [1e12, 'T'] : size >= 1e9 ? [1e9, 'G'] : [1e6, 'M'];
  return `${(value / unit).toFixed(1)} ${name}`;
});

/** A value with its unit. */
export function formatValue(value: MaybeNumber, unit: Unit): string {
  if (!isNumber(value)) return NOTHING;
  switch (unit) {
    case 'bytes':
      return formatBytes(value);
    case 'seconds':
      return formatSeconds(value);
    case 'ratio':
      return formatPercent(value);
    case 'boolean':
      return value === 0 ? 'no' : 'yes';
    case 'timestamp-ms':
      return formatTime(value);
    default:
      return formatCount(value);
  }
}

/** A change always carries its sign; zero is `±0`. */
export function formatChange(value: MaybeNumber, unit: Unit): string {
  if (!isNumber(value)) return NOTHING;
  if (value === 0) return '±0';
  return `${value > 0 ? '+' : ''}${formatValue(value, unit)}`;
}

/** UTC, to the second: reports travel between time zones. */
export function formatTime(ms: MaybeNumber): string {
  if (!isNumber(ms) || Math.abs(ms) > 8.64e15) return NOTHING;
  return new Date(ms)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC');
}

/** The span of time that a rate is best told in. */
export interface RateUnit {
  readonly seconds: number;
  readonly name: string;
}

/** Bytes go by the hour (the span in which a service dies); counts by the first span that gives at least one. */
export function rateUnit(perSecond: number, unit: Unit): RateUnit {
  const hour = { seconds: 3600, name: 'hour' };
  if (unit === 'bytes') return hour;
  const spans = [{ seconds: 1, name: 'second' }, { seconds: 60, name: 'minute' }, hour];
  return spans.find((r) => Math.abs(perSecond) * r.seconds >= 0.95) ?? hour;
}
