import { isTidemarkError } from '@tidemark/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstPoints, readService, SERVICE_LIMITS } from './service.js';

const document = (over: Record<string, unknown> = {}) => ({
  ...{ schemaVersion: 1, service: 'shop', stepSeconds: 60, gogc: 100, goMemLimitBytes: null, memoryLimitBytes: 4e9 },
  pods: [{ instance: 'a', goroutines: [1, 2, 3] }],
  ...over,
});
const codeOf = (value: unknown, limits = SERVICE_LIMITS) => {
  try {
    readService(value, limits);
    return null;
  } catch (error) {
    return isTidemarkError(error) ? error.code : String(error);
  }
};
const goroutines = (pod: Record<string, unknown>, over = {}) => [
  ...readService(document({ pods: [pod], ...over })).pods[0]!.goroutines,
];

describe('what is no service document is refused', () => {
  it.each<[string, unknown]>([
    ['nothing', null],
    ['a list', []],
    ['a text', 'shop'],
    ['without a name', document({ service: '' })],
    ['with a number for a name', document({ service: 7 })],
    ['of no step', document({ stepSeconds: 0 })],
    ['of a step without end', document({ stepSeconds: Number.POSITIVE_INFINITY })],
    ['of a step in words', document({ stepSeconds: '60' })],
    ['without pods', document({ pods: undefined })],
    ['of pods by name', document({ pods: { a: {} } })],
    ['of a pod that is a list', document({ pods: [[1]] })],
    ['of a column that is no list', document({ pods: [{ goroutines: 5 }] })],
    ['of a version that is not known', document({ schemaVersion: 2 })],
  ])('%s', (_, value) => expect(codeOf(value)).toBe('TM_SERIES_MALFORMED'));

  it.each<[string, unknown]>([
    ['more pods', document({ pods: [{}, {}, {}] })],
    ['more points', document({ pods: [{ goroutines: [1, 2, 3, 4, 5] }] })],
    // A clock that jumped a year may not make a column of a year.
    ['a time far off', document({ pods: [{ goroutines: [1, 2], atSeconds: [0, 31_536_000] }] })],
  ])('%s than the limit', (_, value) => expect(codeOf(value, { maxPods: 2, maxPoints: 4 })).toBe('TM_LIMIT'));

  it('what is missing or of no use is not seen, and no error', () => {
    const service = readService({ service: 'shop', stepSeconds: 60, pods: [{}] });
    expect(service).toMatchObject({
      gogc: null,
      goMemLimitBytes: null,
      memoryLimitBytes: null,
      deploysAtHours: [],
      points: 0,
    });
    expect(readService(document({ memoryLimitBytes: 0, goMemLimitBytes: -1, gogc: Number.NaN }))).toMatchObject({
      ...{ memoryLimitBytes: null, goMemLimitBytes: null, gogc: null },
    });
    // GOGC=off is -1: a number with a meaning.
    expect(readService(document({ gogc: -1 })).gogc).toBe(-1);
  });
});

describe('columns', () => {
  it.each<[string, unknown[], number[]]>([
    ['null, and what is no number', [1, null, '2', {}, 5], [1, Number.NaN, Number.NaN, Number.NaN, 5]],
    ['less than nothing', [-1, 0], [Number.NaN, 0]],
    ['what no process reports', [2 ** 53, 2 ** 53 - 1], [Number.NaN, 2 ** 53 - 1]],
    ['NaN and infinities', [Number.NaN, Number.POSITIVE_INFINITY, 3], [Number.NaN, Number.NaN, 3]],
  ])('%s are not seen', (_, given, expected) => expect(goroutines({ goroutines: given })).toEqual(expected));

  it('a start before the window is a number below 0', () => {
    const pod = readService(document({ pods: [{ startedAtHours: [-5, -5, 2] }] })).pods[0]!;
    expect([...pod.startedAtHours]).toEqual([-5, -5, 2]);
  });

  it('shorter ones, and those of other pods, are filled up to the longest', () => {
    const { pods, points } = readService(document({ pods: [{ goroutines: [1] }, { nextGcBytes: [1, 2, 3] }] }));
    expect(points).toBe(3);
    for (const pod of pods)
      for (const column of Object.values(pod)) if (column instanceof Float64Array) expect(column).toHaveLength(3);
    expect([...pods[0]!.goroutines]).toEqual([1, Number.NaN, Number.NaN]);
  });

  it('pods without a name get one each', () => {
    expect(
      readService(document({ pods: [{}, { instance: 'x' }, { instance: 5 }] })).pods.map((p) => p.instance),
    ).toEqual(['pod-0', 'x', 'pod-2']);
  });
});

describe('times', () => {
  it.each<[string, number[], number[], number[]]>([
    ['on the grid', [0, 60, 120], [1, 2, 3], [1, 2, 3]],
    ['that begin anywhere', [1e9, 1e9 + 60, 1e9 + 120], [1, 2, 3], [1, 2, 3]],
    ['that went back', [60, 0, 120], [2, 1, 3], [1, 2, 3]],
    ['that come twice: the last counts', [0, 60, 60], [1, 2, 9], [1, 9, Number.NaN]],
    ['beside the grid', [0, 70, 115], [1, 2, 3], [1, 2, 3]],
    ['with a gap', [0, 120, 240], [1, 2, 3], [1, Number.NaN, 2, Number.NaN, 3]],
    ['that are none', [0, Number.NaN, 60], [1, 2, 3], [1, 3, Number.NaN]],
  ])('%s', (_, atSeconds, values, expected) => expect(goroutines({ goroutines: values, atSeconds })).toEqual(expected));

  it('in any order give one column', () => {
    const row = fc.record({ cell: fc.nat({ max: 30 }), value: fc.nat({ max: 1000 }) });
    fc.assert(
      fc.property(
        fc
          .uniqueArray(row, { selector: (r) => r.cell, minLength: 1, maxLength: 20 })
          .chain((rows) =>
            fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length, maxLength: rows.length })),
          ),
        ([rows, mixed]) => {
          const read = (list: typeof rows) =>
            goroutines({ goroutines: list.map((r) => r.value), atSeconds: list.map((r) => 1e6 + r.cell * 60) });
          expect(read(mixed)).toEqual(read(rows));
          const first = Math.min(...rows.map((r) => r.cell));
          for (const { cell, value } of rows) expect(read(mixed)[cell - first]).toBe(value);
        },
      ),
    );
  });
});

describe('firstPoints', () => {
  it('shows the beginning of a window and nothing of its rest', () => {
    const service = readService(
      document({ deploysAtHours: [0.01, 5], pods: [{ goroutines: [1, 2, 3, 4], nextGcBytes: [9, 8, 7, 6] }] }),
    );
    const begun = firstPoints(service, 2);
    expect(begun.points).toBe(2);
    expect([[...begun.pods[0]!.goroutines], [...begun.pods[0]!.nextGcBytes]]).toEqual([
      [1, 2],
      [9, 8],
    ]);
    expect(begun.deploysAtHours).toEqual([0.01]);
    // The service itself is as it was.
    expect([service.points, service.pods[0]!.goroutines.length]).toEqual([4, 4]);
  });
});
