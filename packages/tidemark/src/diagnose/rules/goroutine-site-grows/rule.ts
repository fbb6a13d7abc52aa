import { uninteresting } from '@tidemark/goroutine';
import { countsGrew, growthShape, holm } from '@tidemark/growth';
import {
  type Case,
  type Finding,
  fingerprint,
  type GoroutineGroup,
  type GoroutineSeries,
  type HeapSite,
  isStandardLibrary,
  type Rule,
  type Site,
  type Verdict,
} from '@tidemark/model';
import { formatChance, formatCount, formatPercent, formatSeconds } from '../../../base/units.js';
import { say, shortPlace, subjectOf } from '../../sentence.js';
import { type Family, familyOf } from './families.js';
import { causeOf, fixOf } from './words.js';

/** Chance of calling any place grown that did not, over all places of one diagnosis. */
const ALPHA = 0.001;
/** Fewer than this gather in any program that has its first visitors. */
const LEAST = 40;
/** A slower leak is told how long it must be watched for so many to gather. */
const WANTED = 50;
const MENTION = 0.01;
const MENTIONED = 5;
/** A sender or a locker leaves when served. So many more of them while hardly one left is nobody serving. */
const STUCK_SHARE = 0.97;

/** Goroutines gather at one place and do not leave (docs/rules/goroutine-site-grows.md). */
export const goroutineSiteGrows: Rule = {
  id: 'goroutine/site-grows',
  title: 'goroutines gather at one place',
  judge,
};

interface Place {
  readonly group: GoroutineGroup;
  readonly family: Family | undefined;
  readonly grown: number;
  readonly chance: number;
  readonly adjusted: number;
}

function judge(evidence: Case): Finding[] {
  const series = evidence.goroutines;
  if (!series || series.looks.length < 2) return [];
  const seconds = (series.looks.at(-1)!.atMs - series.looks[0]!.atMs) / 1000;
  const groups = mergeFamilies(series.groups);
  const chances = groups.map(({ group }) => countsGrew(group));
  const adjusted = holm(chances);
  const places = groups.map(
    ({ group, family }, i): Place => ({
      group,
      family,
      grown: group.counts.at(-1)! - group.counts[0]!,
      chance: chances[i]!,
      adjusted: adjusted[i]!,
    }),
  );
  const certain = places.filter((p) => p.adjusted < ALPHA && p.grown >= LEAST);
  const open = places
    .filter((p) => !certain.includes(p) && p.grown > 0 && p.chance < MENTION && !leftOften(p.group) && tellsAPlace(p))
    .sort((a, b) => b.grown - a.grown)
    .slice(0, MENTIONED);
  return [
    ...certain.map((p) => grown(p, evidence, series, seconds, groups.length)),
    ...open.map((p) => tooFew(p, evidence, series, seconds)),
  ];
}

/** Groups of one library's leak are one: the read and the write loop of a connection come and stay in pairs. */
function mergeFamilies(groups: readonly GoroutineGroup[]): { group: GoroutineGroup; family: Family | undefined }[] {
  const out: { group: GoroutineGroup; family: Family | undefined }[] = [];
  const byFamily = new Map<string, GoroutineGroup>();
  for (const group of groups) {
    const family = group.stack.every((f) => isStandardLibrary(f.function)) ? familyOf(group.stack) : undefined;
    if (!family?.countsIdle && waitsByDesign(group)) continue;
    if (!family) {
      out.push({ group, family: undefined });
      continue;
    }
    const known = byFamily.get(family.id);
    // An idle connection waits in another line than a busy one; together they are the connections there are.
    if (known) byFamily.set(family.id, addCounts(known, group));
    else byFamily.set(family.id, group);
  }
  for (const group of byFamily.values()) out.push({ group, family: familyOf(group.stack) });
  return out;
}

function addCounts(a: GoroutineGroup, b: GoroutineGroup): GoroutineGroup {
  const larger = (a.counts.at(-1) ?? 0) >= (b.counts.at(-1) ?? 0) ? a : b;
  return {
    ...larger,
    counts: a.counts.map((n, i) => n + (b.counts[i] ?? 0)),
    stayed: a.stayed.map((n, i) => (n === null || b.stayed[i] == null ? null : n + b.stayed[i]!)),
    provenLeaked: a.provenLeaked || b.provenLeaked,
  };
}

const waitsByDesign = (group: GoroutineGroup) =>
  uninteresting({
    count: group.counts.at(-1) ?? 0,
    frames: group.stack,
    creator: group.creator,
    state: group.state,
    labels: group.labels,
    ids: [],
  }) !== null;

/** How many came and how many went between the looks; without ids only the difference is known. */
function arrivals(group: GoroutineGroup): { born: number; gone: number } {
  let born = 0;
  let gone = 0;
  for (let i = 1; i < group.counts.length; i++) {
    const before = group.counts[i - 1]!;
    const now = group.counts[i]!;
    const stayed = group.stayed[i - 1];
    if (stayed != null) {
      gone += Math.max(0, before - stayed);
      born += Math.max(0, now - stayed);
    } else if (now > before) born += now - before;
    else gone += before - now;
  }
  return { born, gone };
}

/** Of the goroutines that were followed by id from look to look, the share that stayed; null without ids. */
function stayShare(group: GoroutineGroup): number | null {
  let followed = 0;
  let stayed = 0;
  group.stayed.forEach((n, i) => {
    if (n === null) return;
    followed += group.counts[i]!;
    stayed += n;
  });
  return followed >= 10 ? stayed / followed : null;
}

/** A few more goroutines inside a library are what any program has; only its own code or a known leak is worth a word. */
const tellsAPlace = (place: Place) => place.family !== undefined || !isStandardLibrary(place.group.site.function);

const leftOften = (group: GoroutineGroup) => (stayShare(group) ?? 1) < 0.5;

function grown(place: Place, evidence: Case, series: GoroutineSeries, seconds: number, tested: number): Finding {
  const { group, family } = place;
  const { born, gone } = arrivals(group);
  const share = stayShare(group);
  const shape = growthShape({
    times: series.looks.map((l) => l.atMs),
    values: group.counts,
    // Arrivals are as irregular as any queue's: Poisson, at least one.
    sd: (i, j) => Math.sqrt(Math.max(1, Math.abs(group.counts[j]! - group.counts[i]!))),
  });
  const first = group.counts[0]!;
  const last = group.counts.at(-1)!;
  const sentences = [
    say(
      `${formatCount(first)} → ${formatCount(last)} goroutines in ${formatSeconds(seconds)}; chance of error ${formatChance(place.adjusted)} over all ${formatCount(tested)} places`,
      { first, last, errorChance: place.adjusted, places: tested },
    ),
  ];
  if (share !== null) {
    sentences.push(
      say(
        share >= 0.9995
          ? `none of those followed by id from look to look left this place`
          : `of those followed by id from look to look ${formatPercent(share)} were still there: ${formatCount(gone)} went, ${formatCount(born)} came`,
        { stayShare: share, born, gone },
      ),
    );
  }
  if (series.looks.length > 2 && shape.shape !== 'too-few') {
    const ratio = shape.lateToEarly === null ? '' : ` (second half ÷ first half: ${shape.lateToEarly.toFixed(2)})`;
    sentences.push(
      say(`over ${series.looks.length} looks the number is ${shape.shape}${ratio}`, {
        shape: shape.shape,
        lateToEarly: shape.lateToEarly,
      }),
    );
  }
  if (group.oldestWaitMinutes !== null && group.oldestWaitMinutes >= 1) {
    sentences.push(
      say(`the oldest has waited for at least ${group.oldestWaitMinutes} min`, {
        oldestWaitMinutes: group.oldestWaitMinutes,
      }),
    );
  }
  const outcome = decide(group, shape.shape, shape.levelFor / 1000, share, seconds);
  if (outcome.reason) sentences.push(say(outcome.reason, {}));
  const site = family ? blamed(family, evidence) : null;
  if (family && site) {
    sentences.push(
      say(`the allocation profile shows one place of the program that enters this library: ${site.function}`, {
        entry: site.function,
      }),
    );
  }
  const waitsIn = group.state ?? group.waitsIn ?? 'unknown';
  const alarm = outcome.verdict === 'leak' || outcome.verdict === 'suspect';
  return {
    ...base(place, evidence, site ?? group.site, outcome.verdict),
    title: `[${waitsIn}]`,
    quantity: quantity(place, series, seconds),
    errorChance: place.adjusted,
    evidence: sentences,
    chain: group.creator
      ? [
          {
            text: `started by ${shortPlace(group.creator)}`,
            site: group.creator,
          },
        ]
      : [],
    cause: family?.cause ?? causeOf(group),
    fix: alarm ? (family?.fix ?? fixOf(group)) : null,
    unknown: outcome.unknown ? [outcome.unknown] : [],
    moreSeconds: outcome.moreSeconds,
    proof: alarm ? { argv: [...evidence.target] } : null,
  };
}

interface Outcome {
  readonly verdict: Verdict;
  readonly reason: string | null;
  readonly unknown: string | null;
  readonly moreSeconds: number | null;
}

/** The order of the questions is the order of docs/rules/goroutine-site-grows.md. */
function decide(
  group: GoroutineGroup,
  shape: string,
  levelSeconds: number,
  share: number | null,
  seconds: number,
): Outcome {
  const settled = (verdict: Verdict, reason: string): Outcome => ({
    verdict,
    reason,
    unknown: null,
    moreSeconds: null,
  });
  const waitsIn = group.state ?? group.waitsIn ?? '';
  if (group.provenLeaked)
    return settled('leak', 'Go’s goroutineleak profile found them unreachable: nothing in the program can wake them');
  if (/nil chan|no cases/.test(waitsIn)) return settled('leak', `a goroutine in "${waitsIn}" can never go on`);
  if (shape === 'plateau' || shape === 'step') {
    return settled('clear', `level for the last ${formatSeconds(levelSeconds)}: it followed the load and came to rest`);
  }
  if (share !== null && share < 0.5)
    return settled('clear', 'they come and go: there are more because there is more to do');
  if (shape === 'wavering') {
    return {
      verdict: 'undecided',
      reason: 'the number also fell back by much: it swings',
      unknown: 'whether the lows rise too: more swings would tell',
      moreSeconds: seconds * 4,
    };
  }
  if (shape === 'bending') {
    return {
      verdict: 'undecided',
      reason: 'it bends towards a level',
      unknown: 'whether it comes to rest',
      moreSeconds: seconds * 2,
    };
  }
  const served = /chan send|Mutex|mutex/.test(`${group.state ?? ''} ${group.waitsIn ?? ''}`);
  if (served && share !== null && share >= STUCK_SHARE && group.counts.length >= 3) {
    return settled('leak', 'whoever waits here leaves when served, and nobody is served any more');
  }
  return {
    verdict: 'suspect',
    reason: null,
    unknown:
      'whether these goroutines end when their work does (a pool that grows, clients that stay): the facts of the build, or Go’s goroutineleak profile (1.27), would tell',
    moreSeconds: seconds,
  };
}

function tooFew(place: Place, evidence: Case, series: GoroutineSeries, seconds: number): Finding {
  const more = Math.max(1, (seconds * WANTED) / place.grown - seconds);
  return {
    ...base(place, evidence, place.group.site, 'undecided'),
    title: 'too few to tell',
    quantity: quantity(place, series, seconds),
    errorChance: place.adjusted,
    evidence: [
      say(
        `${formatCount(place.grown)} more than at the first look; as many come together by chance in ${formatChance(place.chance)} of cases at one place`,
        {
          grown: place.grown,
          chance: place.chance,
        },
      ),
    ],
    chain: [],
    cause: null,
    fix: null,
    unknown: [`if it goes on at this rate, ${formatSeconds(more)} more of watching tells`],
    moreSeconds: more,
    proof: null,
  };
}

/** The one place of the program from which its allocations enter the library; null when there are several. */
function blamed(family: Family, evidence: Case): Site | null {
  const sites = evidence.heap?.sites ?? [];
  const entering = sites.filter(
    (s) => !isStandardLibrary(s.site.function) && s.stack.some((f) => family.entry.test(f.function)),
  );
  const activity = (site: HeapSite) => site.allocObjects.at(-1)! - site.allocObjects[0]!;
  const active = entering.filter((s) => activity(s) > 0).sort((a, b) => activity(b) - activity(a));
  const functions = new Set(active.map((s) => s.site.function));
  if (functions.size === 1) return active[0]!.site;
  // Several enter: the one whose memory stays is to blame, where only one does.
  const keeping = active.filter((s) => s.inuseObjects.at(-1)! > s.inuseObjects[0]!);
  return new Set(keeping.map((s) => s.site.function)).size === 1 ? keeping[0]!.site : null;
}

function base(place: Place, evidence: Case, site: Site, verdict: Verdict) {
  const entry = place.group.stack.at(-1)?.function ?? '';
  return {
    fingerprint: fingerprint({
      rule: goroutineSiteGrows.id,
      service: evidence.subject.service,
      function: place.group.site.function,
      anchor: `${place.group.waitsIn ?? ''} ${entry}`,
    }),
    rule: goroutineSiteGrows.id,
    verdict,
    subject: subjectOf(evidence),
    site,
    stack: place.group.stack,
    related: [],
  };
}

function quantity(place: Place, series: GoroutineSeries, seconds: number): Finding['quantity'] {
  const { group, grown } = place;
  const half = 1.96 * Math.sqrt(Math.max(1, grown));
  return {
    unit: 'goroutines',
    value: grown,
    ...(seconds > 0 ? { perSeconds: seconds } : {}),
    interval: { low: Math.max(0, grown - half), high: grown + half, level: 0.95 },
    since: new Date(series.looks[0]!.atMs).toISOString(),
    series: group.counts.map((count, i): [number, number] => [series.looks[i]!.atMs, count]),
  };
}
