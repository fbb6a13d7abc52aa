import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CREATED, DEAD, FrameKey, LIVE } from './call-line.js';
import { HASH_START, hashStep } from './intern.js';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (key: FrameKey) => new TextDecoder().decode(key.bytes.subarray(0, key.length));
const L = String.fromCharCode(LIVE);
const D = String.fromCharCode(DEAD);

function call(line: string): { key: FrameKey; taken: boolean } {
  const key = new FrameKey();
  const bytes = bytesOf(line);
  return { key, taken: key.startCall(bytes, 0, bytes.length) };
}

describe('startCall', () => {
  it.each<[string, string, number[]]>([
    ['main.f()', 'main.f()', []],
    ['main.f(...)', 'main.f(...)', []],
    ['main.f(0xc000012345)', `main.f(${L})`, [0xc000012345]],
    ['main.(*T).run(0x1, 0x2?)', `main.(*T).run(${L}, ${D})`, [1]],
    ['main.f({0xc000, 0x5, _}, ...)', `main.f({${L}, ${L}, _}, ...)`, [0xc000, 5]],
    ['main.F[...](0xa)', `main.F[...](${L})`, [10]],
    ['main.f({{0x1, {}}, 0x2})', `main.f({{${L}, {}}, ${L}})`, [1, 2]],
    ['main.main.func1.2()', 'main.main.func1.2()', []],
    ['type:.eq.struct { a int; b string }(0x1, 0x2)', `type:.eq.struct { a int; b string }(${L}, ${L})`, [1, 2]],
    ['github.com/x/y%2ez.(*T).F(0xfff)', `github.com/x/y%2ez.(*T).F(${L})`, [0xfff]],
    ['main.f(0xffffffffffff)', `main.f(${L})`, [0xffffffffffff]],
    // 13 digits and more are no address.
    ['main.f(0x1000000000000, 0xffffffffffffffff)', `main.f(${L}, ${L})`, [0, 0]],
  ])('takes %s', (line, text, values) => {
    const { key, taken } = call(line);
    expect(taken).toBe(true);
    expect(textOf(key)).toBe(text);
    expect(key.values).toEqual(values);
  });

  it.each([
    'main.f',
    'main.f(0x1',
    '(0x1)',
    ')',
    'done(3)',
    'retry 4 of (0x1)',
    'main.f(0x)',
    'main.f(0xZZ)',
    'main.f(0XC0)',
    'main.f(12, 0x1)',
    ' main.f()',
    'main.f("text")',
    'main.\u0001f()',
  ])('is not fooled by %j', (line) => expect(call(line).taken).toBe(false));

  it('two goroutines at one place make one text and one hash, whatever their words', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 2 ** 48 - 1 }), { minLength: 1, maxLength: 10 }), (words) => {
        const mine = call(`main.f(${words.map((w) => `0x${w.toString(16)}`).join(', ')})`).key;
        const other = call(`main.f(${words.map(() => '0x1').join(', ')})`).key;
        expect(textOf(mine)).toBe(textOf(other));
        expect(mine.hash).toBe(other.hash);
        expect(mine.values).toEqual(words);
      }),
    );
  });

  it('a dead word is another text than a live one', () => {
    expect(textOf(call('main.f(0x1)').key)).not.toBe(textOf(call('main.f(0x1?)').key));
  });

  it('its hash is that of its bytes', () => {
    const { key } = call(`main.${'long'.repeat(3000)}(0x1, {0x2?, _}, ...)`);
    let hash = HASH_START;
    for (const byte of key.bytes.subarray(0, key.length)) hash = hashStep(hash, byte);
    expect(key.hash).toBe(hash);
  });

  it('reads the middle of a buffer, and forgets the line before', () => {
    const key = new FrameKey();
    const bytes = bytesOf('xx(main.f(0x1)yymain.g(0x2)');
    expect(key.startCall(bytes, 3, 14)).toBe(true);
    expect(key.startCall(bytes, 16, bytes.length)).toBe(true);
    expect(textOf(key)).toBe(`main.g(${L})`);
    expect(key.values).toEqual([2]);
  });
});

describe('startCreator', () => {
  const creator = (line: string) => {
    const key = new FrameKey();
    const bytes = bytesOf(line);
    return { id: key.startCreator(bytes, 0, bytes.length), key };
  };
  it.each([
    ['main.main in goroutine 1', 1, 'main.main'],
    ['net/http.(*Server).Serve in goroutine 123456789012', 123456789012, 'net/http.(*Server).Serve'],
    ['main.main', 0, 'main.main'],
    ['main.main.func1', 0, 'main.main.func1'],
    ['main.worker2', 0, 'main.worker2'],
  ])('takes %s', (line, id, name) => {
    const read = creator(line);
    expect(read.id).toBe(id);
    expect(textOf(read.key)).toBe(String.fromCharCode(CREATED) + name);
  });
  it.each(['', ' main.main', 'the boss on monday', 'main.main in goroutine x'])('refuses %j', (line) =>
    expect(creator(line).id).toBe(-1),
  );
});

describe('finishFile', () => {
  const file = (line: string) => {
    const { key } = call('main.f()');
    const bytes = bytesOf(line);
    return key.finishFile(bytes, 0, bytes.length) ? textOf(key) : null;
  };
  it.each([
    ['\t/a/b.go:12 +0x1b', '/a/b.go:12'],
    ['\t/a/b.go:12', '/a/b.go:12'],
    ['\t/a/b.go:12 +0x1b fp=0xc000 sp=0xc001 pc=0x47', '/a/b.go:12'],
    ['\t/with a space/b.go:7 +0x1', '/with a space/b.go:7'],
    ['\tC:/go/src/a.go:9 +0x2', 'C:/go/src/a.go:9'],
    ['\t_cgo_gotypes.go:44 +0x3', '_cgo_gotypes.go:44'],
  ])('takes %j', (line, place) => expect(file(line)).toBe(`main.f()\n${place}`));
  it.each(['\t/a/b.go', '\t/a/b.go:', '\t:12', '\t', '\tno file at all +0x1'])('refuses %j', (line) =>
    expect(file(line)).toBeNull(),
  );
  it('makes room for a path of any length', () => {
    const path = `/${'d/'.repeat(40_000)}a.go:1`;
    expect(file(`\t${path} +0x1`)).toBe(`main.f()\n${path}`);
  });
});
