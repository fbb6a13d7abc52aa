import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import {
  Capture,
  Comparison,
  Evidence,
  Finding,
  GoroutineSeries,
  HeapSeries,
  Manifest,
  Report,
  type Site,
} from './index.js';

const at = (line: number): Site => ({ function: 'shop/cart.(*Cart).Add', file: 'shop/cart/cart.go', line });
const subject = {
  ...{ service: 'shop', instance: null, build: 'b1', goVersion: 'go1.26.8', pid: 12, ageSeconds: 30.5 },
};
const WHEN = '2026-11-24T10:00:00Z';

/** One whole document of every kind that is written, read back or judged. */
const heap = {
  kind: 'heap-series',
  rateBytes: 524288,
  snapshots: [
    {
      ...{ capture: 'heap-0', atMs: 1, forcedGc: true, newCycle: true },
      ...{ inuseBytes: 1, inuseObjects: 2, allocBytes: 3, allocObjects: 4 },
    },
  ],
  sites: [
    {
      ...{ site: at(3), stack: [{ ...at(3), inlined: true }, at(9)], stacks: 1 },
      ...{ inuseBytes: [1], inuseObjects: [1], allocBytes: [1], allocObjects: [1] },
      strata: [{ objectBytes: 48, allocSamples: [2], inuseSamples: [1] }],
    },
  ],
  limits: ['a sentence'],
};
const goroutines = {
  kind: 'goroutine-series',
  looks: [{ capture: 'goroutine-0', atMs: 1, total: 7 }],
  groups: [
    {
      ...{ site: at(5), creator: at(6), state: 'chan send', waitsIn: 'chan send', counts: [7], stayed: [null] },
      ...{ oldestWaitMinutes: 2, stack: [at(5)], labels: { handler: '/pay' }, provenLeaked: false },
    },
  ],
  limits: [],
};
const signals = {
  kind: 'signal-series',
  signals: [
    {
      ...{ name: 'process.rss', unit: 'bytes', kind: 'gauge', labels: { pod: 'a' }, source: '/proc' },
      points: [
        [1, 2],
        [3, 4],
      ],
    },
  ],
  limits: [],
};
const holder = {
  ...{ kind: 'other', confidence: 'proven', goroutine: 9, site: at(1), acquired: at(2) },
  ...{ waitsIn: 'chan send', waitsAt: at(3), waitsFor: 0, candidates: 1 },
};
const waits = {
  ...{ kind: 'goroutine-waits', capture: 'dump', looks: 2, watchedSeconds: 5, total: 3 },
  groups: [
    {
      ...{ site: at(1), creator: null, state: 'select', waitsIn: 'select', count: 2, ids: [7, 8] },
      ...{ oldestWaitMinutes: null, stayed: 2, provenLeaked: true, uninteresting: null, labels: {}, stack: [at(1)] },
    },
  ],
  locks: [
    {
      ...{ kind: 'mutex', address: '0xc000012345', name: 'Cart.mu', offsetBytes: 24 },
      ...{ waiters: [{ goroutine: 7, waitsIn: 'mutex', site: at(4) }], waiterCount: 1, holder, moving: false },
    },
  ],
  cycles: [[0]],
  explanations: [
    {
      ...{ cause: 'lock-held', confidence: 'likely', endless: true, groups: [0], lock: 0, victim: at(4), holder },
      ...{ steps: [{ text: 'it waits', site: at(4) }], fix: 'unlock', unknown: ['who'] },
    },
  ],
  withFacts: true,
  limits: [],
};
const use = { function: 'f', file: 'f.go', line: 1, how: 'index' };
const facts = {
  ...{ kind: 'build-facts', matchedBy: 'build id', exact: true, importersNotSeen: false },
  holders: [
    {
      ...{ id: 'h', kind: 'map', name: 'items', type: 'map[string]T', file: 'f.go', line: 1, where: 'global' },
      ...{ verdict: 'only-added', adds: [use], removes: [use] },
    },
  ],
  resources: [
    {
      ...{ rule: 'resource/http-body', verdict: 'leak', function: 'f', file: 'f.go', line: 1, message: 'm', fix: 'x' },
      related: [{ file: 'f.go', line: 2, message: 'here' }],
    },
  ],
  limits: [],
};
const finding = {
  ...{ fingerprint: '0123456789abcdef', rule: 'heap/site-grows', verdict: 'leak', title: 'grows' },
  ...{ subject: { service: 'shop', instance: null, build: null }, site: at(3), errorChance: 0.01 },
  quantity: {
    ...{ unit: 'bytes', value: 5, perSeconds: 60, interval: { low: 1, high: 9, level: 0.95 }, since: WHEN },
    series: [[0, 1]],
    timeToLimitSeconds: 60,
  },
  evidence: [{ text: 'a', values: { n: 1, s: 'x', b: true, z: null }, sources: ['heap-0'] }],
  chain: [{ text: 'held by', site: at(2) }],
  stack: [at(3)],
  related: [{ file: 'f.go', line: 0, message: 'm' }],
  source: { file: 'f.go', start: 1, lines: ['a'], marked: 1 },
  ...{ cause: null, fix: 'bound it', unknown: ['x'], moreSeconds: null, proof: { argv: ['tidemark', 'compare'] } },
};
const capture = {
  ...{ schemaVersion: 1, id: 'heap-0', kind: 'heap', source: 'http://127.0.0.1:1', takenAt: WHEN, tookMs: 3 },
  ...{ sizeBytes: 9, sha256: 'ab', forcedGc: true, request: '/debug/pprof/heap' },
};
const note = { level: 'warning', code: null, text: 'swapped' };
const report = {
  ...{ $schema: 's', schemaVersion: 1, tool: { name: 'tidemark', version: '1', command: 'diagnose' }, subject },
  ...{ window: { from: WHEN, to: WHEN, seconds: 0, looks: 2 }, verdict: 'leak', exitCode: 1, findings: [finding] },
  ...{ checked: { sites: 3 }, notes: [note], evidence: [heap, goroutines, signals, waits, facts] },
};
const row = {
  ...{ site: at(1), before: 1, after: 3, delta: 2, interval: { low: 0, high: 4, level: 0.95 }, errorChance: 0.5 },
  ...{ allocated: 3, freedShare: 0.1, waitsIn: null },
};
const comparison = {
  ...{ $schema: 's', schemaVersion: 1, tool: { name: 'tidemark', version: '1', command: 'compare' } },
  ...{ sameProcess: true, seconds: null, heap: { before: 1, after: 3, rateBytes: 524288, rows: [row] } },
  ...{ goroutines: { before: 1, after: 3, rows: [row] }, notes: [note] },
};
const numbers = { a: 1, b: null };
const manifest = {
  ...{ format: 'tidemark-captures', schemaVersion: 1, subject },
  looks: [
    {
      ...{ index: 0, atMs: 1, incarnation: 0, heap: 'heap-0', goroutine: null, goroutineTotal: 3, dump: null },
      ...{
        dumpTruncated: false,
        leaked: null,
        mutex: null,
        block: null,
        memStats: numbers,
        expvar: { memStats: null, numbers },
      },
      ...{ metrics: null, process: numbers, cgroup: null },
    },
  ],
  ...{ captures: [{ ...capture, file: 'heap-0.pb.gz' }], notes: [note], complete: true },
};

const part = { site: at(2), lockedIn: null, delaySeconds: 1.5, contentions: 20, stack: [at(2), at(3)] };
const contention = {
  ...{ kind: 'lock-contention', captures: ['block-0', 'block-3'], seconds: 60, waitedSeconds: 1.5, heldSeconds: null },
  ...{
    locks: [{ name: 'Store.mu', matchedBy: 'one-sided', waiters: [part], holders: [] }],
    limits: ['no mutex profile'],
  },
};

const DOCUMENTS: [string, z.ZodType, object][] = [
  ['heap series', HeapSeries, heap],
  ['goroutine series', GoroutineSeries, goroutines],
  ['evidence of signals', Evidence, signals],
  ['evidence of waits', Evidence, waits],
  ['evidence of build facts', Evidence, facts],
  ['evidence of locks', Evidence, contention],
  ['finding', Finding, finding],
  ['capture', Capture, capture],
  ['report', Report, report],
  ['comparison', Comparison, comparison],
  ['manifest', Manifest, manifest],
];

type Path = readonly (string | number)[];

/** Every member of every object in a document; of a list the first element. Names that the data chose are left out. */
function members(value: unknown, path: Path = []): Path[] {
  if (Array.isArray(value)) return value.length > 0 ? members(value[0], [...path, 0]) : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [[...path, name], ...members(inner, [...path, name])]);
}

function changed(
  document: object,
  path: Path,
  change: (holder: Record<string, unknown>, name: string) => void,
): object {
  const copy = structuredClone(document);
  let holder = copy as Record<string | number, unknown>;
  for (const step of path.slice(0, -1)) holder = holder[step] as Record<string | number, unknown>;
  change(holder, String(path.at(-1)));
  return copy;
}

/** What may be left out: it has a default, or tells more where something is known. */
const OPTIONAL =
  /(?:^|\.)(?:inlined|labels|perSeconds|interval|since|series|timeToLimitSeconds|values|sources|related|source|unknown|resources|evidence|mutex|block|(?:chain|steps)\.0\.site)$/;
/** Below these anything may be called anything. */
const FREE = /(?:^|\.)(?:labels|values|checked|memStats|numbers|process|metrics|cgroup)\.[^.]+$/;
/** Required here though the same name is optional elsewhere. */
const REQUIRED: Record<string, RegExp> = {
  finding: /^(?:evidence)$/,
  comparison: /\.interval$/,
  capture: /^source$/,
  manifest: /\.source$/,
  'evidence of signals': /\.source$/,
  'evidence of build facts': /\.related$/,
};
const nameOf = (path: Path) => path.join('.');

describe.each(DOCUMENTS)('%s', (kind, schema, document) => {
  const paths = members(document);
  const isOptional = (path: Path) =>
    FREE.test(nameOf(path)) || (OPTIONAL.test(nameOf(path)) && !REQUIRED[kind]?.test(nameOf(path)));

  it('comes back through JSON as it was', () => {
    expect(schema.parse(JSON.parse(JSON.stringify(document)))).toEqual(document);
  });

  it('is refused without any one of its members, so that no reader finds a hole', () => {
    const passed = paths.filter(
      (path) => !isOptional(path) && schema.safeParse(changed(document, path, (h, name) => delete h[name])).success,
    );
    // The parts of a report are held to their own documents above.
    expect(passed.map(nameOf).filter((name) => kind !== 'report' || !/^(?:evidence|findings)\./.test(name))).toEqual(
      [],
    );
  });

  it('stands without what may be left out', () => {
    const refused = paths.filter(
      (path) => isOptional(path) && !schema.safeParse(changed(document, path, (h, name) => delete h[name])).success,
    );
    expect(refused.map(nameOf).filter((name) => kind !== 'report' || !/^(?:evidence|findings)\./.test(name))).toEqual(
      [],
    );
  });

  it('is refused where a member is of another type, or no number at all', () => {
    const passed = paths.filter((path) =>
      [Symbol('x'), Number.NaN, () => 1].some(
        (wrong) =>
          schema.safeParse(changed({ ...document }, path, (h, name) => Object.assign(h, { [name]: wrong }))).success,
      ),
    );
    expect(passed.map(nameOf)).toEqual([]);
  });
});

describe.each(DOCUMENTS)('a later %s of the same version', (_, schema, document) => {
  /** Every object in it, the document itself first. */
  const objects: Path[] = [[], ...members(document)].filter((path) => {
    const value = path.reduce<unknown>((holder, step) => (holder as Record<string | number, unknown>)[step], document);
    return typeof value === 'object' && value !== null && !Array.isArray(value) && !FREE.test(`${nameOf(path)}.x`);
  });
  it('may say more at any place: this reader takes what it knows', () => {
    for (const path of objects) {
      const more =
        path.length === 0
          ? { ...document, later: { x: 1 } }
          : changed(document, path, (h, name) => Object.assign(h[name] as object, { later: { x: 1 } }));
      expect(schema.safeParse(more), nameOf(path)).toMatchObject({ success: true });
      expect(schema.parse(more), nameOf(path)).toEqual(document);
    }
  });
});

describe('what numbers may not be', () => {
  it.each<[string, z.ZodType, object, Path, unknown]>([
    ['no sampling', HeapSeries, heap, ['rateBytes'], 0],
    ['objects of no size', HeapSeries, heap, ['sites', 0, 'strata', 0, 'objectBytes'], 0],
    ['a site without a stack', HeapSeries, heap, ['sites', 0, 'stacks'], 0],
    ['a line before the first', HeapSeries, heap, ['sites', 0, 'site', 'line'], -1],
    ['half a line', HeapSeries, heap, ['sites', 0, 'site', 'line'], 1.5],
    ['less than no goroutines', GoroutineSeries, goroutines, ['groups', 0, 'counts'], [-1]],
    ['half a goroutine', GoroutineSeries, goroutines, ['looks', 0, 'total'], 0.5],
    ['an empty group of waits', Evidence, waits, ['groups', 0, 'count'], 0],
    ['a lock before the first', Evidence, waits, ['cycles', 0, 0], -1],
    ['a holder of a kind of its own', Evidence, waits, ['locks', 0, 'holder', 'kind'], 'nobody'],
    ['evidence of an unknown kind', Evidence, facts, ['kind'], 'guesses'],
    ['a chance above 1', Finding, finding, ['errorChance'], 1.01],
    ['a chance below 0', Finding, finding, ['errorChance'], -0.01],
    ['no time to watch further', Finding, finding, ['moreSeconds'], 0],
    ['a limit that was met already', Finding, finding, ['quantity', 'timeToLimitSeconds'], 0],
    ['a value without end', Finding, finding, ['quantity', 'value'], Number.POSITIVE_INFINITY],
    ['source before its first line', Finding, finding, ['source', 'start'], 0],
    ['a start that is no time', Finding, finding, ['quantity', 'since'], 'yesterday'],
    ['a start in another zone', Finding, finding, ['quantity', 'since'], '2026-11-24T10:00:00+01:00'],
    ['a capture of less than no bytes', Capture, capture, ['sizeBytes'], -1],
    ['a capture that took less than no time', Capture, capture, ['tookMs'], -1],
    ['a capture of a newer version', Capture, capture, ['schemaVersion'], 2],
    ['a report of a newer version', Report, report, ['schemaVersion'], 2],
    ['a window that ends before it begins', Report, report, ['window', 'seconds'], -1],
    ['a process younger than none', Report, report, ['subject', 'ageSeconds'], -1],
    ['a report of another tool', Report, report, ['tool', 'name'], 'other'],
    ['a comparison of another command', Comparison, comparison, ['tool', 'command'], 'diagnose'],
    ['a file outside of the manifest’s folder', Manifest, manifest, ['captures', 0, 'file'], '../x'],
    ['a look before the first', Manifest, manifest, ['looks', 0, 'index'], -1],
  ])('%s', (_, schema, document, path, value) => {
    expect(schema.safeParse(changed(document, path, (h, name) => Object.assign(h, { [name]: value }))).success).toBe(
      false,
    );
  });
});

describe('labels and names that the data chose', () => {
  // Object.prototype's own names come from label keys of a hostile profile.
  it.each(['constructor', 'toString', 'hasOwnProperty', '', ' ', 'a.b', '\u0000'])(
    '%j is one like any other',
    (key) => {
      const given = changed(goroutines, ['groups', 0, 'labels'], (h) => Object.assign(h, { labels: { [key]: 'v' } }));
      const read = GoroutineSeries.parse(JSON.parse(JSON.stringify(given)));
      expect(Object.entries(read.groups[0]!.labels)).toEqual([[key, 'v']]);
    },
  );
  it('are texts', () => {
    for (const value of [1, null, ['x'], { x: 1 }])
      expect(
        GoroutineSeries.safeParse(
          changed(goroutines, ['groups', 0, 'labels', 'handler'], (h) => Object.assign(h, { handler: value })),
        ).success,
      ).toBe(false);
  });
});
