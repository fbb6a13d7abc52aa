import { waitsForGoroutine } from '@tidemark/goroutine';
import type { Frame } from '@tidemark/model';
import { type Peers, peersFor } from './peers.js';
import type { Situation } from './situation.js';
import type { SourceFacts } from './source-facts.js';
import type { FactObject, FactOp, FactUse } from './sync-section.js';

/** One thing that could end a wait: a send to this channel, the end of that context … */
export interface Need {
  readonly op: string;
  /** Null: a nil channel, which nothing ends. */
  readonly object: FactObject | null;
  /** What would end it, in all of the program. */
  readonly uses: readonly FactUse[];
  readonly peers: Peers;
  /** It comes by itself: a running timer, a deadline. */
  readonly comes: boolean;
  /** Of a select in a loop: the case only goes round, so it does not end the goroutine. */
  readonly loops: boolean;
}

/** What a group waits for, as the source tells it; any need that is met ends the wait. */
export interface WaitNeeds {
  readonly group: number;
  readonly site: Frame;
  readonly op: FactOp;
  readonly needs: readonly Need[];
}

const KINDS = new Set(['send', 'receive', 'range', 'select', 'ctx-wait', 'timer-wait', 'wg-wait', 'cond-wait']);

/** Reads from the facts what every group needs; groups that the facts do not know, or not fully, are left out. */
export function readNeeds(situation: Situation): WaitNeeds[] {
  const { facts } = situation;
  if (!facts) return [];
  const all: WaitNeeds[] = [];
  situation.groups.forEach((group, index) => {
    const wait = situation.waits[index]!;
    if (!waitsForGoroutine(wait.kind) || situation.byDesign[index]) return;
    const site = group.frames[wait.asker];
    if (!site) return;
    const op = waitingOp(facts, site, wait.kind);
    if (!op) return;
    const wanted = op.op === 'select' ? (op.cases ?? []) : [op];
    const needs: Need[] = [];
    for (const item of wanted) {
      const objects = item.objects ?? [];
      if (objects.length === 0 || objects.includes('unknown')) return;
      const loops = op.op === 'select' && op.inLoop === true && 'leads' in item && item.leads === 'loop';
      for (const id of objects) {
        if (id === 'nil') {
          // Only where nothing else can be there: a select often has a case that is nil for a while.
          if (objects.length === 1) needs.push(never(item.op, loops));
          continue;
        }
        const object = facts.object(id);
        if (!object) return;
        const uses = endingUses(facts, item.op, object);
        const comes = endsByItself(facts, object);
        const peers = peersFor(situation, facts, object, uses, index, { site, path: item.path ?? '' });
        needs.push({ op: item.op, object, uses, peers, comes, loops });
      }
    }
    all.push({ group: index, site, op, needs });
  });
  return all;
}

/** The operation at a line that parks goroutines in that kind of wait. A case of a select is the select's. */
function waitingOp(facts: SourceFacts, site: Frame, kind: string): FactOp | null {
  const ops = facts.opsAt(site, KINDS).filter((op) => !op.select || op.op === 'select');
  const fits = (op: FactOp) => {
    switch (kind) {
      case 'chan send':
      case 'chan send (nil chan)':
        return op.op === 'send';
      case 'chan receive':
      case 'chan receive (nil chan)':
        return op.op === 'receive' || op.op === 'range' || op.op === 'ctx-wait' || op.op === 'timer-wait';
      case 'select':
      case 'select (no cases)':
        return op.op === 'select';
      case 'waitgroup':
        return op.op === 'wg-wait';
      case 'cond':
        return op.op === 'cond-wait';
      default:
        return false;
    }
  };
  const fitting = ops.filter(fits);
  // Two sends in one line cannot be told apart.
  return fitting.length === 1 ? fitting[0]! : null;
}

const GROUPS: Readonly<Record<string, readonly string[]>> = {
  send: ['receivers'],
  receive: ['senders', 'closers'],
  range: ['closers', 'senders'],
  'wg-wait': ['dones'],
  'cond-wait': ['signalers'],
  'ctx-wait': ['cancels'],
  'timer-wait': ['resets'],
};

function endingUses(facts: SourceFacts, op: string, object: FactObject): FactUse[] {
  if (object.kind === 'context') return ancestors(facts, object).flatMap((at) => at.uses?.['cancels'] ?? []);
  return (GROUPS[op] ?? []).flatMap((group) => object.uses?.[group] ?? []);
}

/** A context and those that it descends from: the end of any is its end. */
export function ancestors(facts: SourceFacts, object: FactObject): FactObject[] {
  const found = new Map([[object.id, object]]);
  const todo = [object];
  for (let at = todo.pop(); at; at = todo.pop()) {
    for (const id of at.parentObjects ?? []) {
      const parent = facts.object(id);
      if (parent && !found.has(id)) {
        found.set(id, parent);
        todo.push(parent);
      }
    }
  }
  return [...found.values()];
}

function endsByItself(facts: SourceFacts, object: FactObject): boolean {
  if (object.kind === 'context') {
    // A parent that is not known (a request's context) may end at any time.
    return ancestors(facts, object).some(
      (at) =>
        /Timeout|Deadline/.test(at.from ?? '') || (at.parentObjects ?? []).includes('unknown') || at.escapes === true,
    );
  }
  if (object.kind !== 'timer' && object.kind !== 'ticker') return false;
  return !(object.uses?.['stops'] ?? []).some((stop) => !stop.deferred || !waitsInSame(object, stop));
}

/** `defer t.Stop()` in the function that waits has not run while it waits. */
function waitsInSame(object: FactObject, stop: FactUse): boolean {
  const waits = [...(object.uses?.['waiters'] ?? []), ...(object.uses?.['receivers'] ?? [])];
  return waits.length > 0 && waits.every((wait) => wait.function === stop.function);
}

function never(op: string, loops: boolean): Need {
  const peers: Peers = { groups: new Set(), external: false, main: false };
  return { op, object: null, uses: [], peers, comes: false, loops };
}
