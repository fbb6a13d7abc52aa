import type { Frame, StackGroup } from '@tidemark/model';
import { describe, expect, it } from 'vitest';
import { parseDump } from './parser.js';
import { isPointerMethod, receiverType, stackWait } from './stack-wait.js';
import { UNINTERESTING, uninteresting } from './uninteresting.js';
import { type WaitKind, waitKind, waitOfFrames, waitsForGoroutine } from './wait.js';

const frames = (...names: string[]): Frame[] => names.map((name) => ({ function: name, file: 'x.go', line: 1 }));

describe('waitKind', () => {
  it.each<[string, WaitKind]>([
    ['running', 'running'],
    ['runnable', 'runnable'],
    ['preempted', 'runnable'],
    ['syscall', 'syscall'],
    ['chan send', 'chan send'],
    ['chan receive (nil chan)', 'chan receive (nil chan)'],
    ['select (no cases)', 'select (no cases)'],
    ['sync.Mutex.Lock', 'mutex'],
    ['sync.RWMutex.RLock', 'rwmutex-r'],
    ['sync.RWMutex.Lock', 'rwmutex-w'],
    ['sync.WaitGroup.Wait', 'waitgroup'],
    ['sync.Cond.Wait', 'cond'],
    ['sleep', 'sleep'],
    ['IO wait', 'io'],
    ['GC worker (idle)', 'runtime'],
    ['semacquire', 'semaphore'],
    ['a word of tomorrow', 'unknown'],
    ['constructor', 'unknown'],
  ])('of the state %s alone is %s', (state, kind) => expect(waitKind({ state, frames: frames('main.f') })).toBe(kind));

  it.each<[WaitKind, number, string[]]>([
    ['chan send', 3, ['runtime.gopark', 'runtime.chansend', 'runtime.chansend1', 'main.put']],
    ['chan receive', 3, ['runtime.gopark', 'runtime.chanrecv', 'runtime.chanrecv2', 'main.take']],
    ['select', 2, ['runtime.gopark', 'runtime.selectgo', 'main.loop']],
    ['select (no cases)', 2, ['runtime.gopark', 'runtime.block', 'main.main']],
    ['mutex', 2, ['internal/sync.(*Mutex).lockSlow', 'sync.(*Mutex).Lock', 'main.f']],
    ['rwmutex-w', 3, ['internal/sync.(*Mutex).lockSlow', 'sync.(*Mutex).Lock', 'sync.(*RWMutex).Lock', 'main.f']],
    ['rwmutex-r', 2, ['sync.runtime_SemacquireRWMutexR', 'sync.(*RWMutex).RLock', 'main.f']],
    ['waitgroup', 2, ['sync.runtime_Semacquire', 'sync.(*WaitGroup).Wait', 'main.f']],
    ['cond', 2, ['sync.runtime_notifyListWait', 'sync.(*Cond).Wait', 'main.f']],
    [
      'io',
      3,
      [
        'internal/poll.runtime_pollWait',
        'internal/poll.(*pollDesc).wait',
        'internal/poll.(*FD).Read',
        'net.(*conn).Read',
      ],
    ],
    ['sleep', 1, ['time.Sleep', 'main.f']],
    ['unknown', 0, ['main.f', 'runtime.chansend1']],
    ['runtime', 2, ['runtime.gopark', 'runtime.bgsweep']],
    ['unknown', 0, []],
  ])('of frames alone is %s, asked at %d: %j', (kind, asker, names) => {
    expect(waitOfFrames(frames(...names))).toEqual({ kind, asker });
    expect(waitKind({ state: null, frames: frames(...names) })).toBe(kind);
  });

  it('frames refine the runtime’s word where it has one for several, and only there', () => {
    const writer = frames('internal/sync.(*Mutex).lockSlow', 'sync.(*RWMutex).Lock', 'main.f');
    expect(waitKind({ state: 'sync.Mutex.Lock', frames: writer })).toBe('rwmutex-w');
    expect(waitKind({ state: 'semacquire', frames: frames('sync.(*WaitGroup).Wait', 'main.f') })).toBe('waitgroup');
    expect(waitKind({ state: 'running', frames: writer })).toBe('running');
  });

  it.each<[WaitKind, boolean]>([
    ['mutex', true],
    ['chan send (nil chan)', true],
    ['semaphore', true],
    ['io', false],
    ['sleep', false],
    ['syscall', false],
    ['running', false],
    ['unknown', false],
  ])('%s must be ended by another goroutine: %s', (kind, expected) => expect(waitsForGoroutine(kind)).toBe(expected));
});

describe('where the address of a wait stands', () => {
  const place = (state: string, ...lines: string[]) => {
    const dump = parseDump(`goroutine 7 [${state}]:\n${lines.map((l) => `${l}\n\t/x.go:1 +0x1\n`).join('')}`);
    const wait = stackWait(dump.stack(0), state);
    return { ...wait, value: wait.address && dump.word(0, wait.address.live)! + wait.address.delta };
  };
  it.each<[string, string, number, string[]]>([
    ['a mutex', 'sync.Mutex.Lock', 0xc010, ['internal/sync.(*Mutex).lockSlow(0xc010)', 'main.f(0xc000)']],
    [
      'a mutex at SIGQUIT',
      'sync.Mutex.Lock',
      0xc010,
      ['runtime.semacquire1(0xc014)', 'sync.(*Mutex).Lock(...)', 'main.f()'],
    ],
    [
      'a writer',
      'sync.RWMutex.Lock',
      0xc020,
      ['runtime.semacquire1(0xc028)', 'sync.(*RWMutex).Lock(0xc020)', 'main.f()'],
    ],
    [
      'a writer behind one',
      'sync.Mutex.Lock',
      0xc020,
      [
        'runtime.semacquire1(0xc024)',
        'internal/sync.(*Mutex).lockSlow(0xc020?)',
        'sync.(*RWMutex).Lock(0xc020?)',
        'main.f()',
      ],
    ],
    [
      'a reader at SIGQUIT',
      'sync.RWMutex.RLock',
      0xc030,
      ['runtime.semacquire1(0xc03c)', 'sync.(*RWMutex).RLock(...)', 'main.f()'],
    ],
    [
      'a group',
      'sync.WaitGroup.Wait',
      0xc040,
      ['sync.runtime_Semacquire(0xc048)', 'sync.(*WaitGroup).Wait(0xc040)', 'main.f()'],
    ],
    [
      'a channel',
      'chan send',
      0xc050,
      ['runtime.chansend(0xc050, 0x1, 0x1)', 'runtime.chansend1(0x9, 0x9)', 'main.f()'],
    ],
  ])('%s', (_, state, address, lines) => expect(place(state, ...lines).value).toBe(address));

  it('is not told by dead words, nor by the program’s own functions', () => {
    expect(place('sync.Mutex.Lock', 'internal/sync.(*Mutex).lockSlow(0xc010?)', 'main.f()').address).toBeNull();
    expect(place('chan send', 'main.chansend(0xc010)').address).toBeNull();
  });
  it('an inlined asker ends with the frame it was inlined into', () => {
    expect(
      place('sync.Mutex.Lock', 'sync.(*Mutex).Lock(...)', 'main.g(...)', 'main.h(...)', 'main.f(0x1)', 'main.e()'),
    ).toMatchObject({ asker: 1, askerEnd: 3 });
  });
});

describe('receivers', () => {
  it.each([
    ['main.(*T).run', 'main.(*T)', true],
    ['main.(*T).run.func1', 'main.(*T)', false],
    ['a/b.(*Cache[...]).Get', 'a/b.(*Cache[...])', true],
    ['main.run', null, false],
    ['main.T.run', null, false],
    ['main.(*T)', null, false],
    ['main.(*).x', null, false],
    ['main.(*T).', 'main.(*T)', false],
    ['main.(*T)x.(*U).run', 'main.(*T)x.(*U)', true],
    ['', null, false],
  ])('of %s: %s', (name, type, method) => {
    expect(receiverType(name)).toBe(type);
    expect(isPointerMethod(name)).toBe(method);
  });
  it('are looked for once in a name of a million brackets', () => {
    expect(receiverType('(*'.repeat(500_000))).toBeNull();
    expect(isPointerMethod('(*'.repeat(500_000))).toBe(false);
  });
});

describe('uninteresting', () => {
  const POLL = ['internal/poll.runtime_pollWait', 'internal/poll.(*FD).Read', 'net.(*conn).Read'];
  const group = (names: string[], state: string | null = null, creator: string | null = null): StackGroup => ({
    count: 1,
    frames: frames(...names),
    creator: creator ? frames(creator)[0]! : null,
    state,
    labels: {},
    ids: [],
  });
  const SAMPLES: [string, string[]][] = [
    ['http-server-idle', [...POLL, 'bufio.(*Reader).Peek', 'net/http.(*conn).serve']],
    ['http-server-read', [...POLL, 'net/http.(*conn).readRequest', 'net/http.(*conn).serve']],
    ['http-background-read', [...POLL, 'net/http.(*connReader).backgroundRead']],
    ['http-client-idle', [...POLL, 'bufio.(*Reader).Peek', 'net/http.(*persistConn).readLoop']],
    ['http-client-write-loop', ['runtime.selectgo', 'net/http.(*persistConn).writeLoop']],
    ['accept', ['internal/poll.runtime_pollWait', 'net.(*netFD).accept', 'net.(*TCPListener).Accept', 'main.main']],
    ['signals', ['os/signal.signal_recv', 'os/signal.loop']],
    ['profile-request', ['runtime/pprof.writeGoroutineStacks', 'net/http/pprof.handler.ServeHTTP', 'main.mux']],
    ['profile-request', ['runtime/pprof.writeRuntimeProfile', 'net/http/pprof.handler.ServeHTTP', 'main.mux']],
    ['profile-request', ['time.Sleep', 'runtime/pprof.profileWriter']],
    ['test-waits', ['runtime.chanrecv1', 'testing.(*T).Run', 'main.TestX']],
    ['sql-opener', ['runtime.selectgo', 'database/sql.(*DB).connectionOpener']],
    ['runtime', ['runtime.gopark', 'runtime.bgsweep']],
  ];
  it('every entry has a sample here', () => {
    expect(new Set(SAMPLES.map(([id]) => id))).toEqual(new Set([...UNINTERESTING.map((entry) => entry.id), 'runtime']));
  });
  it.each(SAMPLES)('%s: %j', (id, names) => expect(uninteresting(group(names))?.id).toBe(id));

  it.each(SAMPLES.filter(([id]) => !['accept', 'profile-request', 'test-waits', 'runtime'].includes(id)))(
    '%s is interesting when code of the program runs in it',
    (_, names) => expect(uninteresting(group([names[0]!, 'main.handle', ...names.slice(1)]))).toBeNull(),
  );
  it.each([
    ['blocks in main', ['runtime.chansend1', 'main.put']],
    ['handles a request', ['runtime.selectgo', 'main.handle', 'net/http.(*conn).serve']],
    ['blocks for ever in main.main', ['runtime.gopark', 'runtime.block', 'main.main']],
    ['waits for a response', ['runtime.selectgo', 'net/http.(*persistConn).readLoop']],
    ['shows nothing', []],
  ])('a goroutine that %s is interesting', (_, names) => expect(uninteresting(group(names))).toBeNull());

  it('one that the program started is not the runtime’s, whatever it shows', () => {
    expect(uninteresting(group(['runtime.gopark', 'runtime.chanrecv1'], null, 'main.main'))).toBeNull();
    expect(uninteresting(group(['runtime.gopark', 'runtime.bgsweep'], null, 'runtime.gcenable'))?.id).toBe('runtime');
  });
  it('own entries are asked with their lacks', () => {
    const own = [{ id: 'mine', why: 'it idles', has: ['main.idle'], lacks: ['main.busy'], standardOnly: false }];
    expect(uninteresting(group(['time.Sleep', 'main.idle']), own)?.id).toBe('mine');
    expect(uninteresting(group(['time.Sleep', 'main.busy', 'main.idle']), own)).toBeNull();
  });
});
