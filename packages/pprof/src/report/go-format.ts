/** Numbers, paths and times as Go's standard library prints them. */

/** `%.2f`: the exact binary value, ties to even, never an exponent. */
export function fixed2(x: number): string {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? 'NaN' : x > 0 ? '+Inf' : '-Inf';
  const magnitude = Math.abs(x);
  if (magnitude >= 1e21) return `${x < 0 ? '-' : ''}${BigInt(magnitude)}.00`;
  // Only odd multiples of 1/8 lie exactly between two hundredths; toFixed rounds them up.
  const eighths = magnitude * 8;
  let text = magnitude.toFixed(2);
  if (Number.isInteger(eighths) && eighths % 2 === 1) {
    const rest = eighths % 8;
    if (rest === 1 || rest === 5) text = `${Math.floor(magnitude)}.${rest === 1 ? '12' : '62'}`;
  }
  return x < 0 || Object.is(x, -0) ? `-${text}` : text;
}

/** `%.2g`: two significant digits without trailing zeros, exponents of two digits at least. */
export function general2(x: number): string {
  if (x === 0) return '0';
  const [mantissa, exponentText] = roundTo2(Math.abs(x));
  const exponent = Number(exponentText);
  const digits = mantissa.replace('.', '').replace(/0+$/, '');
  const sign = x < 0 ? '-' : '';
  const integerDigits = exponent + 1;
  const limit = 2 > digits.length && digits.length >= integerDigits ? digits.length : 2;
  if (exponent < -4 || exponent >= limit) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
    const size = String(Math.abs(exponent)).padStart(2, '0');
    return `${sign}${digits[0]}${fraction}e${exponent < 0 ? '-' : '+'}${size}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const padded = digits.padEnd(integerDigits, '0');
  const fraction = padded.slice(integerDigits);
  return sign + padded.slice(0, integerDigits) + (fraction === '' ? '' : `.${fraction}`);
}

function roundTo2(x: number): [string, string] {
  // Only what three digits read back as may be a tie; all sixty are slow to make.
  if (Number(x.toExponential(2)) === x) {
    const exact = x.toExponential(60).split('e') as [string, string];
    // A tie: three digits, the last one 5, and nothing after. Then the even neighbour is right.
    const tie = /^(\d)\.(\d)50*$/.exec(exact[0]);
    if (tie && Number(tie[2]) % 2 === 0) return [`${tie[1]}.${tie[2]}`, exact[1]];
  }
  return x.toExponential(1).split('e') as [string, string];
}

/** `%Ns`: blanks on the left; width counts characters, not UTF-16 units. */
export function padLeft(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - runeCount(text))) + text;
}

export function runeCount(text: string): number {
  let count = text.length;
  for (let i = 0; i + 1 < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c >= 0xd800 && c < 0xdc00) count--;
  }
  return count;
}

/** filepath.Clean of Unix: the shortest equal path by text alone. */
export function cleanPath(path: string): string {
  if (path === '') return '.';
  if (!/\/\/|(?:^|\/)\.{1,2}(?:\/|$)|.\/$/.test(path)) return path;
  const rooted = path[0] === '/';
  const out: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (out.length > 0 && out.at(-1) !== '..') out.pop();
      else if (!rooted) out.push('..');
    } else out.push(part);
  }
  const joined = out.join('/');
  return rooted ? `/${joined}` : joined === '' ? '.' : joined;
}

/** filepath.Base: the last element; '.' of nothing and '/' of slashes alone. */
export function basePath(path: string): string {
  if (path === '') return '.';
  let end = path.length;
  while (end > 0 && path[end - 1] === '/') end--;
  const trimmed = path.slice(0, end);
  if (trimmed === '') return '/';
  return trimmed.slice(trimmed.lastIndexOf('/') + 1);
}

/** time.Duration's String: `1h2m3.5s`, below a second in the largest unit that fits. */
export function durationText(nanos: bigint): string {
  if (nanos === 0n) return '0s';
  const sign = nanos < 0n ? '-' : '';
  const u = nanos < 0n ? -nanos : nanos;
  const fraction = (value: bigint, digits: number) => {
    const unit = 10n ** BigInt(digits);
    const rest = (value % unit).toString().padStart(digits, '0').replace(/0+$/, '');
    return `${value / unit}${rest === '' ? '' : `.${rest}`}`;
  };
  if (u < 1000n) return `${sign}${u}ns`;
  if (u < 1000000n) return `${sign}${fraction(u, 3)}µs`;
  if (u < 1000000000n) return `${sign}${fraction(u, 6)}ms`;
  const minutes = u / 60000000000n;
  const seconds = `${fraction(u % 60000000000n, 9)}s`;
  if (minutes === 0n) return sign + seconds;
  const hours = minutes / 60n;
  return `${sign}${hours > 0n ? `${hours}h` : ''}${minutes % 60n}m${seconds}`;
}

/** A time of day with its zone, as a report's header and -raw print it. */
export interface TimeText {
  /** `2006-01-02 15:04:05 MST` */
  readonly header: string;
  /** `2006-01-02 15:04:05.999999999 -0700 MST` */
  readonly raw: string;
}

/** Where the times of a report are shown: minutes east of Greenwich and the zone's name at a moment. */
export type TimeZoneAt = (millis: number) => { readonly offsetMinutes: number; readonly name: string };

const UTC: TimeZoneAt = () => ({ offsetMinutes: 0, name: 'UTC' });

export function timeText(nanos: bigint, zoneAt: TimeZoneAt = UTC): TimeText {
  const billion = 1000000000n;
  const rest = ((nanos % billion) + billion) % billion;
  const millis = Number((nanos - rest) / 1000000n);
  const zone = zoneAt(millis);
  const local = new Date(millis + zone.offsetMinutes * 60000).toISOString().slice(0, 19).replace('T', ' ');
  const fraction = rest === 0n ? '' : `.${rest.toString().padStart(9, '0').replace(/0+$/, '')}`;
  const away = Math.abs(zone.offsetMinutes);
  const two = (n: number) => String(n).padStart(2, '0');
  const offset = `${zone.offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(away / 60))}${two(away % 60)}`;
  return { header: `${local} ${zone.name}`, raw: `${local}${fraction} ${offset} ${zone.name}` };
}
