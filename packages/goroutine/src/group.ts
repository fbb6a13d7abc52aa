import { enclosingFunction, type Frame, type StackGroup, siteKey, userFrame } from '@tidemark/model';
import type { GoroutineDump } from './dump.js';
import { waitKind, waitOfFrames } from './wait.js';

/** A stack group of a dump, with what only dumps tell. */
export interface DumpGroup extends StackGroup {
  /** Rows of the dump, in its order. */
  readonly rows: readonly number[];
  /** Longest wait that the runtime told, in whole minutes; null where it told none. */
  readonly oldestWaitMinutes: number | null;
  /** How many are marked `(leaked)`: found unreachable by the runtime's own profile. */
  readonly leaked: number;
  readonly stackIndex: number;
}

/** Goroutines of one stack, state and set of labels, most first. `section` picks one of several dumps in a text. */
export function stackGroups(dump: GoroutineDump, section = 0): DumpGroup[] {
  interface Open {
    rows: number[];
    minutes: number | null;
    leaked: number;
  }
  const states = new Map<string, number>();
  const kindOfHeader = dump.headers.map((header) => {
    const key = JSON.stringify([header.state, header.labels]);
    let kind = states.get(key);
    if (kind === undefined) {
      kind = states.size;
      states.set(key, kind);
    }
    return kind;
  });
  const open = new Map<number, Open>();
  const [from, to] = dump.sectionRange(section);
  for (let row = from; row < to; row++) {
    const header = dump.headerIndex(row);
    const key = dump.stackIndex(row) * states.size + kindOfHeader[header]!;
    let group = open.get(key);
    if (!group) {
      group = { rows: [], minutes: null, leaked: 0 };
      open.set(key, group);
    }
    group.rows.push(row);
    const { waitMinutes, leaked } = dump.headers[header]!;
    if (waitMinutes !== null && waitMinutes > (group.minutes ?? -1)) group.minutes = waitMinutes;
    if (leaked) group.leaked++;
  }
  const groups = [...open.values()].map(({ rows, minutes, leaked }): DumpGroup => {
    const first = rows[0]!;
    const stack = dump.stack(dump.stackIndex(first));
    const header = dump.header(first);
    return {
      count: rows.length,
      frames: stack.frames,
      creator: stack.creator,
      state: header.state,
      labels: header.labels,
      ids: rows.map((row) => dump.id(row)),
      rows,
      oldestWaitMinutes: minutes,
      leaked,
      stackIndex: stack.index,
    };
  });
  return groups.sort((a, b) => b.count - a.count);
}

/**
 * What goroutines can be grouped by: delve's words (`goroutines -group`), and what a leak hunter adds.
 * `user` the first frame of the user's code, `current` the leaf, `go` the go statement, `start` the outermost
 * frame, `label:KEY` a pprof label, `state` what they wait in, `stack` everything.
 */
export type GroupBy = 'user' | 'current' | 'go' | 'start' | 'running' | 'state' | 'stack' | `label:${string}`;

export interface GoroutineGrouping<G extends StackGroup = StackGroup> {
  /** Equal for equal groups of any two looks. */
  readonly key: string;
  /** For a reader: a place, a state or a label's value; `(unknown)` where the form does not tell it. */
  readonly title: string;
  readonly count: number;
  /** The stack groups in it, most first. */
  readonly members: readonly G[];
}

const UNKNOWN = '(unknown)';

function place(frame: Frame | undefined | null): string {
  return frame ? siteKey(frame) : UNKNOWN;
}

function keyOf(group: StackGroup, by: GroupBy): string {
  switch (by) {
    case 'user':
      return place(userFrame(group.frames));
    case 'current':
      return place(group.frames[0]);
    case 'go':
      return place(group.creator);
    case 'start': {
      // `runtime.goexit` is below every goroutine where the form shows it, and says nothing.
      const last = group.frames.findLast((frame) => frame.function !== 'runtime.goexit');
      return last ? enclosingOf(last) : UNKNOWN;
    }
    case 'running':
      return waitKind(group) === 'running' ? 'running' : 'not running';
    case 'state':
      return waitKind(group);
    case 'stack':
      return stackKey(group);
    default:
      return group.labels[by.slice('label:'.length)] ?? '(no label)';
  }
}

function enclosingOf(frame: Frame): string {
  return frame.function === '' ? UNKNOWN : enclosingFunction(frame.function);
}

/** One string for a stack, what it waits in and who started it: equal across looks of one build. */
export function stackKey(group: Pick<StackGroup, 'frames' | 'creator' | 'state'>): string {
  const { asker } = waitOfFrames(group.frames);
  // Without the machinery's frames, which only some forms show.
  const frames = group.frames.slice(asker).filter((frame) => frame.function !== 'runtime.goexit');
  return [waitKind(group), ...frames.map(siteKey), `by ${place(group.creator)}`].join('\n');
}

/** Groups stack groups, wherever they come from; most goroutines first. */
export function groupStacks<G extends StackGroup>(groups: readonly G[], by: GroupBy): GoroutineGrouping<G>[] {
  const byKey = new Map<string, { count: number; members: G[] }>();
  for (const group of groups) {
    const key = keyOf(group, by);
    const seen = byKey.get(key);
    if (seen) {
      seen.count += group.count;
      seen.members.push(group);
    } else byKey.set(key, { count: group.count, members: [group] });
  }
  return [...byKey]
    .map(([key, { count, members }]) => ({
      key,
      title: titleOf(key, members[0]!, by),
      count,
      members: members.sort((a, b) => b.count - a.count),
    }))
    .sort((a, b) => b.count - a.count || (a.key < b.key ? -1 : 1));
}

function titleOf(key: string, first: StackGroup, by: GroupBy): string {
  if (by === 'stack') return `${waitKind(first)} at ${placeTitle(userFrame(first.frames))}`;
  const [name, file, line] = key.split('\n');
  return file === undefined ? key : placeTitle({ function: name!, file, line: Number(line) });
}

function placeTitle(frame: Frame | undefined): string {
  return frame ? `${frame.function} ${frame.file}:${frame.line}` : UNKNOWN;
}

/** Groups the goroutines of a dump (its first one, where the text holds several). */
export function groupGoroutines(dump: GoroutineDump, by: GroupBy, section = 0): GoroutineGrouping<DumpGroup>[] {
  return groupStacks(stackGroups(dump, section), by);
}
