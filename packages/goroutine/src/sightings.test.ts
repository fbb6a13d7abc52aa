import { describe, expect, it } from 'vitest';
import { type HeldPlace, type LockPlace, parseDump, type SourceKnowledge, waitGraph } from './index.js';

const CREATED = 'created by main.main in goroutine 1\n\tm.go:9 +0x1\n';
const goroutine = (id: number, state: string, ...calls: string[]) =>
  `goroutine ${id} [${state}]:\n${calls.map((call) => `${call}\n\tm.go:5 +0x1\n`).join('')}${CREATED}`;
const waiter = (id: number, address: string, ...calls: string[]) =>
  goroutine(id, 'sync.Mutex.Lock', `internal/sync.(*Mutex).lockSlow(${address})`, ...calls);
const hex = (n: number) => `0x${n.toString(16)}`;
const graphOf = (goroutines: readonly string[], source?: SourceKnowledge) =>
  waitGraph(parseDump(goroutines.join('\n')), source ? { source } : {});

const OBJECT = 0xc000100000;
const LOCK = hex(OBJECT + 0x18);
const victim = waiter(7, LOCK, `main.(*T).get(${hex(OBJECT)})`);
const holderOf = (...others: string[]) => graphOf([victim, ...others]).locks[0]!.holder;

describe('who may hold a lock, by arguments alone', () => {
  it.each<[string, string, object]>([
    [
      'the object in an argument',
      goroutine(8, 'chan send', `main.put(${hex(OBJECT)})`),
      { goroutine: 8, confidence: 'likely' },
    ],
    ['the lock itself in an argument', goroutine(8, 'chan send', `main.put(${LOCK})`), { goroutine: 8 }],
    ['a caller that has it', goroutine(8, 'chan send', 'main.put(0x1)', `main.all(${hex(OBJECT)})`), { goroutine: 8 }],
    [
      'a method whose receiver is not printed',
      goroutine(8, 'chan send', 'main.(*T).put(...)'),
      { goroutine: 8, confidence: 'possible' },
    ],
    [
      'a method whose receiver is a dead word',
      goroutine(8, 'chan send', 'main.(*T).put(0x1?)'),
      { goroutine: 8, confidence: 'possible' },
    ],
  ])('%s is a sign', (_, other, expected) => expect(holderOf(other)).toMatchObject({ kind: 'other', ...expected }));

  it.each<[string, string]>([
    ['a method on another object', goroutine(8, 'chan send', 'main.(*T).put(0xc000999000)')],
    [
      'a method of a type that is called alike',
      goroutine(8, 'chan send', 'main.(*T2).put(...)', 'other.(*T).put(...)'),
    ],
    ['an address beside it', goroutine(8, 'chan send', `main.put(${hex(OBJECT + 8)})`)],
    ['the object where it may be left over', goroutine(8, 'chan send', `main.put(${hex(OBJECT)}?)`)],
    ['the runtime', goroutine(8, 'GC worker (idle)', `runtime.gcBgMarkWorker(${hex(OBJECT)})`)],
    ['another that asks for it', waiter(8, LOCK, `main.(*T).get(${hex(OBJECT)})`)],
  ])('%s is none', (_, other) => expect(holderOf(other).kind).toBe('gone'));

  it('who is stuck is likelier than who works, and a waiter of another lock likelier than both', () => {
    const works = goroutine(8, 'running', `main.work(${hex(OBJECT)})`);
    const receives = goroutine(9, 'chan receive', `main.take(${hex(OBJECT)})`);
    const locks = waiter(10, '0xc000777000', `main.move(${hex(OBJECT)})`);
    for (const [others, expected] of [
      [[works], 8],
      [[works, receives], 9],
      [[works, receives, locks], 10],
      [[locks, receives, works], 10],
    ] as const) {
      expect(holderOf(...others).goroutine).toBe(expected);
    }
  });

  it('of many that know the object one is an example while they are few, and nobody is named when they are many', () => {
    const knowing = (n: number) =>
      Array.from({ length: n }, (_, i) => goroutine(20 + i, 'chan receive', `main.f(${hex(OBJECT)})`));
    expect(holderOf(...knowing(8))).toMatchObject({
      kind: 'other',
      goroutine: 20,
      confidence: 'possible',
      candidates: 8,
    });
    expect(holderOf(...knowing(9))).toMatchObject({ kind: 'unknown', goroutine: null, candidates: 9 });
  });
});

describe('with source', () => {
  const place = (over: Partial<LockPlace> = {}): LockPlace => ({
    ...{ classes: ['T.mu'], name: 'T.mu', path: 't.mu', base: { word: 0, offset: 0x18 }, instance: null },
    ...over,
  });
  const held = (over: Partial<HeldPlace> = {}): HeldPlace => ({
    ...place(),
    ...{ mode: 'lock', acquired: { function: 'main.(*T).put', file: 'm.go', line: 3 }, maybe: false },
    ...over,
  });
  /** `main.(*T).get` asks for T.mu; `main.(*T).put` holds what is given. */
  const source = (holds: HeldPlace, asks: LockPlace = place({ instance: holds.instance })): SourceKnowledge => ({
    knows: (f) => f.function.startsWith('main.'),
    asksAt: (f) => (f.function === 'main.(*T).get' ? [asks] : []),
    heldAt: (f) => (f.function === 'main.(*T).put' ? [holds] : []),
  });
  const put = (argument: string) => goroutine(8, 'chan send', `main.(*T).put(${argument})`);
  const holderWith = (knowledge: SourceKnowledge, ...others: string[]) =>
    graphOf([victim, ...others], knowledge).locks[0]!.holder;

  it.each<[string, HeldPlace, string, object]>([
    ['this very lock', held(), hex(OBJECT), { kind: 'other', confidence: 'proven', mode: 'lock' }],
    ['it on some paths', held({ maybe: true }), hex(OBJECT), { kind: 'other', confidence: 'likely' }],
    ['it for reading', held({ mode: 'rlock' }), hex(OBJECT), { kind: 'other', mode: 'rlock' }],
    ['one of the field, of which object is not told', held(), '0x1?', { kind: 'other', confidence: 'likely' }],
    ['another object’s', held(), '0xc000999000', { kind: 'gone', confidence: 'proven' }],
    ['another field’s', held({ classes: ['T.other'] }), hex(OBJECT), { kind: 'gone', confidence: 'proven' }],
    ['no argument leads to', held({ base: null }), hex(OBJECT), { kind: 'other', confidence: 'likely' }],
    [
      'the only one there is',
      held({ base: null, instance: 'shop.registry.mu' }),
      '0x1?',
      { kind: 'other', confidence: 'proven' },
    ],
  ])('a line that holds %s', (_, holds, argument, expected) =>
    expect(holderWith(source(holds), put(argument))).toMatchObject(expected),
  );

  it('arguments of functions that it knows to hold nothing say nothing', () => {
    const knows = goroutine(8, 'chan send', `main.look(${hex(OBJECT)})`);
    const foreign = goroutine(9, 'chan send', `lib.look(${hex(OBJECT)})`);
    expect(holderWith(source(held()), knows)).toMatchObject({ kind: 'gone', confidence: 'proven' });
    expect(holderWith(source(held()), knows, foreign)).toMatchObject({
      kind: 'other',
      goroutine: 9,
      confidence: 'likely',
    });
  });

  it('a frame that holds one of two locks of a field, and asks for the other, is not its own holder', () => {
    // forks[i] held, forks[j] asked for: no address tells them apart.
    const asks = place({ path: 'forks[j]', base: null });
    const holds = held({ path: 'forks[i]', base: null });
    const knowledge: SourceKnowledge = {
      knows: () => true,
      asksAt: (f) => (f.function === 'main.eat' ? [asks] : []),
      heldAt: (f) => (f.function === 'main.eat' ? [holds] : []),
    };
    const eats = (id: number) =>
      goroutine(id, 'sync.Mutex.Lock', 'internal/sync.(*Mutex).lockSlow(0x1?)', 'main.eat(0x2?)');
    const [lock] = graphOf([eats(7), eats(8)], knowledge).locks;
    expect(lock!.holder.kind).not.toBe('self');
  });

  it.each([
    [
      'frames that the runtime left out',
      `goroutine 8 [select]:\nmain.f()\n\tm.go:1 +0x1\n...9 frames elided...\nmain.g()\n\tm.go:2 +0x1\n${CREATED}`,
    ],
    [
      'a stack that could not be printed',
      `goroutine 8 [running]:\n\tgoroutine running on other thread; stack unavailable\n${CREATED}`,
    ],
    [
      'a goroutine whose header is not known',
      `goroutine 8 (new form):\nmain.(*T).put(${hex(OBJECT)})\n\tm.go:5 +0x1\n`,
    ],
    [
      'a call whose file was lost',
      `goroutine 8 [select]:\nmain.(*T).put(${hex(OBJECT)})\nmain.g()\n\tm.go:2 +0x1\n${CREATED}`,
    ],
  ])('%s may hide the holder: that nobody has it is not claimed', (_, other) => {
    expect(holderWith(source(held()))).toMatchObject({ kind: 'gone', confidence: 'proven' });
    expect(holderWith(source(held()), other).kind).toBe('unknown');
    expect(holderOf(other).kind).toBe('unknown');
  });
});

describe('sync.Once', () => {
  const asks = (id: number, once: number, line: number) =>
    `goroutine ${id} [sync.Mutex.Lock]:\ninternal/sync.(*Mutex).lockSlow(${hex(once + 4)})\n\tmutex.go:1 +0x1\nsync.(*Once).doSlow(${hex(once)}, 0x1)\n\tonce.go:70 +0x1\nsync.(*Once).Do(...)\n\tonce.go:65\nmain.load()\n\tm.go:${line} +0x1\n${CREATED}`;
  const runs = (id: number, once: string, line: number) =>
    `goroutine ${id} [chan receive]:\nmain.fill()\n\tm.go:3 +0x1\nsync.(*Once).doSlow(${once}, 0x1)\n\tonce.go:74 +0x1\nsync.(*Once).Do(...)\n\tonce.go:65\nmain.load()\n\tm.go:${line} +0x1\n${CREATED}`;
  const ONCE = 0xc000200000;

  it.each<[string, string, object]>([
    ['by its address', runs(8, hex(ONCE), 99), { kind: 'other', confidence: 'proven', goroutine: 8 }],
    ['by the line that calls it', runs(8, '0x1?', 30), { kind: 'other', confidence: 'proven', goroutine: 8 }],
    ['hardly, by neither', runs(8, '0x1?', 99), { kind: 'other', confidence: 'possible' }],
  ])('its function’s goroutine is known %s, and the function is the place', (_, other, expected) => {
    const lock = graphOf([asks(7, ONCE, 30), other]).locks[0]!;
    expect(lock).toMatchObject({ kind: 'once', holder: expected });
    expect(lock.holder.site).toMatchObject({ function: 'main.fill' });
  });

  it('whose function calls Do again waits for itself', () => {
    const again = `goroutine 7 [sync.Mutex.Lock]:\ninternal/sync.(*Mutex).lockSlow(${hex(ONCE + 4)})\n\tmutex.go:1 +0x1\nsync.(*Once).doSlow(${hex(ONCE)}, 0x1)\n\tonce.go:70 +0x1\nmain.load()\n\tm.go:30 +0x1\nmain.fill()\n\tm.go:3 +0x1\nsync.(*Once).doSlow(${hex(ONCE)}, 0x1)\n\tonce.go:74 +0x1\nmain.load()\n\tm.go:30 +0x1\n${CREATED}`;
    const { locks, cycles } = graphOf([again]);
    expect(locks[0]!.holder).toMatchObject({ kind: 'self', goroutine: 7 });
    expect(cycles).toEqual([[0]]);
  });
});

describe('dumps made to be slow', () => {
  /** Work that multiplies goroutines by locks would take minutes and all memory here. */
  const inTime = (goroutines: readonly string[], source?: SourceKnowledge) => {
    const dump = parseDump(goroutines.join('\n'));
    const started = performance.now();
    const graph = waitGraph(dump, source ? { source } : {});
    expect(performance.now() - started).toBeLessThan(15_000);
    return graph;
  };

  it('as many locks in one object as fit, known to everyone: nobody is named, nor said to be gone', () => {
    const { locks } = inTime(
      Array.from({ length: 4000 }, (_, i) =>
        waiter(i + 2, hex(OBJECT + (i % 1000)), `main.f(${hex(OBJECT)})`, `main.g(${hex(OBJECT)})`),
      ),
    );
    expect(locks).toHaveLength(1000);
    expect(new Set(locks.map((lock) => lock.holder.kind))).toEqual(new Set(['unknown']));
  });

  it('many objects of many locks stay in bounds of memory', () => {
    const base = (i: number) => hex(OBJECT + (i % 40) * 0x10000);
    const everything = Array.from({ length: 40 }, (_, i) => base(i)).join(', ');
    const { locks } = inTime(
      Array.from({ length: 8000 }, (_, i) =>
        waiter(
          i + 2,
          hex(Number(base(i)) + (Math.floor(i / 40) % 200)),
          `main.f(${base(i)})`,
          `main.all(${everything})`,
        ),
      ),
    );
    expect(locks.length).toBeGreaterThan(5000);
    expect(new Set(locks.map((lock) => lock.holder.kind))).toEqual(new Set(['unknown']));
  });

  it('a Once for each, each in the function of another', () => {
    const once = (i: number) => 0xc000200000 + i * 16;
    const { locks } = inTime(
      Array.from({ length: 4000 }, (_, i) =>
        goroutine(
          i + 2,
          'sync.Mutex.Lock',
          `internal/sync.(*Mutex).lockSlow(${hex(once(i) + 4)})`,
          `sync.(*Once).doSlow(${hex(once(i))}, 0x1)`,
          'main.a()',
          `sync.(*Once).doSlow(${hex(once(i + 1))}, 0x1)`,
          'main.b()',
        ),
      ),
    );
    expect(locks).toHaveLength(4000);
    expect(locks.every((lock) => lock.holder.kind === 'unknown')).toBe(true);
  });
});
