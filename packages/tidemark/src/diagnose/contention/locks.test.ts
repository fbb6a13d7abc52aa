import type { Frame } from '@tidemark/model';
import { describe, expect, it } from 'vitest';
import { type ContendedStack, joinLocks, type LockKnowledge, sideOf } from './locks.js';

/** `sync.(*Mutex).Lock; shop.(*Cart).add:12`, leaf first. */
function frames(text: string): Frame[] {
  return text.split('; ').map((frame) => {
    const [name, line] = frame.split(/:(?=\d+$)/);
    return { function: name!, file: `${name!.split('.')[0]}/code.go`, line: Number(line ?? 1) };
  });
}

function stack(text: string, delaySeconds: number, contentions = 10): ContendedStack {
  return { frames: frames(text), delaySeconds, contentions };
}

const LOCK = 'sync.(*Mutex).Lock';
const UNLOCK = 'sync.(*Mutex).Unlock';

describe('which side of a lock a stack is', () => {
  it.each([
    ['sync.(*Mutex).Lock; shop.(*Cart).add:12', 'waiter'],
    ['internal/sync.(*Mutex).lockSlow; internal/sync.(*Mutex).Lock; sync.(*Mutex).Lock; shop.put:3', 'waiter'],
    ['sync.(*RWMutex).RLock; shop.(*Cart).sum:7', 'waiter'],
    ['sync.(*RWMutex).RUnlock; shop.(*Cart).sum:9', 'holder'],
    ['sync.(*Mutex).Unlock; shop.(*Cart).add:14', 'holder'],
    ['runtime.chanrecv1; shop.wait:3', null],
    ['sync.(*WaitGroup).Wait; shop.stop:3', null],
    ['runtime.selectgo; shop.(*Mutex).Lock:3', null],
    ['runtime.unlock; runtime.chansend', null],
    ['runtime._LostContendedRuntimeLock', null],
    ['', null],
  ])('%s: %s', (text, side) => {
    expect(sideOf(frames(text))).toBe(side);
  });
});

describe('waiters and holders joined', () => {
  it('by type, the worst first, several stacks of a line as one', () => {
    const [first, second, ...others] = joinLocks(
      [
        stack(`${LOCK}; shop.(*Cart).add:12; main.a:1`, 2, 5),
        stack(`${LOCK}; shop.(*Cart).add:12; main.b:1`, 1, 5),
        stack(`${LOCK}; shop.(*Stock).take:40`, 9),
      ],
      [stack(`${UNLOCK}; shop.(*Stock).fill.func1:50`, 8), stack(`${UNLOCK}; shop.(*Cart).sum:22`, 3)],
      null,
    );
    expect(others).toEqual([]);
    expect(first).toMatchObject({
      ...{ name: 'a lock of Stock', matchedBy: 'type' },
      holders: [{ site: { function: 'shop.(*Stock).fill.func1', line: 50 } }],
    });
    expect(second).toMatchObject({
      ...{ name: 'a lock of Cart', matchedBy: 'type' },
      waiters: [{ site: { line: 12 }, delaySeconds: 3, contentions: 10 }],
    });
  });

  it('by the very lock where the facts name it on both sides', () => {
    const knowledge: LockKnowledge = {
      locksAsked: ({ line }) => [line === 12 ? 'shop.Cart.mu' : 'shop.Cart.index'],
      locksReleased: ({ line }) => (line === 22 ? ['shop.Cart.mu'] : line === 32 ? ['shop.Cart.index'] : []),
      nameOf: (id) => id.replace('shop.', ''),
    };
    const waited = [stack(`${LOCK}; shop.(*Cart).add:12`, 5), stack(`${LOCK}; shop.(*Cart).find:18`, 1)];
    const held = [stack(`${UNLOCK}; shop.(*Cart).sum:22`, 5), stack(`${UNLOCK}; shop.(*Cart).sort:32`, 1)];
    expect(joinLocks(waited, held, knowledge)).toMatchObject([
      { name: 'Cart.mu', matchedBy: 'lock', waiters: [{ site: { line: 12 } }], holders: [{ site: { line: 22 } }] },
      { name: 'Cart.index', matchedBy: 'lock', waiters: [{ site: { line: 18 } }], holders: [{ site: { line: 32 } }] },
    ]);
    // Without facts the two locks of the type are one, and it says by what.
    expect(joinLocks(waited, held, null)).toMatchObject([{ matchedBy: 'type', waiters: [{}, {}], holders: [{}, {}] }]);
  });

  it('by totals where one of each is left over, and only where they agree', () => {
    const waited = [stack(`${LOCK}; shop.(*Cart).add:12`, 4)];
    const released = (seconds: number) => [stack(`${UNLOCK}; store.(*Guard).done:9`, seconds)];
    expect(joinLocks(waited, released(5), null)).toMatchObject([{ matchedBy: 'totals', waiters: [{}], holders: [{}] }]);
    expect(joinLocks(waited, released(9), null).map((lock) => lock.matchedBy)).toEqual(['one-sided', 'one-sided']);
  });

  it('a lock inside of a library is told by the line that called it', () => {
    const [lock] = joinLocks([stack(`${LOCK}; log.(*Logger).output:20; log.Printf:5; main.handle:8`, 1)], [], null);
    expect(lock!.waiters[0]).toMatchObject({
      site: { function: 'main.handle', line: 8 },
      lockedIn: { function: 'log.(*Logger).output', line: 20 },
    });
  });

  it('keeps what one look can hold of ten thousand places', () => {
    const many = Array.from({ length: 10_000 }, (_, i) => stack(`${LOCK}; shop.(*T${i}).f:${i}`, i + 1));
    const locks = joinLocks(many, [], null);
    expect(locks).toHaveLength(20);
    expect(locks[0]!.waiters[0]!.delaySeconds).toBe(10_000);
  });
});
