import type {
  Finding,
  Frame,
  GoroutineSeries,
  GoroutineWaits,
  HeapSeries,
  HeapSite,
  Report,
  SignalSeries,
  Site,
} from '@tidemark/model';

const MIB = 2 ** 20;
const START = Date.parse('2026-03-04T09:12:00Z');
const LOOKS = [0, 1, 2, 3, 4, 5, 6].map((i) => START + i * 10_000);

const frame = (name: string, file: string, line: number): Frame => ({ function: name, file, line });

const SERVE: readonly Frame[] = [
  frame('net/http.HandlerFunc.ServeHTTP', 'net/http/server.go', 2322),
  frame('net/http.(*ServeMux).ServeHTTP', 'net/http/server.go', 2861),
  frame('net/http.serverHandler.ServeHTTP', 'net/http/server.go', 3340),
  frame('net/http.(*conn).serve', 'net/http/server.go', 2109),
];

/** Repeatable "noise" from −1 to 1. */
function noise(seed: number): number {
  const x = Math.sin(seed * 12.9898) * 43758.5453;
  return 2 * (x - Math.floor(x)) - 1;
}

function heapSite(stack: readonly Frame[], live: readonly number[], allocatedPerLook: number): HeapSite {
  const site = stack.find((f) => !f.function.startsWith('runtime.') && !f.function.startsWith('bytes.')) ?? stack[0]!;
  return {
    site: { function: site.function, file: site.file, line: site.line },
    stack: [...stack],
    stacks: 1,
    inuseBytes: [...live],
    inuseObjects: live.map((b) => Math.round(b / 512)),
    allocBytes: live.map((b, i) => b + i * allocatedPerLook),
    allocObjects: live.map((b, i) => Math.round((b + i * allocatedPerLook) / 512)),
    strata: [{ objectBytes: 512, allocSamples: live.map(() => 4), inuseSamples: live.map(() => 3) }],
  };
}

const REMEMBER = frame('github.com/acme/shop/internal/cache.(*Server).remember', 'internal/cache/cache.go', 41);
const CHARGE = frame('github.com/acme/shop/internal/pay.(*Gateway).charge.func1', 'internal/pay/gateway.go', 58);
const REMEMBER_STACK: readonly Frame[] = [
  frame('runtime.mapassign_faststr', 'runtime/map_faststr.go', 203),
  REMEMBER,
  frame('github.com/acme/shop/internal/cache.(*Server).handle', 'internal/cache/cache.go', 77),
  frame('github.com/acme/shop/internal/web.withSession[...].func1', 'internal/web/session.go', 112),
  ...SERVE,
];

function heapSeries(sites: number): HeapSeries {
  const growing = [38.4, 48.1, 57.6, 67.3, 76.9, 86.4, 96.1].map((v) => v * MIB);
  const warm = [2, 9, 13.6, 15.1, 15.6, 15.7, 15.7].map((v) => v * MIB);
  const shrinking = [22, 21, 17, 12, 9, 7, 6.5].map((v) => v * MIB);
  const orders = 'github.com/acme/shop/internal/orders';
  const list: HeapSite[] = [
    heapSite(REMEMBER_STACK, growing, 0.06 * MIB),
    heapSite(
      [
        frame(`${orders}.(*Index).load`, 'internal/orders/index.go', 64),
        frame('main.run', 'main.go', 88),
        frame('main.main', 'main.go', 31),
      ],
      warm,
      0,
    ),
    heapSite(
      [
        frame('bytes.growSlice', 'bytes/buffer.go', 249),
        frame(`${orders}.(*Batch).encode`, 'internal/orders/batch.go', 133),
        frame(`${orders}.(*Batch).Run`, 'internal/orders/batch.go', 51),
      ],
      shrinking,
      31 * MIB,
    ),
  ];
  for (let i = list.length; i < sites; i++) {
    const size = (4 * MIB) / (1 + i * 0.9);
    const stack = [
      frame(`${orders}.(*Part${i % 23}).build${i}`, `internal/orders/part${i % 23}.go`, 20 + (i % 300)),
      frame(`${orders}.assemble`, 'internal/orders/assemble.go', 40 + (i % 7)),
      frame(`github.com/acme/shop/internal/web.handle${i % 5}`, 'internal/web/handlers.go', 31 + (i % 5) * 20),
      ...SERVE,
    ];
    list.push(
      heapSite(
        stack,
        LOOKS.map((_, k) => size * (1 + 0.06 * noise(i * 31 + k))),
        size * 5,
      ),
    );
  }
  return {
    kind: 'heap-series',
    rateBytes: 512 * 1024,
    snapshots: LOOKS.map((atMs, i) => ({
      capture: `heap-${i}`,
      atMs,
      forcedGc: i === 0 || i === LOOKS.length - 1,
      newCycle: true,
      inuseBytes: list.reduce((sum, s) => sum + s.inuseBytes[i]!, 0),
      inuseObjects: list.reduce((sum, s) => sum + s.inuseObjects[i]!, 0),
      allocBytes: list.reduce((sum, s) => sum + s.allocBytes[i]!, 0),
      allocObjects: list.reduce((sum, s) => sum + s.allocObjects[i]!, 0),
    })),
    sites: list,
    limits: ['sampled at 512 KiB: sites below about 1 MiB are seen with wide intervals'],
  };
}

const goroutines: GoroutineSeries = {
  kind: 'goroutine-series',
  looks: LOOKS.map((atMs, i) => ({ capture: `goroutine-${i}`, atMs, total: 246 + i * 200 })),
  groups: [
    {
      site: CHARGE,
      creator: frame('github.com/acme/shop/internal/pay.(*Gateway).charge', 'internal/pay/gateway.go', 56),
      state: 'chan send',
      waitsIn: 'chan send',
      counts: LOOKS.map((_, i) => 14 + i * 200),
      stayed: LOOKS.map((_, i) => (i === 0 ? null : 14 + (i - 1) * 200)),
      oldestWaitMinutes: 12,
      stack: [
        frame('runtime.gopark', 'runtime/proc.go', 461),
        frame('runtime.chansend1', 'runtime/chan.go', 161),
        CHARGE,
      ],
      labels: {},
      provenLeaked: false,
    },
    ...[
      ['net/http.(*connReader).backgroundRead', 'net/http/server.go', 702, 'IO wait', 190],
      ['github.com/acme/shop/internal/orders.(*Pool).worker', 'internal/orders/pool.go', 44, 'select', 32],
      ['database/sql.(*DB).connectionOpener', 'database/sql/sql.go', 1253, 'select', 2],
      ['main.main', 'main.go', 40, 'chan receive', 1],
    ].map(([name, file, line, state, n]) => ({
      site: frame(name as string, file as string, line as number),
      creator: null,
      state: state as string,
      waitsIn: state as string,
      counts: LOOKS.map((_, i) => Math.round((n as number) * (1 + 0.02 * noise(i)))),
      stayed: LOOKS.map(() => null),
      oldestWaitMinutes: null,
      stack: [frame('runtime.gopark', 'runtime/proc.go', 461), frame(name as string, file as string, line as number)],
      labels: {},
      provenLeaked: false,
    })),
  ],
  limits: [],
};

const signals: SignalSeries = {
  kind: 'signal-series',
  signals: [
    ['process_resident_bytes', 'bytes', 'gauge', (i: number) => (180 + i * 1.05 + 2 * noise(i)) * MIB],
    ['gc_cycles', 'count', 'counter', (i: number) => 40 + Math.floor(i / 4)],
    ['heap_idle_bytes', 'bytes', 'gauge', (i: number) => (30 + 6 * noise(i + 5)) * MIB],
    ['cpu_seconds', 'seconds', 'counter', (i: number) => 310 + i * 0.41 + 0.1 * noise(i)],
  ].map(([name, unit, kind, value]) => ({
    name: name as string,
    unit: unit as 'bytes',
    kind: kind as 'gauge',
    labels: {},
    source: '/debug/pprof/heap?debug=1',
    points: Array.from({ length: 61 }, (_, i): [number, number] => [
      START + i * 1000,
      (value as (i: number) => number)(i),
    ]),
  })),
  limits: [],
};

const waits: GoroutineWaits = {
  kind: 'goroutine-waits',
  capture: 'goroutine-6',
  looks: 7,
  watchedSeconds: 60,
  total: 1446,
  groups: [
    {
      site: CHARGE,
      creator: null,
      state: 'chan send',
      waitsIn: 'chan send',
      count: 1214,
      ids: [71, 72],
      oldestWaitMinutes: 12,
      stayed: 14,
      provenLeaked: false,
      uninteresting: null,
      labels: {},
      stack: [CHARGE],
    },
  ],
  locks: [],
  cycles: [],
  explanations: [
    {
      cause: 'no receiver is left',
      confidence: 'likely',
      endless: true,
      groups: [0],
      lock: null,
      victim: CHARGE,
      holder: {
        kind: 'gone',
        confidence: 'likely',
        goroutine: null,
        site: null,
        acquired: null,
        waitsIn: null,
        waitsAt: null,
        waitsFor: null,
        candidates: 0,
      },
      steps: [
        {
          text: 'out is unbuffered; its only receiver is the select of charge',
          site: frame('', 'internal/pay/gateway.go', 62),
        },
        { text: 'no goroutine of the dump runs charge: nobody will receive' },
      ],
      fix: null,
      unknown: [],
    },
  ],
  withFacts: true,
  limits: [],
};

export function finding(more: Partial<Finding> = {}): Finding {
  return {
    fingerprint: '5f0c1d2e3b4a5968',
    rule: 'heap/site-grows',
    verdict: 'leak',
    title: '1 of 412 sites',
    subject: { service: 'shop', instance: null, build: 'a1b2c3d' },
    site: REMEMBER,
    quantity: {
      unit: 'bytes',
      value: 57.7 * MIB,
      perSeconds: 60,
      interval: { low: 47.8 * MIB, high: 68.3 * MIB, level: 0.95 },
      since: new Date(START).toISOString(),
      series: LOOKS.map((ms, i) => [ms, [38.4, 48.1, 57.6, 67.3, 76.9, 86.4, 96.1][i]! * MIB]),
      timeToLimitSeconds: 442,
    },
    errorChance: 3e-12,
    evidence: [
      {
        text: '10.7 sigma of sampling noise; chance of error < 1e-9 over all 412 sites and 7 looks',
        values: {},
        sources: ['heap-0', 'heap-6'],
      },
      {
        text: 'of 58.1 MiB allocated here meanwhile, 57.7 MiB is still live: almost nothing was freed',
        values: {},
        sources: [],
      },
      { text: 'straight, no bend: 9.7, 9.5, 9.7, 9.6, 9.5 and 9.7 MiB from look to look', values: {}, sources: [] },
    ],
    chain: [
      { text: 'Server.seen map[string]*entry', site: { function: '', file: 'internal/cache/cache.go', line: 18 } },
      { text: 'main.srv (package variable)' },
    ],
    stack: [...REMEMBER_STACK],
    related: [
      { file: 'internal/cache/cache.go', line: 18, message: 's.seen is written at :41 and deleted from nowhere' },
    ],
    cause: 'Every request adds an entry to s.seen; no entry is ever removed.',
    fix: 'Bound s.seen: an LRU with a size, or delete when the session ends.',
    unknown: ['whether the 0.4 MiB that were freed here belong to the same map'],
    moreSeconds: null,
    proof: { argv: ['tidemark', 'diagnose', 'http://127.0.0.1:6060', '--for', '60s', '--header', 'X-Team: shop & co'] },
    ...more,
  };
}

const pay: Finding = finding({
  fingerprint: '77aa01d2e3b4a596',
  rule: 'goroutine/no-receiver',
  title: '1 of 37 groups',
  site: CHARGE,
  quantity: {
    unit: 'goroutines',
    value: 1200,
    perSeconds: 60,
    interval: { low: 1200, high: 1200, level: 0.95 },
    series: LOOKS.map((ms, i) => [ms, 14 + i * 200]),
  },
  errorChance: null,
  evidence: [
    { text: '1,200 of 1,200 new goroutines wait at this line to send', values: {}, sources: ['goroutine-6'] },
    { text: '7 of 7 looks: none of their ids left the line', values: {}, sources: [] },
  ],
  chain: [{ text: 'started by (*Gateway).charge', site: { function: '', file: 'internal/pay/gateway.go', line: 56 } }],
  stack: [frame('runtime.gopark', 'runtime/proc.go', 461), frame('runtime.chansend1', 'runtime/chan.go', 161), CHARGE],
  related: [],
  cause: 'The only receiver has returned when its context ended.',
  fix: 'out := make(chan result, 1): the sender can then always leave.',
  unknown: [],
});

const index: Finding = finding({
  fingerprint: '0011223344556677',
  rule: 'heap/site-grows',
  verdict: 'undecided',
  title: 'still filling when the watch ended',
  site: { function: 'github.com/acme/shop/internal/orders.(*Index).load', file: 'internal/orders/index.go', line: 64 },
  quantity: {
    unit: 'bytes',
    value: 13.7 * MIB,
    perSeconds: 60,
    interval: { low: 7.1 * MIB, high: 20.4 * MIB, level: 0.95 },
  },
  errorChance: 0.004,
  evidence: [{ text: 'the last 3 looks add 0.1 MiB of 13.7 MiB: it may have filled up', values: {}, sources: [] }],
  chain: [],
  stack: [],
  related: [],
  cause: null,
  fix: null,
  unknown: ['whether it stays at this level'],
  moreSeconds: 180,
});

/** A report of a shop that leaks memory and goroutines, with evidence of `sites` heap sites. */
export function sampleReport(sites = 412): Report {
  return {
    $schema: 'tidemark.schema.json',
    schemaVersion: 1,
    tool: { name: 'tidemark', version: '0.1.0', command: 'diagnose http://127.0.0.1:6060 --for 60s' },
    subject: { service: 'shop', instance: null, build: 'a1b2c3d', goVersion: 'go1.26.8', pid: 4127, ageSeconds: 840 },
    window: { from: new Date(START).toISOString(), to: new Date(LOOKS[6]!).toISOString(), seconds: 60, looks: 7 },
    verdict: 'leak',
    exitCode: 1,
    findings: [
      finding({
        verdict: 'clear',
        title: 'warm-up ended',
        site: { function: 'github.com/acme/shop/internal/web.parse', file: 'internal/web/tmpl.go', line: 9 },
      }),
      finding(),
      pay,
      index,
    ],
    checked: { 'heap sites': sites, 'goroutine groups': 37 },
    notes: [
      {
        level: 'info',
        code: null,
        text: 'goroutineleak was skipped: go1.26 was built without the experiment (1.27 has it)',
      },
      { level: 'warning', code: 'TM_TIMEOUT', text: 'one of 8 looks took longer than 5 s and was left out' },
    ],
    evidence: [heapSeries(sites), goroutines, signals, waits],
  };
}

/** Everything that a name or number must not be able to do to a page, in one report. */
export function hostileReport(findings = 10_000): Report {
  const name = `main.</script><script>window.pwned=1</script><img src=x onerror="window.pwned=1">\u2028\u202eevil$&\u0000[${'T,'.repeat(3000)}]`;
  const site: Site = { function: name, file: `a/<b>/"'&.go`, line: 1 };
  const bad = finding({
    rule: '<b>rule</b>',
    title: '<!-- </title> -->',
    site,
    quantity: {
      unit: 'bytes',
      value: Number.NaN,
      perSeconds: 60,
      interval: { low: Number.NaN, high: Infinity, level: 0.95 },
      series: [
        [Number.NaN, 1],
        [1, Infinity],
      ],
    },
    errorChance: Number.NaN,
    evidence: [{ text: '<script>window.pwned=1</script>', values: {}, sources: ['</script>'] }],
    stack: Array.from({ length: 3000 }, () => site),
    proof: { argv: ['tidemark', "a'; rm -rf /\nreboot", '$(x)'] },
  });
  const report = sampleReport(3);
  const heap = heapSeries(3);
  heap.sites.push({ ...heap.sites[0]!, site, stack: [site], inuseBytes: [], allocBytes: [Number.NaN] });
  return {
    ...report,
    subject: { ...report.subject, service: '</title><script>window.pwned=1</script>' },
    findings: Array.from({ length: findings }, () => bad),
    checked: { '<i>': 3 },
    notes: [{ level: 'error', code: null, text: '</script>' }],
    evidence: [
      heap,
      { kind: 'goroutine-series', looks: [], groups: [], limits: [] },
      { kind: 'signal-series', signals: [], limits: [] },
    ],
  };
}
