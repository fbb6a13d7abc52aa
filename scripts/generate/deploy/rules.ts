import { CHANNELS, growthExpr, growthName, HORIZONS, type Horizon, lowExpr, lowName } from './growth.js';
import { NAMES } from './names.js';

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface Group {
  readonly name: string;
  readonly interval: string;
  readonly says: string;
  readonly rules: readonly Rule[];
}

const WHO = '{{ $labels.job }} {{ with $labels.pod }}{{ . }}{{ else }}{{ $labels.instance }}{{ end }}';

/** An alert; what to do next is the same command everywhere, the place names it. */
function alert(
  name: string,
  severity: 'info' | 'warning' | 'critical',
  hold: string,
  expr: string,
  text: { summary: string; description: string; labels?: Readonly<Record<string, string>> },
): Rule {
  return {
    ...{ alert: name, expr, for: hold },
    labels: { severity, ...text.labels },
    annotations: {
      summary: `${WHO}: ${text.summary}`,
      description: text.description,
      next: 'tidemark diagnose http://{{ $labels.instance }} names the line',
    },
  };
}

const [, HOURS, DAYS] = HORIZONS as [Horizon, Horizon, Horizon];

function growthAlert(name: string, channel: string, what: string, unit: string, h: Horizon, hold: string): Rule {
  return alert(name, 'warning', hold, growthName(channel, h), {
    summary: `${what} grows for ${h.name}`,
    description: `+${unit} an hour, steadily over three stretches of ${h.stretch}, in a process that was past its start. tidemark growth judges whether it is a leak.`,
    labels: { horizon: h.name },
  });
}

const bytes = '{{ $value | humanize1024 }}B';
const grows = [
  ['TidemarkHeapGrows', 'heap_live_bytes', 'live heap', bytes],
  ['TidemarkGoroutinesGrow', 'goroutines', 'the number of goroutines', '{{ $value | humanize }}'],
  ['TidemarkOutsideHeapGrows', 'outside_heap_bytes', 'memory outside of the Go heap', bytes],
] as const;

/** Where the Go limit stands below the kernel's, memory rises up to it by design: only what Go does not see can pass it. */
const GO_LIMITED = 'tidemark:go_memory_limit_bytes <= tidemark:memory_limit_bytes';

function hoursToLimit(h: Horizon): Rule[] {
  return [
    {
      record: 'tidemark:hours_to_limit',
      labels: { horizon: h.name, limit: 'kernel' },
      expr: `(tidemark:memory_limit_bytes - tidemark:charged_bytes > 0)
/
(
  (${growthName('charged_bytes', h)} unless ${GO_LIMITED})
  or
  (${growthName('outside_heap_bytes', h)} and ${GO_LIMITED})
)`,
    },
    {
      record: 'tidemark:hours_to_limit',
      labels: { horizon: h.name, limit: 'go' },
      expr: `(tidemark:go_memory_limit_bytes - tidemark:heap_live_bytes > 0) / ${growthName('heap_live_bytes', h)}`,
    },
  ];
}

const SOON = 'min without (horizon, limit) (tidemark:hours_to_limit)';

export const GROUPS: readonly Group[] = [
  {
    name: 'tidemark-names',
    interval: '1m',
    says: 'One name for what go/tidemark and client_golang call differently. A process has one of each, or none.',
    rules: NAMES.map(({ name, expr }) => ({ record: `tidemark:${name}`, expr })),
  },
  ...HORIZONS.map((h) => ({
    name: `tidemark-growth-${h.name}`,
    interval: h === DAYS ? '2m' : '1m',
    says: `Growth over three stretches of ${h.stretch}, by the low-water mark of each. Absent unless it is steady.`,
    rules: [
      ...CHANNELS.map(({ name }) => ({ record: lowName(name, h), expr: lowExpr(name, h) })),
      ...CHANNELS.filter(({ limited }) => limited || !h.forLimits).map((channel) => ({
        record: growthName(channel.name, h),
        expr: growthExpr(channel, h),
      })),
      ...hoursToLimit(h),
    ],
  })),
  {
    name: 'tidemark-alerts',
    interval: '1m',
    says: 'What a person should look at. A service without these series, or without a limit, is silent.',
    rules: [
      ...grows.map(([name, channel, what, unit]) => growthAlert(name, channel, what, unit, HOURS, '30m')),
      ...grows.map(([name, channel, what, unit]) => growthAlert(name, channel, what, unit, DAYS, '2h')),
      alert('TidemarkLimitSoon', 'critical', '10m', `${SOON} < 4\nand tidemark:limit_used_ratio > 0.5`, {
        summary: 'the memory limit is near at this rate',
        description: 'The limit is met in {{ $value | humanize }} hours if memory goes on growing as it does.',
      }),
      alert('TidemarkLimitAhead', 'warning', '1h', `${SOON} < 72`, {
        summary: 'the memory limit will be met within three days at this rate',
        description: 'The limit is met in {{ $value | humanize }} hours if memory goes on growing as it does.',
      }),
      alert('TidemarkLimitNear', 'warning', '10m', 'tidemark:limit_used_ratio > 0.95', {
        summary: 'memory is within 5 % of its limit',
        description: '{{ $value | humanizePercentage }} of the limit is used. The next burst is an OOM kill.',
      }),
      alert(
        'TidemarkKilledAtLimit',
        'critical',
        '0m',
        `changes(tidemark:process_start_seconds[6h]) >= 2
and max_over_time(tidemark:limit_used_ratio[6h]) > 0.9`,
        {
          summary: 'restarts again and again after coming close to its memory limit',
          description: '{{ $value }} restarts in 6 h, with more than 90 % of the limit used in between.',
        },
      ),
      alert('TidemarkGcPressure', 'warning', '15m', 'tidemark:gc_cpu_ratio > 0.2', {
        summary: 'GC takes much of the CPU',
        description:
          '{{ $value | humanizePercentage }} of the available CPU goes into GC: the heap is too small for what is live (GOGC, GOMEMLIMIT), or much garbage is made.',
      }),
      alert(
        'TidemarkGcLimited',
        'critical',
        '5m',
        `changes(tidemark:gc_limiter_cycle[15m]) > 0
or
tidemark:heap_live_bytes > 0.9 * tidemark:go_memory_limit_bytes`,
        {
          summary: 'live heap is up against the Go memory limit',
          description:
            'GC runs without end and frees little; the limit of its CPU is all that keeps the service alive.',
        },
      ),
      alert(
        'TidemarkLiveHeapUnknown',
        'info',
        '1h',
        '(tidemark:resident_bytes > 268435456 and tidemark:goroutines) unless tidemark:heap_live_bytes',
        {
          summary: 'nothing tells its live heap',
          description:
            'Resident memory is {{ $value | humanize1024 }}B, but live heap is neither exported nor to be had from the goal of the GC: its growth is not watched.',
        },
      ),
    ],
  },
  {
    name: 'tidemark-own',
    interval: '1m',
    says: 'What go/tidemark does inside of the services.',
    rules: [
      alert('TidemarkCaptureFails', 'warning', '0m', 'increase(tidemark_capture_errors_total[1h]) > 0', {
        summary: 'profile sets could not be written',
        description:
          'A new tidemark left no evidence: is the folder full or read-only? The log of the service says why.',
      }),
      alert('TidemarkLockProfilingLeftOn', 'info', '1h', 'tidemark_lock_profiling > 0', {
        summary: 'lock profiling is on for an hour',
        description:
          'Windows end by themselves: somebody opens them again and again. It costs CPU at every contention.',
      }),
    ],
  },
];

/** deploy/prometheus/tidemark.rules.yml */
export function rulesFile(): string {
  const out = [
    '# Generated by `node scripts/run.mjs generate` from scripts/generate/deploy: docs/deploy.md says what each is for.',
    'groups:',
  ];
  for (const group of GROUPS) {
    out.push(`  # ${group.says}`, `  - name: ${group.name}`, `    interval: ${group.interval}`, '    rules:');
    for (const rule of group.rules) {
      const name = NAMES.find(({ name }) => rule.record === `tidemark:${name}`);
      if (name) out.push(`      # ${name.says}`);
      out.push(`      - ${rule.record ? `record: ${rule.record}` : `alert: ${rule.alert}`}`);
      if (rule.expr.includes('\n')) out.push('        expr: |', ...rule.expr.split('\n').map((l) => `          ${l}`));
      else out.push(`        expr: ${JSON.stringify(rule.expr)}`);
      if (rule.for) out.push(`        for: ${rule.for}`);
      for (const [key, map] of [
        ['labels', rule.labels],
        ['annotations', rule.annotations],
      ] as const) {
        if (!map) continue;
        out.push(`        ${key}:`, ...Object.entries(map).map(([k, v]) => `          ${k}: ${JSON.stringify(v)}`));
      }
    }
  }
  return `${out.join('\n')}\n`;
}
