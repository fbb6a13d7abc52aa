import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type GcTrace, GcTraceReader, parseGcTraceLine } from './gctrace.js';

const MIB = 2 ** 20;
const OLD = 'gc 4 @0.047s 2%: 0.026+0.39+0.10 ms clock, 0.21+0.88/0.52/0+0.82 ms cpu, 4->5->1 MB, 5 MB goal, 8 P';
const NOW =
  'gc 12 @3.500s 1%: 0.011+12+0.005 ms clock, 0.022+0.1/2.3/4.0+0.01 ms cpu, 60->61->30 MB, 62 MB goal, 2 MB stacks, 1 MB globals, 2 P';
const LEAKS = NOW.replace('1%:', '1% (checking for goroutine leaks):');

function read(text: string): GcTrace {
  const reader = new GcTraceReader();
  reader.push(new TextEncoder().encode(text));
  return reader.end();
}

describe('gctrace', () => {
  it('reads the form before Go 1.18', () => {
    expect(parseGcTraceLine(OLD)).toMatchObject({
      ...{ cycle: 4, atSeconds: 0.047, cpuRatio: 0.02, heapStartBytes: 4 * MIB, heapEndBytes: 5 * MIB, liveBytes: MIB },
      ...{ goalBytes: 5 * MIB, stacksBytes: null, globalsBytes: null, processors: 8, forced: false, leakCheck: false },
    });
    expect(parseGcTraceLine(OLD)!.pauseSeconds).toBeCloseTo(0.000126, 9);
  });

  it('reads the form since, with what may hang behind and in between', () => {
    expect(parseGcTraceLine(NOW)).toMatchObject({
      cycle: 12,
      liveBytes: 30 * MIB,
      stacksBytes: 2 * MIB,
      globalsBytes: MIB,
    });
    expect(parseGcTraceLine(`${NOW} (forced)`)).toMatchObject({ forced: true });
    expect(parseGcTraceLine(LEAKS)).toMatchObject({ cycle: 12, leakCheck: true });
  });

  it.each<[string, string, number | null]>([
    ['a container log', `2026-11-24T08:00:00.5Z stderr F ${NOW}`, Date.parse('2026-11-24T08:00:00.500Z')],
    ['a time zone', `2026-11-24T10:00:00+02:00 ${NOW}`, Date.parse('2026-11-24T08:00:00Z')],
    ['Go log', `2026-11-24 08:00:00 ${NOW}`, Date.parse('2026-11-24T08:00:00Z')],
    ['JSON', JSON.stringify({ log: `${NOW}\n`, time: 'x' }), null],
    ['a name', `[shop-7d9f] ${NOW}`, null],
  ])('reads it behind the prefix of %s', (_, line, atMs) =>
    expect(parseGcTraceLine(line)).toMatchObject({ cycle: 12, liveBytes: 30 * MIB, loggedAtMs: atMs }),
  );

  it('counts damaged cycles, passes over everything else', () => {
    const trace = read(
      [
        'start',
        NOW,
        'gc 13 @4.0s 1%: 0.0',
        'scav 1 KiB work',
        'gc is a program',
        'msgc 1 @1s 2%: x',
        NOW.replace('12 @3', '14 @5'),
      ].join('\n'),
    );
    expect(trace.cycles.map(({ cycle }) => cycle)).toEqual([12, 14]);
    expect([trace.damaged, trace.lines]).toEqual([1, 7]);
  });

  it('tells processes apart when the numbers begin again', () => {
    const line = (cycle: number, at: string) => NOW.replace('gc 12 @3.500s', `gc ${cycle} @${at}s`);
    const trace = read([line(1, '0.1'), line(2, '9.0'), line(3, '8.0'), line(1, '0.2')].join('\n'));
    expect(trace.cycles.map(({ incarnation }) => incarnation)).toEqual([0, 0, 1, 2]);
  });

  it('survives lines without end and any text', () => {
    const trace = read(`${'x'.repeat(5_000_000)}\n${NOW}`);
    expect(trace.cycles).toHaveLength(1);
    fc.assert(fc.property(fc.string({ maxLength: 200 }), (text) => read(`gc 1 @1s 2%: ${text}`).cycles.length <= 1));
    // A regular expression that backtracks would not come back within the test's time.
    read(`gc 1 @1s 2%: ${'1+'.repeat(30_000)}\n`.repeat(100));
  });
});
