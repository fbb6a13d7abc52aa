import { posix } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { basePath, cleanPath, durationText, fixed2, general2, padLeft, runeCount, timeText } from './go-format.js';

/** A double as the exact fraction numerator / 2^shift. */
function exactly(x: number): { numerator: bigint; shift: bigint } {
  let shift = 0n;
  let scaled = Math.abs(x);
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    shift++;
  }
  return { numerator: BigInt(scaled), shift };
}

/** `numerator / 2^shift × 10^digits`, rounded half to even: what every correct formatter has to print. */
function rounded(x: number, digits: number): bigint {
  const { numerator, shift } = exactly(x);
  const one = 1n << shift;
  const scaled = digits >= 0 ? numerator * 10n ** BigInt(digits) : numerator;
  const divisor = digits >= 0 ? one : one * 10n ** BigInt(-digits);
  const [whole, rest] = [scaled / divisor, scaled % divisor];
  const up = rest * 2n > divisor || (rest * 2n === divisor && whole % 2n === 1n);
  return up ? whole + 1n : whole;
}

/** Eighths, hundredths and what is next to them: where rounding goes wrong if it does. */
const TRICKY = fc.oneof(
  fc.integer({ min: -100_000, max: 100_000 }).map((n) => n / 8),
  fc.integer({ min: -100_000, max: 100_000 }).map((n) => n / 1000),
  fc.integer({ min: -1_000_000, max: 1_000_000 }).map((n) => n / 2 ** 20),
  fc.double({ min: -1e15, max: 1e15, noNaN: true }),
);

describe('%.2f', () => {
  it('is the exact value, halves to even', () => {
    fc.assert(
      fc.property(TRICKY, (x) => {
        const cents = rounded(x, 2).toString().padStart(3, '0');
        const sign = x < 0 || Object.is(x, -0) ? '-' : '';
        expect(fixed2(x)).toBe(`${sign}${cents.slice(0, -2)}.${cents.slice(-2)}`);
      }),
      { numRuns: 800 },
    );
  });

  it.each([
    [0, '0.00'],
    [-0, '-0.00'],
    [-0.001, '-0.00'],
    [0.005, '0.01'],
    [0.015, '0.01'],
    [0.625, '0.62'],
    [0.875, '0.88'],
    [1e21, '1000000000000000000000.00'],
    [-(2 ** 70), '-1180591620717411303424.00'],
    [1.7976931348623157e308, `${BigInt(1.7976931348623157e308)}.00`],
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
    [Number.NaN, 'NaN'],
  ])('%d is %s', (x, text) => expect(fixed2(x)).toBe(text));
});

describe('%.2g', () => {
  it('has the two digits that the exact value rounds to', () => {
    const small = fc.oneof(
      TRICKY.map((x) => x / 100_000),
      fc.double({ min: 1e-12, max: 1, noNaN: true }),
      fc.integer({ min: 1, max: 4000 }).map((n) => n / 2 ** 12),
    );
    fc.assert(
      fc.property(small, (x) => {
        fc.pre(x !== 0);
        // The exponent of the rounded number: 9.96 becomes 10.
        let exponent = Math.floor(Math.log10(Math.abs(x)));
        let digits = rounded(x, 1 - exponent);
        if (digits < 10n) digits = rounded(x, 1 - --exponent);
        if (digits >= 100n) digits = rounded(x, 1 - ++exponent);
        const value = Number(`${x < 0 ? '-' : ''}${digits}e${exponent - 1}`);
        expect(Number(general2(x))).toBe(value);
      }),
      { numRuns: 800 },
    );
  });

  it.each([
    [1, '1'],
    [10, '10'],
    [99, '99'],
    [99.5, '1e+02'],
    [100, '1e+02'],
    [0.1, '0.1'],
    [0.25, '0.25'],
    [0.125, '0.12'],
    [0.375, '0.38'],
    [0.0001, '0.0001'],
    [0.00009999, '0.0001'],
    [0.0000999, '0.0001'],
    [0.00001, '1e-05'],
    [1.5e-10, '1.5e-10'],
    [1e-100, '1e-100'],
    [9.99e-5, '0.0001'],
    [-0.5, '-0.5'],
    [12345, '1.2e+04'],
  ])('%d is %s', (x, text) => expect(general2(x)).toBe(text));
});

describe('paths', () => {
  const path = fc
    .array(fc.constantFrom('a', 'bb', '.', '..', '', 'c.go', '...'), { maxLength: 7 })
    .map((p) => p.join('/'));

  it('are cleaned as POSIX paths are, without a slash at the end', () => {
    fc.assert(
      fc.property(path, fc.boolean(), (p, rooted) => {
        const text = rooted ? `/${p}` : p;
        const normal = posix.normalize(text);
        const expected = normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
        expect(cleanPath(text)).toBe(expected);
        expect(cleanPath(cleanPath(text))).toBe(cleanPath(text));
      }),
      { numRuns: 1000 },
    );
  });

  it('have the base that POSIX gives them, "." of nothing and "/" of slashes', () => {
    fc.assert(
      fc.property(path, fc.boolean(), (p, rooted) => {
        const text = rooted ? `/${p}` : p;
        const expected = text === '' ? '.' : /^\/+$/.test(text) ? '/' : posix.basename(text);
        expect(basePath(text)).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });
});

it('takes paths of many slashes in time that grows with them', () => {
  expect(basePath(`${'/'.repeat(300_000)}x`)).toBe('x');
  expect(basePath(`x${'/'.repeat(300_000)}`)).toBe('x');
  expect(cleanPath(`${'/..'.repeat(100_000)}//x`)).toBe('/x');
});

describe('durations', () => {
  const UNITS: Record<string, bigint> = {
    ns: 1n,
    µs: 1000n,
    ms: 1_000_000n,
    s: 1_000_000_000n,
    m: 60_000_000_000n,
    h: 3_600_000_000_000n,
  };
  /** What a text says, in nanoseconds; every part exactly. */
  const parse = (text: string): bigint => {
    let sum = 0n;
    for (const m of text.replace('-', '').matchAll(/(\d+)(?:\.(\d+))?(ns|µs|ms|s|m|h)/g)) {
      const unit = UNITS[m[3]!]!;
      sum += BigInt(m[1]!) * unit;
      if (m[2]) sum += (BigInt(m[2]) * unit) / 10n ** BigInt(m[2].length);
    }
    return text.startsWith('-') ? -sum : sum;
  };

  it('say exactly what they are, to the nanosecond', () => {
    const scale = fc.constantFrom(1n, 1000n, 1_000_000n, 1_000_000_000n, 3_600_000_000_000n);
    fc.assert(
      fc.property(
        fc.bigInt({ min: -99_999n, max: 99_999n }),
        scale,
        fc.bigInt({ min: 0n, max: 999n }),
        (n, s, extra) => {
          const nanos = n * s + extra;
          expect(parse(durationText(nanos))).toBe(nanos);
          expect(durationText(nanos)).not.toMatch(/\.\d*0(?:ns|µs|ms|s)|\.(?:ns|µs|ms|s)/);
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each<[bigint, string]>([
    [999n, '999ns'],
    [1000n, '1µs'],
    [999_999n, '999.999µs'],
    [1_000_000n, '1ms'],
    [1_000_000_000n, '1s'],
    [59_999_999_999n, '59.999999999s'],
    [60_000_000_000n, '1m0s'],
    [3_600_000_000_000n, '1h0m0s'],
    [3_600_000_000_001n, '1h0m0.000000001s'],
    [-1_500_000n, '-1.5ms'],
    [2n ** 63n - 1n, '2562047h47m16.854775807s'],
    [-(2n ** 63n), '-2562047h47m16.854775808s'],
  ])('%s is %s', (nanos, text) => expect(durationText(nanos)).toBe(text));
});

describe('times', () => {
  it('are those of the calendar, in any zone', () => {
    const millis = fc.integer({ min: -2_000_000_000_000, max: 4_000_000_000_000 });
    const zone = fc.integer({ min: -14 * 4, max: 14 * 4 }).map((n) => n * 15);
    fc.assert(
      fc.property(millis, zone, fc.integer({ min: 0, max: 999_999 }), (ms, offsetMinutes, rest) => {
        const { header, raw } = timeText(BigInt(ms) * 1_000_000n + BigInt(rest), () => ({
          offsetMinutes,
          name: 'ZZZ',
        }));
        const [day, clock, offset, name] = raw.split(' ');
        const iso = `${day}T${clock!.replace(/\..*/, '')}${offset!.slice(0, 3)}:${offset!.slice(3)}`;
        expect(Date.parse(iso)).toBe(Math.floor(ms / 1000) * 1000);
        expect([name, header]).toEqual(['ZZZ', `${day} ${clock!.replace(/\..*/, '')} ZZZ`]);
      }),
      { numRuns: 200 },
    );
  });

  it.each<[bigint, string]>([
    [0n, '1970-01-01 00:00:00 +0000 UTC'],
    [1n, '1970-01-01 00:00:00.000000001 +0000 UTC'],
    [-1n, '1969-12-31 23:59:59.999999999 +0000 UTC'],
    [1_709_164_800_100_000_000n, '2024-02-29 00:00:00.1 +0000 UTC'],
  ])('%s is %s', (nanos, raw) => expect(timeText(nanos).raw).toBe(raw));

  it('ask for the zone of their own moment: it changes with the season', () => {
    const zone = (ms: number) => (ms < 0 ? { offsetMinutes: -150, name: 'A' } : { offsetMinutes: 330, name: 'B' });
    expect(timeText(-1n, zone).raw).toBe('1969-12-31 21:29:59.999999999 -0230 A');
    expect(timeText(1n, zone).raw).toBe('1970-01-01 05:30:00.000000001 +0530 B');
  });
});

it('counts characters as runes, and pads by them', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'ü', '漢', '😀', '\u{10ffff}'), maxLength: 12 });
  fc.assert(
    fc.property(text, fc.nat(20), (t, width) => {
      expect(runeCount(t)).toBe([...t].length);
      const padded = padLeft(t, width);
      expect([...padded]).toHaveLength(Math.max(width, [...t].length));
      expect(padded.endsWith(t) && padded.slice(0, padded.length - t.length).trim() === '').toBe(true);
    }),
  );
});
