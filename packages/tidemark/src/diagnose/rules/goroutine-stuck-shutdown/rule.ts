import { type WaitKind, waitsForGoroutine } from '@tidemark/goroutine';
import {
  type Case,
  type Finding,
  fingerprint,
  type GoroutineWaits,
  type Rule,
  type WaitingGroup,
} from '@tidemark/model';

/** Methods that end things, as their callers name them. */
const ENDING = /\.(?:Shutdown|GracefulStop|Stop|Close|Drain)(?:\.func\d+)*$/i;

/** Something that is to end the program, or a part, waits itself and does not return (docs/rules/goroutine-stuck-shutdown.md). */
export const goroutineStuckShutdown: Rule = {
  id: 'goroutine/stuck-shutdown',
  title: 'a shutdown that does not end',
  judge: (evidence) =>
    evidence.evidence
      .filter((e) => e.kind === 'goroutine-waits')
      .flatMap((waits) =>
        waits.groups.flatMap((group, index) => {
          const ending = endingFrame(group);
          return ending && isLasting(waits, group) ? [findingOf(evidence, waits, group, index, ending)] : [];
        }),
      ),
};

type Frame = WaitingGroup['stack'][number];

/** The frame that ends something, in a goroutine that waits for others to go on. */
function endingFrame(group: WaitingGroup): Frame | null {
  if (group.uninteresting !== null || !waitsForGoroutine(group.waitsIn as WaitKind)) return null;
  return group.stack.find((frame) => ENDING.test(frame.function)) ?? null;
}

/** A shutdown takes its time; only what stands still for a while is stuck. */
function isLasting(waits: GoroutineWaits, group: WaitingGroup): boolean {
  if ((group.oldestWaitMinutes ?? 0) >= 1) return true;
  return waits.looks > 1 && (group.stayed ?? 0) > 0 && (waits.watchedSeconds ?? 0) >= 10;
}

function findingOf(evidence: Case, waits: GoroutineWaits, group: WaitingGroup, index: number, ending: Frame): Finding {
  const { service, instance, build } = evidence.subject;
  const stuck = waits.explanations.filter((e) => e.endless && e.confidence !== 'possible');
  const own = stuck.find((explanation) => explanation.groups.includes(index));
  const others = stuck.filter((explanation) => explanation !== own);
  const causes = [...(own ? [own] : []), ...others];
  const place = (site: { function: string; file: string; line: number }) =>
    `${site.function} (${site.file.slice(site.file.lastIndexOf('/') + 1)}:${site.line})`;
  return {
    fingerprint: fingerprint({
      rule: 'goroutine/stuck-shutdown',
      service,
      function: ending.function,
      anchor: group.waitsIn,
    }),
    rule: 'goroutine/stuck-shutdown',
    verdict: causes.length > 0 ? 'leak' : 'suspect',
    title: `${ending.function.slice(ending.function.lastIndexOf('.') + 1)} does not return`,
    subject: { service, instance, build },
    site: { function: ending.function, file: ending.file, line: ending.line },
    quantity: { unit: 'goroutines', value: group.count },
    errorChance: null,
    evidence: [
      {
        text: `goroutine ${group.ids[0]} is in ${place(ending)} and waits (${group.waitsIn}) in ${place(group.site)}`,
        values: {},
        sources: [waits.capture],
      },
      ...causes.slice(0, 4).map((explanation) => ({
        text: `${explanation === own ? 'it' : 'meanwhile'}: ${explanation.steps[0]?.text ?? explanation.cause} [${explanation.cause}]`,
        values: {},
        sources: [waits.capture],
      })),
    ],
    chain: [],
    stack: group.stack,
    related: [],
    cause: own?.cause ?? others[0]?.cause ?? null,
    fix: own?.fix ?? 'give the shutdown a deadline (context.WithTimeout), and let what it waits for see its end',
    unknown: causes.length > 0 ? [] : ['what it waits for: nothing else in the dump is known to be stuck'],
    moreSeconds: null,
    proof: evidence.target.length > 0 ? { argv: [...evidence.target] } : null,
  };
}
