import { isTidemarkError } from '@tidemark/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameKey } from './call-line.js';
import { NO_WORDS } from './entries.js';
import { DUMP_LIMITS, type DumpLimits } from './limits.js';
import { DumpStore } from './store.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (of: Uint8Array) => new TextDecoder().decode(of);

/** A frame as the parser hands it over. */
function frame(call: string, place = '\t/m.go:5 +0x1'): FrameKey {
  const key = new FrameKey();
  const line = bytes(call);
  if (!key.startCall(line, 0, line.length)) throw new Error(`${call} is no call`);
  const file = bytes(place);
  if (!key.finishFile(file, 0, file.length)) throw new Error(`${place} is no file`);
  return key;
}
function creator(name: string): { key: FrameKey; id: number } {
  const key = new FrameKey();
  const line = bytes(name);
  const id = key.startCreator(line, 0, line.length);
  const file = bytes('\t/m.go:9 +0x1');
  key.finishFile(file, 0, file.length);
  return { key, id };
}
const storeOf = (limits: Partial<DumpLimits> = {}) => new DumpStore({ ...DUMP_LIMITS, ...limits });
const header = (store: DumpStore, of: string) => store.header(bytes(of), 0, bytes(of).length);

/** Keeps one goroutine; gives what had to be dropped of it. */
function keep(store: DumpStore, id: number, state: string, ...calls: string[]) {
  store.begin(id, header(store, `[${state}]:`));
  for (const call of calls) store.frame(frame(call));
  return store.commit();
}
const rowsOf = (column: DumpStore['columns']['ids']) => Array.from({ length: column.length }, (_, i) => column.get(i));
const wordsOf = ({ columns: c }: DumpStore) => rowsOf(c.wordsLow).map((low, i) => c.wordsHigh.get(i) * 2 ** 32 + low);
const codeOf = (run: () => unknown) => {
  try {
    run();
    return null;
  } catch (error) {
    return isTidemarkError(error) ? error.code : String(error);
  }
};

describe('equal stacks and headers', () => {
  it('are kept once, whatever the argument words and ids are', () => {
    const store = storeOf();
    keep(store, 7, 'select', 'main.f(0x1)', 'main.g(0x2?)');
    keep(store, 8, 'select', 'main.f(0xfff)', 'main.g(0x3?)');
    keep(store, 9, 'running', 'main.f(0x1)', 'main.g(0x2?)');
    expect([store.stacks.size, store.frames.size, store.headers.length]).toEqual([1, 2, 2]);
    expect(rowsOf(store.columns.ids)).toEqual([7, 8, 9]);
    expect(rowsOf(store.columns.stacks)).toEqual([0, 0, 0]);
    expect(rowsOf(store.columns.headers)).toEqual([0, 0, 1]);
  });

  it.each([
    ['another order', ['main.g()', 'main.f()']],
    ['one frame less', ['main.f()']],
    ['one frame twice', ['main.f()', 'main.g()', 'main.g()']],
    ['a word that is dead where it lived', ['main.f()', 'main.g(0x1?)']],
  ])('%s is another stack', (_, calls) => {
    const store = storeOf();
    keep(store, 7, 'select', 'main.f()', 'main.g()');
    keep(store, 8, 'select', ...calls);
    expect(store.stacks.size).toBe(2);
  });

  it('a stack with frames left out, or not to be had, is not the whole one', () => {
    const store = storeOf();
    for (const mark of ['none', 'elided', 'unavailable'] as const) {
      store.begin(7, header(store, '[select]:'));
      store.frame(frame('main.f()'));
      if (mark !== 'none') store[mark]();
      store.commit();
    }
    expect(rowsOf(store.columns.stacks)).toEqual([0, 1, 2]);
  });

  it('more different frames than a byte or two can number stay apart', () => {
    const store = storeOf();
    const n = 70_000;
    for (let i = 0; i < n; i++) keep(store, i, 'select', `main.f${i}()`);
    expect([store.frames.size, store.stacks.size]).toEqual([n, n]);
    for (const i of [0, 255, 256, 65_535, 65_536, n - 1]) {
      const entry = store.stacks.bytes(i);
      const number = new DataView(entry.buffer, entry.byteOffset).getInt32(0, true);
      expect(text(store.frames.bytes(number))).toBe(`main.f${i}()\n/m.go:5`);
    }
  });

  it('a stack far deeper than the buffer begins with is kept whole', () => {
    const store = storeOf();
    const calls = Array.from({ length: 900 }, (_, i) => `main.f${i % 7}()`);
    keep(store, 7, 'select', ...calls);
    const entry = store.stacks.bytes(0);
    const numbers = new Int32Array(entry.buffer.slice(entry.byteOffset, entry.byteOffset + entry.length));
    expect([...numbers]).toEqual(calls.map((_, i) => i % 7));
  });
});

describe('argument words', () => {
  it('of up to 48 bits come back as they were, goroutine by goroutine', () => {
    const word = fc.integer({ min: 0, max: 2 ** 48 - 1 });
    fc.assert(
      fc.property(fc.array(fc.array(word, { maxLength: 5 }), { minLength: 1, maxLength: 8 }), (all) => {
        const store = storeOf();
        for (const [i, words] of all.entries())
          keep(store, i, 'select', `main.f(${words.map((w) => `0x${w.toString(16)}`).join(', ')})`);
        const read = wordsOf(store);
        const first = rowsOf(store.columns.firstWord);
        for (const [i, words] of all.entries()) expect(read.slice(first[i], first[i]! + words.length)).toEqual(words);
        expect(read).toHaveLength(all.flat().length);
      }),
    );
  });

  it('beyond the limit are dropped with a word about it, the goroutine is kept, and smaller ones still fit', () => {
    const store = storeOf({ maxArgumentWords: 3 });
    expect(keep(store, 7, 'select', 'main.f(0x1, 0x2)')).toBeNull();
    expect(keep(store, 8, 'select', 'main.f(0x3, 0x4)')).toBe('arguments-dropped');
    expect(keep(store, 9, 'select', 'main.g(0x5)')).toBeNull();
    expect(rowsOf(store.columns.firstWord)).toEqual([0, NO_WORDS, 2]);
    expect(wordsOf(store)).toEqual([1, 2, 5]);
  });

  it('of one goroutine never leak into the next', () => {
    const store = storeOf();
    store.begin(7, header(store, '[select]:'));
    store.frame(frame('main.f(0x1, 0x2)'));
    // Cut here: the next header comes without a commit.
    keep(store, 8, 'select', 'main.g(0x9)');
    expect([store.size, wordsOf(store), text(store.frames.bytes(1))]).toEqual([1, [9], 'main.g(\u0001)\n/m.go:5']);
    expect(store.stacks.bytes(0)).toHaveLength(4);
  });
});

describe('headers', () => {
  it('what is none has the number -1, however often it is asked', () => {
    const store = storeOf();
    for (const line of ['', '[', '[select]', '[select]: and more', '(select):', '[select]:'])
      for (let i = 0; i < 2; i++) expect(header(store, line)).toBe(line === '[select]:' ? 0 : -1);
    expect(header(store, '[select]: and more')).toBe(-1);
    expect(store.headers).toHaveLength(1);
  });

  it('longer than the buffer begins with are read to the end', () => {
    const store = storeOf();
    const value = 'x'.repeat(5000);
    expect(store.headers[header(store, `[select] {a: ${value}y}:`)]!.labels['a']).toBe(`${value}y`);
    expect(store.headers[header(store, `[select] {a: ${value}z}:`)]!.labels['a']).toBe(`${value}z`);
    expect(header(store, `[select] {a: ${value}y}:`)).toBe(0);
  });

  it('beyond the limit lose labels and minutes, keep state and the mark of a leak, and that is told', () => {
    const store = storeOf({ maxHeaders: 1 });
    expect(keep(store, 1, 'select, 1 minutes')).toBeNull();
    expect(keep(store, 2, 'select, 2 minutes, locked to thread')).toBe('labels-dropped');
    expect(keep(store, 3, 'select, 3 minutes')).toBe('labels-dropped');
    expect(keep(store, 4, 'select (leaked), 4 minutes')).toBe('labels-dropped');
    const of = (row: number) => store.headers[store.columns.headers.get(row)]!;
    expect([0, 1, 2, 3].map((row) => [of(row).waitMinutes, of(row).leaked, of(row).lockedToThread])).toEqual([
      [1, false, false],
      [null, false, false],
      [null, false, false],
      [null, true, false],
    ]);
    expect(rowsOf(store.columns.headers)).toEqual([0, 1, 1, 2]);
    expect(header(store, '[broken')).toBe(-1);
  });

  it('even of endlessly many states only so many are kept', () => {
    const store = storeOf({ maxHeaders: 1 });
    for (let i = 0; i < 3000; i++) expect(header(store, `[state ${i}]:`)).toBeGreaterThanOrEqual(0);
    expect(store.headers.length).toBeLessThan(1100);
  });
});

describe('limits', () => {
  it('the last goroutine that is allowed is kept, the next one is TM_LIMIT', () => {
    const store = storeOf({ maxGoroutines: 2 });
    keep(store, 1, 'select');
    keep(store, 2, 'select');
    expect(codeOf(() => store.begin(3, 0))).toBe('TM_LIMIT');
    expect(store.size).toBe(2);
  });

  it('frames deeper than allowed are refused, and the rest of the stack stays', () => {
    const store = storeOf({ maxFrames: 2 });
    store.begin(1, header(store, '[select]:'));
    expect(['a', 'b', 'c'].map((name) => store.frame(frame(`main.${name}()`)))).toEqual([true, true, false]);
    store.commit();
    expect([store.stacks.bytes(0).length, store.frames.size]).toEqual([8, 2]);
  });

  it('different frames beyond the bytes that are allowed are TM_LIMIT, equal ones cost nothing', () => {
    const store = storeOf({ maxDistinctBytes: 100 });
    for (let i = 0; i < 50; i++) keep(store, i, 'select', 'main.f()');
    expect(store.size).toBe(50);
    expect(codeOf(() => keep(store, 51, 'select', `main.${'g'.repeat(100)}()`))).toBe('TM_LIMIT');
  });
});

describe('sections', () => {
  it('begin at a row, once, and never before the first', () => {
    const store = storeOf();
    store.beginSection();
    keep(store, 1, 'select');
    store.beginSection();
    store.beginSection();
    keep(store, 2, 'select');
    expect(store.sectionStarts).toEqual([1]);
  });
});

describe('whether a goroutine’s end is missing', () => {
  const lacks = (
    id: number,
    calls: readonly string[],
    end: 'open' | 'elided' | 'unavailable' | 'created',
    line = false,
  ) => {
    const store = storeOf();
    store.begin(id, header(store, '[select]:'));
    for (const call of calls) store.frame(frame(call));
    if (end === 'created') store.creator(creator('main.main in goroutine 1').key, 1);
    else if (end !== 'open') store[end]();
    return store.currentLacksItsEnd(line);
  };

  it.each<[string, boolean, Parameters<typeof lacks>]>([
    ['no frame at all', true, [7, [], 'open']],
    ['no creator', true, [7, ['main.f()'], 'open']],
    ['a creator', false, [7, ['main.f()'], 'created']],
    ['a creator on an open line', false, [7, ['main.f()'], 'created', true]],
    ['the runtime’s own, which has none', false, [7, ['runtime.gopark()', 'runtime.forcegchelper()'], 'open']],
    ['a package that only begins like it', true, [7, ['runtimes.f()'], 'open']],
    ['goroutine 1, which has none', false, [1, ['main.main()'], 'open']],
    ['a stack that could not be printed', false, [7, [], 'unavailable']],
    ['frames left out, and nothing behind', true, [7, ['main.f()'], 'elided']],
  ])('%s: %s', (_, expected, given) => expect(lacks(...given)).toBe(expected));
});

describe('frames that are expected', () => {
  const LINES = bytes('main.f(0xabc)\n\t/m.go:5 +0x1\ncreated by main.main in goroutine 42\n\t/m.go:9 +0x1\n');

  it('are taken from the text with its own words and creator, once they were learned', () => {
    const store = storeOf();
    const select = header(store, '[select]:');
    store.begin(7, select);
    expect(store.expectedFrame(LINES, 0)).toBe(-1);
    store.frame(frame('main.f(0x1)'));
    const created = creator('main.main in goroutine 3');
    store.creator(created.key, created.id);
    store.commit();

    store.begin(8, select);
    const next = store.expectedFrame(LINES, 0);
    expect(text(LINES.subarray(0, next))).toBe('main.f(0xabc)\n\t/m.go:5 +0x1\n');
    expect(store.hasCreator).toBe(false);
    expect(store.expectedFrame(LINES, next)).toBe(LINES.length);
    expect(store.hasCreator).toBe(true);
    // Behind a creator nothing belongs to the stack any more.
    expect(store.expectedFrame(LINES, 0)).toBe(-1);
    store.commit();
    expect([rowsOf(store.columns.stacks), rowsOf(store.columns.creators), wordsOf(store)]).toEqual([
      [0, 0],
      [3, 42],
      [1, 0xabc],
    ]);
  });

  it('are not taken beyond the limit of frames', () => {
    const store = storeOf({ maxFrames: 2 });
    keep(store, 7, 'select', 'main.f(0x1)', 'main.f(0x1)');
    store.begin(8, header(store, '[select]:'));
    expect([1, 2, 3].map(() => store.expectedFrame(LINES, 0) > 0)).toEqual([true, true, false]);
  });
});
