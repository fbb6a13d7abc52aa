/** A number that may have been NaN or infinite before JSON made it null. */
export type MaybeNumber = number | null | undefined;

export type Unit = 'bytes' | 'goroutines' | 'count' | 'seconds' | 'ratio' | 'boolean' | 'timestamp-ms';

const NOTHING = '–';
const BINARY = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];
const DECIMAL = ['', 'k', 'M', 'G', 'T', 'P', 'E'];

export function isNumber(value: MaybeNumber): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** Three significant digits at most, a true minus sign, no trailing zeros: 3.4, 57.7, 1414 → `1,414`. */
function digits(value: number): string {
  const size = Math.abs(value);
  const decimals = size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 3;
  const rounded = Number(value.toFixed(decimals));
  return rounded.toLocaleString('en-US', { maximumFractionDigits: 3 }).replace('-', '−');
}

function scale(value: number, base: number, names: readonly string[]): [number, string] {
  let step = 0;
  let rest = value;
  // 999.6 would print as 1,000: the next unit begins where rounding does.
  while (Math.abs(rest) >= base - 0.5 && step < names.length - 1) {
    rest /= base;
    step++;
  }
  return [rest, names[step]!];
}

/** Bytes in binary units: 60_502_835 → `57.7 MiB`. */
export function formatBytes(value: MaybeNumber): string {
  if (!isNumber(value)) return NOTHING;
  const [rest, unit] = scale(value, 1024, BINARY);
  return `${digits(step(rest))} ${unit}`;
}

/** Whole bytes stay whole; a fraction of a byte says nothing. */
function step(value: number): number {
  return Math.abs(value) < 1 ? Math.round(value * 100) / 100 : value;
}

/** Counts: exact up to a million, then `1.2 M`. */
export function formatCount(value: MaybeNumber): string {
  if (!isNumber(value)) return NOTHING;
  if (Math.abs(value) < 1e6) return digits(value);
  const [rest, unit] = scale(value, 1000, DECIMAL);
  return `${digits(rest)} ${unit}`;
}

/** Seconds as a person says them: `0.4 s`, `45 s`, `14 min`, `3 h 20 min`, `2 d 4 h`. */
export function formatSeconds(value: MaybeNumber): string {
  if (!isNumber(value)) return NOTHING;
  const size = Math.abs(value);
  if (size > 0 && size < 1) return size < 1e-3 ? `${digits(value * 1e6)} µs` : `${digits(value * 1e3)} ms`;
  if (size < 120) return `${digits(value)} s`;
  const minutes = Math.round(value / 60);
  if (size < 2 * 3600) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  const days = Math.floor(hours / 24);
  if (days >= 730) return `${digits(days / 365.25)} years`;
  return hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`;
}

/** A value with its unit. */
export function formatValue(value: MaybeNumber, unit: Unit): string {
  if (!isNumber(value)) return NOTHING;
  switch (unit) {
    case 'bytes':
      return formatBytes(value);
    case 'seconds':
      return formatSeconds(value);
    case 'ratio':
      return `${digits(value * 100)} %`;
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

export function formatPercent(share: MaybeNumber): string {
  if (!isNumber(share)) return NOTHING;
  const percent = share * 100;
  if (percent !== 0 && Math.abs(percent) < 0.1) return percent > 0 ? '< 0.1 %' : '> −0.1 %';
  return `${digits(Math.abs(percent) >= 10 ? Math.round(percent) : Math.round(percent * 10) / 10)} %`;
}

/** A probability: `< 1e-9`, `0.02 %`, `4 %`. */
export function formatChance(value: MaybeNumber): string {
  if (!isNumber(value)) return NOTHING;
  if (value < 1e-9) return '< 1e-9';
  if (value < 1e-3) return value.toExponential(0);
  return `${digits(value * 100)} %`;
}

/** UTC, to the second: reports travel between time zones. */
export function formatTime(ms: MaybeNumber): string {
  if (!isNumber(ms) || Math.abs(ms) > 8.64e15) return NOTHING;
  return new Date(ms).toISOString().replace('T', ' ').replace(/\.\d+Z$/, ' UTC');
}

/** The span of time that a rate is best told in: a second, a minute or an hour. */
export interface RateUnit {
  readonly seconds: number;
  readonly name: string;
}

const RATES: readonly RateUnit[] = [
  { seconds: 1, name: 's' },
  { seconds: 60, name: 'min' },
  { seconds: 3600, name: 'h' },
  { seconds: 86_400, name: 'd' },
];

/** Bytes are told by the hour (the span in which a service dies); counts by what gives at least one. */
export function rateUnit(perSecond: number, unit: Unit): RateUnit {
  if (unit === 'bytes') return RATES[2]!;
  return RATES.find((r) => Math.abs(perSecond) * r.seconds >= 1) ?? RATES[3]!;
}
