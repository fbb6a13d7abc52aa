import { readFileSync } from 'node:fs';
import { isTidemarkError } from '@tidemark/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Goroutine, type GoroutineDump, parseDump, stackGroups, waitGraph, waitKind } from './index.js';

const fixture = (name: string) => readFileSync(new URL(`../testdata/${name}.txt`, import.meta.url), 'utf8');
/** What a goroutine says, without the number that its stack has in this dump. */
const plain = ({ stack: { index: _, ...stack }, ...rest }: Goroutine) => ({ ...rest, stack });
const byId = (dump: GoroutineDump) =>
  new Map(Array.from({ length: dump.size }, (_, row) => [dump.id(row), plain(dump.goroutine(row))]));

const FORMS = ['go1.19-sigquit', 'go1.24-debug2', 'go1.26-debug2', 'go1.26-sigquit', 'go1.27-panic'];

describe.each(FORMS)('damage in %s', (name) => {
  const text = fixture(name);
  const lines = text.split('\n');
  const whole = byId(parseDump(text));
  /** The goroutine that each line belongs to; 0 for what stands outside. */
  let current = 0;
  const owner = lines.map((line) => {
    const id = /^goroutine (\d+) /.exec(line)?.[1];
    if (id) current = Number(id);
    else if (line === '') current = 0;
    return current;
  });
  const inside = lines.flatMap((line, at) =>
    line !== '' && !line.startsWith('goroutine ') && owner[at] !== 0 ? [at] : [],
  );

  it('to one line of a stack is damage to that goroutine alone', () => {
    const damage = fc.oneof(
      fc.constant(''),
      fc.string({ unit: 'binary', maxLength: 30 }).map((s) => s.replaceAll('\n', '').replaceAll('\u001b', '')),
      fc.constantFrom(
        'main.f(',
        'created by',
        '\t',
        '\t/x.go:',
        '0x1',
        '...',
        ')',
        'goroutine',
        'a: b',
        '\t/x.go:1 +0x',
      ),
    );
    fc.assert(
      fc.property(fc.constantFrom(...inside), damage, fc.boolean(), (at, put, instead) => {
        // An empty line ends a goroutine: its rest is lost with it, and nothing else.
        const changed = [...lines.slice(0, at), put, ...lines.slice(instead ? at + 1 : at)].join('\n');
        const read = byId(parseDump(changed));
        expect([...read.keys()]).toEqual([...whole.keys()]);
        for (const [id, one] of read) if (id !== owner[at]) expect(one).toEqual(whole.get(id));
        expect(read.get(owner[at]!)?.header).toEqual(whole.get(owner[at]!)!.header);
      }),
      { numRuns: 60 },
    );
  });

  it('a goroutine taken out, or moved, changes no other', () => {
    const blocks = text.split(/\n\n(?=goroutine )/);
    fc.assert(
      fc.property(fc.subarray(blocks.slice(1), { minLength: 1 }), (kept) => {
        const read = byId(parseDump([blocks[0], ...kept.reverse()].join('\n\n')));
        for (const [id, one] of read) expect(one).toEqual(whole.get(id));
        expect(read.size).toBe(kept.length + (/^goroutine \d+ /m.test(blocks[0]!) ? 1 : 0));
      }),
      { numRuns: 30 },
    );
  });

  it('of any bytes ends in a dump or in an error with a code', () => {
    const bytes = new TextEncoder().encode(text);
    const flip = fc.record({ at: fc.nat({ max: bytes.length - 1 }), to: fc.nat({ max: 255 }) });
    fc.assert(
      fc.property(fc.array(flip, { minLength: 1, maxLength: 200 }), (flips) => {
        const damaged = bytes.slice();
        for (const { at, to } of flips) damaged[at] = to;
        try {
          const dump = parseDump(damaged);
          for (let section = 0; section < dump.sections.length; section++) waitGraph(dump, { section });
          for (const group of stackGroups(dump)) expect(group.count).toBe(group.ids.length);
        } catch (error) {
          if (!isTidemarkError(error)) throw error;
        }
      }),
      { numRuns: 60 },
    );
  });
});

/** What the program behind the fixtures is stuck in: every Go version and form must tell the same. */
describe.each([
  'go1.19-debug2',
  'go1.21-debug2',
  'go1.24-debug2',
  'go1.26-debug2',
  'go1.27-debug2',
  'go1.19-sigquit',
  'go1.26-sigquit',
  'go1.26-panic',
])('the locks of %s', (name) => {
  const dump = parseDump(fixture(name));
  const { locks, cycles, limits } = waitGraph(dump);
  const waitersOf = (place: string) => locks.filter((lock) => lock.waiters.some((w) => w.site.function === place));

  it('two that wait for one mutex wait for one lock, a field of the store', () => {
    const [lock, ...others] = waitersOf('main.(*store).lock');
    expect(others).toEqual([]);
    expect(lock!.kind).toBe('mutex');
    expect(lock!.waiters).toHaveLength(
      stackGroups(dump)
        .filter((g) => g.frames.some((f) => f.function === 'main.(*store).lock'))
        .reduce((n, g) => n + g.count, 0),
    );
    if (lock!.offset !== null) expect(lock!.offset).toBe(16);
  });

  it('readers and writers wait for another one than that', () => {
    const rw = [...waitersOf('main.(*store).read'), ...waitersOf('main.(*store).write')];
    expect(rw.length).toBeGreaterThan(0);
    for (const lock of rw) expect(lock.kind).toBe('rwmutex');
    expect(rw.some((lock) => waitersOf('main.(*store).lock').includes(lock))).toBe(false);
  });

  it('groups and conditions are waited for and held by nobody', () => {
    for (const [place, kind] of [
      ['main.(*store).wait', 'waitgroup'],
      ['main.(*store).listen', 'cond'],
    ] as const) {
      for (const lock of waitersOf(place)) expect([lock.kind, lock.holder.goroutine]).toEqual([kind, null]);
    }
  });

  it('nothing is proven without source, and that is said; a cycle is no more than possible', () => {
    // Without facts a frame that merely has the object may be named, but a cycle of likely holders would be a false alarm.
    for (const cycle of cycles) expect(cycle.map((at) => locks[at]!.holder.confidence)).toContain('possible');
    for (const lock of locks) expect(lock.holder.confidence).not.toBe('proven');
    expect(limits.join()).toContain('no facts of the build');
  });

  it('whoever waits for a lock is listed once, with the goroutine that the dump has', () => {
    const rows = locks.flatMap((lock) => lock.waiters.map((w) => w.row));
    expect(new Set(rows).size).toBe(rows.length);
    for (const lock of locks)
      for (const { row, goroutine, waitsIn } of lock.waiters) {
        expect(goroutine).toBe(dump.id(row));
        const { frames } = dump.stack(dump.stackIndex(row));
        expect(waitsIn).toBe(waitKind({ frames, state: dump.header(row).state }));
      }
  });
});
