import { expect, it } from 'vitest';
import { render } from '../../test/render.js';
import { ProfileBuilder } from '../builder.js';

it.each([
  ['equal stacks are added up in the order they were met', '1 main;a\n2 main;b\n4 main;a', ['main;a 5', 'main;b 2']],
  ['lines of one function are one frame', '1 main@m.go:1;a\n2 main@m.go:2;a', ['main;a 3']],
  ['recursion stays', '1 f;f;f', ['f;f;f 1']],
  ['inlined frames have a place of their own', '1 main@m.go:1;+a@a.go:1;b', ['main;a;b 1']],
  ['zero values are left out', '0 main;a\n1 main;b', ['main;b 1']],
  ['signs stay', '-3 main;a\n1 main;a', ['main;a -2']],
  ['beyond 2^53 every digit stays', '9007199254740993 main\n9007199254740993 main', ['main 18014398509481986']],
])('%s', (_, samples, lines) => {
  expect(render(`v/count\n${samples}`, { format: 'collapsed' })).toBe(`${lines.join('\n')}\n`);
});

it('keeps separators and line ends out of names', () => {
  const b = new ProfileBuilder('stacks');
  b.sampleTypes = [{ type: 'v', unit: 'count' }];
  b.addSample([b.addLocation(1n, [{ fn: b.addFunction('Lcom/Shop;run\r\nx'), line: 0 }])], [1]);
  expect(render(b.build(), { format: 'collapsed' })).toBe('Lcom/Shop run  x 1\n');
});
