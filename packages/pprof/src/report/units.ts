import { fixed2, general2 } from './go-format.js';
import type { Int } from './int.js';

interface Unit {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly factor: number;
}

interface UnitFamily {
  readonly units: readonly Unit[];
  /** What values are shown in when the unit that was asked for is of another family. */
  readonly fallback: { readonly name: string; readonly factor: number };
}

const unit = (name: string, factor: number, ...aliases: string[]): Unit => ({ name, factor, aliases });

const FAMILIES: readonly UnitFamily[] = [
  {
    units: [
      unit('B', 1, 'b', 'byte'),
      unit('kB', 2 ** 10, 'kb', 'kbyte', 'kilobyte'),
      unit('MB', 2 ** 20, 'mb', 'mbyte', 'megabyte'),
      unit('GB', 2 ** 30, 'gb', 'gbyte', 'gigabyte'),
      unit('TB', 2 ** 40, 'tb', 'tbyte', 'terabyte'),
      unit('PB', 2 ** 50, 'pb', 'pbyte', 'petabyte'),
    ],
    fallback: { name: 'B', factor: 1 },
  },
  {
    units: [
      unit('ns', 1, 'ns', 'nanosecond'),
      unit('us', 1e3, 'μs', 'us', 'microsecond'),
      unit('ms', 1e6, 'ms', 'millisecond'),
      unit('s', 1e9, 's', 'sec', 'second'),
      unit('hrs', 3600e9, 'hour', 'hr'),
    ],
    fallback: { name: 's', factor: 1e9 },
  },
  {
    units: [
      unit('n*GCU', 1e-9, 'nanogcu'),
      unit('u*GCU', 1e-6, 'microgcu'),
      unit('m*GCU', 1e-3, 'milligcu'),
      unit('GCU', 1, 'gcu'),
      unit('k*GCU', 1e3, 'kilogcu'),
      unit('M*GCU', 1e6, 'megagcu'),
      unit('G*GCU', 1e9, 'gigagcu'),
      unit('T*GCU', 1e12, 'teragcu'),
      unit('P*GCU', 1e15, 'petagcu'),
    ],
    fallback: { name: 'GCU', factor: 1 },
  },
];

function findUnit(family: UnitFamily, name: string): Unit | undefined {
  let alias = name.toLowerCase();
  if (alias.length > 2 && alias.endsWith('s')) alias = alias.slice(0, -1);
  return family.units.find((u) => u.aliases.includes(alias));
}

/** True when values of both units can be converted into each other. */
export function sameUnitFamily(a: string, b: string): boolean {
  return FAMILIES.some((f) => findUnit(f, a) !== undefined && findUnit(f, b) !== undefined);
}

/**
 * A value in another unit, with the name to print. `minimum` and `auto` pick the largest unit in which it is at
 * least 1; unknown units stay as they are, and those that say nothing (`count`) print no name.
 */
export function scaleUnit(value: Int, from: string, to: string): { value: number; unit: string } {
  const v = Number(value);
  // The smallest int64 has no positive twin: Go's negation leaves it as it is. Its neighbours do, though as doubles
  // they are the same, so the integer itself is asked.
  if (v < 0 && value > -(2 ** 63)) {
    const positive = scaleUnit(-v, from, to);
    return { value: -positive.value, unit: positive.unit };
  }
  for (const family of FAMILIES) {
    const source = findUnit(family, from);
    if (!source) continue;
    const inBase = v * source.factor;
    if (to === 'minimum' || to === 'auto') {
      let best: Unit | undefined;
      for (const u of family.units) if (u.factor >= (best?.factor ?? 0) && inBase / u.factor >= 1) best = u;
      const chosen = best ?? family.fallback;
      return { value: inBase / chosen.factor, unit: chosen.name };
    }
    const target = findUnit(family, to) ?? family.fallback;
    return { value: inBase / target.factor, unit: target.name };
  }
  const silent = to === 'count' || to === 'sample' || to === 'unit' || to === 'minimum' || to === 'auto';
  return { value: v, unit: silent ? '' : to };
}

/** A value with its unit, two decimals at most; nothing is `0` without a unit. */
export function scaledLabel(value: Int, from: string, to: string): string {
  const scaled = scaleUnit(value, from, to);
  const text = fixed2(scaled.value).replace(/\.00$/, '');
  return text === '0' || text === '-0' ? '0' : text + scaled.unit;
}

/** A share of a total in six characters and `%`, whatever the signs. */
export function percentage(value: Int, total: Int): string {
  const whole = Number(total);
  const ratio = whole === 0 ? 0 : Math.abs(Number(value) / whole) * 100;
  if (ratio >= 99.95 && ratio <= 100.05) return '  100%';
  return `${(ratio >= 1 ? fixed2(ratio) : general2(ratio)).padStart(5)}%`;
}
