import { isTidemarkError, type Report, SCHEMA_VERSIONS, TidemarkError } from '@tidemark/model';
import { systemClock } from '../../base/clock.js';
import { worstVerdict } from '../../base/exit.js';
import type { Io } from '../../base/io.js';
import { VERSION } from '../../base/version.js';
import { decode, type Look, type Plan, readingsOfLook, total, type Watch, watch } from '../../capture/index.js';
import type { TimedVerdict } from '../../diagnose/growth/history.js';
import { judgeLooks } from '../../diagnose/growth/looks.js';
import { RULES } from '../../diagnose/index.js';
import { judge } from '../../diagnose/judge.js';
import { observe } from '../../diagnose/observe.js';
import { type LiveState, renderLive } from '../../report/live-view.js';
import { openTarget, withoutCredentials } from '../../targets/index.js';
import type { Call, CommandSpec } from '../command.js';
import { CAPTURE_OPTIONS, OUTPUT_OPTIONS, TARGET_OPTIONS } from '../options.js';
import { parseCall } from '../parse.js';
import { evidenceFolder } from '../paths.js';
import { connectionOf } from './diagnose.js';

export const watchCommand: CommandSpec = {
  name: 'watch',
  usage: '<url…>',
  summary: 'Watch services live: heap with its tidemarks, goroutines, what memory consists of, verdict so far.',
  description:
    'Looks as diagnose does, for as long as you like; "Trend" is what the numbers say over time (docs/growth.md). In a terminal the view stays in place: c takes a look now, q ends and ' +
    'judges what there is. Elsewhere every look is a line.',
  arguments: { min: 1, max: 16, type: 'url' },
  options: [
    { name: 'for', type: 'duration', value: 'DURATION', default: '1h', summary: 'how long to watch' },
    { name: 'every', type: 'duration', value: 'DURATION', default: '15s', summary: 'time between looks' },
    ...CAPTURE_OPTIONS,
    ...TARGET_OPTIONS,
    ...OUTPUT_OPTIONS.filter((option) => option.name !== 'html'),
  ],
  examples: [
    { command: 'tidemark watch http://localhost:6060', says: 'until q or an hour has passed' },
    { command: 'tidemark watch a:6060 b:6060 --every 30s', says: 'two services at once' },
  ],
  run: watchTargets,
};

/** The command without its frame: argv as after `tidemark watch`. */
export async function runWatch(argv: readonly string[], io: Io): Promise<number> {
  const call = await parseCall(watchCommand, [...argv], io, []);
  return call === 'help' ? 0 : watchTargets(call);
}

async function watchTargets(call: Call): Promise<number> {
  const keys = listen(call);
  const view = new View(call);
  const plan: Partial<Plan> = {
    forMs: call.duration('for')!,
    everyMs: call.duration('every')!,
    forceGc: call.text('gc') as 'auto' | 'ends' | 'never' | 'all',
    forceGcMaxLiveBytes: call.bytes('gc-max-heap')!,
  };
  try {
    // One service that cannot be reached does not take the view of the others away.
    const results = await Promise.all(
      call.args.map((address, row) =>
        watchOne(address, row, { call, plan, keys, view }).catch((error: unknown) => {
          if (!isTidemarkError(error) || call.args.length === 1) throw error;
          view.problem(row, address, error.message);
          return error;
        }),
      ),
    );
    const watched = results.filter((result): result is Watched => !(result instanceof TidemarkError));
    if (watched.length === 0) throw results[0];
    view.end();
    if (call.flag('json')) call.io.stdout.write(`${JSON.stringify(document(watched), null, 2)}\n`);
    return exitOf(results);
  } finally {
    view.end();
    keys.end();
  }
}

interface Setting {
  readonly call: Call;
  readonly plan: Partial<Plan>;
  readonly keys: Keys;
  readonly view: View;
}

/** What the profiles show, and what the numbers show over time (docs/growth.md); null before there are two looks. */
interface Watched {
  readonly report: Report;
  readonly growth: TimedVerdict | null;
}

async function watchOne(address: string, row: number, { call, plan, keys, view }: Setting): Promise<Watched> {
  const target = await openTarget(address, connectionOf(call));
  const looks: Look[] = [];
  const lives: (number | null)[] = [];
  let latest: Report | null = null;
  let growth: TimedVerdict | null = null;
  const judged = (seen: Watch) =>
    judge(observe(thinned(seen), ['tidemark', 'diagnose', target.shown]), {
      ...{ rules: RULES, command: 'watch' },
      failOn: (call.text('fail-on') ?? 'leak') as 'leak' | 'suspect' | 'never',
    });
  try {
    const seen = await watch(target, plan, {
      signal: keys.signal,
      clock: { now: systemClock.now, sleep: (ms, signal) => keys.sleep(ms, signal) },
      spoolRoot: evidenceFolder(call),
      onWait: (look, of, _next, soFar) => {
        looks.push(look);
        lives.push(look.heap ? total(decode(look.heap), 'inuse_space') : null);
        const current = soFar();
        latest = looks.length > 1 ? judged(current) : null;
        const place = { name: current.subject.instance ?? target.shown, looks, liveBytes: lives };
        growth = judgeLooks(current.subject.service, [place], plan.everyMs!)?.verdict ?? null;
        const same = looks.map((l) => l.incarnation === look.incarnation);
        view.draw(row, {
          ...{ target: target.shown, look: look.index + 1, looks: of, report: latest, growth, problem: null },
          readings: looks.filter((_, i) => same[i]).map(readingsOfLook),
          liveBytes: lives.filter((live, i): live is number => same[i]! && live !== null),
        });
      },
      onNote: (note) => note.level !== 'info' && view.note(`${target.shown}: ${note.text}`),
    });
    return { report: judged(seen), growth };
  } finally {
    target.close();
  }
}

/** Most looks that are judged: every one is decoded anew, and a long watch must stay as cheap as a short one. */
const MAX_JUDGED = 12;

/** The watch with looks spread evenly over the process that the last look saw, first and last among them. */
function thinned(seen: Watch): Watch {
  const of = seen.looks.at(-1)?.incarnation;
  const looks = seen.looks.filter((look) => look.incarnation === of);
  if (looks.length <= MAX_JUDGED) return seen;
  const step = (looks.length - 1) / (MAX_JUDGED - 1);
  return { ...seen, looks: Array.from({ length: MAX_JUDGED }, (_, i) => looks[Math.round(i * step)]!) };
}

function document(watched: readonly Watched[]) {
  return {
    $schema: `tidemark-watch-v${SCHEMA_VERSIONS.watch}.schema.json`,
    schemaVersion: SCHEMA_VERSIONS.report,
    tool: { name: 'tidemark', version: VERSION, command: 'watch' },
    verdict: worstVerdict(watched.map(({ report }) => report.verdict)),
    targets: watched.map(({ report: { evidence: _, ...report }, growth }) => ({ ...report, growth })),
  };
}

/** Where several codes hold: 2, 1, 4, 3, 0. */
function exitOf(results: readonly (Watched | TidemarkError)[]): number {
  const codes = results.map((result) => (result instanceof TidemarkError ? result : result.report).exitCode);
  return [2, 1, 4, 3].find((code) => codes.includes(code)) ?? 0;
}

/** The view on stderr, redrawn in place in a terminal; a line a look elsewhere. */
class View {
  readonly #io: Io;
  readonly #quiet: boolean;
  readonly #blocks: string[][];
  #drawn = 0;

  constructor(call: Call) {
    this.#io = call.io;
    this.#quiet = call.flag('quiet');
    this.#blocks = call.args.map((address) => [`${withoutCredentials(address)} …`]);
  }

  draw(row: number, state: LiveState): void {
    this.#blocks[row] = renderLive(state, { color: this.#io.color && this.#io.interactive, columns: this.#io.columns });
    if (this.#io.interactive) this.#redraw();
    else this.#write(`${this.#blocks[row].join('\n')}\n`);
  }

  problem(row: number, address: string, text: string): void {
    const target = withoutCredentials(address);
    this.draw(row, {
      target,
      look: 0,
      looks: 0,
      readings: [],
      liveBytes: [],
      report: null,
      growth: null,
      problem: text,
    });
  }

  note(text: string): void {
    this.#clear();
    this.#write(`note ${text}\n`);
    if (this.#io.interactive) this.#redraw();
  }

  end(): void {
    this.#drawn = 0;
  }

  #redraw(): void {
    this.#clear();
    const lines = [...this.#blocks.flat(), 'c looks now · q ends and judges'];
    this.#write(`${lines.join('\n')}\n`);
    this.#drawn = this.#quiet ? 0 : lines.length;
  }

  #clear(): void {
    if (this.#drawn > 0) this.#write(`\u001b[${this.#drawn}A\u001b[J`);
    this.#drawn = 0;
  }

  #write(text: string): void {
    if (!this.#quiet) this.#io.stderr.write(text);
  }
}

interface Keys {
  /** Aborts at q, Ctrl-C, or when the command's own signal does. */
  readonly signal: AbortSignal;
  /** Ends early when c is pressed. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  end(): void;
}

/** Keys are heard only where both ends are a terminal; nobody is ever asked anything. */
function listen(call: Call): Keys {
  const quit = new AbortController();
  const signal = AbortSignal.any([quit.signal, call.io.signal]);
  let now = new AbortController();
  const heard = call.io.interactive && process.stdin.isTTY === true;
  const onKey = (data: Buffer) => {
    const key = data.toString();
    if (key === 'q' || key === '\u0003') quit.abort();
    if (key === 'c') {
      now.abort();
      now = new AbortController();
    }
  };
  if (heard) process.stdin.setRawMode(true).resume().on('data', onKey);
  return {
    signal,
    sleep: (ms, other) => systemClock.sleep(ms, AbortSignal.any([now.signal, ...(other ? [other] : [])])),
    end: () => {
      if (heard) process.stdin.off('data', onKey).setRawMode(false).pause();
    },
  };
}
