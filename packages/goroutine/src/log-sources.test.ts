import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DiagnosticKind, DumpParser, type GoroutineDump, parseDump, stackGroups, waitGraph } from './index.js';

const fixture = (name: string) => readFileSync(new URL(`../testdata/${name}.txt`, import.meta.url), 'utf8');
const content = (dump: GoroutineDump) => Array.from({ length: dump.size }, (_, row) => dump.goroutine(row));
const countOf = (dump: GoroutineDump, kind: DiagnosticKind) =>
  dump.diagnostics.find((d) => d.kind === kind)?.count ?? 0;

/** One line as a collector stores it. `n` counts lines: times and ids go on from line to line. */
type Collector = (line: string, n: number) => string;

const pad = (n: number, width: number) => String(n).padStart(width, '0');
/** RFC 3339 as Go prints it: zeros at the end of the fraction are left out. */
const rfc3339 = (n: number) =>
  `2026-11-24T10:${pad(Math.floor(n / 60) % 60, 2)}:${pad(n % 60, 2)}.${pad(n * 7919, 9)}Z`.replace(/\.?0+Z$/, 'Z');
const clock = (n: number) =>
  `${pad(9 + (Math.floor(n / 50) % 2), 2)}:${pad(Math.floor(n / 50) % 60, 2)}:${pad(n % 60, 2)}`;

const COLLECTORS: Record<string, Collector> = {
  'kubectl logs --timestamps': (line, n) => `${rfc3339(n)} ${line}`,
  'kubectl logs --prefix': (line) => `[pod/shop-7d9f4b-x2x/shop] ${line}`,
  'kubectl logs --prefix --timestamps': (line, n) => `[pod/shop-7d9f4b-x2x/shop] ${rfc3339(n)} ${line}`,
  'docker compose': (line) => `shop-1  | ${line}`,
  'docker compose, blanks at the end trimmed': (line) => `shop-1  | ${line}`.trimEnd(),
  'docker compose in colour': (line) => `\u001b[36mshop-1  | \u001b[0m${line}`,
  'docker compose --timestamps': (line, n) => `shop-1  | ${rfc3339(n)} ${line}`,
  stern: (line) => `shop-7d9f4b-x2x shop ${line}`,
  'CRI files': (line, n) => `${rfc3339(n)} stderr F ${line}`,
  'CRI files, long lines in pieces': (line, n) =>
    line.length < 60 || !line.startsWith('\t')
      ? `${rfc3339(n)} stderr F ${line}`
      : `${rfc3339(n)} stderr P ${line.slice(0, 50)}\n${rfc3339(n)} stderr F ${line.slice(50)}`,
  journalctl: (line, n) => `Nov ${n < 40 ? ' 9' : '10'} ${clock(n)} web-3 shop[123]: ${line}`,
  'journalctl over a new month': (line, n) => `${n < 30 ? 'Nov 30' : 'Dec  1'} ${clock(n)} web-3 shop[123]: ${line}`,
  'journalctl -o short-monotonic': (line, n) => `[${(99.5 + n).toFixed(6).padStart(12)}] web-3 shop[123]: ${line}`,
  'journalctl -o short-unix': (line, n) => `${1764000000 + n}.123456 web-3 shop[123]: ${line}`,
  'syslog RFC 5424': (line, n) => `<11>1 ${rfc3339(n)} web-3 shop 123 - - ${line}`,
  'rsyslog, which writes tabs as numbers and no empty lines': (line, n) =>
    line === '' ? '' : `Nov 24 ${clock(n)} web-3 shop[123]: ${line.replaceAll('\t', '#011')}`,
  'systemd with a zone': (line, n) => `2026-11-24 ${clock(n)},${pad(n, 3)} +0100 ${line}`,
  'the time of the C library': (line, n) => `Tue Nov 24 ${clock(n)} 2026 ${line}`,
  'docker json-file': (line, n) => JSON.stringify({ log: `${line}\n`, stream: 'stderr', time: rfc3339(n) }),
  'docker json-file, long lines in pieces': (line, n) => {
    const entry = (log: string) => JSON.stringify({ log, stream: 'stderr', time: rfc3339(n) });
    return line.length < 60 || !line.startsWith('\t')
      ? entry(`${line}\n`)
      : `${entry(line.slice(0, 50))}\n${entry(`${line.slice(50)}\n`)}`;
  },
  'JSON of a forwarder, members in any order': (line, n) => {
    const members = [
      ['n', n],
      ['message', line],
      ['kubernetes', { pod_name: 'shop-x2x', labels: { app: 'shop' } }],
    ];
    return JSON.stringify(Object.fromEntries(n % 2 === 0 ? members : members.reverse()));
  },
  'journalctl -o json': (line, n) => JSON.stringify({ __CURSOR: `s=${n * 77777}`, _PID: '123', MESSAGE: line }),
  'JSON behind a time': (line, n) => `${rfc3339(n)} ${JSON.stringify({ line, ts: n })}`,
  'an indented quotation': (line) => `    ${line}`,
  'a mail': (line) => `> ${line}`,
  'a forwarder that trims lines': (line) => `shop | ${line.trim()}`,
};

const collected = (text: string, collector: Collector) => text.split('\n').map(collector).join('\n');

/** More than one dump's worth of states, words, labels and elided frames. */
const FORMS = ['go1.19-panic', 'go1.26-debug2', 'go1.26-sigquit', 'go1.27-debug2'];

describe.each(Object.entries(COLLECTORS))('a dump out of %s', (_, collector) => {
  it.each(FORMS)('%s is read as if it stood alone', (form) => {
    const bare = parseDump(fixture(form));
    const read = parseDump(collected(fixture(form).trimEnd(), collector));
    expect(content(read)).toEqual(content(bare));
    expect([read.cut, read.sections]).toEqual([bare.cut, bare.sections]);
    // Without empty lines what follows the last stack cannot be told from what stands in it.
    const skipped = (dump: GoroutineDump) => countOf(dump, 'text-inside') + countOf(dump, 'text-outside');
    // An empty line before the first header is not known to be one: its prefix is learned there.
    expect([0, 1]).toContain(skipped(read) - skipped(bare));
    expect(countOf(read, 'log-lines')).toBeGreaterThan(read.size * 3);
  });
});

describe('any prefix', () => {
  // What stands before the time and behind it; the last byte of a prefix is no part of a word.
  const word = fc.stringMatching(/^[a-zA-Z0-9_./[\]()<>=#-]{0,12}$/);
  const stamp = fc.constantFrom<(n: number) => string>(
    () => '',
    rfc3339,
    clock,
    (n) => `2026/11/24 ${clock(n)}.${n}`,
  );
  const mark = fc.constantFrom(' ', ': ', ' | ', '] ', '\t', ' > ');
  it('that stays the same but for a time is taken off, in pieces of any size', () => {
    const bare = parseDump(fixture('go1.26-debug2'));
    const lines = fixture('go1.26-debug2').trimEnd().split('\n');
    fc.assert(
      fc.property(word, stamp, word, mark, fc.integer({ min: 1, max: 5000 }), (before, time, after, end, size) => {
        // A word of digits alone beside a time reads as a part of it.
        const prefix = (n: number) => `${before}x ${time(n)} ${after}x${end}`;
        const text = new TextEncoder().encode(lines.map((line, n) => prefix(n) + line).join('\n'));
        const parser = new DumpParser();
        for (let at = 0; at < text.length; at += size) parser.push(text.subarray(at, at + size));
        const read = parser.end();
        expect(content(read)).toEqual(content(bare));
        expect(stackGroups(read)).toEqual(stackGroups(bare));
      }),
      { numRuns: 60 },
    );
  });
});

const goroutine = (id: number, name = 'f') =>
  `goroutine ${id} [select]:\nmain.${name}(0xc000012345)\n\t/src/${name}.go:2 +0x1\ncreated by main.main in goroutine 1\n\t/src/main.go:1 +0x1`;
const idsOf = (dump: GoroutineDump) => Array.from({ length: dump.size }, (_, row) => dump.id(row));
const behind = (prefix: string, text: string) => text.replace(/^/gm, prefix);

describe('log lines of others in between', () => {
  it('are no part of any stack, wherever they stand', () => {
    const lines = collected(`${goroutine(7)}\n\n${goroutine(8)}`, COLLECTORS['docker compose']!).split('\n');
    for (let at = 0; at <= lines.length; at++) {
      const noise = ['db-1    | main.g(0x1)', 'db-1    | \t/db.go:7 +0x1', 'shop-1  | level=info msg="done (3) of 7"'];
      const read = parseDump([...lines.slice(0, at), ...noise, ...lines.slice(at)].join('\n'));
      expect(idsOf(read), `before line ${at + 1}`).toEqual([7, 8]);
      for (const one of content(read)) expect(one.stack.frames.map((f) => f.function)).toEqual(['main.f']);
      expect(read.cut).toBe(false);
    }
  });

  it('of stdout are told from stderr by what a JSON entry says of its source', () => {
    const entry = (log: string, stream: string) => JSON.stringify({ log: `${log}\n`, stream });
    const lines = goroutine(7)
      .split('\n')
      .flatMap((line) => [entry(line, 'stderr'), entry('main.noise(0x1)', 'stdout')]);
    const read = parseDump(lines.join('\n'));
    expect(content(read).map((g) => g.stack.frames.length)).toEqual([1]);
    expect(countOf(read, 'call-without-file')).toBe(0);
  });

  it('are counted, and the first is shown with its line', () => {
    const read = parseDump(`a | hello\na | ${goroutine(7).replaceAll('\n', '\na | ')}\na | bye`);
    expect(read.diagnostics.map(({ kind, count, line, sample }) => [kind, count, line, sample])).toEqual([
      ['text-outside', 1, 1, 'a | hello'],
      ['log-lines', 6, 2, 'a | goroutine 7 [select]:'],
      ['text-inside', 1, 7, 'bye'],
    ]);
  });
});

describe('several sources', () => {
  const a = (text: string) => behind('shop[123]: ', text);
  const b = (text: string) => behind('shop[124]: ', text);
  const plain = (text: string) => text;

  it.each([
    ['one process after the other', a, b],
    ['a plain dump, then a collected one', plain, b],
    ['a collected dump, then a plain one', a, plain],
  ])('%s are two dumps, though no id repeats', (_, first, second) => {
    const read = parseDump(`${first(goroutine(7))}\n\n${second(goroutine(8))}\n`);
    expect([idsOf(read), read.sections, read.cut]).toEqual([[7, 8], [0, 1], false]);
    expect(read.diagnostics.find((d) => d.kind === 'several-dumps')?.count).toBe(2);
  });

  it('two processes that dump at one time are never mixed, and what is missing is told', () => {
    const one = a(`${goroutine(7)}\n\n${goroutine(8)}`).split('\n');
    const two = b(`${goroutine(17, 'g')}\n\n${goroutine(18, 'g')}`).split('\n');
    const bits = fc.array(fc.boolean(), { minLength: one.length + two.length, maxLength: one.length + two.length });
    fc.assert(
      fc.property(bits, (picks) => {
        const left: [string[], string[]] = [[...one], [...two]];
        const merged = picks.map((pick) =>
          (left[pick ? 0 : 1].length > 0 ? left[pick ? 0 : 1] : left[pick ? 1 : 0]).shift(),
        );
        const read = parseDump(merged.join('\n'));
        for (let section = 0; section < read.sections.length; section++) {
          const [from, to] = read.sectionRange(section);
          const sides = new Set(
            idsOf(read)
              .slice(from, to)
              .map((id) => id < 10),
          );
          expect(sides.size).toBe(1);
        }
        for (const { id, stack } of content(read)) {
          expect(stack.frames.map((f) => f.function)).toEqual([id < 10 ? 'main.f' : 'main.g']);
        }
        if (read.size < 4) expect([read.cut, countOf(read, 'other-source') > 0]).toEqual([true, true]);
      }),
    );
  });

  it('no lock of one process is said to be held by nobody because another one wrote in between', () => {
    const waiter = goroutine(7)
      .replace('select', 'sync.Mutex.Lock')
      .replace(
        'main.f(0xc000012345)',
        'internal/sync.(*Mutex).lockSlow(0xc000012345)\n\t/sync/mutex.go:1 +0x1\nmain.(*T).get(0xc000012345)',
      );
    const alone = waitGraph(parseDump(a(waiter))).locks[0]!;
    expect(alone.holder.kind).toBe('gone');
    const disturbed = a(waiter).split('\n');
    disturbed.splice(3, 0, ...b(goroutine(9)).split('\n'));
    expect(waitGraph(parseDump(disturbed.join('\n'))).locks[0]!.holder.kind).toBe('unknown');
  });

  it('a process that starts again under another pid is a dump of its own, though empty lines are lost', () => {
    const read = parseDump(`${a(goroutine(7))}\n${a('exit status 2')}\n${b(goroutine(7))}\n`);
    expect([read.size, read.sections, read.cut]).toEqual([2, [0, 1], false]);
  });
});

describe('a stack inside of one log entry', () => {
  const STACK = `${goroutine(7).replace('select', 'running')}\n`;
  it.each<[string, (stack: string) => string]>([
    ['JSON', (stack) => JSON.stringify({ level: 'error', stack, pod: 'x' })],
    ['JSON with a message before it', (stack) => JSON.stringify({ msg: `panic: "boom"\n\n${stack}` })],
    ['JSON behind a time', (stack) => `${rfc3339(1)} ${JSON.stringify({ stack })}`],
    ['JSON of a logger in JSON of docker', (stack) => JSON.stringify({ log: `${JSON.stringify({ stack })}\n` })],
    ['logfmt as Go quotes it', (stack) => `level=error err="a \\"b\\"" stack=${JSON.stringify(stack)} n=1`],
    [
      '%q with an escape that JSON has not',
      (stack) => `panic ${JSON.stringify(`\u0007${stack}`).replace('\\u0007', '\\a')}`,
    ],
    ['logfmt in JSON', (stack) => JSON.stringify({ log: `level=error stack=${JSON.stringify(stack)}` })],
  ])('%s is read', (_, entry) => {
    const read = parseDump(`starting\n${entry(STACK)}\nstopped\n`);
    expect(content(read)).toMatchObject([{ id: 7, header: { state: 'running' }, creatorId: 1 }]);
    expect(read.goroutine(0).stack.frames).toEqual(parseDump(STACK).goroutine(0).stack.frames);
    expect([countOf(read, 'log-entries'), countOf(read, 'text-outside'), read.cut]).toEqual([
      1,
      expect.any(Number),
      false,
    ]);
  });

  it('each is a dump of its own: they come from different times', () => {
    const entry = (id: number) => JSON.stringify({ stack: goroutine(id) });
    const read = parseDump([entry(7), 'x', entry(8), entry(8)].join('\n'));
    expect([idsOf(read), read.sections]).toEqual([
      [7, 8, 8],
      [0, 1, 2],
    ]);
  });

  it('that the collector cut short is read as far as it goes, and told', () => {
    const whole = JSON.stringify({ stack: `${goroutine(7)}\n\n${goroutine(8)}` });
    for (let keep = whole.indexOf('created by') + 3; keep < whole.length - 60; keep += 7) {
      const read = parseDump(`${whole.slice(0, keep)}\nnext line\n`);
      expect(read.id(0)).toBe(7);
      const isCut = !/created by main\.main in goroutine 1\\n\\t\/src\/main.go:1/.test(whole.slice(0, keep));
      if (isCut) expect(read.cut, whole.slice(keep - 20, keep)).toBe(true);
    }
  });

  it('in the middle of another stack does not end that one', () => {
    const lines = goroutine(7).split('\n');
    const read = parseDump(
      [...lines.slice(0, 2), JSON.stringify({ stack: goroutine(9) }), ...lines.slice(2)].join('\n'),
    );
    expect(content(read)).toMatchObject([{ id: 7, creatorId: 1 }]);
    expect([read.goroutine(0).stack.frames.length, read.cut]).toEqual([1, true]);
  });
});

describe('a logger that marks the first line of an entry only', () => {
  const WHEN = '2026/11/24 10:00:00 ';
  it.each<[string, (stack: string) => string]>([
    ['log.Printf', (stack) => `${WHEN}${stack}`],
    ['log.Printf with a word', (stack) => `${WHEN}shop: recovered, stack: ${stack}`],
    ['log.Printf in docker compose', (stack) => behind('shop-1  | ', `${WHEN}${stack}`)],
    [
      'log.Printf in JSON',
      (stack) =>
        `${WHEN}${stack}`
          .split('\n')
          .map((log) => JSON.stringify({ log: `${log}\n` }))
          .join('\n'),
    ],
    ['t.Log', (stack) => `    shop_test.go:33: ${stack.replaceAll('\n', '\n        ')}`],
  ])('%s is read, again and again', (_, entry) => {
    const read = parseDump([7, 8, 9].map((id) => entry(goroutine(id))).join('\n'));
    expect(idsOf(read)).toEqual([7, 8, 9]);
    for (const one of content(read)) {
      expect([one.stack.frames.length, one.stack.creator?.function]).toEqual([1, 'main.main']);
    }
    expect(read.cut).toBe(false);
  });
});

describe('what only looks like one', () => {
  it.each([
    ['prose', 'we saw goroutine 5 [select]:\nand then nothing\n'],
    ['prose behind a prefix', 'a | we saw goroutine 5 [select]:\na | main is not a call\n'],
    ['a header and no stack', 'a | goroutine 5 [select]:\na | \na | done\n'],
    ['a header whose stack another source has', 'a | goroutine 5 [select]:\nb | main.f(0x1)\nb | \t/f.go:1 +0x1\n'],
    ['an entry that mentions one', '{"msg":"see\\ngoroutine 5 [select]:\\nfor more"}\n'],
    ['an entry without lines', '{"msg":"goroutine 5 [select]:"}\n{"msg":"fine"}\n'],
    ['a word that ends so', 'a | mygoroutine 5 [select]:\na | main.f(0x1)\na | \t/f.go:1 +0x1\n'],
    ['no known header', 'a | goroutine 5 is here\na | main.f(0x1)\na | \t/f.go:1 +0x1\n'],
    [
      'a stack that comes too late',
      `a | goroutine 5 [select]:\n${'b | x\n'.repeat(40)}a | main.f(0x1)\na | \t/f.go:1 +0x1\n`,
    ],
  ])('%s is no dump', (_, text) => expect(() => parseDump(text)).toThrow(/this is no goroutine dump/));

  it.each([
    ['between goroutines', (mention: string) => `${goroutine(7)}\n\n${mention}\n\n${goroutine(8)}`],
    ['right before the next', (mention: string) => `${goroutine(7)}\n${mention}\n${goroutine(8)}`],
    [
      'behind an open call',
      (mention: string) => `${goroutine(7)}\n\n${goroutine(8).replace('\n\t', `\n${mention}\n\t`)}`,
    ],
  ])('a mention %s changes nothing', (_, text) => {
    for (const mention of [
      'we saw goroutine 5 [select]:',
      '{"msg":"goroutine 5 [select]:"}',
      'x: goroutine 5 [running]:',
    ]) {
      const read = parseDump(text(mention));
      expect(idsOf(read)).toEqual([7, 8]);
      expect(content(read).map((g) => g.stack.frames.length)).toEqual([1, 1]);
    }
  });

  it.each([
    ['a port', 'listening on :8080'],
    ['a line of a log', 'at handler.go 12'],
    ['a time', '    10:00:00'],
    ['two words of blanks', '   a   b.go:12'],
  ])('%s behind a call is not its file', (_, line) => {
    const read = parseDump(goroutine(7).replace('\n\t', `\n${line}\n\t`));
    expect(read.goroutine(0).stack.frames).toMatchObject([{ file: '/src/f.go', line: 2 }]);
  });
});

describe('texts that lost their tabs', () => {
  it.each([
    ['made spaces', '    '],
    ['trimmed', ''],
    ['escaped', '#011'],
  ])('%s are read', (_, tab) => {
    for (const form of FORMS) {
      const bare = parseDump(fixture(form));
      const read = parseDump(fixture(form).replaceAll('\t', tab));
      expect(content(read)).toEqual(content(bare));
    }
  });
  it('so are paths with a blank and files without a name', () => {
    const frames = [
      'main.f()',
      '    C:/My Code/f.go:12 +0x1',
      'main.g()',
      '    <autogenerated>:1',
      'main.h()',
      '    ??:0',
    ];
    const read = parseDump(`goroutine 1 [select]:\n${frames.join('\n')}\n`);
    expect(read.goroutine(0).stack.frames.map((f) => f.line)).toEqual([12, 1, 0]);
  });
});

describe('hostile logs', () => {
  const MIB = 1 << 20;
  it.each<[string, string]>([
    ['a trial on every line', 'x y z w goroutine 5 [select]:\n'],
    ['mentions without end', `${'goroutine 5 '.repeat(80)}\n`],
    ['quotes without end', `${'"goroutine 5 \\'.repeat(80)}\n`],
    ['deep entries', `${'{"a":'.repeat(500)}"goroutine 5 [select]:"${'}'.repeat(500)}\n`],
    ['prefixes of many words', `${'a '.repeat(250)}goroutine 5 [select]:\n`],
    ['other stamps on every line', `${'10:00:00 '.repeat(50)}goroutine 5 [select]:\n`],
    ['files that end like none', `goroutine 5 [select]:\nmain.f()\n${'a.go:1 +0x1 '.repeat(300)}\n`],
  ])('%s take time by their size', (_, line) => {
    const text = new TextEncoder().encode(line.repeat(Math.ceil(MIB / line.length)));
    const started = performance.now();
    try {
      parseDump(text);
    } catch (error) {
      expect(String(error)).toContain('no goroutine dump');
    }
    // A reader that looked back over the whole line for each mention would take minutes.
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('one line of the longest length is read in time by its length', () => {
    for (const unit of ['goroutine 5 [', '"goroutine 5 [x]:', '\\"goroutine 5 [x]:\\n', 'goroutine 5 {']) {
      const started = performance.now();
      expect(() => parseDump(`x ${unit.repeat(MIB / unit.length - 1)}\n`)).toThrow(/no goroutine dump/);
      expect(performance.now() - started).toBeLessThan(5000);
    }
  });

  it('pieces that never end are bounded', () => {
    const head = collected(goroutine(7), COLLECTORS['CRI files']!);
    const piece = `${rfc3339(1)} stderr P ${'x'.repeat(1000)}\n`;
    const read = parseDump(`${head}\n${piece.repeat(50)}${rfc3339(1)} stderr F \n`, { maxLineBytes: 10_000 });
    expect([read.size, read.goroutine(0).stack.frames.length]).toEqual([1, 1]);
    expect(countOf(read, 'line-too-long')).toBe(1);
  });
});
