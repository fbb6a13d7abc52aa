import { readFileSync } from 'node:fs';
import { isTidemarkError, userFrame } from '@tidemark/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DumpParser,
  type GoroutineDump,
  groupGoroutines,
  parseDump,
  stackGroups,
  uninteresting,
  waitKind,
} from './index.js';

const FORMS = [
  'go1.19-debug2',
  'go1.19-panic',
  'go1.19-sigquit',
  'go1.21-debug2',
  'go1.21-panic',
  'go1.24-debug2',
  'go1.24-panic',
  'go1.26-debug2',
  'go1.26-panic',
  'go1.26-sigquit',
  'go1.26-stack',
  'go1.27-debug2',
  'go1.27-panic',
];

function fixture(name: string): Buffer {
  return readFileSync(new URL(`../testdata/${name}.txt`, import.meta.url));
}

/** What is in a dump, without what depends on how it was cut into pieces. */
function content(dump: GoroutineDump) {
  return Array.from({ length: dump.size }, (_, row) => dump.goroutine(row));
}

/** What the fixture program does at each place, which every version and form must tell. */
const EXPECTED: Record<string, string> = {
  'main.(*store).lock': 'mutex',
  'main.(*store).read': 'rwmutex-r',
  'main.(*store).write': 'rwmutex-w',
  'main.(*store).wait': 'waitgroup',
  'main.(*store).listen': 'cond',
  'main.(*store).send': 'chan send',
  'main.(*store).receive': 'chan receive',
  'main.both[...]': 'select',
  'main.main.func1': 'select (no cases)',
  'main.main.func2': 'chan send (nil chan)',
  'main.main.func3': 'chan receive (nil chan)',
};

describe.each(FORMS)('%s', (name) => {
  const dump = parseDump(fixture(name));
  const groups = stackGroups(dump);

  it('tells what every goroutine waits in', () => {
    for (const [place, kind] of Object.entries(EXPECTED)) {
      const found = groups.filter((group) => userFrame(group.frames)?.function === place);
      expect(found.length, place).toBeGreaterThan(0);
      for (const group of found) expect(waitKind(group), place).toBe(kind);
    }
  });

  it('tells it from the leaf frames alone wherever they are printed', () => {
    for (const group of groups) {
      const fromFrames = waitKind({ frames: group.frames, state: null });
      if (fromFrames !== 'unknown') expect(fromFrames).toBe(waitKind(group).replace(' (nil chan)', ''));
    }
  });

  it('knows who started each, and by which goroutine from 1.21 on', () => {
    for (const row of content(dump)) {
      if (row.stack.creator?.function !== 'main.main') continue;
      expect(row.creatorId).toBe(name.startsWith('go1.19') ? null : 1);
    }
  });

  it('finds the deep stack', () => {
    expect(groups.filter((group) => group.frames.filter((f) => f.function === 'main.deep').length > 40)).toHaveLength(
      1,
    );
  });

  it('reads the same from pieces of any size', () => {
    const text = fixture(name);
    for (const size of [1, 7, 64, 4096]) {
      const parser = new DumpParser();
      for (let at = 0; at < text.length; at += size) parser.push(text.subarray(at, at + size));
      expect(content(parser.end())).toEqual(content(dump));
    }
  });

  it('reads the same through CRLF, colours and log lines in between', () => {
    const lines = fixture(name).toString().split('\n');
    const disturbed = lines.flatMap((line) =>
      line === '' ? [line] : [`\u001b[31m${line}\u001b[0m`, '2026/01/02 15:04:05 worker: retry (3) of done(7)'],
    );
    const read = parseDump(disturbed.join('\r\n'));
    expect(content(read)).toEqual(content(dump));
    expect(read.diagnostics.map((d) => d.kind)).toEqual(
      expect.arrayContaining(['text-inside', 'colour-codes', 'carriage-returns']),
    );
  });

  it('survives being cut anywhere, and says so', () => {
    const text = fixture(name).toString();
    fc.assert(
      fc.property(fc.integer({ min: 300, max: text.length - 200 }), (at) => {
        const part = parseDump(text.slice(0, at));
        expect(part.size).toBeLessThanOrEqual(dump.size);
        for (let row = 0; row < part.size - 1; row++) expect(part.goroutine(row)).toEqual(dump.goroutine(row));
      }),
      { numRuns: 100 },
    );
  });
});

describe('labels', () => {
  it.each(['go1.26-debug2', 'go1.27-debug2'])('are read whole from %s', (name) => {
    const labelled = stackGroups(parseDump(fixture(name))).filter((group) => Object.keys(group.labels).length > 0);
    expect(labelled.map((group) => ({ ...group.labels }))).toEqual([{ handler: '/pay', note: 'a]b, "c": {d}' }]);
    expect(waitKind(labelled[0]!)).toBe('chan receive');
  });
});

describe('addresses', () => {
  it('of waiters on one lock are equal, and live words come back by position', () => {
    const rows = content(parseDump(fixture('go1.26-debug2')));
    const locks = rows
      .filter((g) => userFrame(g.stack.frames)?.function === 'main.(*store).lock')
      .map((g) => g.words[g.stack.frames.findIndex((f) => f.function === 'internal/sync.(*Mutex).lockSlow')]![0]);
    expect(locks).toHaveLength(2);
    expect(locks[0]).toBeGreaterThan(4096);
    expect(locks[0]).toBe(locks[1]);
    const reader = rows.find((g) => userFrame(g.stack.frames)?.function === 'main.(*store).read')!;
    const receiver = reader.words[reader.stack.frames.findIndex((f) => f.function === 'main.(*store).read')]![0]!;
    // name string (16 bytes), then mu.
    expect(locks[0]! - receiver).toBe(16);
  });

  it('marked as dead are dropped', () => {
    const dump = parseDump(
      'goroutine 1 [running]:\nmain.f(0x1?, {0xc000012345, _, 0x2?}, 0xffffffffffffffff, ...)\n\t/a.go:1 +0x1\n',
    );
    expect(dump.goroutine(0).words).toEqual([[null, 0xc000012345, null, null, 0]]);
    expect(dump.goroutine(0).stack.frames[0]!.words).toEqual(['dead', 'live', 'unknown', 'dead', 'live']);
  });
});

describe('what is no dump', () => {
  const code = (text: string | Uint8Array) => {
    try {
      parseDump(text);
      return null;
    } catch (error) {
      return isTidemarkError(error) ? error.code : error;
    }
  };
  it('is refused with a reason', () => {
    expect(code('')).toBe('TM_FILE_EMPTY');
    expect(code('hello\nworld\n')).toBe('TM_NOT_A_PROFILE');
    expect(code('goroutine profile: total 3\n3 @ 0x1 0x2\n')).toBe('TM_NOT_A_PROFILE');
    expect(code(new Uint8Array([0x1f, 0x8b, 8, 0, 0]))).toBe('TM_NOT_A_PROFILE');
    expect(code('goroutine 5 [chan send] and then some words\n')).toBe('TM_NOT_A_PROFILE');
  });

  it('never crashes nor hangs', () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'goroutine 7 [select]:',
        '\t/x.go:1 +0x2',
        'main.f(0x1)',
        'created by main.f',
        '',
        'main.(*T).g(...)',
      ),
      fc.string().map((s) => `goroutine 1 [${s}]:`),
      fc.string().map((s) => `main.f(${s})`),
      fc.string().map((s) => `\t${s}:12`),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 60 }), fc.boolean(), (lines, ended) => {
        try {
          content(parseDump(lines.join('\n') + (ended ? '\n' : '')));
        } catch (error) {
          if (!isTidemarkError(error)) throw error;
        }
      }),
    );
  });
});

describe('limits', () => {
  const many = (n: number, header = 'select') =>
    Array.from(
      { length: n },
      (_, i) => `goroutine ${i + 1} [${header.replace('#', `${i}`)}]:\nmain.f(0xc0000${i})\n\t/a.go:1 +0x1\n`,
    ).join('\n');

  it('are errors with a code or told', () => {
    expect(() => parseDump(many(11), { maxGoroutines: 10 })).toThrow(/more than 10 goroutines/);
    expect(() => parseDump(many(2).replaceAll('/a.go', 'x'.repeat(200)), { maxDistinctBytes: 100 })).toThrow(
      /different lines/,
    );
    const kinds = (dump: GoroutineDump) => dump.diagnostics.map((d) => d.kind);
    const fewWords = parseDump(many(10), { maxArgumentWords: 5 });
    expect(kinds(fewWords)).toContain('arguments-dropped');
    expect(fewWords.goroutine(4).words).toEqual([[0xc00004]]);
    expect(fewWords.goroutine(5).words).toEqual([[null]]);
    const fewHeaders = parseDump(many(10, 'select, # minutes'), { maxHeaders: 5 });
    expect(fewHeaders.size).toBe(10);
    expect(fewHeaders.header(9)).toMatchObject({ state: 'select', waitMinutes: null });
    expect(fewHeaders.header(1)).toMatchObject({ state: 'select', waitMinutes: 1 });
    const long = parseDump(`goroutine 1 [select]:\n${'x'.repeat(5000)}\nmain.f()\n\t/a.go:1\n`, { maxLineBytes: 1000 });
    expect(kinds(long)).toContain('line-too-long');
    expect(long.goroutine(0).stack.frames).toHaveLength(1);
  });
});

describe('several dumps in one text', () => {
  it('are kept apart', () => {
    const text = fixture('go1.26-debug2').toString();
    const one = parseDump(text);
    const two = parseDump(`${text}\n--- and another process ---\n\n${fixture('go1.27-debug2')}`);
    expect(two.sections).toEqual([0, one.size]);
    expect(two.diagnostics.find((d) => d.kind === 'several-dumps')?.count).toBe(2);
    expect(stackGroups(two, 0)).toEqual(stackGroups(one));
  });
});

describe('grouping', () => {
  const dump = parseDump(fixture('go1.26-debug2'));
  it('by each of the words keeps every goroutine once', () => {
    for (const by of ['user', 'current', 'go', 'start', 'running', 'state', 'stack', 'label:handler'] as const) {
      const groups = groupGoroutines(dump, by);
      expect(
        groups.reduce((sum, group) => sum + group.count, 0),
        by,
      ).toBe(dump.size);
    }
  });
  it('by label finds the request', () => {
    expect(groupGoroutines(dump, 'label:handler').map((g) => [g.key, g.count])).toContainEqual(['/pay', 1]);
  });
});

describe('the uninteresting', () => {
  it('are the runtime, the dump itself and the listener, and nothing of the program', () => {
    const dropped = stackGroups(parseDump(fixture('go1.26-sigquit'))).filter((group) => uninteresting(group));
    expect(new Set(dropped.map((group) => uninteresting(group)!.id))).toEqual(new Set(['runtime', 'accept']));
    for (const group of dropped) {
      if (waitKind(group) !== 'io') expect(userFrame(group.frames)?.function.startsWith('main.')).toBe(false);
    }
    const kept = stackGroups(parseDump(fixture('go1.26-debug2'))).filter((group) => !uninteresting(group));
    expect(kept.map((group) => userFrame(group.frames)!.function)).toEqual(
      expect.arrayContaining(Object.keys(EXPECTED)),
    );
  });
});
