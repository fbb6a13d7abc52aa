import type { WaitExplanation } from '@tidemark/model';
import { isLocal, isPast } from './peers.js';
import { bestExit, exitWords, factSite, place, shortFunction, siteOf } from './places.js';
import type { Situation } from './situation.js';
import type { SourceFacts } from './source-facts.js';
import { counts } from './stuck.js';
import type { FactObject } from './sync-section.js';
import type { Need, WaitNeeds } from './wait-needs.js';
import { DOERS, describe, FIXES, gone, whoLeft, wordsOfWait } from './wait-words.js';

/** All who wait for instances of one channel that is made per call. */
interface Cohort {
  readonly need: Need;
  readonly object: FactObject;
  readonly waits: readonly WaitNeeds[];
}

/**
 * Channels made per call: of those, a dump does not tell which goroutine waits for which, but every live call can end
 * the wait of one at most. Where more wait than calls are alive, the rest has nobody left.
 */
export function explainCounted(
  situation: Situation,
  needs: readonly WaitNeeds[],
  stuck: ReadonlySet<number>,
): WaitExplanation[] {
  const { facts } = situation;
  if (!facts) return [];
  return cohorts(needs).flatMap((cohort): WaitExplanation[] => {
    // Where none of them has anybody, that is said without counting.
    if (cohort.waits.every((wait) => stuck.has(wait.group))) return [];
    const { waiting, served } = countServed(situation, facts, cohort);
    return served < waiting ? [explainCohort(situation, facts, cohort, waiting, served)] : [];
  });
}

function cohorts(needs: readonly WaitNeeds[]): Cohort[] {
  const found = new Map<string, { need: Need; object: FactObject; waits: WaitNeeds[] }>();
  for (const wait of needs) {
    const deciding = wait.needs.filter((need) => counts(wait, need));
    const need = deciding[0];
    if (deciding.length !== 1 || !need?.object || need.comes || !oneAtMost(need, need.object)) continue;
    const key = `${need.op} ${need.object.id}`;
    const cohort = found.get(key) ?? { need, object: need.object, waits: [] };
    cohort.waits.push(wait);
    found.set(key, cohort);
  }
  return [...found.values()];
}

/**
 * The call that makes the channel is the only one to end a wait for it, once a use: no other function does, no loop
 * does it again, and no close ends the waits of many.
 */
function oneAtMost(need: Need, object: FactObject): boolean {
  if (object.kind !== 'chan' || !isLocal(object) || (need.op !== 'send' && need.op !== 'receive')) return false;
  if (need.op === 'receive' && (object.uses?.['closers'] ?? []).length > 0) return false;
  return (
    need.uses.length > 0 && need.uses.every((use) => use.function === object.function && !use.inLoop && !use.ambiguous)
  );
}

/**
 * How many wait, and how many of them live calls can still serve at most. A goroutine that the making call itself
 * started is served only in the goroutine that is its creator, where the dump tells that (Go 1.21 and later).
 */
function countServed(situation: Situation, facts: SourceFacts, cohort: Cohort): { waiting: number; served: number } {
  const { dump, groups, framesOf } = situation;
  const calls = new Map<number, number>();
  for (const use of cohort.need.uses) {
    for (const known of framesOf.get(use.function) ?? []) {
      if (isPast(facts, use, known.frame)) continue;
      for (const id of groups[known.group]!.ids) calls.set(id, (calls.get(id) ?? 0) + 1);
    }
  }
  const maker = cohort.object.function;
  const byCreator = new Map<number, number>();
  let anywhere = 0;
  let waiting = 0;
  for (const wait of cohort.waits) {
    const group = groups[wait.group]!;
    const started = group.creator && (facts.functionAt(group.creator)?.name ?? group.creator.function);
    waiting += group.count;
    for (const row of group.rows) {
      const creator = started === maker ? dump.creatorId(row) : null;
      if (creator === null) anywhere++;
      else byCreator.set(creator, (byCreator.get(creator) ?? 0) + 1);
    }
  }
  let served = 0;
  for (const [creator, count] of byCreator) served += Math.min(count, calls.get(creator) ?? 0);
  const all = [...calls.values()].reduce((sum, count) => sum + count, 0);
  return { waiting, served: Math.min(all, served + anywhere) };
}

function explainCohort(
  situation: Situation,
  facts: SourceFacts,
  { need, object, waits }: Cohort,
  waiting: number,
  served: number,
): WaitExplanation {
  const cause = need.op === 'send' ? 'receiver-returned' : 'no-sender';
  const first = waits[0]!;
  const verb = need.op === 'send' ? 'receive' : 'send';
  const calls = served === 1 ? 'only 1 call' : served === 0 ? 'no call' : `only ${served} calls`;
  const steps = [
    {
      text: `${waiting} goroutines wait in ${place(first.site)} at ${wordsOfWait(first)}`,
      site: siteOf(first.site),
    },
    {
      text: `${describe(facts, object)}, made anew by every call`,
      ...(object.file && object.line
        ? { site: factSite({ function: object.function!, file: object.file }, object.line) }
        : {}),
    },
    ...need.uses.slice(0, 4).map((use) => {
      const exits = [...(use.otherExits ?? []), ...(use.skippedBy ?? [])];
      const exit = bestExit(exits, { recovers: facts.anyRecovers });
      const way = exit ? `, but ${exitWords(exit, use.file)} without it` : '';
      const site = factSite(use, use.line);
      return { text: `${place(site)} ${DOERS[need.op]} once a call${way}`, site };
    }),
    {
      text: `${waiting} wait to ${need.op}, and ${calls} of ${shortFunction(object.function!)} that could ${verb} ${
        served === 1 ? 'is' : 'are'
      } alive: at least ${waiting - served} can never go on`,
    },
  ];
  const hidden = situation.dump.diagnostics.some((d) => d.kind.startsWith('cut') || d.kind === 'frames-elided');
  return {
    cause,
    endless: true,
    confidence: hidden || facts.importersNotSeen ? 'possible' : 'likely',
    groups: waits.map((wait) => wait.group),
    lock: null,
    victim: siteOf(first.site),
    holder: gone(whoLeft(facts, cause, [need])),
    steps,
    fix: FIXES[cause]!,
    unknown: [
      ...(served > 0 ? [`which of the ${waiting} the live ${served === 1 ? 'call' : 'calls'} will still serve`] : []),
      ...(hidden ? ['whether more calls are alive: the dump does not show every frame'] : []),
    ],
  };
}
