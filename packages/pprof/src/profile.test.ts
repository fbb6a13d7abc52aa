import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyProfile } from '../test/arbitrary.js';
import { ProfileBuilder } from './builder.js';
import { encodeProfile } from './encode.js';
import { decodeProto } from './formats/proto.js';
import { parseTextProfile } from './text-columns.js';

const text = (...lines: string[]) => parseTextProfile(['n/count b/bytes', ...lines].join('\n'));

describe('frames', () => {
  it('are leaf first, what was inlined before its caller, and marked', () => {
    expect(text('1 1 main@m.go:1;f@f.go:2;+g@g.go:3;+h@h.go:4').frames(0)).toEqual([
      { function: 'h', file: 'h.go', line: 4, inlined: true },
      { function: 'g', file: 'g.go', line: 3, inlined: true },
      { function: 'f', file: 'f.go', line: 2 },
      { function: 'main', file: 'm.go', line: 1 },
    ]);
  });

  const one = (name: string, system: string, line: number, file = '/bin/app') => {
    const b = new ProfileBuilder('proto');
    b.sampleTypes = [{ type: 'v', unit: 'count' }];
    const flags = { hasFunctions: true, hasFilenames: true, hasLineNumbers: true, hasInlineFrames: true };
    if (file) b.mappings = [{ id: 1n, start: 0n, limit: 1n, offset: 0n, file, buildId: '', ...flags }];
    const lines = name || system ? [{ fn: b.addFunction(name, 'x.go', system), line }] : [];
    b.addSample([b.addLocation(0xffffffffffffffffn, lines, file ? 1 : 0)], [1]);
    return b.build().frames(0)[0];
  };

  it.each<[string, ReturnType<typeof one>, object]>([
    ['with a name and a system name are called by the name', one('f', 'f.abi0', 3), { function: 'f', line: 3 }],
    ['with a system name alone are called by it', one('', '_Zf', 3), { function: '_Zf', line: 3 }],
    // A line of a proto is signed; no tool can go to a negative one.
    ['of a negative line have none', one('f', 'f', -3), { function: 'f', line: 0 }],
    [
      'without symbols are their address in the mapped file',
      one('', '', 0),
      { function: '0xffffffffffffffff', file: '/bin/app' },
    ],
    ['without symbols and mapping are their address', one('', '', 0, ''), { function: '0xffffffffffffffff', file: '' }],
  ])('%s', (_, frame, expected) => expect(frame).toMatchObject(expected));

  it('of a sample do not change when a caller changes its list', () => {
    const p = text('1 1 main;f');
    // What comes back is the caller's own.
    p.frames(0).pop();
    p.sites(0).pop();
    expect([p.frames(0).length, p.sites(0).length]).toEqual([2, 2]);
  });
});

describe('sites', () => {
  it('have normalised names and files, where frames have what was read', () => {
    const p = text('1 1 main.Map[int]@/home/dev/go/pkg/mod/x@v1/a.go:3');
    expect(p.sites(0)).toEqual([{ function: 'main.Map[...]', file: 'x@v1/a.go', line: 3 }]);
    expect(p.frames(0)[0]).toMatchObject({ function: 'main.Map[int]', file: '/home/dev/go/pkg/mod/x@v1/a.go' });
  });

  it('keep the mark of inlining', () => {
    expect(
      text('1 1 main;f;+g')
        .sites(0)
        .map((f) => f.inlined ?? false),
    ).toEqual([true, false, false]);
  });
});

describe('labels', () => {
  const p = text('1 1 f a=x n=#5bytes a=y n=#6 bytes=#7', '1 1 f');

  it('come in their order, texts and numbers told apart', () => {
    expect(p.labels(0)).toEqual([
      { key: 'a', text: 'x' },
      { key: 'n', number: 5, unit: 'bytes' },
      { key: 'a', text: 'y' },
      { key: 'n', number: 6, unit: '' },
      { key: 'bytes', number: 7, unit: '' },
    ]);
    expect(p.labels(1)).toEqual([]);
  });

  it.each<[string, number, number | null]>([
    ['n', 0, 5],
    ['bytes', 0, 7],
    ['a', 0, null],
    ['missing', 0, null],
    ['n', 1, null],
  ])('the number of %s of sample %i is %s', (key, sample, number) => {
    expect(p.numberLabel(sample, key)).toBe(number);
  });

  it('as a record: of several texts the last, no numbers', () => {
    expect(p.textLabels(0)).toEqual({ a: 'y' });
  });

  it('called like a property of objects are labels like others', () => {
    const labels = text('1 1 f __proto__=evil constructor=c toString=t').textLabels(0);
    expect(Object.entries(labels).sort()).toEqual([
      ['__proto__', 'evil'],
      ['constructor', 'c'],
      ['toString', 't'],
    ]);
    expect(({} as Record<string, unknown>)['evil']).toBeUndefined();
  });
});

describe('values and sums', () => {
  const p = text('1 -10 a', '2 30 b');
  const wide = text('1 9223372036854775807 a', '2 9007199254740993 b', '3 -9223372036854775807 c');

  it('are by sample and type', () => {
    expect([p.value(0, 1), p.value(1, 0), p.typeIndex('b'), p.typeIndex('x')]).toEqual([-10, 2, 1, -1]);
  });

  it('add up with their signs', () => expect([p.sum(0), p.sum(1)]).toEqual([3, 20]));

  it('add large values up exactly before they are rounded once', () => {
    expect([wide.sum(0), wide.sum(1)]).toEqual([6, 9007199254740992]);
  });

  it('of an empty profile are zero', () => expect(text().sum(1)).toBe(0));
});

describe('with', () => {
  it('changes columns in a new profile alone', () => {
    const p = text('1 2 main;f');
    const q = p.with({ comments: ['x'], values: Float64Array.of(7, 8) });
    expect([p.comments, p.value(0, 0), q.comments, q.value(0, 0)]).toEqual([[], 1, ['x'], 7]);
    expect(q.stackLocations).toBe(p.stackLocations);
  });

  it('forgets frames that were asked for before the symbols changed', () => {
    const p = text('1 2 main@m.go:1;f@f.go:2');
    expect(p.frames(0)[0]?.line).toBe(2);
    expect(p.sites(0)[0]?.file).toBe('f.go');
    const q = p.with({ lineNumbers: new Float64Array(2), functionFiles: new Uint32Array(2) });
    expect([q.frames(0)[0]?.line, q.sites(0)[0]?.file]).toEqual([0, '']);
    expect([p.frames(0)[0]?.line, p.sites(0)[0]?.file]).toEqual([2, 'f.go']);
  });
});

it('says the same after it was written and read, whatever it holds', () => {
  const content = (p: ReturnType<typeof text>) =>
    Array.from({ length: p.sampleCount }, (_, s) => [p.frames(s), p.labels(s), p.value(s, 0), p.value(s, 1)]);
  fc.assert(
    fc.property(anyProfile({ bare: true }), (p) => {
      const back = decodeProto(encodeProfile(p));
      expect(content(back)).toEqual(content(p));
      expect([back.sum(0), back.sum(1)]).toEqual([p.sum(0), p.sum(1)]);
    }),
    { numRuns: 60 },
  );
});
