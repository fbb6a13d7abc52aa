import { describe, expect, it } from 'vitest';
import { render, testHost } from '../../test/render.js';
import type { ReportOptions } from '../report/options.js';

const PROFILE = `cpu/count
1 main@/app/main.go:1;serve@/app/serve.go:2;parse@/lib/json.go:3
2 main@/app/main.go:1;serve@/app/serve.go:4;+log@/lib/log.go:5;write@/app/io.go:6
4 main@/app/main.go:1;idle@/app/idle.go:7
8 init@/app/init.go:8`;

const PARSE = 'main;serve;parse 1';
const WRITE = 'main;serve;log;write 2';
const IDLE = 'main;idle 4';
const INIT = 'init 8';

function stacks(options: Partial<ReportOptions>, warnings: string[] = []): string[] {
  return render(PROFILE, { ...options, format: 'collapsed' }, testHost(warnings))
    .split('\n')
    .filter(Boolean);
}

describe('samples', () => {
  it.each([
    [{ focus: 'serve' }, [PARSE, WRITE]],
    [{ focus: 'parse|idle' }, [PARSE, IDLE]],
    [{ focus: '/lib/' }, [PARSE, WRITE]],
    [{ focus: '^log$' }, [WRITE]],
    [{ focus: '/bin/test' }, [PARSE, WRITE, IDLE, INIT]],
    [{ ignore: 'serve' }, [IDLE, INIT]],
    [{ ignore: '/lib/' }, [IDLE, INIT]],
    [{ ignore: '/bin/test' }, []],
    // A location that both name is an ignored one.
    [{ focus: 'serve', ignore: 'serve.go' }, []],
    [{ focus: 'serve', ignore: 'parse' }, [WRITE]],
  ] as [Partial<ReportOptions>, string[]][])('%j', (options, expected) => {
    expect(stacks(options)).toEqual(expected);
  });
});

describe('frames', () => {
  it.each([
    [{ hide: 'main|init' }, ['serve;parse 1', 'serve;log;write 2', 'idle 4']],
    [{ hide: '^log$' }, [PARSE, 'main;serve;write 2', IDLE, INIT]],
    // The caller of what is inlined goes alone.
    [{ hide: '^serve$' }, ['main;parse 1', 'main;log;write 2', IDLE, INIT]],
    [{ hide: '/bin/test' }, []],
    [{ show: 'serve|idle' }, ['serve 3', 'idle 4']],
    [{ show: '/lib/' }, ['parse 1', 'log 2']],
    [{ show: '/bin/test' }, [PARSE, WRITE, IDLE, INIT]],
    [{ show: 'serve|log', hide: 'log' }, ['serve 3']],
    [{ showFrom: 'serve' }, ['serve;parse 1', 'serve;log;write 2']],
    // From the middle of an inlined location on, its caller is gone.
    [{ showFrom: '^log$' }, ['log;write 2']],
    [{ showFrom: 'main|write' }, [PARSE, WRITE, IDLE]],
    [{ showFrom: '/bin/test' }, [PARSE, WRITE, IDLE, INIT]],
    // focus looks at the stack as it was before frames are hidden.
    [{ focus: 'main', hide: 'main' }, ['serve;parse 1', 'serve;log;write 2', 'idle 4']],
    // show_from comes after hide.
    [{ hide: 'serve', showFrom: 'serve' }, []],
  ] as [Partial<ReportOptions>, string[]][])('%j', (options, expected) => {
    expect(stacks(options)).toEqual(expected);
  });
});

it.each([
  [{ focus: 'x1' }, ['Focus']],
  [{ ignore: 'x1', hide: 'x2', show: 'x3' }, ['Ignore', 'Hide', 'Show']],
  [{ showFrom: 'x1' }, ['ShowFrom']],
  [{ focus: 'main', ignore: 'idle', hide: 'log', show: 'serve' }, []],
] as [Partial<ReportOptions>, string[]][])('%j warns of %j', (options, names) => {
  const warnings: string[] = [];
  stacks(options, warnings);
  expect(warnings).toEqual(names.map((n) => `${n} expression matched no samples`));
});
