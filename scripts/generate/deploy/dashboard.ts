import { CHANNELS, growthName, HORIZONS, type Horizon, lowName } from './growth.js';

/** What a panel draws: legend → expression. `{}` stands for the processes that were chosen. */
interface Panel {
  readonly title: string;
  readonly says: string;
  readonly unit: string;
  readonly kind?: 'timeseries' | 'stat' | 'state-timeline';
  readonly stacked?: boolean;
  readonly width: number;
  readonly queries: Readonly<Record<string, string>>;
}

interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

const PROCESSES = '{job=~"$job",instance=~"$instance"}';
const [, HOURS, DAYS] = HORIZONS as [Horizon, Horizon, Horizon];
const PROCESS = '{{job}} {{instance}}';

/** Low and high water of a signal: what it always comes back to, and how high it ever was. */
const tidemarks = (channel: string) => ({
  [PROCESS]: `tidemark:${channel}{}`,
  [`${PROCESS} low water of an hour`]: `${lowName(channel, HOURS)}{}`,
  [`${PROCESS} high water of a day`]: `max_over_time(tidemark:${channel}{}[1d])`,
});

const growth = (channel: string) =>
  Object.fromEntries([HOURS, DAYS].map((h) => [`${PROCESS} over ${h.name}`, `${growthName(channel, h)}{}`]));

const ROWS: readonly Row[] = [
  {
    title: 'Verdict so far',
    panels: [
      {
        ...{ title: 'Processes', unit: 'none', kind: 'stat', width: 4 },
        says: 'Processes whose memory is known.',
        queries: { processes: 'count(tidemark:resident_bytes{})' },
      },
      {
        ...{ title: 'Live heap grows', unit: 'none', kind: 'stat', width: 4 },
        says: 'Processes whose live heap rose steadily over three hours or three days.',
        queries: {
          growing: `count(${growthName('heap_live_bytes', HOURS)}{} or ${growthName('heap_live_bytes', DAYS)}{}) or vector(0)`,
        },
      },
      {
        ...{ title: 'Goroutines grow', unit: 'none', kind: 'stat', width: 4 },
        says: 'Processes whose number of goroutines rose steadily over three hours or three days.',
        queries: {
          growing: `count(${growthName('goroutines', HOURS)}{} or ${growthName('goroutines', DAYS)}{}) or vector(0)`,
        },
      },
      {
        ...{ title: 'Hours to the first limit', unit: 'h', kind: 'stat', width: 4 },
        says: 'Of the process that meets its limit first, at the rate of now. Empty: none grows towards one.',
        queries: { hours: 'min(tidemark:hours_to_limit{})' },
      },
      {
        ...{ title: 'Alerts', unit: 'none', kind: 'state-timeline', width: 8 },
        says: 'Alerts of tidemark.rules.yml over time.',
        queries: {
          '{{alertname}} {{instance}} {{horizon}}': 'ALERTS{alertname=~"Tidemark.*",alertstate="firing",job=~"$job"}',
        },
      },
      ...CHANNELS.filter(({ name }) => name !== 'charged_bytes').map(
        ({ name }): Panel => ({
          title: `Growth an hour: ${name.replace(/_bytes$/, '').replaceAll('_', ' ')}`,
          unit: name === 'goroutines' ? 'short' : 'bytes',
          width: 6,
          says: 'There only while it is steady: each of three stretches lies above the one before, evenly, in one process that was past its start.',
          queries: growth(name),
        }),
      ),
      {
        ...{ title: 'Hours to the limit', unit: 'h', width: 6 },
        says: 'At the rate of the last half hour, three hours, three days.',
        queries: { [`${PROCESS} {{limit}} limit, over {{horizon}}`]: 'tidemark:hours_to_limit{}' },
      },
    ],
  },
  {
    title: 'Live heap and its tidemarks',
    panels: [
      {
        ...{ title: 'Live heap', unit: 'bytes', width: 12 },
        says: 'What the last GC found alive. A leak lifts the low water; a cache comes back to it.',
        queries: { ...tidemarks('heap_live_bytes'), [`${PROCESS} next GC ends at`]: 'tidemark:heap_goal_bytes{}' },
      },
      {
        ...{ title: 'Goroutines', unit: 'short', width: 12 },
        says: 'Goroutines, with low water of an hour and high water of a day.',
        queries: { ...tidemarks('goroutines'), [`${PROCESS} {{state}}`]: 'tidemark_goroutines_by_state{}' },
      },
    ],
  },
  {
    title: 'What resident memory consists of',
    panels: [
      {
        ...{ title: 'Waterfall', unit: 'bytes', width: 16, stacked: true },
        says: 'From the bottom up. Summed over the chosen processes: choose one to explain one.',
        queries: {
          'live heap': 'sum(tidemark:heap_live_bytes{})',
          'garbage not yet collected': 'sum(clamp_min(tidemark:heap_objects_bytes{} - tidemark:heap_live_bytes{}, 0))',
          'room inside spans in use': 'sum(tidemark:heap_unused_bytes{})',
          'free but not returned': 'sum(tidemark:heap_free_bytes{})',
          stacks: 'sum(tidemark:stacks_bytes{})',
          'the runtime’s own structures':
            'sum(clamp_min(tidemark:go_used_bytes{} - tidemark:heap_objects_bytes{} - tidemark:heap_unused_bytes{} - tidemark:heap_free_bytes{} - tidemark:stacks_bytes{}, 0))',
          'outside of Go (cgo, mmap, page cache)': 'sum(tidemark:outside_heap_bytes{})',
        },
      },
      {
        ...{ title: 'Against the limits', unit: 'bytes', width: 8 },
        says: 'What counts against the limit of the kernel, that limit, and the Go limit.',
        queries: {
          [`${PROCESS} charged`]: 'tidemark:charged_bytes{}',
          [`${PROCESS} resident`]: 'tidemark:resident_bytes{}',
          [`${PROCESS} limit`]: 'tidemark:memory_limit_bytes{}',
          [`${PROCESS} GOMEMLIMIT`]: 'tidemark:go_memory_limit_bytes{}',
        },
      },
    ],
  },
  {
    title: 'GC',
    panels: [
      {
        ...{ title: 'Share of the CPU', unit: 'percentunit', width: 8 },
        says: 'Of the CPU that GOMAXPROCS gives. 20 % and more is pressure; at 50 % the limiter holds it down.',
        queries: { [PROCESS]: 'tidemark:gc_cpu_ratio{}' },
      },
      {
        ...{ title: 'Cycles', unit: 'ops', width: 8 },
        says: 'GC cycles a second.',
        queries: { [PROCESS]: 'tidemark:gc_cycles_per_second{}' },
      },
      {
        ...{ title: 'World stopped', unit: 'percentunit', width: 8 },
        says: 'Share of time in which GC stopped the world.',
        queries: { [PROCESS]: 'tidemark:gc_pause_ratio{}' },
      },
    ],
  },
  {
    title: 'Tidemark itself (go/tidemark)',
    panels: [
      {
        ...{ title: 'Profile sets', unit: 'none', width: 8 },
        says: 'Written on a new tidemark or on request, and those that failed; an hour.',
        queries: {
          [`${PROCESS} written`]: 'increase(tidemark_captures_total{}[1h])',
          [`${PROCESS} failed`]: 'increase(tidemark_capture_errors_total{}[1h])',
        },
      },
      {
        ...{ title: 'Cost of profile sets', unit: 'Bps', width: 8 },
        says: 'Bytes written and milliseconds spent, a second.',
        queries: {
          [`${PROCESS} bytes/s`]: 'rate(tidemark_capture_bytes_total{}[1h])',
          [`${PROCESS} ms/s`]: '1000 * rate(tidemark_capture_seconds_total{}[1h])',
        },
      },
      {
        ...{ title: 'Lock profiling', unit: 'none', width: 8 },
        says: '0 off, 1 sample, 2 full.',
        queries: { [PROCESS]: 'tidemark_lock_profiling{}' },
      },
    ],
  },
];

// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana replaces it
const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };
const COLUMNS = 24;

function panelJson(panel: Panel, id: number, x: number, y: number, height: number) {
  const { title, says, unit, kind = 'timeseries', stacked = false, width, queries } = panel;
  return {
    ...{ id, type: kind, title, description: says, datasource: DATASOURCE },
    gridPos: { x, y, w: width, h: height },
    fieldConfig: {
      defaults: {
        ...{ unit, min: 0 },
        ...(kind === 'timeseries'
          ? {
              custom: {
                ...{ fillOpacity: stacked ? 60 : 0, lineWidth: stacked ? 0 : 1, showPoints: 'never', spanNulls: false },
                stacking: { mode: stacked ? 'normal' : 'none', group: 'A' },
              },
            }
          : {}),
      },
      overrides: [],
    },
    options:
      kind === 'stat'
        ? {
            reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
            colorMode: 'value',
            graphMode: 'none',
          }
        : {
            legend: { displayMode: 'list', placement: 'bottom' },
            ...(kind === 'timeseries' ? { tooltip: { mode: 'multi', sort: 'desc' } } : {}),
          },
    targets: Object.entries(queries).map(([legend, expr], i) => ({
      refId: String.fromCharCode(65 + i),
      datasource: DATASOURCE,
      expr: expr.replaceAll('{}', PROCESSES),
      legendFormat: legend,
      ...(kind === 'stat' ? { instant: true } : {}),
    })),
  };
}

function layout() {
  const out: object[] = [];
  let id = 1;
  let y = 0;
  for (const { title, panels } of ROWS) {
    out.push({
      id: id++,
      type: 'row',
      title,
      collapsed: false,
      gridPos: { x: 0, y: y++, w: COLUMNS, h: 1 },
      panels: [],
    });
    let x = 0;
    let height = 0;
    for (const panel of panels) {
      if (x + panel.width > COLUMNS) {
        x = 0;
        y += height;
      }
      height = panel.kind ? 6 : 9;
      out.push(panelJson(panel, id++, x, y, height));
      x += panel.width;
    }
    y += height;
  }
  return out;
}

function variable(name: string, query: string) {
  return {
    ...{ name, type: 'query', datasource: DATASOURCE, query: { query, refId: name }, definition: query },
    ...{ refresh: 2, multi: true, includeAll: true, allValue: '.*', sort: 1 },
    current: { text: ['All'], value: ['$__all'] },
  };
}

/** deploy/grafana/tidemark.json: import it, or mount it where Grafana provisions dashboards from. */
export function dashboardFile(): string {
  const dashboard = {
    ...{ uid: 'tidemark', title: 'Tidemark: memory of Go services', tags: ['go', 'memory', 'tidemark'] },
    description: 'Needs the recording rules of deploy/prometheus. Generated by scripts/generate/deploy/dashboard.ts.',
    ...{
      schemaVersion: 38,
      version: 1,
      editable: true,
      refresh: '1m',
      timezone: '',
      time: { from: 'now-24h', to: 'now' },
    },
    templating: {
      list: [
        { name: 'datasource', type: 'datasource', query: 'prometheus', label: 'Prometheus' },
        variable('job', 'label_values(tidemark:resident_bytes, job)'),
        variable('instance', 'label_values(tidemark:resident_bytes{job=~"$job"}, instance)'),
      ],
    },
    annotations: {
      list: [
        {
          ...{ name: 'Restarts', enable: true, datasource: DATASOURCE, iconColor: 'blue' },
          expr: `changes(tidemark:process_start_seconds${PROCESSES}[2m]) > 0`,
          titleFormat: 'restart of {{instance}}',
        },
      ],
    },
    panels: layout(),
  };
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}
