import type { StackGroup } from '@tidemark/model';
import { describe, expect, it } from 'vitest';
import { UNINTERESTING, uninteresting } from './index.js';

const at = (name: string) => ({ function: name, file: 'a.go', line: 1 });
const group = (state: string | null, creator: string | null, ...functions: string[]): StackGroup => ({
  ...{
    count: 1,
    frames: functions.map(at),
    creator: creator === null ? null : at(creator),
    state,
    labels: {},
    ids: [],
  },
});
const idOf = (...args: Parameters<typeof group>) => uninteresting(group(...args))?.id ?? null;
const PARK = ['internal/poll.runtime_pollWait', 'internal/poll.(*FD).Read', 'net.(*conn).Read'];

describe('what waits by design, and what looks like it', () => {
  it.each<[string | null, Parameters<typeof group>]>([
    [
      'http-server-idle',
      ['IO wait', 'net/http.(*Server).Serve', ...PARK, 'bufio.(*Reader).Peek', 'net/http.(*conn).serve'],
    ],
    // A handler that reads its client's body for ever is no idle connection.
    [null, ['IO wait', 'net/http.(*Server).Serve', ...PARK, 'main.upload', 'net/http.(*conn).serve']],
    [null, ['select', 'net/http.(*Server).Serve', 'main.handle', 'bufio.(*Reader).Peek', 'net/http.(*conn).serve']],
    [
      'http-server-read',
      ['IO wait', 'net/http.(*Server).Serve', ...PARK, 'net/http.(*conn).readRequest', 'net/http.(*conn).serve'],
    ],
    [
      'http-background-read',
      ['IO wait', 'net/http.(*connReader).startBackgroundRead', ...PARK, 'net/http.(*connReader).backgroundRead'],
    ],
    [
      'http-client-idle',
      [
        'IO wait',
        'net/http.(*Transport).dialConn',
        ...PARK,
        'bufio.(*Reader).Peek',
        'net/http.(*persistConn).readLoop',
      ],
    ],
    // A response that nobody closed: its connection's read side waits for the reader, and is what is looked for.
    [null, ['select', 'net/http.(*Transport).dialConn', 'net/http.(*persistConn).readLoop']],
    ['http-client-write-loop', ['select', 'net/http.(*Transport).dialConn', 'net/http.(*persistConn).writeLoop']],
    [null, ['IO wait', 'net/http.(*Transport).dialConn', ...PARK, 'net/http.(*persistConn).writeLoop']],
    [
      'accept',
      [
        'IO wait',
        'main.main',
        'internal/poll.runtime_pollWait',
        'net.(*netFD).accept',
        'net/http.(*Server).Serve',
        'main.serve',
      ],
    ],
    ['signals', ['syscall', 'os/signal.watchSignalLoop', 'os/signal.signal_recv', 'os/signal.loop']],
    // A program's own goroutine on a signal channel is the program's.
    [null, ['chan receive', 'main.main', 'main.waitForSignal']],
    [
      'profile-request',
      [
        'running',
        'net/http.(*Server).Serve',
        'runtime/pprof.writeGoroutineStacks',
        'net/http/pprof.handler.ServeHTTP',
        'main.middleware',
      ],
    ],
    [
      'profile-request',
      ['running', 'net/http.(*Server).Serve', 'runtime/pprof.writeRuntimeProfile', 'main.middleware'],
    ],
    ['profile-request', ['sleep', 'runtime/pprof.StartCPUProfile', 'time.Sleep', 'runtime/pprof.profileWriter']],
    ['test-waits', ['chan receive', null, 'testing.(*T).Run', 'main_test.TestX', 'testing.tRunner']],
    [null, ['chan send', null, 'testing.(*T).Run', 'main_test.TestX']],
    ['sql-opener', ['select', 'database/sql.OpenDB', 'database/sql.(*DB).connectionOpener']],
    [null, ['select', 'database/sql.(*DB).BeginTx', 'database/sql.(*Tx).awaitDone']],
    ['runtime', ['GC worker (idle)', 'runtime.gcBgMarkStartWorkers', 'runtime.gopark', 'runtime.gcBgMarkWorker']],
    ['runtime', ['force gc (idle)', 'runtime.init.7', 'runtime.gopark', 'runtime.forcegchelper']],
    ['runtime', ['finalizer wait', null, 'runtime.gopark', 'runtime.runfinq']],
    // Started by the program: that all its frames are the runtime's says that it blocks for ever in one of them.
    [null, ['select (no cases)', 'main.main', 'runtime.gopark', 'runtime.block']],
    [null, ['chan receive', null, 'main.main']],
    [null, ['select', null]],
  ])('%s: %j', (id, args) => expect(idOf(...args)).toBe(id));

  it('code of the program anywhere in a stack of the library makes it interesting', () => {
    const idle = group('IO wait', null, ...PARK, 'bufio.(*Reader).Peek', 'net/http.(*conn).serve');
    expect(uninteresting(idle)?.id).toBe('http-server-idle');
    for (let place = 0; place <= idle.frames.length; place++) {
      for (const own of ['main.wrap', 'github.com/x/y.(*Conn).Read']) {
        const frames = [...idle.frames.slice(0, place), at(own), ...idle.frames.slice(place)];
        expect(uninteresting({ ...idle, frames })).toBeNull();
      }
    }
  });
});

describe('the list', () => {
  it('every entry has a reason that a reader is told, and something that it looks for', () => {
    for (const entry of UNINTERESTING) {
      expect(entry.why).toMatch(/^[a-z].{15,}[^.]$/);
      expect(entry.has?.length ?? 0).toBeGreaterThan(0);
    }
  });
  it('can be longer: own entries decide beside these, by what they have, lack and wait in', () => {
    const own = {
      id: 'pool',
      why: 'a worker of the pool waits for work',
      has: ['main.(*pool).work'],
      lacks: ['main.job'],
      waits: ['chan receive' as const],
      standardOnly: false,
    };
    const list = [...UNINTERESTING, own];
    const worker = (state: string, ...more: string[]) =>
      uninteresting(group(state, 'main.main', ...more, 'main.(*pool).work'), list)?.id ?? null;
    expect(worker('chan receive')).toBe('pool');
    expect(worker('chan receive', 'main.job')).toBeNull();
    expect(worker('chan send')).toBeNull();
    expect(uninteresting(group('chan receive', 'main.main', 'main.(*pool).work'))).toBeNull();
    expect(
      uninteresting(group('chan receive', 'main.main', 'main.(*pool).work'), [{ ...own, standardOnly: true }]),
    ).toBeNull();
    expect(uninteresting(group('IO wait', null, ...PARK, 'net.(*netFD).accept'), [])).toBeNull();
  });
});
