/**
 * deploy/prometheus/tidemark.tests.yml: what the rules say of services whose memory does this or that, minute by
 * minute, in the names of go/tidemark and of client_golang.
 */
const MIB = 2 ** 20;
/** A stretch of minutes from one value towards another; null is a gap, NaN is NaN. */
type Segment = readonly [minutes: number, from: number | null, to?: number];
type Dialect = 'sdk' | 'client_golang';

interface Process {
  readonly live: readonly Segment[];
  readonly goroutines?: readonly Segment[];
  /** What Go does not see. */
  readonly outside?: number | readonly Segment[];
  /** 0 stands for none, as exporters write it. */
  readonly limit?: number;
  readonly charged?: readonly Segment[];
  readonly goLimit?: number;
  readonly start?: readonly Segment[];
}

interface Test {
  readonly name: string;
  readonly dialects: readonly Dialect[];
  readonly hours: number;
  readonly process?: Process;
  readonly more?: readonly (readonly [series: string, segments: readonly Segment[]])[];
  /** Hour → the alerts that fire, as NAME or NAME/horizon; none is silence. */
  readonly firing: Readonly<Record<number, readonly string[]>>;
  /** Hour → expression → value; null is "absent". */
  readonly values?: readonly (readonly [hour: number, expr: string, value: number | null])[];
}

const BOTH = ['sdk', 'client_golang'] as const;
const flat = (hours: number, value: number): Segment[] => [[hours * 60, value, value]];
const ramp = (hours: number, from: number, perHour: number): Segment => [hours * 60, from, from + hours * perHour];
const repeat = (times: number, ...one: readonly Segment[]): Segment[] =>
  Array.from({ length: times }, () => one).flat();
/** from → to with this time constant, in pieces of ten minutes. */
const saturating = (hours: number, from: number, to: number, tauHours: number): Segment[] =>
  Array.from({ length: hours * 6 }, (_, i): Segment => {
    const at = (t: number) => to - (to - from) * Math.exp(-t / tauHours);
    return [10, at(i / 6), at((i + 1) / 6)];
  });
/** The load of the day: lowest at 4, highest at 16. */
const daily = (days: number, low: number, high: number): Segment[] =>
  Array.from({ length: days * 24 }, (_, i): Segment => {
    const at = (h: number) => low + ((high - low) * (1 - Math.cos(((h - 4) / 24) * 2 * Math.PI))) / 2;
    return [60, at(i), at(i + 1)];
  });
const everyStart = (times: number, minutes: number): Segment[] =>
  Array.from({ length: times }, (_, i): Segment => [minutes, i * minutes * 60 + 1, i * minutes * 60 + 1]);

const HEAP_3H = ['TidemarkHeapGrows/3h'];
const silent = (...hours: number[]) => Object.fromEntries(hours.map((h) => [h, [] as string[]]));

export const TESTS: readonly Test[] = [
  {
    name: 'a leak of the heap alerts once three hours of one process agree, and goes with the process',
    ...{ dialects: BOTH, hours: 8 },
    process: {
      live: [ramp(6, 100 * MIB, 20 * MIB), ramp(2, 100 * MIB, 0)],
      start: [...flat(6, 1), ...flat(2, 6 * 3600)],
    },
    firing: { ...silent(2, 3, 6.5, 7.9), 5: HEAP_3H, 5.9: HEAP_3H },
    values: [[5, 'tidemark:heap_live_bytes:growth_per_hour_3h / 1048576', 20]],
  },
  {
    name: 'a slow leak shows over days',
    ...{ dialects: ['sdk'], hours: 84 },
    process: { live: [ramp(84, 100 * MIB, 2 * MIB)] },
    firing: { ...silent(6, 24, 70), 80: ['TidemarkHeapGrows/3d'] },
  },
  {
    name: 'a step of the load is no growth',
    ...{ dialects: ['sdk'], hours: 11 },
    process: { live: [...flat(6, 100 * MIB), ...flat(5, 250 * MIB)] },
    firing: silent(5, 6.5, 7, 7.5, 8, 8.5, 9, 9.5, 10, 10.9),
  },
  {
    name: 'the load of the day is no growth',
    ...{ dialects: ['sdk'], hours: 48 },
    process: { live: daily(2, 100 * MIB, 300 * MIB), goroutines: daily(2, 500, 3000) },
    firing: silent(30, 32, 34, 36, 38, 40, 44, 47),
  },
  {
    name: 'a warm-up is no growth',
    ...{ dialects: ['sdk'], hours: 8 },
    process: { live: saturating(8, 50 * MIB, 400 * MIB, 1) },
    firing: silent(1, 2, 3, 3.5, 4, 4.5, 5, 6, 7.9),
  },
  {
    name: 'a sawtooth is no growth: caches that fill and are emptied',
    ...{ dialects: ['sdk'], hours: 12 },
    process: { live: repeat(6, ramp(2, 100 * MIB, 50 * MIB)), goroutines: repeat(6, ramp(2, 100, 400)) },
    firing: silent(4, 5, 6, 7, 7.5, 8, 11.9),
  },
  {
    name: 'processes that are restarted before three hours have passed are not compared with each other',
    ...{ dialects: ['sdk'], hours: 9 },
    process: { live: repeat(3, ramp(3, 100 * MIB, 40 * MIB)), start: everyStart(3, 180) },
    firing: silent(3, 4, 5, 7, 8.9),
  },
  {
    name: 'NaN and gaps neither raise an alert nor hide a leak',
    ...{ dialects: BOTH, hours: 6 },
    process: {
      live: Array.from({ length: 6 }, (_, i): Segment[] => [
        [40, (100 + 20 * i) * MIB, (100 + 20 * (i + 2 / 3)) * MIB],
        [10, Number.NaN],
        [10, null],
      ]).flat(),
      goroutines: repeat(6, [50, 100, 100], [10, Number.NaN]),
    },
    firing: { ...silent(2, 3), 5.9: HEAP_3H },
  },
  {
    name: 'a service that is mostly not scraped is silent',
    ...{ dialects: ['sdk'], hours: 6 },
    process: {
      live: Array.from({ length: 6 }, (_, i): Segment[] => [
        [12, (100 + 50 * i) * MIB, (110 + 50 * i) * MIB],
        [48, null],
      ]).flat(),
    },
    firing: silent(4, 5.9),
  },
  {
    name: 'goroutines that pile up',
    ...{ dialects: BOTH, hours: 5 },
    process: { live: flat(5, 100 * MIB), goroutines: [ramp(5, 200, 300)] },
    firing: { ...silent(2), 4.9: ['TidemarkGoroutinesGrow/3h'] },
  },
  {
    name: 'memory outside of the Go heap grows while live heap is flat',
    ...{ dialects: BOTH, hours: 5 },
    process: { live: flat(5, 100 * MIB), outside: [ramp(5, 50 * MIB, 60 * MIB)] },
    firing: { ...silent(2), 4.9: ['TidemarkOutsideHeapGrows/3h'] },
  },
  {
    name: 'a limit that will be met soon; it is told before the leak is',
    ...{ dialects: BOTH, hours: 3 },
    process: { live: flat(3, 200 * MIB), charged: [ramp(3, 500 * MIB, 150 * MIB)], limit: 1000 * MIB },
    firing: { ...silent(0.5, 0.9), 1.5: ['TidemarkLimitSoon'], 2.9: ['TidemarkLimitAhead', 'TidemarkLimitSoon'] },
    values: [[2, 'min without (horizon, limit) (tidemark:hours_to_limit)', (1000 - 800) / 150]],
  },
  {
    name: 'a limit of 0 is none: growth is told, no time to a limit',
    ...{ dialects: BOTH, hours: 5 },
    process: { live: [ramp(5, 100 * MIB, 30 * MIB)], charged: [ramp(5, 200 * MIB, 60 * MIB)], limit: 0 },
    firing: { 4.9: HEAP_3H },
    values: [
      [4.9, 'count(tidemark:hours_to_limit)', null],
      [4.9, 'count(tidemark:memory_limit_bytes)', null],
    ],
  },
  {
    name: 'memory that GC lets rise to the Go limit by design',
    ...{ dialects: BOTH, hours: 6 },
    process: {
      live: flat(6, 200 * MIB),
      charged: [ramp(4, 300 * MIB, 150 * MIB), ...flat(2, 900 * MIB)],
      ...{ limit: 1000 * MIB, goLimit: 900 * MIB },
    },
    firing: silent(1, 1.5, 2, 3, 4, 5.9),
  },
  {
    name: 'live heap runs into the Go limit',
    ...{ dialects: ['sdk'], hours: 4 },
    process: {
      live: [ramp(4, 300 * MIB, 150 * MIB)],
      limit: 1000 * MIB,
      goLimit: 900 * MIB,
      charged: flat(4, 900 * MIB),
    },
    firing: {
      0.9: [],
      2: ['TidemarkLimitSoon'],
      3.9: ['TidemarkGcLimited', 'TidemarkLimitAhead', 'TidemarkLimitSoon'],
    },
  },
  {
    name: 'killed at the limit again and again',
    ...{ dialects: BOTH, hours: 6 },
    process: {
      live: repeat(6, ramp(1, 100 * MIB, 400 * MIB)),
      charged: repeat(6, ramp(1, 200 * MIB, 780 * MIB)),
      ...{ limit: 1000 * MIB, start: everyStart(6, 60) },
    },
    firing: { ...silent(1.5), 2.5: ['TidemarkKilledAtLimit'], 5: ['TidemarkKilledAtLimit'] },
  },
  {
    name: 'restarts far from the limit are not the memory’s',
    ...{ dialects: ['sdk'], hours: 6 },
    process: {
      live: flat(6, 100 * MIB),
      charged: flat(6, 300 * MIB),
      ...{ limit: 1000 * MIB, start: everyStart(6, 60) },
    },
    firing: silent(2.5, 5),
  },
  {
    name: 'GC takes a quarter of the CPU, across a restart of its counters',
    ...{ dialects: ['sdk'], hours: 4 },
    more: [
      ['tidemark_gc_cpu_seconds_total{job="shop",instance="a:6060"}', [ramp(2, 0, 1800), ramp(2, 0, 1800)]],
      ['tidemark_go_cpu_seconds_total{job="shop",instance="a:6060"}', [ramp(2, 0, 7200), ramp(2, 0, 7200)]],
      ['go_cpu_classes_gc_total_cpu_seconds_total{job="shop",instance="b:80"}', [ramp(4, 0, 360)]],
      ['go_cpu_classes_total_cpu_seconds_total{job="shop",instance="b:80"}', [ramp(4, 0, 7200)]],
      // No GC ran: 0 ÷ 0 is NaN, and NaN is no value.
      ['go_cpu_classes_gc_total_cpu_seconds_total{job="shop",instance="c:80"}', flat(4, 5)],
      ['go_cpu_classes_total_cpu_seconds_total{job="shop",instance="c:80"}', flat(4, 50)],
    ],
    firing: { 0.1: [], 1: ['TidemarkGcPressure'], 3.9: ['TidemarkGcPressure'] },
    values: [[1, 'count(tidemark:gc_cpu_ratio)', 2]],
  },
  {
    name: 'what the module itself does',
    ...{ dialects: ['sdk'], hours: 4 },
    more: [
      ['tidemark_capture_errors_total{job="shop",instance="a:6060"}', [...flat(1, 0), ...flat(3, 1)]],
      ['tidemark_lock_profiling{job="shop",instance="a:6060"}', [...flat(2, 0), ...flat(2, 2)]],
    ],
    firing: { ...silent(0.9, 2.9), 1.5: ['TidemarkCaptureFails'], 3.5: ['TidemarkLockProfilingLeftOn'] },
  },
  {
    name: 'a process with both sets of names is one process',
    ...{ dialects: BOTH, hours: 1 },
    process: { live: flat(1, 100 * MIB), goroutines: flat(1, 10) },
    more: [['go_goroutines{job="shop",instance="a:6060",namespace="n",pod="p",container="c"}', flat(1, 10)]],
    firing: silent(0.9),
    values: [[0.9, 'count(tidemark:goroutines)', 1]],
  },
  {
    name: 'GOGC=off tells no live heap, and it is said of a large process',
    ...{ dialects: [], hours: 3 },
    more: [
      ['go_memstats_next_gc_bytes{job="shop",instance="a:80"}', flat(3, 2 ** 63)],
      ['go_gc_gogc_percent{job="shop",instance="a:80"}', flat(3, 2 ** 64)],
      ['go_goroutines{job="shop",instance="a:80"}', flat(3, 10)],
      ['process_resident_memory_bytes{job="shop",instance="a:80"}', flat(3, 2 ** 30)],
    ],
    firing: { 0.5: [], 2: ['TidemarkLiveHeapUnknown'] },
    values: [[1, 'count(tidemark:heap_live_bytes)', null]],
  },
  {
    name: 'nothing is there, nothing is said',
    ...{ dialects: [], hours: 4 },
    more: [['up{job="shop",instance="a:80"}', flat(4, 1)]],
    firing: silent(1, 3.9),
    values: [[3.9, 'count({__name__=~"tidemark:.*"})', null]],
  },
];

/** Promtool's notation: a+bxN is N + 1 values. Values are whole, so that the notation loses nothing. */
function notation(segments: readonly Segment[]): string {
  return segments
    .map(([minutes, from, to = from ?? 0]) => {
      if (from === null) return `_x${minutes}`;
      if (Number.isNaN(from)) return Array(minutes).fill('NaN').join(' ');
      const step = Math.round((to - from) / minutes);
      return `${Math.round(from)}${step < 0 ? '-' : '+'}${Math.abs(step)}x${minutes - 1}`;
    })
    .join(' ');
}

const map = (segments: readonly Segment[], f: (value: number) => number): Segment[] =>
  segments.map(([minutes, from, to]) =>
    from === null ? [minutes, null] : ([minutes, f(from), ...(to === undefined ? [] : [f(to)])] as unknown as Segment),
  );

const LABELS = 'job="shop",instance="a:6060",namespace="n",pod="p",container="c"';

/** All series of a process in one set of names. */
function seriesOf(process: Process, dialect: Dialect, hours: number): [string, readonly Segment[]][] {
  const { live, goroutines, outside = 0, limit, charged, goLimit, start = flat(hours, 1) } = process;
  const goUsed = 600 * MIB;
  const resident =
    typeof outside === 'number' ? flat(hours, goUsed + outside) : map(outside, (value) => goUsed + value);
  const sdk = dialect === 'sdk';
  const own = (name: string, segments: readonly Segment[]): [string, readonly Segment[]] => [
    `${name}{${LABELS}}`,
    segments,
  ];
  const out = [
    own(sdk ? 'tidemark_process_start_time_seconds' : 'process_start_time_seconds', start),
    own(sdk ? 'tidemark_process_resident_bytes' : 'process_resident_memory_bytes', resident),
    own(sdk ? 'tidemark_go_memory_bytes' : 'go_memstats_sys_bytes', flat(hours, 700 * MIB)),
    own(sdk ? 'tidemark_heap_released_bytes' : 'go_memstats_heap_released_bytes', flat(hours, 100 * MIB)),
    own(sdk ? 'tidemark_goroutines' : 'go_goroutines', goroutines ?? flat(hours, 100)),
  ];
  if (sdk) out.push(own('tidemark_heap_live_bytes', live));
  else {
    const stacks = 2 * MIB;
    out.push(own('go_memstats_stack_inuse_bytes', flat(hours, stacks)));
    out.push(
      own(
        'go_memstats_next_gc_bytes',
        map(live, (value) => 2 * value + stacks),
      ),
    );
  }
  if (goLimit !== undefined)
    out.push(own(sdk ? 'tidemark_memory_limit_bytes' : 'go_gc_gomemlimit_bytes', flat(hours, goLimit)));
  if (charged && sdk) {
    out.push(own('tidemark_cgroup_memory_bytes', charged), own('tidemark_cgroup_inactive_file_bytes', flat(hours, 0)));
  }
  if (limit !== undefined && sdk) out.push(own('tidemark_cgroup_memory_limit_bytes', flat(hours, limit)));
  const kubelet = 'job="kubelet",instance="node",namespace="n",pod="p",container="c",image="i"';
  if (charged && !sdk) out.push([`container_memory_working_set_bytes{${kubelet}}`, charged]);
  if (limit !== undefined && !sdk) out.push([`container_spec_memory_limit_bytes{${kubelet}}`, flat(hours, limit)]);
  return out;
}

const FIRING = 'count by (alertname, horizon) (ALERTS{alertstate="firing"})';

function block(test: Test, dialect: Dialect | null): string[] {
  const series = [
    ...(test.process && dialect ? seriesOf(test.process, dialect, test.hours) : []),
    ...(test.more ?? []),
  ];
  const out = [
    `  - name: ${JSON.stringify(dialect ? `${test.name} (${dialect})` : test.name)}`,
    '    interval: 1m',
    '    input_series:',
  ];
  const seen = new Set<string>();
  for (const [name, segments] of series) {
    if (seen.has(name)) continue;
    seen.add(name);
    out.push(`      - series: '${name}'`, `        values: '${notation(segments)}'`);
  }
  out.push('    promql_expr_test:');
  const ask = (hour: number, expr: string, samples: readonly { labels: string; value: number }[]) => {
    out.push(`      - expr: '${expr}'`, `        eval_time: ${Math.round(hour * 60)}m`);
    if (samples.length === 0) out.push('        exp_samples: []');
    else out.push('        exp_samples:');
    for (const { labels, value } of samples) out.push(`          - labels: '${labels}'`, `            value: ${value}`);
  };
  for (const [hour, alerts] of Object.entries(test.firing).sort(([a], [b]) => Number(a) - Number(b)))
    ask(
      Number(hour),
      FIRING,
      alerts.map((alert) => {
        const [name, horizon] = alert.split('/');
        return { labels: `{alertname="${name}"${horizon ? `,horizon="${horizon}"` : ''}}`, value: 1 };
      }),
    );
  for (const [hour, expr, value] of test.values ?? []) {
    // Rules run every two minutes here, so a value may be of the minute before: rounded to halves.
    if (value === null) ask(hour, expr, []);
    else ask(hour, `round(sum(${expr}), 0.5)`, [{ labels: '{}', value: Math.round(value * 2) / 2 }]);
  }
  return out;
}

/** deploy/prometheus/tidemark.tests.yml */
export function testsFile(): string {
  return [
    '# Generated by `node scripts/run.mjs generate` from scripts/generate/deploy/tests.ts. Run: promtool test rules tidemark.tests.yml',
    'rule_files: [tidemark.rules.yml]',
    // Half as often as the rules themselves ask for: promtool takes one interval for all groups, and each costs time.
    'evaluation_interval: 2m',
    'tests:',
    ...TESTS.flatMap((test) =>
      test.dialects.length === 0 ? block(test, null) : test.dialects.flatMap((dialect) => block(test, dialect)),
    ),
    '',
  ].join('\n');
}
