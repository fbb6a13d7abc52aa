import type { Situation } from './situation.js';
import type { SourceFacts } from './source-facts.js';
import type { FactObject, FactUse } from './sync-section.js';

/** Who could still end a wait. */
export interface Peers {
  /** Groups that are on their way to it, as far as they are not stuck themselves. */
  readonly groups: ReadonlySet<number>;
  /** Code that is on no stack but may run at any time: handlers that a server calls, exported functions. */
  readonly external: boolean;
  /** Only main (or what it calls) could do it, and it is somewhere else now. */
  readonly main: boolean;
}

/**
 * Looks who is left to do one of these uses of an object, for a group that waits for it. Instances cannot be told
 * apart, so a goroutine counts when it may still get there with any of them.
 */
export function peersFor(
  situation: Situation,
  facts: SourceFacts,
  object: FactObject,
  uses: readonly FactUse[],
  victim: number,
  waiting: WaitingAt | null = null,
): Peers {
  const groups = new Set<number>();
  let external = facts.importersNotSeen && (object.escapes ?? false);
  let main = false;
  const local = isLocal(object);
  for (const use of uses) {
    for (const known of situation.framesOf.get(use.function) ?? []) {
      if (isPast(facts, use, known.frame)) continue;
      if (known.group === victim && waiting && isOwnNextStep(facts, use, known.frame, waiting)) continue;
      if (!isSameCall(situation, object, use, known.group, victim)) continue;
      groups.add(known.group);
    }
    // In the function that makes the object, a use is of the one that this very call made.
    if (use.function === object.function) continue;
    for (const root of use.goroutines ?? []) {
      if (root === 'external') external ||= !local;
      else if (root === 'main.main') main ||= !local;
      else {
        for (const known of situation.framesOf.get(root) ?? []) {
          // Who waits gets there only when the wait is over.
          if (known.group !== victim) groups.add(known.group);
        }
      }
    }
  }
  return { groups, external, main };
}

/** Where a group waits, and how the function there writes what it waits for. */
export interface WaitingAt {
  readonly site: { readonly function: string; readonly line: number };
  readonly path: string;
}

/**
 * Who waits for `p.slots` and does something to `p.slots` further down in the same call means the same channel, and gets
 * there only when the wait is over. With other words (`p.other.inbox`) it may be another goroutine's.
 */
function isOwnNextStep(
  facts: SourceFacts,
  use: FactUse,
  frame: { function: string; file: string; line: number },
  waiting: WaitingAt,
): boolean {
  if (frame.function !== waiting.site.function || frame.line !== waiting.site.line || waiting.path === '') return false;
  const ops = facts.functionAt(frame)?.ops?.filter((op) => op.line === use.line) ?? [];
  return ops.some((op) => op.path === waiting.path);
}

/** Never stored in a field or variable nor given away: only what the making call started or called can have it. */
export function isLocal(object: FactObject): boolean {
  return object.function !== undefined && (object.fields?.length ?? 0) === 0 && !object.escapes;
}

/** The frame stands behind the use and no loop leads back. What is deferred still comes while the call is on a stack. */
export function isPast(
  facts: SourceFacts,
  use: FactUse,
  frame: { function: string; file: string; line: number },
): boolean {
  if (use.deferred || frame.line <= use.line || use.inLoop) return false;
  const fn = facts.functionAt(frame);
  const here = fn?.ops?.filter((op) => op.line === frame.line) ?? [];
  return !here.some((op) => op.inLoop);
}

/**
 * A goroutine that was started by the call which made the object can only be met by that call: the creator's id
 * tells which goroutine that is, and whether it is still there.
 */
function isSameCall(situation: Situation, object: FactObject, use: FactUse, group: number, victim: number): boolean {
  if (use.function !== object.function) return true;
  const waiting = situation.groups[victim]!;
  const creators = new Set(waiting.rows.map((row) => situation.dump.creatorId(row)));
  const starter = waiting.creator;
  if (!starter || creators.has(null)) return true;
  const making = situation.framesOf.get(use.function) ?? [];
  const isMaker = making.some((known) => known.frame.function === starter.function);
  if (!isMaker) return true;
  return situation.groups[group]!.ids.some((id) => creators.has(id));
}
