import {
  type DumpGroup,
  type GoroutineDump,
  type StackWait,
  stackGroups,
  stackWait,
  uninteresting,
  type WaitGraph,
  waitGraph,
} from '@tidemark/goroutine';
import type { Frame } from '@tidemark/model';
import type { SourceFacts } from './source-facts.js';

/** A frame that the facts know, in a group. */
export interface KnownFrame {
  readonly group: number;
  /** Position in the group's stack. */
  readonly at: number;
  readonly frame: Frame;
}

/** One dump with all that is needed to say why its goroutines wait. */
export interface Situation {
  readonly dump: GoroutineDump;
  readonly groups: readonly DumpGroup[];
  readonly waits: readonly StackWait[];
  /** Waits by design (the runtime, an idle server); by group. */
  readonly byDesign: readonly (string | null)[];
  readonly graph: WaitGraph;
  readonly facts: SourceFacts | null;
  readonly groupOfRow: ReadonlyMap<number, number>;
  /** Where a function of the facts is on a stack, by its name in the facts. */
  readonly framesOf: ReadonlyMap<string, readonly KnownFrame[]>;
}

/** Puts a dump's (first) section, its graph and the facts together. */
export function situationOf(dump: GoroutineDump, facts: SourceFacts | null, section = 0): Situation {
  const groups = stackGroups(dump, section);
  const groupOfRow = new Map<number, number>();
  const framesOf = new Map<string, KnownFrame[]>();
  groups.forEach((group, index) => {
    for (const row of group.rows) groupOfRow.set(row, index);
    if (!facts) return;
    group.frames.forEach((frame, at) => {
      // A function without operations of its own is not listed in the facts, but may still do what others wait for
      // (a deferred cancel): its own name is then the key.
      const name = facts.functionAt(frame)?.name ?? frame.function;
      const list = framesOf.get(name);
      if (list) list.push({ group: index, at, frame });
      else framesOf.set(name, [{ group: index, at, frame }]);
    });
  });
  return {
    dump,
    groups,
    waits: groups.map((group) => stackWait(dump.stack(group.stackIndex), group.state ?? '')),
    byDesign: groups.map((group) => uninteresting(group)?.why ?? null),
    graph: waitGraph(dump, { section, ...(facts ? { source: facts } : {}) }),
    facts,
    groupOfRow,
    framesOf,
  };
}
