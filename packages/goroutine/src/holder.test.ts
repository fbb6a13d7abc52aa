import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type HeldPlace, type LockPlace, parseDump, type SourceKnowledge, waitGraph } from './index.js';

const CREATED = 'created by main.main in goroutine 1\n\tm.go:9 +0x1\n';
const goroutine = (id: number, state: string, ...calls: string[]) =>
  `goroutine ${id} [${state}]:\n${calls.map((call) => `${call}\n\tm.go:5 +0x1\n`).join('')}${CREATED}`;
const asks = (id: number, address: string, ...calls: string[]) =>
  goroutine(id, 'sync.Mutex.Lock', `internal/sync.(*Mutex).lockSlow(${address})`, ...calls);
const graph = (goroutines: readonly string[], source?: SourceKnowledge) =>
  waitGraph(parseDump(goroutines.join('\n')), source ? { source } : {});
/** Who holds the lock that the first goroutine waits for. */
const holder = (...goroutines: string[]) => graph(goroutines).locks[0]!.holder;

const OBJECT = '0xc000010000';
const WAITER = asks(7, OBJECT, `main.get(${OBJECT})`);
const knows = (id: number, state: string, function_ = 'main.use') => goroutine(id, state, `${function_}(${OBJECT})`);

describe('of those that know the object', () => {
  it('who is stuck in another lock comes before who waits for a goroutine, and that one before who is busy', () => {
    const locked = asks(11, '0xc000770000', `main.use(${OBJECT})`);
    const receiving = knows(12, 'chan receive');
    const busy = knows(13, 'running');
    expect(holder(WAITER, busy, receiving, locked)).toMatchObject({ goroutine: 11, confidence: 'likely' });
    expect(holder(WAITER, busy, receiving)).toMatchObject({ goroutine: 12, waitsIn: 'chan receive' });
    expect(holder(WAITER, busy)).toMatchObject({ goroutine: 13, waitsIn: 'running', candidates: 1 });
  });

  it('a waiter further up on the same object beats a stranger that is busy, not one stuck elsewhere', () => {
    const outer = asks(8, OBJECT, `main.get(${OBJECT})`, `main.update(${OBJECT})`);
    for (const state of ['running', 'chan receive'])
      expect(holder(outer, knows(9, state))).toMatchObject({ kind: 'self', goroutine: 8 });
    expect(holder(outer, asks(9, '0xc000770000', `main.use(${OBJECT})`))).toMatchObject({
      kind: 'other',
      goroutine: 9,
    });
  });

  it('one alone is likely, several are possible and counted, too many are nobody', () => {
    const equals = (n: number) => Array.from({ length: n }, (_, i) => knows(20 + i, 'chan receive'));
    expect(holder(WAITER, ...equals(1))).toMatchObject({ confidence: 'likely', goroutine: 20, candidates: 1 });
    expect(holder(WAITER, ...equals(2))).toMatchObject({ confidence: 'possible', goroutine: 20, candidates: 2 });
    expect(holder(WAITER, ...equals(8))).toMatchObject({ kind: 'other', candidates: 8 });
    expect(holder(WAITER, ...equals(9))).toMatchObject({
      ...{ kind: 'unknown', goroutine: null, site: null, waitsAt: null, waitsFor: null, candidates: 9 },
    });
  });

  it('one goroutine with the object in several frames is one candidate, at its innermost frame', () => {
    const deep = goroutine(9, 'chan receive', `main.inner(${OBJECT})`, `main.outer(${OBJECT})`);
    expect(holder(WAITER, deep)).toMatchObject({ candidates: 1, site: { function: 'main.inner' } });
  });

  it('the order of the text makes no difference to whom it names', () => {
    const others = [knows(11, 'running'), asks(12, '0xc000770000', `main.use(${OBJECT})`), knows(13, 'chan receive')];
    for (const list of [others, [...others].reverse(), [others[1]!, others[2]!, others[0]!]])
      expect(holder(WAITER, ...list).goroutine).toBe(12);
  });

  it('a holder is told with what it does: where it waits, and for which lock', () => {
    const stuck = asks(8, '0xc000770000', `main.pay(0xc000770000)`, `main.order(${OBJECT})`);
    const { locks } = graph([WAITER, stuck]);
    expect(locks[0]!.holder).toEqual({
      kind: 'other',
      confidence: 'likely',
      row: 1,
      goroutine: 8,
      site: { function: 'main.order', file: 'm.go', line: 5 },
      mode: null,
      acquired: null,
      waitsIn: 'mutex',
      waitsAt: { function: 'main.pay', file: 'm.go', line: 5 },
      waitsFor: 1,
      candidates: 1,
    });
  });
});

describe('by the type alone', () => {
  const add = asks(7, '0xc000010000', 'main.(*store).add(...)', 'main.run()');
  const sum = asks(8, '0xc000020000', 'main.(*store).sum(...)', 'main.walk()');

  it('the only one that it can be is possible, and the way leads on from it', () => {
    const { locks, cycles } = graph([add, sum]);
    expect(locks.map(({ holder: h }) => [h.goroutine, h.confidence, h.waitsFor])).toEqual([
      [8, 'possible', 1],
      [7, 'possible', 0],
    ]);
    expect(cycles).toEqual([[0, 1]]);
  });

  it('from one of several no way leads on: two guesses make no cycle', () => {
    const more = [9, 10].map((id) => asks(id, '0xc000030000', 'main.(*store).max(...)', 'main.peak()'));
    const { locks, cycles } = graph([add, sum, ...more]);
    expect(locks.map(({ holder: h }) => [h.goroutine, h.confidence, h.waitsFor])).toEqual([
      [8, 'possible', null],
      [7, 'possible', null],
      [7, 'possible', null],
    ]);
    expect(cycles).toEqual([]);
  });

  it('somebody who waits elsewhere is likelier than the waiter itself, who is likelier than the busy', () => {
    const outer = asks(7, '0xc000010000', 'main.(*store).add(...)', 'main.f(0x1?)', 'main.(*store).all(...)');
    expect(holder(outer, goroutine(8, 'chan receive', 'main.(*store).sum(...)'))).toMatchObject({ goroutine: 8 });
    expect(holder(outer, goroutine(8, 'running', 'main.(*store).sum(...)'))).toMatchObject({ kind: 'self' });
  });

  it('a receiver that is told and is another one rules it out', () => {
    const told = asks(7, '0xc000010008', 'main.(*store).add(0xc000010000)', 'main.run()');
    const other = goroutine(8, 'chan receive', 'main.(*store).sum(0xc000020000)');
    const untold = goroutine(8, 'chan receive', 'main.(*store).sum(0x5?)');
    expect(holder(told, other).kind).toBe('gone');
    expect(holder(told, untold)).toMatchObject({ goroutine: 8, confidence: 'possible' });
  });

  it.each(['go1.19-debug2', 'go1.19-panic', 'go1.26-debug2'])('no deadlock is seen in %s, which has none', (name) => {
    const text = readFileSync(new URL(`../testdata/${name}.txt`, import.meta.url));
    const { locks, cycles } = waitGraph(parseDump(text));
    expect(locks.length).toBeGreaterThan(2);
    expect(cycles).toEqual([]);
  });
});

describe('nobody that is alive', () => {
  it('is possible where the object is known, and not said where the dump lacks stacks', () => {
    expect(holder(WAITER)).toMatchObject({ kind: 'gone', confidence: 'possible', goroutine: null, candidates: 0 });
    const unavailable = 'goroutine 9 [running]:\n\tgoroutine running on other thread; stack unavailable\n';
    expect(holder(WAITER, unavailable).kind).toBe('unknown');
    const elided = `goroutine 9 [chan receive]:\nmain.f()\n\tm.go:5 +0x1\n...23 frames elided...\n${CREATED}`;
    expect(holder(WAITER, elided).kind).toBe('unknown');
    expect(holder(WAITER, 'goroutine 9 [chan receive]:\nmain.f(').kind).toBe('unknown');
  });

  it('is not said of a lock whose object is not known', () => {
    expect(holder(asks(7, OBJECT, 'main.run()')).kind).toBe('unknown');
  });

  it('is not said of what nobody holds: groups, conditions and channels', () => {
    const group = goroutine(7, 'sync.WaitGroup.Wait', `sync.(*WaitGroup).Wait(${OBJECT})`, `main.f(${OBJECT})`);
    const { locks } = graph([group]);
    expect(locks.map((lock) => [lock.kind, lock.holder.kind])).toEqual([['waitgroup', 'unknown']]);
  });
});

describe('a sync.Once', () => {
  const once = (id: number, line: number, ...above: string[]) =>
    `goroutine ${id} [sync.Mutex.Lock]:\ninternal/sync.(*Mutex).lockSlow(0xc000030004)\n\tmutex.go:1 +0x1\nsync.(*Once).doSlow(0xc000030000, 0x1)\n\tonce.go:1 +0x1\nmain.load()\n\tm.go:${line} +0x1\n${above.join('')}${CREATED}`;
  const runs = (id: number, line: number) =>
    `goroutine ${id} [chan receive]:\nmain.load.func1()\n\tm.go:30 +0x1\nsync.(*Once).doSlow(0x1?, 0x2?)\n\tonce.go:1 +0x1\nmain.load()\n\tm.go:${line} +0x1\n${CREATED}`;

  it('is held by who runs its function, which is named instead of doSlow', () => {
    expect(holder(once(7, 20), runs(8, 20))).toMatchObject({
      ...{ kind: 'other', goroutine: 8, confidence: 'proven', waitsIn: 'chan receive' },
      site: { function: 'main.load.func1', line: 30 },
    });
  });

  it('is only possibly the one that another line began', () => {
    expect(holder(once(7, 20), runs(8, 40))).toMatchObject({ goroutine: 8, confidence: 'possible' });
  });
});

describe('what the source knows', () => {
  const place: LockPlace = {
    ...{ classes: ['T.mu'], name: 'T.mu', path: 't.mu', instance: null },
    base: { word: 0, offset: 0 },
  };
  const held = (over: Partial<HeldPlace> = {}): HeldPlace => ({
    ...{ ...place, mode: 'lock', maybe: false, acquired: { function: 'main.hold', file: 'm.go', line: 3 } },
    ...over,
  });
  const source = (over?: Partial<HeldPlace>): SourceKnowledge => ({
    knows: (f) => f.function.startsWith('main.'),
    asksAt: (f) => (f.function === 'main.get' ? [place] : []),
    heldAt: (f) => (f.function === 'main.hold' ? [held(over)] : []),
  });
  const held1 = goroutine(8, 'chan receive', `main.hold(${OBJECT})`);

  it('a lock held on all paths is proven, on some it is likely', () => {
    expect(graph([WAITER, held1], source()).locks[0]!.holder).toMatchObject({ confidence: 'proven', mode: 'lock' });
    const maybe = graph([WAITER, held1], source({ maybe: true })).locks[0]!.holder;
    expect(maybe).toMatchObject({ goroutine: 8, confidence: 'likely' });
  });

  it('of two, the one that holds it on all paths is named', () => {
    const knowing: SourceKnowledge = {
      ...source(),
      heldAt: (f) => (f.function === 'main.hold' ? [held()] : f.function === 'main.may' ? [held({ maybe: true })] : []),
    };
    const may = goroutine(6, 'chan receive', `main.may(${OBJECT})`);
    expect(graph([WAITER, may, held1], knowing).locks[0]!.holder).toMatchObject({ goroutine: 8, candidates: 1 });
  });

  it('what is proved beats who merely stands there with an argument of code that is not known', () => {
    const foreign = asks(9, '0xc000770000', `lib.use(${OBJECT})`);
    expect(graph([WAITER, foreign], source()).locks[0]!.holder).toMatchObject({ goroutine: 9, acquired: null });
    expect(graph([WAITER, foreign, held1], source()).locks[0]!.holder).toMatchObject({
      ...{ goroutine: 8, confidence: 'proven', acquired: { function: 'main.hold', file: 'm.go', line: 3 } },
    });
  });

  it('a package variable needs no address', () => {
    const untold = goroutine(8, 'chan receive', 'main.hold()');
    const variable = { ...place, instance: 'main.mu', base: null };
    const one: SourceKnowledge = {
      ...source({ instance: 'main.mu', base: null }),
      asksAt: (f) => (f.function === 'main.get' ? [variable] : []),
    };
    const single = graph([WAITER, untold], one).locks[0]!.holder;
    expect(single).toMatchObject({ goroutine: 8, confidence: 'proven' });
    const field = graph([WAITER, untold], source({ base: null })).locks[0]!.holder;
    expect(field).toMatchObject({ goroutine: 8, confidence: 'likely' });
  });

  it('several that hold some lock of that field are each possible, and more than eight still are', () => {
    const many = Array.from({ length: 12 }, (_, i) => goroutine(20 + i, 'chan receive', 'main.hold()'));
    expect(graph([WAITER, ...many], source({ base: null })).locks[0]!.holder).toMatchObject({
      ...{ kind: 'other', goroutine: 20, confidence: 'possible', candidates: 12 },
    });
  });

  it('silence of code that is known is proof that nobody holds it, unless the dump is cut', () => {
    expect(graph([WAITER], source()).locks[0]!.holder).toMatchObject({ kind: 'gone', confidence: 'proven' });
    expect(graph([WAITER, 'goroutine 9 [select]:\nmain.f('], source()).locks[0]!.holder.kind).toBe('unknown');
  });
});
