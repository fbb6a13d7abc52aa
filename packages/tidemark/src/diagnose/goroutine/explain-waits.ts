import { type Frame, siteKey, type WaitConfidence, type WaitExplanation, type WaitHolder } from '@tidemark/model';
import { bestExit, exitWords, factSite, NOBODY, place, shortPlace, siteOf } from './places.js';
import type { Situation } from './situation.js';
import type { SourceFacts } from './source-facts.js';
import { counts } from './stuck.js';
import type { FactExit, FactObject, FactUse } from './sync-section.js';
import type { Need, WaitNeeds } from './wait-needs.js';

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

const FIXES: Readonly<Record<string, string>> = {
  'no-receiver':
    'start a receiver before the send, or drop the channel; a select with ctx.Done() lets the sender leave',
  'receiver-returned':
    'give the channel room for all that is sent (make(chan T, n)), or let the sender leave: select with ctx.Done()',
  'no-sender': 'close the channel on every way out of the sender (defer close), or receive as often as is sent',
  'no-close':
    'close the channel when the last value was sent: defer close(ch) in the only sender, after wg.Wait() with several',
  'nil-channel': 'make the channel on every path before it is used',
  'empty-select': 'wait for something that ends: <-ctx.Done()',
  'select-no-exit': 'add a case that ends it: case <-ctx.Done(): return',
  'context-never-cancelled':
    'call the cancel function when the work is over: defer cancel(); derive from the context of the caller',
  'timer-never-fires':
    'end the loop with a done channel beside the timer: a stopped timer or ticker never sends nor closes',
  'waitgroup-count': 'defer wg.Done() first thing in the goroutine, and Add exactly what is started',
  'cond-no-signal': 'Signal or Broadcast after every change of the condition; Broadcast where several wait',
};

function confidenceOf(facts: SourceFacts, wait: WaitNeeds, deciding: readonly Need[]): WaitConfidence {
  if (deciding.some((need) => need.peers.main) || facts.importersNotSeen) return 'possible';
  // Code that nobody can run, or a channel that is nil, needs no dump to be proved.
  if (deciding.every((need) => need.object === null || (need.uses.length === 0 && need.object.escapes !== true))) {
    return wait.needs.some((need) => need.loops && need.comes) ? 'possible' : 'proven';
  }
  return 'likely';
}

interface Left {
  readonly use: FactUse;
  readonly exit: FactExit;
}

/** The line by which the one who would have come left. */
function whoLeft(facts: SourceFacts, cause: string, needs: readonly Need[]): Left | null {
  const recovers = facts.anyRecovers;
  const uses = needs.flatMap((need) => {
    if (cause === 'no-close') return need.object?.uses?.['closers'] ?? [];
    if (cause === 'timer-never-fires') return need.object?.uses?.['stops'] ?? [];
    return need.uses;
  });
  if (cause === 'timer-never-fires') {
    const stop = uses.find((use) => !use.deferred);
    return stop ? { use: stop, exit: { kind: 'stop', line: stop.line } } : null;
  }
  // One Signal wakes one waiter, whatever paths there are.
  const signal = cause === 'cond-no-signal' ? uses.find((use) => use.op === 'cond-signal') : undefined;
  if (signal) return { use: signal, exit: { kind: 'done', line: signal.line } };
  const all: Left[] = [];
  for (const use of uses) {
    for (const exit of [...(use.loopExits ?? []), ...(use.otherExits ?? []), ...(use.skippedBy ?? [])])
      all.push({ use, exit });
  }
  const best = bestExit(
    all.map(({ exit }) => exit),
    { recovers },
  );
  const found = all.find(({ exit }) => exit === best);
  if (found) return found;
  // It did all it was to do, in another number than was waited for.
  const only = uses.length === 1 && cause !== 'no-sender' ? uses[0]! : null;
  return only ? { use: only, exit: { kind: 'done', line: only.line } } : null;
}

function gone(left: Left | null): WaitHolder {
  return { ...NOBODY, site: left ? factSite(left.use, left.exit.line) : null };
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

function wordsOfWait(wait: WaitNeeds): string {
  const { op, cases, path } = wait.op;
  if (op === 'select')
    return cases?.length
      ? `a select with ${cases.length} case${cases.length === 1 ? '' : 's'}`
      : 'a select without cases';
  const what: Record<string, string> = { send: 'the send to', receive: 'the receive from', range: 'the range over' };
  return `${what[op] ?? op} ${path || 'a channel'}`;
}

const DOERS: Readonly<Record<string, string>> = {
  send: 'receives from it',
  receive: 'sends to it or closes it',
  range: 'closes it or sends to it',
  'wg-wait': 'calls Done on it',
  'cond-wait': 'signals it',
  'ctx-wait': 'cancels it',
  'timer-wait': 'resets it',
};

function stepsOf(facts: SourceFacts, need: Need, wait: WaitNeeds): Step[] {
  if (!need.object) return [{ text: `${pathOf(need, wait)} is nil: nothing is ever stored there` }];
  const what = describe(facts, need.object);
  const doer = DOERS[need.op] ?? 'ends it';
  if (need.uses.length === 0) return [{ text: `${what}: no code of the program ${doer}` }];
  const steps: Step[] = [{ text: what, ...madeAt(need.object) }];
  for (const use of need.uses.slice(0, 4)) {
    const exits = [...(use.loopExits ?? []), ...(use.otherExits ?? []), ...(use.skippedBy ?? [])];
    const exit = bestExit(exits, { recovers: facts.anyRecovers });
    const way = exit ? `, but ${exitWords(exit, use.file)} without it` : '';
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

function describe(facts: SourceFacts, object: FactObject): string {
  const where = object.file && object.line ? ` (${shortPlace({ file: object.file, line: object.line })})` : '';
  const kind =
    object.kind === 'chan'
      ? object.capacity === 0
        ? ' is an unbuffered channel'
        : object.capacity == null
          ? ' is a channel'
          : ` is a channel with room for ${object.capacity}`
      : object.kind === 'context'
        ? ` is a context${object.from ? ` made by ${object.from}` : ' that never ends'}`
        : ` is a ${object.kind}`;
  return `${facts.nameOf(object.id)}${where}${kind}`;
}

function mutual(situation: Situation, peer: number, own: Frame): Step[] {
  const wait = situation.waits[peer]!;
  const at = situation.groups[peer]!.frames[wait.asker];
  if (!at) return [];
  const same = at.function === own.function && at.line === own.line;
  const who = same ? 'those who could do it wait in the same line' : `who could do it waits itself (${wait.kind})`;
  return [{ text: `${who}: ${place(at)}`, site: siteOf(at) }];
}
