/**
 * Growth by low-water marks: the least value of three stretches of equal length, one after the other. A sawtooth, a
 * burst and a gap move a low little; the conditions below part a leak from what only looks like one.
 */
interface Channel {
  /** A name of names.ts, without `tidemark:`. */
  readonly name: string;
  /** Gain from the first stretch to the third below which nothing is said: this much, and this share of the first. */
  readonly floor: number;
  readonly share: number;
  /** Counted in bytes, so that it can meet a limit. */
  readonly limited: boolean;
}

export const CHANNELS: readonly Channel[] = [
  { name: 'heap_live_bytes', floor: 16 * 2 ** 20, share: 0.1, limited: true },
  { name: 'goroutines', floor: 100, share: 0.2, limited: false },
  { name: 'outside_heap_bytes', floor: 64 * 2 ** 20, share: 0.1, limited: true },
  { name: 'charged_bytes', floor: 16 * 2 ** 20, share: 0.02, limited: true },
];

export interface Horizon {
  /** Length of a stretch. */
  readonly stretch: string;
  /** Three of them, for people. */
  readonly name: string;
  readonly hours: number;
  /** What the lows are taken of: the channel itself, or lows that were recorded. */
  readonly of: string;
  /** Values that a stretch must have: a third of what the groups' interval gives. */
  readonly atLeast: number;
  readonly twice: string;
  /** Whether the load of the day can look like growth: then the low must lie above all of the day before. */
  readonly shorterThanDay: boolean;
  /** For times to a limit alone: the share of a channel, meant for hours, would ask for too much of so short a time. */
  readonly forLimits?: boolean;
}

export const HORIZONS: readonly Horizon[] = [
  {
    stretch: '10m',
    name: '30m',
    hours: 1 / 6,
    of: '',
    atLeast: 4,
    twice: '20m',
    shorterThanDay: true,
    forLimits: true,
  },
  { stretch: '1h', name: '3h', hours: 1, of: '', atLeast: 20, twice: '2h', shorterThanDay: true },
  { stretch: '1d', name: '3d', hours: 24, of: ':low_1h', atLeast: 240, twice: '2d', shorterThanDay: false },
];

/** A process builds its heap in its first minutes whatever it does later. */
const WARM_UP_SECONDS = 1800;
const LIMIT_SHARE = 0.02;
/** Of two gains that follow each other each is at least this share of the other: less is a warm-up that bends, or one step. */
const EVEN = 0.4;

export const lowName = (channel: string, h: Horizon) => `tidemark:${channel}:low_${h.stretch}`;
export const growthName = (channel: string, h: Horizon) => `tidemark:${channel}:growth_per_hour_${h.name}`;

export function lowExpr(channel: string, h: Horizon): string {
  const of = `tidemark:${channel}${h.of}[${h.stretch}]`;
  return `min_over_time(${of})\nand count_over_time(${of}) >= ${h.atLeast}`;
}

/** Units an hour; absent unless all conditions of a steady growth hold, so an alert need not repeat them. */
export function growthExpr({ name, floor, share }: Channel, h: Horizon): string {
  const now = lowName(name, h);
  const before = `${now} offset ${h.stretch}`;
  const first = `${now} offset ${h.twice}`;
  const age = 3 * h.hours * 3600 + WARM_UP_SECONDS;
  const lines = [
    `(${now} - ${first}) / ${+(2 * h.hours).toFixed(6)} > 0`,
    `and ${now} - ${first} >= ${floor}`,
    `and ${now} - ${first} >= ${h.forLimits ? LIMIT_SHARE : share} * ${first}`,
    `and ${now} - ${before} >= ${EVEN} * (${before} - ${first})`,
    `and ${before} - ${first} >= ${EVEN} * (${now} - ${before})`,
    `and time() - tidemark:process_start_seconds >= ${age}`,
  ];
  if (h.shorterThanDay) lines.push(`unless ${now} <= max_over_time(tidemark:${name}:low_10m[1d] offset ${h.name})`);
  return lines.join('\n');
}
