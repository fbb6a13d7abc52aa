import type { Frame, WaitExplanation } from '@tidemark/model';
import { explainLocks } from './explain-locks.js';
import { explainWaits } from './explain-waits.js';
import { NOBODY, place, siteOf } from './places.js';
import type { Situation } from './situation.js';
import { stuckGroups } from './stuck.js';
import { readNeeds } from './wait-needs.js';

/** Why the goroutines of a dump wait, as far as the dump and the facts tell. */
export function explain(situation: Situation): WaitExplanation[] {
  const needs = readNeeds(situation);
  const stuck = stuckGroups(situation, needs);
  const locks = explainLocks(situation, stuck);
  const explained = new Set(locks.flatMap((explanation) => explanation.groups));
  const waits = explainWaits(situation, needs, stuck, explained);
  const told = new Set([...explained, ...waits.flatMap((explanation) => explanation.groups)]);
  return [...locks, ...waits, ...byStateAlone(situation, told), ...pipes(situation, told)];
}

/** Waits that no source is needed for: the runtime itself says that the channel is nil, or that there is no case. */
function byStateAlone(situation: Situation, told: ReadonlySet<number>): WaitExplanation[] {
  return situation.groups.flatMap((group, index): WaitExplanation[] => {
    if (told.has(index) || situation.byDesign[index]) return [];
    const { kind, asker } = situation.waits[index]!;
    const site = group.frames[asker];
    if (!site) return [];
    const base = {
      groups: [index],
      lock: null,
      victim: siteOf(site),
      holder: { ...NOBODY, confidence: 'proven' as const },
      unknown: [],
    };
    if (kind === 'chan send (nil chan)' || kind === 'chan receive (nil chan)') {
      return [
        {
          ...base,
          cause: 'nil-channel',
          confidence: 'proven',
          endless: true,
          steps: [
            { text: `${many(group.count)} at a nil channel in ${place(site)}: nothing ends that`, site: siteOf(site) },
          ],
          fix: 'make the channel on every path before it is used',
        },
      ];
    }
    // `select {}` at the end of main keeps a server alive: that is what it is for.
    if (kind !== 'select (no cases)' || isMain(group.frames)) return [];
    return [
      {
        ...base,
        cause: 'empty-select',
        confidence: 'proven',
        endless: true,
        steps: [
          {
            text: `${many(group.count)} at a select without cases in ${place(site)}: nothing ends that`,
            site: siteOf(site),
          },
        ],
        fix: 'wait for something that ends: <-ctx.Done()',
      },
    ];
  });
}

/** Both ends of an io.Pipe show its address: an end whose other one is on no stack waits for nobody. */
function pipes(situation: Situation, told: ReadonlySet<number>): WaitExplanation[] {
  const { dump } = situation;
  const ends = new Map<number, { group: number; row: number; writes: boolean }[]>();
  situation.groups.forEach((group, index) => {
    const at = group.frames.findIndex((frame) => /^io\.\(\*pipe\)\.(?:read|write)$/.test(frame.function));
    if (at < 0) return;
    const live = dump.stack(group.stackIndex).live.findIndex((word) => word.frame === at && word.word === 0);
    if (live < 0) return;
    for (const row of group.rows) {
      const address = dump.word(row, live);
      if (!address) continue;
      const end = { group: index, row, writes: group.frames[at]!.function.endsWith('write') };
      ends.set(address, [...(ends.get(address) ?? []), end]);
    }
  });
  const alone = new Map<number, boolean>();
  for (const list of ends.values()) if (list.length === 1) alone.set(list[0]!.group, list[0]!.writes);
  return [...alone].flatMap(([index, writes]): WaitExplanation[] => {
    if (told.has(index)) return [];
    const group = situation.groups[index]!;
    const at = group.frames.find((frame) => !frame.function.startsWith('io.')) ?? group.frames[0]!;
    const other = writes ? 'reads from' : 'writes to';
    return [
      {
        cause: writes ? 'receiver-returned' : 'no-sender',
        confidence: 'possible',
        endless: true,
        groups: [index],
        lock: null,
        victim: siteOf(at),
        holder: { ...NOBODY, confidence: 'possible' },
        steps: [
          { text: `${many(group.count)} in ${place(at)} at one end of an io.Pipe`, site: siteOf(at) },
          { text: `no goroutine ${other} that pipe now` },
        ],
        fix: writes
          ? 'close the reading end when reading stops (defer r.CloseWithError(err)): the writer then gets an error'
          : 'close the writing end on every way out (defer w.CloseWithError(err))',
        unknown: ['whether somebody who is elsewhere now comes back to the pipe'],
      },
    ];
  });
}

function isMain(frames: readonly Frame[]): boolean {
  return frames.some((frame) => frame.function === 'main.main');
}

function many(count: number): string {
  return count === 1 ? '1 goroutine waits' : `${count} goroutines wait`;
}
