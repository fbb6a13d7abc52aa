import { growthShape } from '@tidemark/growth';
import { type Case, type Finding, fingerprint, type Rule, type Signal } from '@tidemark/model';
import { formatBytes, formatPercent, formatSeconds } from '../../../base/units.js';
import { say, subjectOf } from '../../sentence.js';

/** Growth of the process below this is not worth a person's time. */
const LEAST_BYTES = 16 * 2 ** 20;
/** The heap explains the growth when it grew by at least this share of it. */
const HEAP_SHARE = 0.5;

/** The process grows and its Go heap does not (docs/rules/process-outside-heap.md). */
export const processOutsideHeap: Rule = {
  id: 'process/outside-heap',
  title: 'memory outside of the Go heap grows',
  judge,
};

function judge(evidence: Case): Finding[] {
  const signals = evidence.signals?.signals ?? [];
  const rss = signals.find((s) => s.name === 'process_rss_bytes');
  if (!rss || rss.points.length < 2) return [];
  const grown = change(rss);
  const seconds = (rss.points.at(-1)![0] - rss.points[0]![0]) / 1000;
  if (grown < LEAST_BYTES || seconds <= 0) return [];
  const heap = evidence.heap;
  const heapGrown =
    heap && heap.snapshots.length > 1 ? heap.snapshots.at(-1)!.inuseBytes - heap.snapshots[0]!.inuseBytes : 0;
  // What Go took from the system, garbage and free pages included: the ceiling of what the heap can explain.
  const goSystem = signals.find((s) => s.name === 'go_total_bytes');
  const systemGrown = goSystem && goSystem.points.length > 1 ? change(goSystem) : null;
  const explained = Math.max(0, heapGrown, systemGrown ?? 0);
  if (explained >= grown * HEAP_SHARE) return [];
  const shape = growthShape({
    times: rss.points.map(([at]) => at),
    values: rss.points.map(([, value]) => value),
    sd: () => 2 ** 20,
  });
  if (shape.shape === 'plateau' || shape.shape === 'step' || shape.shape === 'wavering') return [];
  const anonymous = part(signals, 'process_rss_anon_bytes');
  const file = part(signals, 'process_rss_file_bytes');
  const measured = systemGrown !== null;
  const text = [
    say(
      `the resident size rose by ${formatBytes(grown)} in ${formatSeconds(seconds)}; the live heap by ${formatBytes(heapGrown)}`,
      {
        residentBytes: grown,
        liveHeapBytes: heapGrown,
      },
    ),
  ];
  if (systemGrown !== null) {
    text.push(
      say(
        `all that Go took from the system rose by ${formatBytes(systemGrown)}: ${formatPercent(Math.max(0, systemGrown) / grown)} of it`,
        { goSystemBytes: systemGrown },
      ),
    );
  }
  if (anonymous !== null && file !== null) {
    text.push(
      say(`anonymous pages +${formatBytes(anonymous)} (mmap, cgo), file pages +${formatBytes(file)}`, {
        anonymousBytes: anonymous,
        fileBytes: file,
      }),
    );
  }
  text.push(say(`over ${rss.points.length} readings it is ${shape.shape}`, { shape: shape.shape }));
  return [
    {
      fingerprint: fingerprint({
        rule: processOutsideHeap.id,
        service: evidence.subject.service,
        function: '',
        anchor: '',
      }),
      rule: processOutsideHeap.id,
      verdict: measured && shape.shape !== 'bending' && shape.shape !== 'too-few' ? 'suspect' : 'undecided',
      title: 'not the Go heap',
      subject: subjectOf(evidence),
      site: null,
      quantity: {
        unit: 'bytes',
        value: grown - explained,
        perSeconds: seconds,
        since: new Date(rss.points[0]![0]).toISOString(),
        series: rss.points,
      },
      errorChance: null,
      evidence: text,
      chain: [],
      stack: [],
      related: [],
      cause: 'memory that Go does not manage grows: syscall.Mmap, cgo, or files mapped and kept',
      fix: 'look at every Mmap without its Munmap and at every C allocation without its free; /proc/PID/smaps shows the growing mapping',
      unknown: measured
        ? [
            'which code maps it: a heap profile does not see it. perf record -e syscalls:sys_enter_mmap names the caller',
          ]
        : [
            'how much Go itself took from the system: serve expvar (import _ "expvar") or let Tidemark read heap?debug=1',
          ],
      moreSeconds: seconds,
      proof: { argv: [...evidence.target] },
    },
  ];
}

const change = (signal: Signal) => signal.points.at(-1)![1] - signal.points[0]![1];

function part(signals: readonly Signal[], name: string): number | null {
  const signal = signals.find((s) => s.name === name);
  return signal && signal.points.length > 1 ? change(signal) : null;
}
