import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyProfile } from '../../test/arbitrary.js';
import { ProfileBuilder } from '../builder.js';
import { coarsen } from '../transform/granularity.js';
import { compareInfo, infoKey, infoOf, type NodeInfo, nameParts, printableName } from './node-info.js';
import { nodeTable } from './node-table.js';

const NOTHING: NodeInfo = { name: '', address: 0n, file: '', startLine: 0, line: 0, column: 0, objfile: '' };
const info = (parts: Partial<NodeInfo>): NodeInfo => ({ ...NOTHING, ...parts });

describe('a printed name', () => {
  it.each<[Partial<NodeInfo>, string]>([
    [{ name: 'f' }, 'f'],
    [{ name: 'f', file: 'f.go' }, 'f f.go'],
    [{ name: 'f', file: 'f.go', line: 3 }, 'f f.go:3'],
    [{ name: 'f', file: 'f.go', line: 3, column: 7 }, 'f f.go:3:7'],
    // A column says nothing without its line.
    [{ name: 'f', file: 'f.go', column: 7 }, 'f f.go'],
    [{ name: 'f', line: 3 }, 'f :3'],
    [{ name: 'f', address: 0x40n }, '0000000000000040 f'],
    [{ name: 'f', address: 2n ** 64n - 1n, file: 'f.go', line: 1 }, 'ffffffffffffffff f f.go:1'],
    [{ file: 'f.go' }, 'f.go'],
    [{ file: 'f.go', line: 3 }, 'f.go:3'],
    [{ address: 0x40n, objfile: '/lib/libc.so' }, '0000000000000040 [libc.so]'],
    [{ objfile: '/lib/libc.so' }, '[libc.so]'],
    // With a name the mapped file is not needed.
    [{ name: 'f', objfile: '/lib/libc.so' }, 'f'],
    [{ address: 0x40n }, '0000000000000040 <unknown>'],
    [{}, '<unknown>'],
  ])('of %o is %s', (parts, name) => {
    expect([printableName(info(parts)), nameParts(info(parts)).join(' ')]).toEqual([name, name]);
  });
});

describe('nodes', () => {
  const word = fc.constantFrom('', 'f', 'g', 'f g', '1');
  const number = fc.constantFrom(0, 1, 11);
  const any = fc.record({
    ...{ name: word, file: word, objfile: word, address: number.map(BigInt) },
    ...{ startLine: number, line: number, column: number },
  });
  const fields = (i: NodeInfo) => [i.name, i.file, i.objfile, i.address, i.startLine, i.line, i.column];

  it('have equal keys exactly when all their attributes are equal', () => {
    fc.assert(
      fc.property(any, any, (a, b) => {
        expect(infoKey(a) === infoKey(b)).toBe(fields(a).every((v, i) => v === fields(b)[i]));
      }),
      { numRuns: 500 },
    );
  });

  it('have an order that is one: no two ways round, no cycles', () => {
    fc.assert(
      fc.property(any, any, any, (a, b, c) => {
        expect(Math.sign(compareInfo(a, b))).toBe(-Math.sign(compareInfo(b, a)) + 0);
        if (compareInfo(a, b) < 0 && compareInfo(b, c) < 0) expect(compareInfo(a, c)).toBeLessThan(0);
      }),
      { numRuns: 300 },
    );
  });

  it.each<[Partial<NodeInfo>, Partial<NodeInfo>]>([
    [{ name: 'a' }, { name: 'b' }],
    // Numbers are compared as the text that Go prints of them: 10 comes before 9.
    [
      { name: 'a', line: 10 },
      { name: 'a', line: 9 },
    ],
    [
      { name: 'a', address: 10n },
      { name: 'a', address: 9n },
    ],
    [
      { name: 'a', file: 'x' },
      { name: 'a', file: 'y' },
    ],
  ])('%o comes before %o', (a, b) => expect(compareInfo(info(a), info(b))).toBeLessThan(0));
});

describe('infoOf', () => {
  const b = new ProfileBuilder('proto');
  b.sampleTypes = [{ type: 'v', unit: 'count' }];
  const flags = { hasFunctions: true, hasFilenames: true, hasLineNumbers: true, hasInlineFrames: true };
  b.mappings = [{ id: 1n, start: 0n, limit: 1n, offset: 0n, file: '/bin/app', buildId: '', ...flags }];
  const named = b.addFunction('f', './a/../f.go', 'sys', 30);
  const nameless = b.addFunction('', 'g.go', 'sys', 40);
  b.addLocation(0x10n, [{ fn: named, line: 3, column: 7 }], 1);
  b.addLocation(0x20n, [{ fn: nameless, line: 4 }], 1);
  b.addLocation(0x30n, [], 1);
  b.addLocation(0x40n);
  const p = b.build();

  it.each<[string, number, number, boolean, Partial<NodeInfo>]>([
    [
      'a line: its file cleaned, without mapping and start',
      0,
      0,
      false,
      { name: 'f', address: 0x10n, file: 'f.go', line: 3, column: 7 },
    ],
    [
      'with objects: with both',
      0,
      0,
      true,
      { name: 'f', address: 0x10n, file: 'f.go', line: 3, column: 7, startLine: 30, objfile: '/bin/app' },
    ],
    // Nothing else would tell nameless functions apart.
    [
      'a function without a name: with both as well',
      1,
      1,
      false,
      { address: 0x20n, file: 'g.go', line: 4, startLine: 40, objfile: '/bin/app' },
    ],
    ['a location without lines: address and mapping', 2, -1, false, { address: 0x30n, objfile: '/bin/app' }],
    ['without a mapping: the address alone', 3, -1, false, { address: 0x40n }],
  ])('%s', (_, location, line, objNames, expected) => {
    expect(infoOf(p, location, line, objNames)).toEqual(info(expected));
  });
});

it('the table has the nodes of every location in the order of its lines, each node once', () => {
  const grain = fc.constantFrom('functions', 'filefunctions', 'files', 'lines', 'addresses');
  fc.assert(
    fc.property(anyProfile({ bare: true }), grain, fc.boolean(), (p, granularity, objNames) => {
      const q = coarsen(p, granularity as 'functions', { noInlines: false, showColumns: true });
      const { infos, starts, nodes } = nodeTable(q, objNames);
      expect(new Set(infos.map(infoKey)).size).toBe(infos.length);
      for (let l = 0; l < q.locationCount; l++) {
        const lines = Array.from({ length: q.lineStarts[l + 1]! - q.lineStarts[l]! }, (_, i) => q.lineStarts[l]! + i);
        const expected = (lines.length > 0 ? lines : [-1]).map((line) => infoKey(infoOf(q, l, line, objNames)));
        expect(Array.from(nodes.subarray(starts[l], starts[l + 1]), (n) => infoKey(infos[n]!))).toEqual(expected);
      }
    }),
    { numRuns: 80 },
  );
});
