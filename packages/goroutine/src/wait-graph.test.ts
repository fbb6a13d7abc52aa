import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type HeldPlace, type LockPlace, parseDump, type SourceKnowledge, waitGraph } from './index.js';

const MUTEX = (address: string) => `sync.runtime_SemacquireMutex(0x0?, 0x0?, 0x0?)
\truntime/sema.go:95 +0x25
internal/sync.(*Mutex).lockSlow(${address})
\tinternal/sync/mutex.go:149 +0x15d
internal/sync.(*Mutex).Lock(...)
\tinternal/sync/mutex.go:70
sync.(*Mutex).Lock(...)
\tsync/mutex.go:46
`;
const waiting = (id: number, address: string, frames: string, state = 'sync.Mutex.Lock') =>
  `goroutine ${id} [${state}]:\n${MUTEX(address)}${frames}created by main.main in goroutine 1\n\tshop/main.go:9 +0x1\n`;
const frame = (call: string, line: number) => `main.${call}\n\tshop/main.go:${line} +0x1\n`;
const graphOf = (...goroutines: string[]) => waitGraph(parseDump(goroutines.join('\n')));

describe('from the dump alone', () => {
  it('two that hold what the other wants are a cycle, wherever the heap lies', () => {
    for (const base of ['0x1008', '0xc000010', '0x7f12345678']) {
      const a = `${base}00`;
      const b = `${base}80`;
      const { locks, cycles } = graphOf(
        waiting(7, b, frame(`move(${a}, ${b})`, 20)),
        waiting(8, a, frame(`move(${b}, ${a})`, 20)),
      );
      expect(locks.map((lock) => [lock.waiters[0]!.goroutine, lock.holder.kind, lock.holder.goroutine])).toEqual([
        [7, 'other', 8],
        [8, 'other', 7],
      ]);
      expect(cycles).toEqual([[0, 1]]);
      expect(locks.every((lock) => lock.holder.confidence !== 'proven')).toBe(true);
    }
  });

  it('an outer method on the same object is the waiter itself', () => {
    const { locks, cycles } = graphOf(
      waiting(7, '0xc000020018', frame('(*T).get(0xc000020000)', 10) + frame('(*T).update(0xc000020000)', 20)),
      waiting(8, '0xc000020018', frame('(*T).get(0xc000020000)', 10)),
    );
    expect(locks).toHaveLength(1);
    expect(locks[0]).toMatchObject({ offset: 0x18, type: 'main.(*T)', holder: { kind: 'self', goroutine: 7 } });
    expect(locks[0]!.waiters.map((w) => w.goroutine)).toEqual([7, 8]);
    expect(cycles).toEqual([[0]]);
  });

  it('dead words are no evidence: nobody is named by them', () => {
    const { locks } = graphOf(
      waiting(7, '0xc000020018', frame('lock(0xc000020000)', 10)),
      'goroutine 9 [chan send]:\nmain.other(0xc000020000?)\n\tshop/main.go:50 +0x1\ncreated by main.main in goroutine 1\n\tshop/main.go:9 +0x1\n',
    );
    expect(locks[0]!.holder).toMatchObject({ kind: 'gone', confidence: 'possible' });
  });

  it('a lock that is just handed over is in motion, and nothing is said of it', () => {
    const { locks } = graphOf(
      waiting(7, '0xc000020018', frame('lock(0xc000020000)', 10)),
      waiting(8, '0xc000020018', frame('lock(0xc000020000)', 10), 'runnable'),
    );
    expect(locks[0]).toMatchObject({ moving: true, holder: { kind: 'unknown' } });
  });

  it('a cut dump never says that nobody holds', () => {
    const text = waiting(7, '0xc000020018', frame('lock(0xc000020000)', 10));
    const { locks, limits } = waitGraph(parseDump(`${text}\ngoroutine 8 [select]:\nmain.run(0x`));
    expect(locks[0]!.holder.kind).toBe('unknown');
    expect(limits.join()).toContain('cut');
  });

  it('addresses of two processes are never set in relation', () => {
    const one = waiting(7, '0xc000020018', frame('(*T).get(0xc000020000)', 10));
    const two = waiting(7, '0xc000020018', frame('(*U).get(0xc000020000)', 10));
    const dump = parseDump(`${one}\n${two}`);
    expect(dump.sections).toEqual([0, 1]);
    expect(waitGraph(dump, { section: 1 }).locks[0]!.waiters).toHaveLength(1);
  });
});

describe('with source', () => {
  const mu = (word: number): LockPlace => ({
    classes: ['T.mu'],
    name: 'T.mu',
    path: `p${word}.mu`,
    base: { word, offset: 0x18 },
    instance: null,
  });
  const held = (word: number): HeldPlace => ({
    ...mu(word),
    mode: 'lock',
    acquired: { function: 'main.(*T).send', file: 'shop/main.go', line: 48 },
    maybe: false,
  });
  const source: SourceKnowledge = {
    knows: (f) => f.function.startsWith('main.'),
    asksAt: (f) => (f.function === 'main.(*T).get' ? [mu(0)] : []),
    heldAt: (f) => (f.function === 'main.(*T).send' && f.line === 50 ? [held(0)] : []),
  };
  it.each([
    ['shop.cart.mu', 'other', 'proven'],
    ['shop.stock.mu', 'gone', 'proven'],
  ])('a package variable is told from others of its type: %s is held', (instance, kind, confidence) => {
    const unnamed = { ...mu(0), base: null };
    const variables: SourceKnowledge = {
      ...source,
      asksAt: (f) => (f.function === 'main.get' ? [{ ...unnamed, instance: 'shop.cart.mu' }] : []),
      heldAt: (f) => (f.function === 'main.send' ? [{ ...held(0), ...unnamed, instance }] : []),
    };
    const dump = parseDump(
      `${waiting(7, '0xc000020018', 'main.get()\n\tshop/main.go:10 +0x1\n')}\ngoroutine 9 [chan send]:\nmain.send()\n\tshop/main.go:50 +0x1\ncreated by main.main in goroutine 1\n\tshop/main.go:9 +0x1\n`,
    );
    expect(waitGraph(dump, { source: variables }).locks[0]!.holder).toMatchObject({ kind, confidence });
  });

  const sender = (address: string, line = 50) =>
    `goroutine 9 [chan send]:\nmain.(*T).send(${address})\n\tshop/main.go:${line} +0x1\ncreated by main.main in goroutine 1\n\tshop/main.go:9 +0x1\n`;
  const waiter = waiting(7, '0xc000020018', frame('(*T).get(0xc000020000)', 10));
  const holderWith = (other: string) => waitGraph(parseDump(`${waiter}\n${other}`), { source }).locks[0]!;

  it('the frame that holds it at that line, on that object, is proof', () => {
    const lock = holderWith(sender('0xc000020000'));
    expect(lock.name).toBe('T.mu');
    expect(lock.holder).toMatchObject({ kind: 'other', confidence: 'proven', goroutine: 9, waitsIn: 'chan send' });
    expect(lock.holder.acquired?.line).toBe(48);
  });

  it('the same line on another object is not it, a dead receiver may be', () => {
    expect(holderWith(sender('0xc000990000')).holder).toMatchObject({ kind: 'gone', confidence: 'proven' });
    expect(holderWith(sender('0xc000020000?')).holder).toMatchObject({ kind: 'other', confidence: 'likely' });
  });

  it('a line at which it does not hold it is not it', () => {
    expect(holderWith(sender('0xc000020000', 60)).holder).toMatchObject({ kind: 'gone', confidence: 'proven' });
  });
});

describe('at SIGQUIT', () => {
  const text = readFileSync(new URL('../testdata/go1.26-sigquit.txt', import.meta.url));
  const { locks } = waitGraph(parseDump(text));
  it('channels and read locks have addresses too', () => {
    expect(locks.filter((lock) => lock.kind === 'channel').length).toBeGreaterThan(1);
    const rw = locks.filter((lock) => lock.kind === 'rwmutex');
    expect(rw).toHaveLength(1);
    expect(rw[0]!.waiters.map((w) => w.waitsIn).sort()).toEqual(['rwmutex-r', 'rwmutex-w']);
  });
});
