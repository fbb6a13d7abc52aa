import { expect, it } from 'vitest';
import { render } from '../../test/render.js';

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
