import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { combineProfiles } from '../combine.js';
import {
  callGraph,
  markBase,
  type Profile,
  parseTextProfile,
  profileReport,
  type ReportOptions,
  writeReport,
} from '../index.js';
import { scale } from '../scale.js';

// The same profile is a subject of npm run diff:pprof, so that these goldens are checked against the reference there.
const shop = parseTextProfile(readFileSync(new URL('../../testdata/shop.txt', import.meta.url), 'utf8'));
const compile = (pattern: string) => {
  const regex = new RegExp(pattern);
  return (text: string) => regex.test(text);
};

function report(options: ReportOptions, p: Profile = shop, warnings: string[] = []): string {
  let text = '';
  const host = { compile, warn: (m: string) => warnings.push(m), readSource: () => ['a', 'b', 'c'] };
  writeReport(p, options, host, (chunk) => {
    text += chunk;
  });
  return text;
}

/** The rows of a -top: name → [flat, cum]. */
function rows(text: string): Record<string, [string, string]> {
  const out: Record<string, [string, string]> = {};
  for (const line of text.split('\n')) {
    const m = /^ *(\S+) +\S+% +\S+% +(\S+) +\S+% {2}(.*)$/.exec(line);
    if (m) out[m[3]!] = [m[1]!, m[2]!];
  }
  return out;
}

describe('goldens', () => {
  const matrix: [string, ReportOptions][] = [
    ['text', { format: 'text' }],
    ['text-cum-lines', { format: 'text', sort: 'cum', granularity: 'lines' }],
    ['text-files', { format: 'text', granularity: 'filefunctions', trim: false }],
    ['text-addresses', { format: 'text', granularity: 'addresses', sampleIndex: 'alloc_space' }],
    ['text-noinlines', { format: 'text', noInlines: true, unit: 'kb' }],
    ['text-mean', { format: 'text', mean: true, sampleIndex: '1' }],
    ['tree', { format: 'tree', trim: false }],
    ['peek', { format: 'peek', symbol: 'serve' }],
    ['traces', { format: 'traces' }],
    ['raw', { format: 'raw' }],
    ['tags', { format: 'tags' }],
    ['dot', { format: 'dot', trim: false }],
    ['dot-tree', { format: 'dot', callTree: true, trim: false }],
    ['callgrind', { format: 'callgrind' }],
    ['collapsed', { format: 'collapsed' }],
    ['list', { format: 'list', symbol: 'Cart' }],
  ];
  it.each(matrix)('%s', async (name, options) => {
    await expect(report(options)).toMatchFileSnapshot(`../../testdata/golden/${name}.txt`);
  });
});

describe('filters', () => {
  it('focus, ignore, hide, show and show_from choose samples and frames', () => {
    const focused = rows(report({ format: 'text', trim: false, focus: 'Cart' }));
    expect(Object.keys(focused).sort()).toEqual([
      'main.(*Cart).add',
      'main.(*Server).serve',
      'main.grow[...] (inline)',
      'main.main',
    ]);
    expect(Object.keys(rows(report({ format: 'text', trim: false, ignore: 'main\\.main$' })))).toEqual([
      'main.init',
      'runtime.main',
    ]);
    expect(rows(report({ format: 'text', trim: false, hide: 'grow' }))['main.(*Cart).add']).toEqual(['300kB', '300kB']);
    expect(Object.keys(rows(report({ format: 'text', trim: false, show: 'walk' })))).toEqual(['main.walk']);
    const from = rows(report({ format: 'text', trim: false, showFrom: 'Server' }));
    expect(from['main.main']).toBeUndefined();
    expect(from['main.(*Server).serve']?.[1]).toBe('2220kB');
  });

  it('prune_from drops what is below a match; an argument list is no part of the name', () => {
    expect(rows(report({ format: 'text', trim: false, pruneFrom: 'walk' }))['main.walk']).toEqual(['7kB', '7kB']);
    expect(rows(report({ format: 'text', trim: false, pruneFrom: 'main\\.main' }))['main.main']).toEqual([
      '2227kB',
      '2227kB',
    ]);
  });

  it('tags choose samples by range and by value, and become frames', () => {
    expect(Object.keys(rows(report({ format: 'text', trim: false, tagFocus: 'bytes=10kb:' })))).toContain(
      'main.(*Cache).put',
    );
    expect(Object.keys(rows(report({ format: 'text', trim: false, tagFocus: 'bytes=10kb:' })))).not.toContain(
      'main.walk',
    );
    expect(Object.keys(rows(report({ format: 'text', trim: false, tagIgnore: 'shard=a' })))).not.toContain('main.walk');
    expect(report({ format: 'collapsed', tagRoot: 'shard' })).toContain('a;main.main');
    expect(report({ format: 'tags', tagShow: 'tenant' })).not.toContain('shard');
  });

  it('says which pattern matched nothing', () => {
    const warnings: string[] = [];
    report({ format: 'text', focus: 'nowhere', tagFocus: '3mb' }, shop, warnings);
    expect(warnings).toContain('Focus expression matched no samples');
    expect(warnings.some((w) => w.includes("Interpreted '3mb' as range"))).toBe(true);
  });

  it('keeps percentages of everything unless they shall be relative', () => {
    const whole = report({ format: 'text', focus: 'walk' });
    expect(whole).toContain('7kB, 0.31% of 2227.06kB total');
    expect(report({ format: 'text', focus: 'walk', relativePercentages: true })).toContain('7kB, 100% of 7kB total');
  });
});

describe('differences', () => {
  it('count from the base when it is marked', () => {
    const base = scale(markBase(shop), -1);
    const twice = scale(shop, 2);
    const text = report({ format: 'text' }, combineProfiles([twice, base]));
    expect(text).toContain('of 2227.06kB total');
    expect(rows(text)['main.(*Cache).put']).toEqual(['1920kB', '1920kB']);
  });

  it('leave out negative nodes when asked', () => {
    const negative = scale(shop, -1);
    expect(Object.keys(rows(report({ format: 'text', dropNegative: true }, negative)))).toEqual([]);
  });
});

it('gives the call graph as plain data', () => {
  const graph = callGraph(shop, { trim: false, granularity: 'functions' }, { compile });
  const names = graph.nodes.map((n) => n.name);
  expect(names).toContain('main.(*Cache).put');
  const edge = graph.edges.find((e) => names[e.to] === 'main.(*Cache).put')!;
  expect(names[edge.from]).toBe('main.(*Server).serve');
  expect(edge).toMatchObject({ weight: 1966080, residual: false, inline: false });
  expect(graph).toMatchObject({ sampleType: 'inuse_space', unit: 'bytes', total: shop.sum(3) });
});

describe('profiles as reports', () => {
  it('-topproto has a sample a node', () => {
    const p = profileReport(shop, { format: 'topproto' }, { compile });
    expect(p.sampleTypes.map((t) => t.type)).toEqual(['cum', 'flat']);
    expect(p.frames(0)[0]?.function).toBe('main.(*Cache).put');
  });

  it('-proto divides', () => {
    expect(profileReport(shop, { format: 'proto', divideBy: 2 }, { compile }).sum(0)).toBe(450 + 60 + 20 + 3 + 1);
  });
});

it.each([
  [{ format: 'text', sampleIndex: 'nothing' }, 'must be one of'],
  [{ format: 'text', sampleIndex: '9' }, 'outside the range'],
  [{ format: 'text', divideBy: 0 }, 'zero divisor'],
  [{ format: 'peek', symbol: 'nowhere' }, 'no matches found'],
  [{ format: 'text', focus: '(' }, 'parsing focus regexp'],
] as [ReportOptions, string][])('refuses %j', (options, message) => {
  expect(() => report(options)).toThrow(
    expect.objectContaining({ code: 'TM_USAGE', message: expect.stringContaining(message) }),
  );
});
