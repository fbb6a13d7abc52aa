import { describe, expect, it } from 'vitest';
import { render } from '../../test/render.js';
import { ProfileBuilder } from '../builder.js';

it('names once and then by number; addresses and lines are of the call', () => {
  const p = `cpu/count
5 main@m.go:1;f@f.go:2
3 main@m.go:9;f@f.go:4
1 main@m.go:9`;
  expect(render(p, { format: 'callgrind' })).toMatchInlineSnapshot(`
    "positions: instr line
    events: cpu(count)

    ob=(1) /bin/test
    fl=(1) f.go
    fn=(1) f
    0x400000 2 5
    +32 4 3

    ob=(1)
    fl=(2) m.go
    fn=(2) main
    +16 9 1
    cfl=(1)
    cfn=(1)
    calls=0 * 4
    * * 3
    -32 1 0
    cfl=(1)
    cfn=(1)
    calls=0 -48 2
    * * 5
    "
  `);
});

it('writes whole numbers in the unit of the smallest value', () => {
  const text = render('heap/bytes\n1048576 main;a\n2000 main;b', { format: 'callgrind' });
  expect(text.split('\n')[1]).toBe('events: heap(kB)');
  expect(text).toContain(' 1024\n');
  expect(text).not.toMatch(/\d\.\d/);
});

/** Functions of one name and file that start at other lines, or stand at other columns. */
function twins(...places: { start?: number; line?: number; column?: number; address?: bigint }[]) {
  const b = new ProfileBuilder('proto');
  b.sampleTypes = [{ type: 'v', unit: 'count' }];
  const main = b.addLocation(0x100n, [{ fn: b.addFunction('main', 'm.go'), line: 1 }]);
  for (const { start = 0, line = 0, column = 0, address = 0n } of places) {
    const fn = b.addFunction('twin', 'm.go', 'twin', start);
    b.addSample([b.addLocation(address, [{ fn, line, column }]), main], [1]);
  }
  return render(b.build(), { format: 'callgrind', showColumns: true });
}

describe('callees that share name and file', () => {
  it.each<[string, Parameters<typeof twins>, boolean]>([
    ['but start at other lines are numbered', [{ start: 10 }, { start: 20 }], true],
    [
      'and start at one line are one function',
      [
        { start: 10, line: 11 },
        { start: 10, line: 12 },
      ],
      false,
    ],
    ['at other addresses are one function', [{ address: 0x200n }, { address: 0x300n }], false],
    [
      'at other columns of a line are one function',
      [
        { line: 5, column: 1 },
        { line: 5, column: 2 },
      ],
      false,
    ],
    // A node without address and line stands for itself in the reference, column and all.
    ['at other columns without any line are two', [{ column: 1 }, { column: 2 }], true],
  ])('%s', (_, places, numbered) => {
    const text = twins(...places);
    expect([text.includes('twin [1/2]'), text.includes('twin [2/2]')]).toEqual([numbered, numbered]);
  });
});

it('writes an address as the distance from the one before where that is shorter', () => {
  const at = (...addresses: bigint[]) => {
    const b = new ProfileBuilder('proto');
    b.sampleTypes = [{ type: 'v', unit: 'count' }];
    // Values fall, so that nodes come in this order.
    addresses.forEach((address, i) => {
      b.addSample([b.addLocation(address, [{ fn: b.addFunction(`f${i}`), line: i + 1 }])], [9 - i]);
    });
    const text = render(b.build(), { format: 'callgrind' });
    return text.split('\n').flatMap((l) => /^(\S+) \d+ \d+$/.exec(l)?.[1] ?? []);
  };
  expect(at(0x400000n, 0x400010n, 0x400008n)).toEqual(['0x400000', '+16', '-8']);
  expect(at(0x400000n, 0x400000n)).toEqual(['0x400000', '*']);
  expect(at(1n, 0x7fffffffn)).toEqual(['0x1', '0x7fffffff']);
  // The distance of addresses at both ends of the space wraps around.
  expect(at(0xffffffffffffffffn, 0x1n)).toEqual(['0xffffffffffffffff', '+2']);
});
