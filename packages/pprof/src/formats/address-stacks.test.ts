import { describe, expect, it } from 'vitest';
import { bytesOf, rows } from '../../test/support.js';
import { AddressStacks } from './address-stacks.js';
import { Lines } from './lines.js';

function stacks(): AddressStacks {
  const s = new AddressStacks('count-text');
  s.builder.sampleTypes = [{ type: 'n', unit: 'count' }];
  return s;
}
const at = (address: bigint, name: string, line = 1) => ({ address, name, file: 'x.go', line });
const NO_MAP = () => new Lines(bytesOf(''));

describe('AddressStacks', () => {
  it('gives equal addresses one location', () => {
    const s = stacks();
    s.add([1n, 2n], [5]);
    s.add([2n], [6]);
    const p = s.build(NO_MAP());
    expect([...p.stackLocations]).toEqual([0, 1, 1]);
    expect([...p.locationAddresses]).toEqual([1n, 2n]);
  });

  it('prefers symbol lines to addresses, and joins those of one address', () => {
    const s = stacks();
    s.add([9n, 1n, 2n], [1]);
    for (const symbol of [at(1n, 'inner'), at(1n, 'outer', 2), at(2n, 'main', 3)]) s.addSymbol(symbol);
    s.add([9n], [2]);
    const p = s.build(NO_MAP());
    expect(rows(p)).toEqual(['1 | +inner@x.go:1 outer@x.go:2 main@x.go:3', '2 | 0x9']);
    expect(p.mappings.every((m) => m.hasFunctions && m.hasInlineFrames)).toBe(true);
  });

  it('tells locations of one address and other lines apart, functions by name and file', () => {
    const s = stacks();
    for (const [name, line] of [
      ['f', 1],
      ['f', 2],
      ['f', 1],
      ['g', 1],
    ] as const) {
      s.add([1n], [1]);
      s.addSymbol(at(1n, name, line));
    }
    const p = s.build(NO_MAP());
    expect([p.locationCount, p.functionCount]).toEqual([3, 2]);
    expect([...p.stackLocations]).toEqual([0, 1, 0, 2]);
  });

  it('keeps a nameless line among named ones as an address', () => {
    const s = stacks();
    s.add([1n, 2n], [1]);
    s.addSymbol(at(1n, ''));
    s.addSymbol(at(2n, 'main'));
    expect(rows(s.build(NO_MAP()))).toEqual(['1 | 0x1 main@x.go:1']);
  });

  it('has labels and the object size of a sample', () => {
    const s = stacks();
    s.add([], [1], 64);
    s.addLabels([['a', 'b']]);
    s.addLabels([['c', '']]);
    s.add([], [2], 0);
    s.add([], [3]);
    expect(rows(s.build(NO_MAP()))).toEqual(['1 |  | a=b bytes=#64', '2 |  | bytes=#0', '3']);
  });

  it('ignores symbols and labels before the first sample', () => {
    const s = stacks();
    s.addSymbol(at(1n, 'f'));
    s.addLabels([['a', 'b']]);
    expect(s.build(NO_MAP()).sampleCount).toBe(0);
  });

  it('joins double leaves only when it is told to', () => {
    for (const drop of [false, true]) {
      const s = stacks();
      s.dropDuplicateLeaves = drop;
      s.add([5n, 4n, 3n], [1]);
      s.add([5n, 3n], [1]);
      expect(rows(s.build(NO_MAP()))).toEqual([drop ? '1 | 0x5 0x3' : '1 | 0x5 0x4 0x3', '1 | 0x5 0x3']);
    }
  });

  it('skips to the memory map', () => {
    const s = stacks();
    s.add([0x400000n], [1]);
    const p = s.finish(new Lines(bytesOf('10-20: /lib/no.so\nMAPPED_LIBRARIES:\n400000-500000: /bin/x\n')));
    expect(p.mappings.map((m) => m.file)).toEqual(['/bin/x']);
  });
});
