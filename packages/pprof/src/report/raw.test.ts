import { expect, it } from 'vitest';
import { render } from '../../test/render.js';
import { parseTextProfile } from '../text-columns.js';

it('writes all that a profile holds', () => {
  const p = parseTextProfile(`objects/count space/bytes
1 -64 main@m.go:1;f@f.go:2;+g@g.go:3 zone=b area=x area=y size=#64bytes size=#1 n=#7
2 0 main@m.go:1`).with({
    comments: ['first', '#second'],
    docUrl: 'https://example.org',
    defaultSampleType: 'space',
    timeNanos: 1_790_000_000_500_000_000n,
    durationNanos: 1_234_567_890n,
  });
  expect(render(p, { format: 'raw' })).toMatchInlineSnapshot(`
    "Comment: first
    Comment: #second
    Doc: https://example.org
    PeriodType: space bytes
    Period: 1
    Time: 2026-09-21 14:13:20.5 +0000 UTC
    Duration: 1.23
    Samples:
    objects/count space/bytes[dflt]
              1        -64: 1 2 
                    area:[x y] zone:[b]
                    n:[7] size:[64 bytes 1 ]
              2          0: 2 
    Locations
         1: 0x400000 M=1 g g.go:3:0 s=0
                 f f.go:2:0 s=0
         2: 0x400010 M=1 main m.go:1:0 s=0
    Mappings
    1: 0x400000/0x800000/0x0 /bin/test  [FN][FL][LN][IN]
    "
  `);
});

it.each([
  [{ noInlines: true }, ['f f.go:2:0 s=0', 'main m.go:1:0 s=0']],
  [{ hide: '^f$' }, ['g g.go:3:0 s=0', 'main m.go:1:0 s=0']],
] as const)('%j leaves lines of locations', (options, lines) => {
  const text = render('v/count\n1 main@m.go:1;f@f.go:2;+g@g.go:3', { format: 'raw', ...options });
  expect(text.split('\n').flatMap((l) => /(\S+ \S+:\d+:\d+ s=\d+)/.exec(l)?.[1] ?? [])).toEqual(lines);
});
