import { isTidemarkError, type Note, type Signal, TidemarkError } from '@tidemark/model';
import { firstLine, printable } from '../base/text.js';
import { type HttpAnswer, openClient, parseAddress, type TargetOptions, withQuery } from '../targets/index.js';
import { PARTS, prometheusNames } from './names.js';
import { ReadingsBuilder } from './readings.js';
import { SeriesBuilder } from './series.js';
import { VOCABULARY } from './vocabulary.js';

export interface HistoryQuery {
  /** Label matchers without braces, e.g. `namespace="shop",pod=~"cart-.*"`. */
  readonly selector: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Default 60 s. */
  readonly stepMs?: number;
  /** Most processes that are kept; default 1000. */
  readonly maxInstances?: number;
  /** Names of the vocabulary that are asked for; all of it where not given. */
  readonly names?: readonly string[];
}

/** One process (or pod that had several, one after the other: see incarnationsOf). */
export interface HistoryInstance {
  readonly labels: Readonly<Record<string, string>>;
  readonly goVersion: string | null;
  readonly signals: readonly Signal[];
  /** Names that several series gave at the same time: two processes that these labels do not tell apart. */
  readonly mixed: readonly string[];
}

export interface History {
  readonly instances: readonly HistoryInstance[];
  /** Stretches of time that the server could not be made to answer. */
  readonly missing: readonly { readonly fromMs: number; readonly toMs: number }[];
  readonly notes: readonly Note[];
}

/** Prometheus refuses more than 11,000 points a series in one answer. */
const MAX_POINTS = 10_000;
const MAX_SPLITS = 6;
const MAX_BYTES = 128 * 2 ** 20;

/**
 * Reads the history of everything in the vocabulary from a Prometheus-compatible server (Prometheus, Thanos, Mimir,
 * VictoriaMetrics). A stretch that the server finds too much (422, 503) is asked in halves; what still fails is left
 * out with a note, never silently.
 *
 * @throws TidemarkError what HttpClient throws; TM_USAGE for a query that the server calls bad; TM_AUTH_REQUIRED;
 * TM_TARGET_ERROR when the server answers none of it.
 */
export async function readHistory(server: string, query: HistoryQuery, options: TargetOptions = {}): Promise<History> {
  const address = parseAddress(server);
  const client = openClient(address, { maxBytes: MAX_BYTES, ...options });
  const base = new URL(address.shown.replace(/\/api\/v1(\/.*)?$|\/graph$/, ''));
  base.pathname = `${base.pathname.replace(/\/$/, '')}/api/v1/query_range`;
  const reader = new HistoryReader(query.maxInstances ?? 1000);
  const stepMs = query.stepMs ?? 60_000;
  if (!(query.toMs > query.fromMs) || !(stepMs >= 1000)) throw new TidemarkError('TM_USAGE', 'the time span is empty');
  const wanted = VOCABULARY.filter(({ name }) => !query.names || query.names.includes(name)).flatMap(prometheusNames);
  const names = [...new Set([...wanted, ...(query.names ? [] : PARTS.keys()), 'go_info'])];
  const selector = query.selector.trim().replace(/^\{|\}$/g, '');
  const promql = `{__name__=~"${names.join('|')}"${selector && `,${selector}`}}`;
  const ask = (fromMs: number, toMs: number) =>
    client.get(
      withQuery(base, [
        ['query', promql],
        ['start', String(fromMs / 1000)],
        ['end', String(toMs / 1000)],
        ['step', String(stepMs / 1000)],
        ...address.query,
      ]),
      {},
      options.signal,
    );
  try {
    for (let from = query.fromMs; from <= query.toMs; from += MAX_POINTS * stepMs) {
      const to = Math.min(from + (MAX_POINTS - 1) * stepMs, query.toMs);
      await reader.stretch(from, to, stepMs, ask, 0);
    }
  } finally {
    client.close();
  }
  return reader.finish();
}

interface RangeSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [number, string])[];
}

/** Labels that name a process; a pod is told by name, everything else by what was scraped. */
const POD = ['namespace', 'pod', 'container'];
const JOB = ['job', 'instance'];

class HistoryReader {
  readonly #maxInstances: number;
  readonly #instances = new Map<
    string,
    {
      labels: Record<string, string>;
      goVersion: string | null;
      at: Map<number, ReadingsBuilder>;
      /** Name → label set → the time that it covers. */
      spans: Map<string, Map<string, [number, number]>>;
    }
  >();
  readonly #missing: { fromMs: number; toMs: number }[] = [];
  readonly #notes: Note[] = [];
  #answered = false;
  #firstError: TidemarkError | null = null;
  #left = 0;

  constructor(maxInstances: number) {
    this.#maxInstances = maxInstances;
  }

  /** One stretch of time, in halves when it is too much for the server. */
  async stretch(
    fromMs: number,
    toMs: number,
    stepMs: number,
    ask: (fromMs: number, toMs: number) => Promise<HttpAnswer>,
    splits: number,
  ): Promise<void> {
    const failure = await this.#try(() => ask(fromMs, toMs));
    if (!failure) return;
    this.#firstError ??= failure.error;
    const middle = fromMs + Math.floor((toMs - fromMs) / 2 / stepMs) * stepMs;
    if (failure.tooMuch && splits < MAX_SPLITS && middle > fromMs) {
      await this.stretch(fromMs, middle, stepMs, ask, splits + 1);
      await this.stretch(middle + stepMs, toMs, stepMs, ask, splits + 1);
      return;
    }
    this.#missing.push({ fromMs, toMs });
    const span = `${new Date(fromMs).toISOString()} … ${new Date(toMs).toISOString()}`;
    this.#notes.push({
      ...{ level: 'warning', code: failure.error.code },
      text: `no history for ${span}: ${failure.error.message}`,
    });
  }

  finish(): History {
    if (!this.#answered) throw this.#firstError ?? new TidemarkError('TM_TARGET_ERROR', 'the server answered nothing');
    if (this.#left > 0)
      this.#notes.push({
        ...{ level: 'warning', code: 'TM_LIMIT' },
        text: `series of further processes were left out: more than ${this.#maxInstances} match the selector`,
      });
    const instances = [...this.#instances.values()].map(({ labels, goVersion, at, spans }) => {
      const series = new SeriesBuilder('prometheus');
      for (const [atMs, builder] of [...at].sort(([a], [b]) => a - b)) series.add(builder.build(), atMs);
      const mixed = [...spans].flatMap(([name, each]) => (overlap([...each.values()]) ? [name] : []));
      return { labels, goVersion, signals: series.build(), mixed };
    });
    return {
      instances: instances.filter(({ signals }) => signals.length > 0),
      missing: this.#missing,
      notes: this.#notes,
    };
  }

  async #try(ask: () => Promise<HttpAnswer>): Promise<{ error: TidemarkError; tooMuch: boolean } | null> {
    try {
      const answer = await ask();
      const text = new TextDecoder().decode(answer.body);
      if (answer.status === 401 || answer.status === 403)
        throw new TidemarkError('TM_AUTH_REQUIRED', `Prometheus answers ${answer.status}`);
      const document = parseAnswer(text, answer);
      if (document.status !== 'success') {
        const said = printable(`${document.errorType ?? ''}: ${document.error ?? firstLine(answer.body)}`);
        if (answer.status === 400) throw new TidemarkError('TM_USAGE', `Prometheus refuses the query: ${said}`);
        const error = new TidemarkError('TM_TARGET_ERROR', `Prometheus answers ${answer.status}: ${said}`);
        return { error, tooMuch: answer.status === 422 || answer.status === 503 };
      }
      for (const warning of (document.warnings ?? []).slice(0, 5))
        this.#notes.push({ level: 'warning', code: null, text: `Prometheus warns: ${printable(String(warning))}` });
      for (const series of document.data?.result ?? []) this.#take(series);
      this.#answered = true;
      return null;
    } catch (error) {
      if (!isTidemarkError(error)) throw error;
      const tooMuch = error.code === 'TM_LIMIT' || error.code === 'TM_TIMEOUT' || error.code === 'TM_RESPONSE_CUT';
      if (!tooMuch) throw error;
      return { error, tooMuch };
    }
  }

  #span(
    spans: Map<string, Map<string, [number, number]>>,
    metric: RangeSeries['metric'],
    values: RangeSeries['values'],
  ) {
    const times = values.map((point) => Number(point?.[0]) * 1000).filter(Number.isFinite);
    if (times.length === 0) return;
    const { __name__: name = '', ...labels } = metric;
    const each = spans.get(name) ?? new Map<string, [number, number]>();
    spans.set(name, each);
    const key = JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
    const known = each.get(key);
    const [first, last] = [times[0]!, times.at(-1)!];
    each.set(key, known ? [Math.min(known[0], first), Math.max(known[1], last)] : [first, last]);
  }

  #take(series: RangeSeries): void {
    const metric = series?.metric;
    if (typeof metric !== 'object' || metric === null || !Array.isArray(series.values)) return;
    const identity = metric['pod'] ? POD : JOB;
    const labels = Object.fromEntries(identity.flatMap((name) => (metric[name] ? [[name, metric[name]]] : [])));
    const key = JSON.stringify(labels);
    let instance = this.#instances.get(key);
    if (!instance) {
      if (this.#instances.size >= this.#maxInstances) {
        this.#left++;
        return;
      }
      instance = { labels, goVersion: null, at: new Map(), spans: new Map() };
      this.#instances.set(key, instance);
    }
    const name = metric['__name__'] ?? '';
    if (name === 'go_info') instance.goVersion = metric['version'] ?? null;
    else this.#span(instance.spans, metric, series.values);
    for (const point of series.values) {
      const atMs = Math.round(Number(point?.[0]) * 1000);
      const value = Number(point?.[1]);
      if (!Number.isFinite(atMs) || !Number.isFinite(value)) continue;
      let builder = instance.at.get(atMs);
      if (!builder) {
        builder = new ReadingsBuilder();
        instance.at.set(atMs, builder);
      }
      builder.add(name, value);
    }
  }
}

/** An old series lingers for five minutes beside the one that follows it; more is another process. */
const LINGERS_MS = 600_000;

function overlap(spans: readonly (readonly [number, number])[]): boolean {
  const sorted = [...spans].sort(([a], [b]) => a - b);
  let end = Number.NEGATIVE_INFINITY;
  for (const [from, to] of sorted) {
    if (Math.min(end, to) - from > LINGERS_MS) return true;
    end = Math.max(end, to);
  }
  return false;
}

interface RangeAnswer {
  readonly status?: string;
  readonly errorType?: string;
  readonly error?: string;
  readonly warnings?: readonly unknown[];
  readonly data?: { readonly result?: readonly RangeSeries[] };
}

function parseAnswer(text: string, answer: HttpAnswer): RangeAnswer {
  try {
    const document = JSON.parse(text);
    if (typeof document === 'object' && document !== null) return document;
  } catch (error) {
    if (answer.status === 200)
      throw new TidemarkError('TM_RESPONSE_CUT', "Prometheus' answer is no whole JSON document", { cause: error });
  }
  // Proxies in front answer with pages of their own.
  return { status: 'error', error: firstLine(answer.body) };
}
