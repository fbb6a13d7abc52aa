/**
 * What a short series does: `straight` growth, `bending` towards a level, a `plateau` that was reached, one `step` that
 * stayed, `accelerating`, `wavering` (it also fell back by much), `flat`, `shrinking`, or too few looks to say.
 */
export type Shape =
  | 'straight'
  | 'bending'
  | 'plateau'
  | 'step'
  | 'accelerating'
  | 'wavering'
  | 'flat'
  | 'shrinking'
  | 'too-few';

export interface ShapeInput {
  /** Times of the looks, ascending, in any one unit of time. */
  readonly times: readonly number[];
  readonly values: readonly number[];
  /** Standard deviation of the noise in the change from look i to look j. */
  readonly sd: (i: number, j: number) => number;
}

export interface GrowthShape {
  readonly shape: Shape;
  readonly increments: readonly number[];
  /** Growth rate in the later part of the watch ÷ the rate in the earlier part; null where one cannot tell. */
  readonly lateToEarly: number | null;
  /** The deepest fall after a peak ÷ the total growth. */
  readonly fallShare: number;
  /** How long (in the unit of times) the series has been level at its end. */
  readonly levelFor: number;
}

/** Wanted certainty that a part differs (one-sided z): 2.33 is 1 in 100. */
const SURE = 2.33;
/** A change of less than this share of the whole growth is no change, however sure it is. */
const SMALL = 0.05;

/** The shape of at least three looks of one process. Differences are judged against their noise. */
export function growthShape(input: ShapeInput): GrowthShape {
  const { times, values, sd } = input;
  const last = values.length - 1;
  const increments = values.slice(1).map((value, i) => value - values[i]!);
  const total = last >= 0 ? values[last]! - values[0]! : 0;
  const fall = deepestFall(values);
  const fallShare = total > 0 ? fall.depth / total : 0;
  const base = { increments, fallShare, levelFor: 0, lateToEarly: null };
  if (values.length < 2) return { ...base, shape: 'too-few' };
  const totalSd = sd(0, last);
  if (total <= 0) return { ...base, shape: total < -SURE * totalSd && total < 0 ? 'shrinking' : 'flat' };
  if (values.length < 3) return { ...base, shape: 'too-few' };
  if (fallShare > 0.35 && fall.depth > SURE * sd(fall.from, fall.to)) return { ...base, shape: 'wavering' };

  const middle = nearest(times, times[0]! + (times[last]! - times[0]!) / 2);
  const early = values[middle]! - values[0]!;
  const late = values[last]! - values[middle]!;
  const earlyTime = times[middle]! - times[0]!;
  const lateTime = times[last]! - times[middle]!;
  // Looks at one time have no rate.
  const lateToEarly = early > 0 && earlyTime > 0 && lateTime > 0 ? late / lateTime / (early / earlyTime) : null;
  const levelFor = times[last]! - times[levelSince(input, total)]!;
  const told = { increments, fallShare, lateToEarly, levelFor };

  // Level at the end: the last stretch adds next to nothing, and significantly less than a straight line would.
  const share = levelFor / (times[last]! - times[0]!);
  const at = levelSince(input, total);
  if (share > 0.2 && at > 0 && times[at]! > times[0]!) {
    const expected = (values[at]! - values[0]!) * (levelFor / (times[at]! - times[0]!));
    const missing = expected - (values[last]! - values[at]!);
    const noise = Math.hypot(sd(at, last), (sd(0, at) * levelFor) / (times[at]! - times[0]!));
    if (missing > SURE * noise) {
      const steepest = Math.max(...increments);
      return { ...told, shape: steepest > 0.8 * total ? 'step' : 'plateau' };
    }
  }
  if (lateToEarly === null && !(earlyTime > 0 && lateTime > 0)) return { ...told, shape: 'straight' };
  const bend = late - early * (lateTime / earlyTime);
  const bendNoise = Math.hypot(sd(middle, last), sd(0, middle) * (lateTime / earlyTime));
  if (bend < -SURE * bendNoise && (lateToEarly ?? 1) < 0.6) return { ...told, shape: 'bending' };
  if (bend > SURE * bendNoise && (lateToEarly ?? Number.POSITIVE_INFINITY) > 1.6)
    return { ...told, shape: 'accelerating' };
  return { ...told, shape: 'straight' };
}

/** The look from which the series does not rise any more: by no more than noise, or by a small share of the whole. */
function levelSince({ values, sd }: ShapeInput, total: number): number {
  const last = values.length - 1;
  let since = last;
  for (let i = last - 1; i >= 0; i--) {
    const rise = values[last]! - values[i]!;
    if (rise > SMALL * total && rise > SURE * 0.7 * sd(i, last)) break;
    since = i;
  }
  return since;
}

function deepestFall(values: readonly number[]): { depth: number; from: number; to: number } {
  let peak = 0;
  let out = { depth: 0, from: 0, to: 0 };
  values.forEach((value, i) => {
    if (value > values[peak]!) peak = i;
    if (values[peak]! - value > out.depth) out = { depth: values[peak]! - value, from: peak, to: i };
  });
  return out;
}

function nearest(times: readonly number[], wanted: number): number {
  let best = 1;
  for (let i = 1; i < times.length - 1; i++) {
    if (Math.abs(times[i]! - wanted) < Math.abs(times[best]! - wanted)) best = i;
  }
  return best;
}

/**
 * True when live bytes rose because allocation did: both rose by about the same share. A leak's live bytes rise at a
 * steady allocation rate. `inuse` and `allocRate` are means of the first and of the last part of the watch.
 */
export function loadExplains(parts: {
  readonly inuse: readonly [number, number];
  readonly allocRate: readonly [number, number];
}): boolean {
  const [inuseBefore, inuseAfter] = parts.inuse;
  const [rateBefore, rateAfter] = parts.allocRate;
  if (inuseBefore <= 0 || rateBefore <= 0) return false;
  const grown = inuseAfter / inuseBefore;
  const more = rateAfter / rateBefore;
  // Little's law: what lives is rate × time it lives. At an unchanged life time both grow alike, give or take noise.
  return more > 1.1 && grown <= more * 1.4;
}
