import { expect, it } from 'vitest';
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
