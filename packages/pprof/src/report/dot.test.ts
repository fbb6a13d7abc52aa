import { describe, expect, it } from 'vitest';
import { render } from '../../test/render.js';

const lines = (text: string, start: RegExp) => text.split('\n').filter((l) => start.test(l));

it('draws nodes, edges, tags and a legend', () => {
  const p = 'heap/bytes\n3072 main;a bytes=#1024bytes\n1024 main;b;leaf zone=east';
  expect(render(p, { format: 'dot' })).toMatchInlineSnapshot(`
    "digraph "test" {
    node [style=filled fillcolor="#f8f8f8"]
    subgraph cluster_L { "File: test" [shape=box fontsize=16 label="File: test\\lType: heap\\lShowing nodes accounting for 4kB, 100% of 4kB total\\l\\lSee https://git.io/JfYMW for how to read the graph\\l" tooltip="test"] }
    N1 [label="main\\n0 of 4kB (100%)" id="node1" fontsize=8 shape=box tooltip="main (4kB)" color="#b20000" fillcolor="#edd5d5"]
    N2 [label="a\\n3kB (75.00%)" id="node2" fontsize=24 shape=box tooltip="a (3kB)" color="#b20e00" fillcolor="#edd7d5"]
    NN2_0 [label = "1kB" id="NN2_0" fontsize=8 shape=box3d tooltip="3kB"]
    N2 -> NN2_0 [label=" 3kB" weight=100 tooltip="3kB" labeltooltip="3kB"]
    N3 [label="leaf\\n1kB (25.00%)" id="node3" fontsize=18 shape=box tooltip="leaf (1kB)" color="#b23c00" fillcolor="#edddd5"]
    N3_0 [label = "zone:east" id="N3_0" fontsize=8 shape=box3d tooltip="1kB"]
    N3 -> N3_0 [label=" 1kB" weight=100 tooltip="1kB" labeltooltip="1kB"]
    N4 [label="b\\n0 of 1kB (25.00%)" id="node4" fontsize=8 shape=box tooltip="b (1kB)" color="#b23c00" fillcolor="#edddd5"]
    N1 -> N2 [label=" 3kB" weight=76 penwidth=4 color="#b20e00" tooltip="main -> a (3kB)" labeltooltip="main -> a (3kB)"]
    N4 -> N3 [label=" 1kB" weight=26 penwidth=2 color="#b23c00" tooltip="b -> leaf (1kB)" labeltooltip="b -> leaf (1kB)"]
    N1 -> N4 [label=" 1kB" weight=26 penwidth=2 color="#b23c00" tooltip="main -> b (1kB)" labeltooltip="main -> b (1kB)"]
    }
    "
  `);
});

it.each([
  [
    'a residual edge is dotted',
    { nodeFraction: 0.5 },
    '30 main;x;leaf\n30 main;y;leaf\n30 main;z;leaf',
    /style="dotted"/,
    1,
  ],
  ['an inlined call says so', {}, '5 main@m.go:1;+leaf@l.go:2', /\(inline\)/, 1],
  [
    'a tree has a node a call path',
    { callTree: true, trim: false },
    '1 main;a;leaf\n2 main;b;leaf',
    /^N\d+ \[label="leaf/,
    2,
  ],
  ['a graph has one', {}, '1 main;a;leaf\n2 main;b;leaf', /^N\d+ \[label="leaf/, 1],
] as const)('%s', (_, options, samples, line, count) => {
  expect(lines(render(`cpu/count\n${samples}`, { format: 'dot', ...options }), line)).toHaveLength(count);
});

it('escapes what would end a label', () => {
  expect(render('cpu/count\n1 main;say"x"\\n', { format: 'dot' })).toContain('say\\"x\\"\\\\n');
});

// What the reference writes for these profiles (Go 1.26, go tool pprof -dot -trim=false).
describe('tags at a node', () => {
  const boxes = (samples: string) => {
    const text = render(`heap/bytes\n${samples}`, { format: 'dot', trim: false });
    return text.split('\n').flatMap((l) => {
      const m = /^(N+[\d_]+) \[label = "(.*?)".*tooltip="(.*?)"\]$/.exec(l);
      return m ? [`${m[1]} ${m[2]} ${m[3]}`] : [];
    });
  };

  it('are four string labels at most, the heaviest', () => {
    const samples = [100, 200, 300, 400, 500].map((v, i) => `${v} m;a zone=z${i + 1}`).concat('50 m zone=z1');
    expect(boxes(samples.join('\n'))).toEqual([
      'N1_0 zone:z5 500B',
      'N1_1 zone:z4 400B',
      'N1_2 zone:z3 300B',
      'N1_3 zone:z2 200B',
      'N2_0 zone:z1 50B',
    ]);
  });

  it('join numbers beyond the fourth to the group that is nearest in value', () => {
    const sizes = [16, 1024, 2048, 65536, 48, 70000];
    const samples = sizes.map((size, i) => `${900 - i * 100} m;a bytes=#${size}bytes zone=x`);
    expect(boxes(samples.join('\n'))).toEqual([
      'N1_0 zone:x 3.81kB',
      'NN1_0_0 16B..48B 1.37kB',
      'NN1_0_1 64kB..68.36kB 0.98kB',
      'NN1_0_2 1kB 0.78kB',
      'NN1_0_3 2kB 0.68kB',
    ]);
  });

  it('that print alike in the unit of the report are one', () => {
    expect(boxes('2048 m bytes=#1024bytes\n2048 m bytes=#1025bytes')).toEqual(['NN1_0 1kB 4kB']);
  });

  it('are of the node itself where it calls others', () => {
    expect(boxes('100 m;a zone=x\n50 m zone=y')).toEqual(['N1_0 zone:y 50B', 'N2_0 zone:x 100B']);
  });

  it('leave out the mark of a base, and numbers that are no bytes', () => {
    expect(boxes('100 m pprof::base=true n=#5')).toEqual([]);
  });
});

describe('how a node looks', () => {
  const text = render('cpu/count\n100 m;a\n-50 m;b\n10 m;c\n1 m;d', { format: 'dot', trim: false });
  const attribute = (name: string, key: string) =>
    new RegExp(`label="${name}\\\\n.* ${key}="?([^" ]+)`).exec(text)?.[1];

  it.each([
    // 8 for no flat, else 8 + 16·√(flat / largest), rounded up.
    ['a', '24', '#b21700', '#edd8d5'],
    ['m', '8', '#b22d00', '#eddbd5'],
    // Less than nothing is green.
    ['b', '20', '#34b200', '#dcedd5'],
    ['c', '14', '#b29a7b', '#ede9e5'],
    ['d', '10', '#b2b1ac', '#edecec'],
  ])('%s has size %s and colours %s on %s', (name, size, color, fill) => {
    expect([attribute(name, 'fontsize'), attribute(name, 'color'), attribute(name, 'fillcolor')]).toEqual([
      size,
      color,
      fill,
    ]);
  });

  it.each([
    ['m -> a', 'weight=63 penwidth=4'],
    ['m -> b', 'weight=32 penwidth=2'],
    // Less than a fifth is as thin as nothing.
    ['m -> c', 'weight=7 color'],
    ['m -> d', '" 1" color'],
  ])('%s has %s', (edge, expected) => {
    expect(text.split('\n').find((l) => l.includes(`"${edge} (`))).toContain(expected);
  });

  it.each([
    ['ns::Class::f(int)', 'Class\\nf\\n'],
    ['github.com/x/y/v2/pkg.(*T).Do', 'pkg\\n(*T)\\nDo\\n'],
    ['F[...]', 'F[…]\\n'],
  ])('%s is written in short, in lines', (name, label) => {
    expect(render(`cpu/count\n1 ${name}`, { format: 'dot' })).toContain(`[label="${label}1 (100%)"`);
  });

  it('names a file without its directory, but in the tooltip with it', () => {
    const line = render('cpu/count\n1 f@/src/y.go:3', { format: 'dot', granularity: 'lines' });
    expect(line).toContain('label="f\\ny.go:3\\n1 (100%)"');
    expect(line).toContain('tooltip="f /src/y.go:3 (1)"');
  });
});
