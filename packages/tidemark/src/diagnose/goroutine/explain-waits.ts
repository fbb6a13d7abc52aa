import { type Frame, siteKey, type WaitConfidence, type WaitExplanation, type WaitHolder } from '@tidemark/model';
import { bestExit, exitWords, factSite, NOBODY, place, siteOf } from './places.js';
import type { Situation } from './situation.js';
import type { SourceFacts } from './source-facts.js';
import { counts } from './stuck.js';
import type { FactObject } from './sync-section.js';
import type { Need, WaitNeeds } from './wait-needs.js';
import { bestOf, callersExits, DOERS, describe, FIXES, gone, ownExits, whoLeft, wordsOfWait } from './wait-words.js';

type Step = WaitExplanation['steps'][number];

/**
 * Why channel, group, condition and context waits cannot end: of the groups that are stuck, those that wait for
 * nobody. Who waits only behind an explained group is not explained again.
 */
export function explainWaits(
  situation: Situation,
  needs: readonly WaitNeeds[],
  stuck: ReadonlySet<number>,
  explained: ReadonlySet<number>,
): WaitExplanation[] {
  const { facts } = situation;
  if (!facts) return [];
  const waits = needs.filter((wait) => stuck.has(wait.group));
  const peersOf = new Map(waits.map((wait) => [wait.group, peerGroups(wait)]));
  const roots = new Set([...explained, ...waits.filter((w) => peersOf.get(w.group)!.size === 0).map((w) => w.group)]);
  const out: WaitExplanation[] = [];
  for (const wait of waits) {
    if (explained.has(wait.group)) continue;
    const peers = peersOf.get(wait.group)!;
    if (peers.size > 0 && reaches(wait.group, peersOf, roots)) continue;
    out.push(explainWait(situation, facts, wait, peers));
  }
  return joinSamePlace(out);
}

/** Several stacks may end in one line: one explanation tells them all. */
function joinSamePlace(list: readonly WaitExplanation[]): WaitExplanation[] {
  const byPlace = new Map<string, WaitExplanation>();
  for (const explanation of list) {
    const key = `${explanation.cause}\n${siteKey(explanation.victim)}`;
    const seen = byPlace.get(key);
    byPlace.set(key, seen ? { ...seen, groups: [...seen.groups, ...explanation.groups] } : explanation);
  }
  return [...byPlace.values()];
}

function peerGroups(wait: WaitNeeds): Set<number> {
  const all = new Set<number>();
  for (const need of wait.needs) if (counts(wait, need)) for (const group of need.peers.groups) all.add(group);
  return all;
}

function reaches(from: number, peersOf: ReadonlyMap<number, ReadonlySet<number>>, roots: ReadonlySet<number>): boolean {
  const seen = new Set([from]);
  const todo = [...(peersOf.get(from) ?? [])];
  for (let at = todo.pop(); at !== undefined; at = todo.pop()) {
    if (at !== from && roots.has(at)) return true;
    // A lock's waiter that is not explained has no entry: its own chain ends elsewhere.
    if (seen.has(at)) continue;
    seen.add(at);
    todo.push(...(peersOf.get(at) ?? []));
  }
  return false;
}

function explainWait(
  situation: Situation,
  facts: SourceFacts,
  wait: WaitNeeds,
  peers: ReadonlySet<number>,
): WaitExplanation {
  const group = situation.groups[wait.group]!;
  const cause = group.state?.endsWith('(nil chan)') && wait.op.op !== 'ctx-wait' ? 'nil-channel' : causeOf(wait);
  const deciding = wait.needs.filter((need) => counts(wait, need));
  const exit = whoLeft(facts, cause, deciding);
  const peer = [...peers][0];
  const holder: WaitHolder = peer === undefined ? gone(exit) : alive(situation, peer);
  const first: Step = {
    text: `${count(group.count, group.ids)} in ${place(wait.site)} at ${wordsOfWait(wait)}`,
    site: siteOf(wait.site),
  };
  return {
    cause,
    endless: true,
    confidence: confidenceOf(facts, wait, deciding),
    groups: [wait.group],
    lock: null,
    victim: siteOf(wait.site),
    holder,
    steps: [
      first,
      ...deciding.flatMap((need) => stepsOf(facts, need, wait)),
      ...(peer === undefined ? [] : mutual(situation, peer, wait.site)),
    ],
    fix: FIXES[cause] ?? null,
    unknown: [
      ...(deciding.some((need) => need.peers.main) ? ['whether main still gets there: it stands elsewhere now'] : []),
      ...(facts.importersNotSeen ? ['what importers of these packages do: the facts are of a library'] : []),
    ],
  };
}

function causeOf(wait: WaitNeeds): string {
  if (wait.op.op === 'select') {
    if (wait.needs.length === 0) return 'empty-select';
    const deciding = wait.needs.filter((need) => counts(wait, need));
    if (deciding.every((need) => need.object === null)) return 'nil-channel';
    if (deciding.some((need) => need.object?.kind === 'context')) return 'context-never-cancelled';
    if (deciding.every((need) => need.op === 'timer-wait')) return 'timer-never-fires';
    if (deciding.length === 1 && !wait.needs.some((need) => need.loops)) return channelCause(deciding[0]!);
    return 'select-no-exit';
  }
  return wait.needs.length === 0 ? 'nil-channel' : channelCause(wait.needs[0]!);
}

function channelCause(need: Need): string {
  if (!need.object) return 'nil-channel';
  switch (need.object.kind) {
    case 'context':
      return 'context-never-cancelled';
    case 'timer':
    case 'ticker':
      return 'timer-never-fires';
    case 'waitgroup':
      return 'waitgroup-count';
    case 'cond':
      return 'cond-no-signal';
  }
  const uses = (group: string) => need.object!.uses?.[group] ?? [];
  if (need.op === 'send')
    return uses('receivers').length === 0
      ? 'no-receiver'
      : need.peers.groups.size > 0
        ? 'no-receiver'
        : 'receiver-returned';
  if (need.op === 'range') return 'no-close';
  return uses('senders').length === 0 && uses('closers').length > 0 ? 'no-close' : 'no-sender';
}

function confidenceOf(facts: SourceFacts, wait: WaitNeeds, deciding: readonly Need[]): WaitConfidence {
  if (deciding.some((need) => need.peers.main) || facts.importersNotSeen) return 'possible';
  // Code that nobody can run, or a channel that is nil, needs no dump to be proved.
  if (deciding.every((need) => need.object === null || (need.uses.length === 0 && need.object.escapes !== true))) {
    return wait.needs.some((need) => need.loops && need.comes) ? 'possible' : 'proven';
  }
  return 'likely';
}

function alive(situation: Situation, peer: number): WaitHolder {
  const group = situation.groups[peer]!;
  const wait = situation.waits[peer]!;
  const at = group.frames[wait.asker];
  return {
    ...NOBODY,
    kind: 'other',
    goroutine: group.ids[0] ?? null,
    site: at ? siteOf(at) : null,
    waitsIn: wait.kind,
    waitsAt: at ? siteOf(at) : null,
    candidates: group.count,
  };
}

function count(n: number, ids: readonly number[]): string {
  return n === 1 ? `goroutine ${ids[0]} waits` : `${n} goroutines wait`;
}

function stepsOf(facts: SourceFacts, need: Need, wait: WaitNeeds): Step[] {
  if (!need.object) return [{ text: `${pathOf(need, wait)} is nil: nothing is ever stored there` }];
  const what = describe(facts, need.object);
  const doer = DOERS[need.op] ?? 'ends it';
  if (need.uses.length === 0) return [{ text: `${what}: no code of the program ${doer}` }];
  const steps: Step[] = [{ text: what, ...madeAt(need.object) }];
  for (const use of need.uses.slice(0, 4)) {
    const exit = bestExit(ownExits(use), { recovers: facts.anyRecovers });
    const left = exit ? null : bestOf(callersExits(use), facts.anyRecovers);
    const way = exit
      ? `, but ${exitWords(exit, use.file)} without it`
      : left
        ? `, but ${place(factSite(left.use, left.use.line))} ${exitWords(left.exit, left.use.file)} without calling it`
        : '';
    steps.push({
      text: `${place(factSite(use, use.line))} ${doer}${way}; no goroutine is there or on its way`,
      site: factSite(use, use.line),
    });
  }
  return steps;
}

function pathOf(_need: Need, wait: WaitNeeds): string {
  return wait.op.path || 'the channel';
}

function madeAt(object: FactObject): { site?: Step['site'] } {
  if (!object.file || !object.line) return {};
  return { site: factSite({ function: object.function ?? object.id, file: object.file }, object.line) };
}

function mutual(situation: Situation, peer: number, own: Frame): Step[] {
  const wait = situation.waits[peer]!;
  const at = situation.groups[peer]!.frames[wait.asker];
  if (!at) return [];
  const same = at.function === own.function && at.line === own.line;
  const who = same ? 'those who could do it wait in the same line' : `who could do it waits itself (${wait.kind})`;
  return [{ text: `${who}: ${place(at)}`, site: siteOf(at) }];
}
