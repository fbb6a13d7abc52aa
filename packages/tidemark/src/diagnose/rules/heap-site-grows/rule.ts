import {
  type GrowthShape,
  growthShape,
  holm,
  loadExplains,
  type SiteDelta,
  secondsToTell,
  siteDelta,
} from '@tidemark/growth';
import {
  type Case,
  type Finding,
  fingerprint,
  type HeapSeries,
  type HeapSite,
  type Rule,
  type Verdict,
} from '@tidemark/model';
import { formatBytes, formatChance, formatCount, formatPercent, formatSeconds } from '../../../base/units.js';
import { say, subjectOf } from '../../sentence.js';
import { adviceFor } from './advice.js';
import { type Held, holderName, holderSentence, holdersOf } from './holders.js';

/** Chance of calling any site grown that did not, over all sites of one diagnosis. */
const ALPHA = 0.001;
/** Growth below this, however certain, is not worth a person's time: a gibibyte takes a hundred such watches. */
const LEAST_BYTES = 10 * 2 ** 20;
/** A slower leak is told how long it must be watched; the wait is computed for this amount. */
const WANTED_BYTES = 16 * 2 ** 20;
/** Straight growth over so long is no warm-up: the profile alone then decides. */
const LONG_SECONDS = 3600;
/** Unadjusted chance below which growth that cannot be told yet is mentioned. */
const MENTION = 0.04;
/** How many undecided or clear sites are mentioned. */
const MENTIONED = 5;

/** Live bytes of one site grow from GC to GC, straight, and are not freed (docs/rules/heap-site-grows.md). */
export const heapSiteGrows: Rule = {
  id: 'heap/site-grows',
  title: 'heap of one place in the code grows',
  judge,
};

interface Judged {
  readonly site: HeapSite;
  readonly delta: SiteDelta;
  /** Chance of error over all sites. */
  readonly chance: number;
}

function judge(evidence: Case): Finding[] {
  const heap = evidence.heap;
  if (!heap) return [];
  const looks = heap.snapshots.flatMap((s, i) => (s.newCycle ? [i] : []));
  if (looks.length < 2) return heap.snapshots.length < 2 ? [] : [noNewCycle(evidence, heap)];
  const [first, last] = [looks[0]!, looks.at(-1)!];
  const seconds = (heap.snapshots[last]!.atMs - heap.snapshots[first]!.atMs) / 1000;
  const tested = heap.sites.filter((s) => s.strata.some((x) => x.inuseSamples.some((v) => v > 0)));
  const deltas = tested.map((site) =>
    siteDelta({ rateBytes: heap.rateBytes, strata: site.strata, from: first, to: last }),
  );
  const chances = holm(deltas.map((d) => d.pGrowth));
  const judged = tested.map((site, i): Judged => ({ site, delta: deltas[i]!, chance: chances[i]! }));
  const context = { evidence, heap, looks, seconds, tested: tested.length };

  const certain = judged.filter((j) => j.chance < ALPHA && j.delta.bytes >= LEAST_BYTES);
  const findings = certain.map((j) => grown(j, context));
  const open = judged
    .filter((j) => !certain.includes(j) && j.delta.pGrowth < MENTION && j.delta.deaths < j.delta.births / 2)
    .sort((a, b) => b.delta.bytes - a.delta.bytes)
    .slice(0, MENTIONED);
  return [...findings, ...open.map((j) => tooSmall(j, context))];
}

interface Context {
  readonly evidence: Case;
  readonly heap: HeapSeries;
  readonly looks: readonly number[];
  readonly seconds: number;
  readonly tested: number;
}

/** A site that grew beyond doubt: what its shape, its freed share and the load say. */
function grown(judged: Judged, context: Context): Finding {
  const { looks, seconds, evidence } = context;
  const { site, delta } = judged;
  const shape = shapeOf(site, context);
  const freedShare = delta.bornBytes > 0 ? delta.freedBytes / delta.bornBytes : 0;
  const age = evidence.subject.ageSeconds;
  const rate = delta.bytes / seconds;
  const live = site.inuseBytes[looks.at(-1)!]!;
  const growingFor = Math.min(live / rate, age ?? Number.POSITIVE_INFINITY);
  const sentences: Finding['evidence'] = [
    say(
      `${delta.sdBytes > 0 ? `${formatCount(delta.bytes / delta.sdBytes)} sigma of sampling noise` : 'every object of this size is sampled: no noise'}; chance of error ${formatChance(judged.chance)} over all ${formatCount(context.tested)} sites`,
      {
        sigma: delta.sdBytes > 0 ? delta.bytes / delta.sdBytes : null,
        errorChance: judged.chance,
        sites: context.tested,
      },
    ),
    say(
      `of ${formatBytes(delta.bornBytes)} allocated here meanwhile, ${formatBytes(Math.max(0, delta.bornBytes - delta.freedBytes))} is still live: ${formatPercent(freedShare)} was freed`,
      { allocatedBytes: delta.bornBytes, freedBytes: delta.freedBytes, freedShare },
    ),
  ];
  if (looks.length > 2) sentences.push(shapeSentence(shape, looks.length));
  if (Number.isFinite(growingFor) && live > delta.bytes * 0.5) {
    const known = age !== null ? `; the process is ${formatSeconds(age)} old` : '';
    sentences.push(
      say(`${formatBytes(live)} live at this rate is ${formatSeconds(live / rate)} of growth${known}`, {
        liveBytes: live,
        growthSeconds: live / rate,
        ageSeconds: age,
      }),
    );
  }
  const holders = holdersOf(site, evidence);
  const outcome = decide({ site, shape, freedShare, growingFor, holders, context });
  if (outcome.reason) sentences.push(say(outcome.reason, {}));
  for (const { holder, exact } of holders)
    sentences.push(say(holderSentence(holder, exact), { holder: holder.id, verdict: holder.verdict }));
  const advice = adviceFor(site);
  const kept = holders.find((h) => h.holder.verdict === 'only-added')?.holder;
  return {
    ...frameOf(judged, context, outcome.verdict, sentences),
    title: `1 of ${formatCount(context.tested)} sites`,
    cause: kept ? `${holderName(kept)} keeps what is added to it for as long as it lives itself` : advice.cause,
    fix:
      outcome.verdict === 'clear'
        ? null
        : kept
          ? `bound ${holderName(kept)}: an LRU with a size, a time to live, or remove when the owner ends`
          : advice.fix,
    unknown: outcome.unknown ? [outcome.unknown] : [],
    moreSeconds: outcome.moreSeconds,
    errorChance: judged.chance,
    quantity: quantityOf(
      judged,
      context,
      outcome.verdict === 'leak' || outcome.verdict === 'suspect' ? evidence : null,
    ),
    proof: { argv: [...evidence.target] },
    chain: kept
      ? [
          {
            text: `${holderName(kept)} ${kept.type.replace(/[\w.~-]+\//g, '')} (${kept.where === 'global' ? 'package variable' : kept.where})`,
            site: { function: '', file: kept.file, line: kept.line },
          },
        ]
      : [],
    related: holders.flatMap(({ holder }) =>
      holder.adds.map((add) => ({
        file: add.file,
        line: add.line,
        message: `added to ${holderName(holder)} here (${add.how})`,
      })),
    ),
  };
}

interface Outcome {
  readonly verdict: Verdict;
  readonly reason: string | null;
  readonly unknown: string | null;
  readonly moreSeconds: number | null;
}

/** The order of the questions is the order of docs/rules/heap-site-grows.md. */
function decide(input: {
  site: HeapSite;
  shape: GrowthShape;
  freedShare: number;
  growingFor: number;
  holders: readonly Held[];
  context: Context;
}): Outcome {
  const { site, shape, freedShare, growingFor, holders, context } = input;
  const { seconds, looks } = context;
  if (shape.shape === 'plateau' || shape.shape === 'step') {
    const level = formatSeconds(shape.levelFor / 1000);
    return {
      verdict: 'clear',
      reason:
        shape.shape === 'step'
          ? `one step, then level for ${level}: a change of load, not a leak`
          : `level for the last ${level}: what filled here is full`,
      unknown: null,
      moreSeconds: null,
    };
  }
  if (shape.shape === 'wavering') {
    return {
      verdict: 'undecided',
      reason: `it also fell back by ${formatPercent(shape.fallShare)} of what it grew: such swings hide a slow trend`,
      unknown: 'whether the lows rise too: more swings would tell',
      moreSeconds: seconds * 4,
    };
  }
  if (freedShare > 0.3 && loadRose(site, context)) {
    return {
      verdict: 'undecided',
      reason: 'live bytes rose by the share by which allocation rose: this follows the load',
      unknown: 'whether it stays when the load is steady again',
      moreSeconds: seconds * 2,
    };
  }
  // Of what is mostly freed again, the noise of the load is larger than that of sampling: a bend needs less proof.
  const loadBends = freedShare > 0.5 && (shape.lateToEarly ?? 1) < 0.5;
  if (shape.shape === 'bending' || loadBends) {
    return {
      verdict: 'undecided',
      reason: `growth in the later part is ${formatPercent(shape.lateToEarly ?? 0)} of the earlier part's rate: it bends towards a level`,
      unknown: 'whether it comes to rest',
      moreSeconds: seconds * 2,
    };
  }
  if (
    freedShare < 0.5 &&
    shape.shape === 'straight' &&
    looks.length >= 4 &&
    growingFor >= LONG_SECONDS &&
    seconds >= LONG_SECONDS / 12
  ) {
    return {
      verdict: 'leak',
      reason: `it has grown like this for ${formatSeconds(growingFor)}: no warm-up takes so long`,
      unknown: null,
      moreSeconds: null,
    };
  }
  const endless = holders.find((h) => h.holder.verdict === 'only-added' && h.exact);
  if (
    endless &&
    freedShare < 0.05 &&
    looks.length >= 4 &&
    (shape.shape === 'straight' || shape.shape === 'accelerating')
  ) {
    return {
      verdict: 'leak',
      reason: null,
      unknown: null,
      moreSeconds: null,
    };
  }
  const plateau = Math.max(seconds, Math.min(growingFor, LONG_SECONDS));
  return {
    verdict: 'suspect',
    reason: null,
    unknown: `whether this is a cache that still fills: a profile cannot tell. A plateau would show within ${formatSeconds(plateau)} more, or the facts of the build say whether anything removes from the holder`,
    moreSeconds: plateau,
  };
}

function shapeOf(site: HeapSite, { heap, looks }: Context): GrowthShape {
  const times = looks.map((i) => heap.snapshots[i]!.atMs);
  const values = looks.map((i) => site.inuseBytes[i]!);
  const sd = (i: number, j: number) =>
    siteDelta({ rateBytes: heap.rateBytes, strata: site.strata, from: looks[i]!, to: looks[j]! }).sdBytes ||
    heap.rateBytes / 4;
  return growthShape({ times, values, sd });
}

/** Live bytes against the allocation rate, first against last part of the watch. */
function loadRose(site: HeapSite, { heap, looks }: Context): boolean {
  if (looks.length < 3) return false;
  const rate = (from: number, to: number) => {
    const time = heap.snapshots[to]!.atMs - heap.snapshots[from]!.atMs;
    return time > 0 ? (site.allocBytes[to]! - site.allocBytes[from]!) / time : 0;
  };
  const last = looks.length - 1;
  return loadExplains({
    // The rate of the first interval belongs to what lives at its end.
    inuse: [site.inuseBytes[looks[1]!]!, site.inuseBytes[looks[last]!]!],
    allocRate: [rate(looks[0]!, looks[1]!), rate(looks[last - 1]!, looks[last]!)],
  });
}

function shapeSentence(shape: GrowthShape, looks: number): Finding['evidence'][number] {
  const words: Record<string, string> = {
    straight: 'straight, no bend',
    bending: 'bending',
    accelerating: 'faster at the end than at the start',
    plateau: 'level at the end',
    step: 'one step',
    wavering: 'up and down',
  };
  const ratio = shape.lateToEarly === null ? '' : ` (second half ÷ first half: ${shape.lateToEarly.toFixed(2)})`;
  return say(`over ${looks} looks it is ${words[shape.shape] ?? shape.shape}${ratio}`, {
    shape: shape.shape,
    lateToEarly: shape.lateToEarly,
  });
}

/** Growth that noise could still explain, with the time after which it could not. */
function tooSmall(judged: Judged, context: Context): Finding {
  const { seconds, tested } = context;
  const { delta } = judged;
  const more = secondsToTell(delta, seconds, ALPHA / Math.max(1, tested), WANTED_BYTES);
  const sentences = [
    say(
      `${formatCount(delta.births)} sampled objects came and ${formatCount(delta.deaths)} went: by chance alone in ${formatChance(delta.pGrowth)} of cases at one site, and ${formatCount(tested)} were looked at`,
      { births: delta.births, deaths: delta.deaths, chance: delta.pGrowth, sites: tested },
    ),
  ];
  return {
    ...frameOf(judged, context, 'undecided', sentences),
    title: 'too little to tell from noise',
    cause: null,
    fix: null,
    unknown: [
      `if it goes on at this rate, ${formatSeconds(more)} more of watching tells (--for ${Math.ceil((seconds + more) / 60)}m)`,
    ],
    moreSeconds: Number.isFinite(more) && more > 0 ? more : seconds,
    errorChance: judged.chance,
    quantity: quantityOf(judged, context, null),
    proof: null,
    chain: [],
    related: [],
  };
}

function noNewCycle(evidence: Case, heap: HeapSeries): Finding {
  const seconds = (heap.snapshots.at(-1)!.atMs - heap.snapshots[0]!.atMs) / 1000;
  return {
    fingerprint: fingerprint({
      rule: 'heap/site-grows',
      service: evidence.subject.service,
      function: '',
      anchor: 'no-gc',
    }),
    rule: 'heap/site-grows',
    verdict: 'undecided',
    title: 'no garbage collection since the first look',
    subject: subjectOf(evidence),
    site: null,
    quantity: null,
    errorChance: null,
    evidence: [
      say(
        `all ${heap.snapshots.length} looks show the same picture: a heap profile changes only when a GC publishes it`,
        {
          looks: heap.snapshots.length,
          allocatedBytes: heap.snapshots[0]!.allocBytes,
        },
      ),
    ],
    chain: [],
    stack: [],
    related: [],
    cause: null,
    fix: null,
    unknown: [
      'whether the heap grows: watch longer (an idle process collects every 2 minutes), or let Tidemark force a GC (--gc all)',
    ],
    moreSeconds: Math.max(120, seconds),
    proof: null,
  };
}

function frameOf(judged: Judged, { evidence }: Context, verdict: Verdict, sentences: Finding['evidence']) {
  const { site } = judged.site;
  const rule = 'heap/site-grows';
  // The allocated thing is named by what the place calls: the frame below it, if there is one.
  const at = judged.site.stack.findIndex((f) => f.function === site.function && f.line === site.line);
  const anchor = at > 0 ? judged.site.stack[at - 1]!.function : '';
  return {
    fingerprint: fingerprint({ rule, service: evidence.subject.service, function: site.function, anchor }),
    rule,
    verdict,
    subject: subjectOf(evidence),
    site,
    evidence: sentences,
    stack: judged.site.stack,
  };
}

function quantityOf(judged: Judged, { heap, looks, seconds }: Context, limited: Case | null): Finding['quantity'] {
  const { site, delta } = judged;
  const limit = limited?.signals?.signals.find((s) => s.name === 'memory_limit_bytes')?.points.at(-1)?.[1];
  const live = heap.snapshots[looks.at(-1)!]!.inuseBytes;
  const left = limit !== undefined && limit > live ? ((limit - live) / delta.bytes) * seconds : undefined;
  return {
    unit: 'bytes',
    value: delta.bytes,
    ...(seconds > 0 ? { perSeconds: seconds } : {}),
    interval: delta.interval,
    since: new Date(heap.snapshots[looks[0]!]!.atMs).toISOString(),
    series: looks.map((i): [number, number] => [heap.snapshots[i]!.atMs, site.inuseBytes[i]!]),
    ...(left !== undefined && left > 0 ? { timeToLimitSeconds: left } : {}),
  };
}
