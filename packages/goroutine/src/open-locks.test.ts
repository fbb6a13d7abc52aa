import { describe, expect, it } from 'vitest';
import { parseDump, waitGraph } from './index.js';

const CREATED = 'created by main.main in goroutine 1\n\tm.go:9 +0x1\n';
const goroutine = (id: number, state: string, ...calls: string[]) =>
  `goroutine ${id} [${state}]:\n${calls.map((call) => `${call}\n\tm.go:5 +0x1\n`).join('')}${CREATED}`;
const locksOf = (...goroutines: string[]) => waitGraph(parseDump(goroutines.join('\n'))).locks;
const locked = (id: number, address: string, ...calls: string[]) =>
  goroutine(id, 'sync.Mutex.Lock', `internal/sync.(*Mutex).lockSlow(${address})`, ...calls);

describe('who waits for the same lock', () => {
  it.each([
    ['0xc000010000', 0],
    ['0xc00000fff8', 8],
    ['0xc00000f001', 4095],
    // A page and more away it is another object.
    ['0xc00000f000', null],
    ['0xc000010008', null],
  ])('an argument %s gives the offset %s', (argument, offset) => {
    expect(locksOf(locked(7, '0xc000010000', `main.f(${argument})`))[0]).toMatchObject({
      address: 0xc000010000,
      offset,
    });
  });

  it('the nearest argument below is the object, and a caller speaks only where the asker is silent', () => {
    const near = locksOf(locked(7, '0xc000010040', 'main.f(0xc000010000, 0xc000010030)'))[0]!;
    expect(near.offset).toBe(0x10);
    const silent = locksOf(
      locked(7, '0xc000010040', 'main.f(...)', 'main.g(0xc000010020)', 'main.h(0xc000010038)'),
    )[0]!;
    expect(silent.offset).toBe(0x20);
  });

  it('readers without an address join the one writer of their object, not one of two', () => {
    const reader = goroutine(7, 'sync.RWMutex.RLock', 'sync.(*RWMutex).RLock(...)', 'main.(*S).get(0xc000020000)');
    const writer = (id: number, address: string) =>
      goroutine(id, 'sync.RWMutex.Lock', `sync.(*RWMutex).Lock(${address})`, 'main.(*S).set(0xc000020000)');
    const one = locksOf(reader, writer(8, '0xc000020010'));
    expect(one.map((lock) => lock.waiters.map((w) => [w.goroutine, w.waitsIn]))).toEqual([
      [
        [8, 'rwmutex-w'],
        [7, 'rwmutex-r'],
      ],
    ]);
    expect(locksOf(reader, writer(8, '0xc000020010'), writer(9, '0xc000020050'))).toHaveLength(3);
  });

  it('groups and conditions are collected but nobody is named to hold them', () => {
    const locks = locksOf(
      goroutine(7, 'sync.WaitGroup.Wait', 'sync.(*WaitGroup).Wait(0xc000030000)', 'main.f(0xc000030000)'),
      goroutine(8, 'sync.Cond.Wait', 'sync.runtime_notifyListWait(0xc000040000, 0x1)', 'main.g(0xc000030000)'),
    );
    expect(locks.map((lock) => [lock.kind, lock.holder.kind])).toEqual([
      ['waitgroup', 'unknown'],
      ['cond', 'unknown'],
    ]);
  });

  it('a channel without an address, sleep and I/O are no locks', () => {
    expect(
      locksOf(
        goroutine(7, 'chan send', 'main.f(0xc0)'),
        goroutine(8, 'sleep', 'time.Sleep(0x1)', 'main.g()'),
        goroutine(9, 'IO wait', 'main.h()'),
      ),
    ).toEqual([]);
  });

  it('whoever answers this request or listens by design is not named a holder', () => {
    const waiter = locked(7, '0xc000050000', 'main.f(0xc000050000)');
    const accept = goroutine(
      8,
      'IO wait',
      'internal/poll.runtime_pollWait(0x1)',
      'net.(*netFD).accept(0x2)',
      'main.serve(0xc000050000)',
    );
    const busy = goroutine(9, 'chan receive', 'main.hold(0xc000050000)');
    expect(locksOf(waiter, accept)[0]!.holder.kind).toBe('gone');
    expect(locksOf(waiter, accept, busy)[0]!.holder).toMatchObject({
      kind: 'other',
      goroutine: 9,
      confidence: 'likely',
    });
  });
});
