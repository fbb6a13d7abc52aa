import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { amount, anyProfile, namesOf } from '../../test/arbitrary.js';
import { render, testHost } from '../../test/render.js';
import { encodeProfile } from '../encode.js';
import { type FlameNode, flameGraph } from '../flame-graph.js';
import { decodeProto } from '../formats/proto.js';
import { mergeProfiles } from '../merge.js';
import type { Profile } from '../profile.js';
import { diffProfiles, scale } from '../scale.js';
import { callGraph } from './call-graph.js';
import { profileReport } from './generate.js';
import type { ReportFormat, ReportOptions } from './options.js';

const RUNS = { numRuns: 50 };
const WHOLE = { trim: false, sampleIndex: 'objects', unit: 'count' } as const;
const graphOf = (p: Profile, options: Omit<ReportOptions, 'format'> = {}) =>
  callGraph(p, { ...WHOLE, ...options }, testHost());
/** What -proto leaves of a profile: what all other reports are made of. */
const left = (p: Profile, options: Omit<ReportOptions, 'format'>) =>
  profileReport(p, { ...options, format: 'proto' }, testHost());
const sumOf = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

/** The sum of the samples that have a stack: others are in no node. */
function stackedSum(p: Profile, type = 0): number {
  return sumOf(Array.from({ length: p.sampleCount }, (_, s) => (namesOf(p, s).length > 0 ? p.value(s, type) : 0)));
}

const GRANULARITIES = ['functions', 'filefunctions', 'files', 'lines', 'addresses'] as const;
const granularity = fc.constantFrom(...GRANULARITIES);
const FUNCTIONS = ['^main', '^a$', '^b$', 'ns::', 'ünï', 'src/1', 'app', 'nowhere'];
const pattern = fc.constantFrom(...FUNCTIONS);

describe('totals', () => {
  it('flat values add up to the profile at every granularity, inlined frames or not', () => {
    fc.assert(
      fc.property(anyProfile({ bare: true }), granularity, fc.boolean(), (p, g, noInlines) => {
        const { nodes } = graphOf(p, { granularity: g, noInlines });
        expect(sumOf(nodes.map((n) => n.flat))).toBe(stackedSum(p));
      }),
      RUNS,
    );
  });

  it('the total is the sum of amounts, whatever is shown', () => {
    fc.assert(
      fc.property(anyProfile(), granularity, fc.option(pattern, { nil: '' }), (p, g, focus) => {
        expect(graphOf(p, { granularity: g, focus, hide: focus, nodeCount: 2 }).total).toBe(amount(p, 0));
      }),
      RUNS,
    );
  });

  it('relative percentages count from what is left', () => {
    fc.assert(
      fc.property(anyProfile(), pattern, (p, focus) => {
        const relative = graphOf(p, { focus, relativePercentages: true });
        expect(relative.total).toBe(amount(left(p, { focus }), 0));
      }),
      RUNS,
    );
  });

  it('a node has at most the total, and cum is at least flat, where nothing is negative', () => {
    fc.assert(
      fc.property(anyProfile({ signed: false }), granularity, (p, g) => {
        const { nodes, total } = graphOf(p, { granularity: g });
        for (const n of nodes) {
          expect(n.flat).toBeGreaterThanOrEqual(0);
          expect(n.cum).toBeGreaterThanOrEqual(n.flat);
          expect(n.cum).toBeLessThanOrEqual(total);
        }
      }),
      RUNS,
    );
  });

  it('a call tree has the sums of the graph: every node of it is a part of a function', () => {
    fc.assert(
      fc.property(anyProfile({ signed: false }), (p) => {
        const flats = (callTree: boolean) => {
          const sums: Record<string, number> = {};
          for (const n of graphOf(p, { callTree }).nodes) sums[n.name] = (sums[n.name] ?? 0) + n.flat;
          return sums;
        };
        expect(flats(true)).toEqual(flats(false));
      }),
      RUNS,
    );
  });

  it('tags frames move no value: the sum stays at the root and at the leaf', () => {
    fc.assert(
      fc.property(anyProfile({ signed: false }), fc.constantFrom('zone', 'bytes', 'zone,bytes', 'none'), (p, key) => {
        const root = graphOf(p, { tagRoot: key });
        expect(sumOf(root.nodes.map((n) => n.flat))).toBe(p.sum(0));
        expect(sumOf(graphOf(p, { tagLeaf: key }).nodes.map((n) => n.flat))).toBe(p.sum(0));
      }),
      RUNS,
    );
  });
});

describe('filters divide a profile into parts', () => {
  it.each<[string, 'focus' | 'tagFocus', 'ignore' | 'tagIgnore']>([
    ['by name', 'focus', 'ignore'],
    ['by tag', 'tagFocus', 'tagIgnore'],
  ])('%s: what focus keeps and what ignore keeps are the whole', (_, focus, ignore) => {
    const patterns = focus === 'focus' ? pattern : fc.constantFrom('east', 'zone=west', 'bytes=16b', '1kb:', 'none');
    fc.assert(
      fc.property(anyProfile({ bare: true }), patterns, (p, what) => {
        const [inside, outside] = [left(p, { [focus]: what }), left(p, { [ignore]: what })];
        // A sample without a stack has no name: neither filter by name keeps it, as in the reference.
        const lost = focus === 'focus' ? p.sum(0) - stackedSum(p) : 0;
        expect(inside.sum(0) + outside.sum(0)).toBe(p.sum(0) - lost);
      }),
      RUNS,
    );
  });

  it('focus keeps exactly the samples that have a name, a file or a mapping that matches', () => {
    fc.assert(
      fc.property(anyProfile(), pattern, (p, focus) => {
        const regex = new RegExp(focus);
        const matching = Array.from({ length: p.sampleCount }, (_, s) => s).filter((s) =>
          p.frames(s).some((f) => regex.test(f.function) || regex.test(f.file) || regex.test('/bin/app')),
        );
        expect(left(p, { focus }).sum(0)).toBe(sumOf(matching.map((s) => p.value(s, 0))));
      }),
      RUNS,
    );
  });

  it('hide takes frames away and no sample that keeps any; show keeps only what it names', () => {
    fc.assert(
      fc.property(anyProfile(), fc.constantFrom('^main', '^a$', 'ns::', '^(a|b|c)$'), (p, name) => {
        const regex = new RegExp(name);
        const expected = (keep: (f: string) => boolean) => {
          const stacks = Array.from({ length: p.sampleCount }, (_, s) => namesOf(p, s).filter(keep));
          return sumOf(stacks.map((names, s) => (names.length > 0 ? p.value(s, 0) : 0)));
        };
        const hidden = left(p, { hide: name });
        const shown = left(p, { show: name });
        expect(hidden.sum(0)).toBe(expected((f) => !regex.test(f)));
        expect(shown.sum(0)).toBe(expected((f) => regex.test(f)));
        for (let s = 0; s < hidden.sampleCount; s++) expect(namesOf(hidden, s).some((f) => regex.test(f))).toBe(false);
        for (let s = 0; s < shown.sampleCount; s++) expect(namesOf(shown, s).every((f) => regex.test(f))).toBe(true);
      }),
      RUNS,
    );
  });

  it('show_from makes a match the root, and prune_from a match the leaf', () => {
    fc.assert(
      fc.property(anyProfile(), fc.constantFrom('^main', '^a$', '^(b|c)$'), (p, name) => {
        const regex = new RegExp(name);
        const from = left(p, { showFrom: name });
        for (let s = 0; s < from.sampleCount; s++) expect(namesOf(from, s).at(-1)).toMatch(regex);
        const pruned = left(p, { pruneFrom: name });
        expect(pruned.sum(0)).toBe(p.sum(0));
        for (let s = 0; s < pruned.sampleCount; s++) {
          const names = namesOf(pruned, s);
          if (names.some((f) => regex.test(f))) expect(names[0]).toMatch(regex);
        }
      }),
      RUNS,
    );
  });

  it('what a filter has kept, the same filter keeps again', () => {
    const names = ['focus', 'ignore', 'hide', 'show', 'showFrom', 'pruneFrom'] as const;
    const content = (p: Profile) => Array.from({ length: p.sampleCount }, (_, s) => [namesOf(p, s), p.value(s, 0)]);
    fc.assert(
      fc.property(anyProfile(), fc.constantFrom(...names), pattern, (p, filter, what) => {
        const once = left(p, { [filter]: what });
        expect(content(left(once, { [filter]: what }))).toEqual(content(once));
      }),
      RUNS,
    );
  });
});

describe('trimming', () => {
  const fraction = fc.constantFrom(0, 0.05, 0.2, 0.5, 1);
  it('leaves out nodes and edges, and changes no value of what stays', () => {
    fc.assert(
      fc.property(anyProfile(), fraction, fc.integer({ min: 0, max: 6 }), (p, nodeFraction, nodeCount) => {
        const all = graphOf(p);
        const some = graphOf(p, { trim: true, nodeFraction, nodeCount, edgeFraction: 0 });
        const cums = new Map(all.nodes.map((n) => [n.name, n.cum]));
        for (const n of some.nodes) expect([n.name, n.cum]).toEqual([n.name, cums.get(n.name)]);
        expect(some.total).toBe(all.total);
        expect(some.nodes.length).toBeLessThanOrEqual(
          nodeCount > 0 ? Math.min(nodeCount, all.nodes.length) : all.nodes.length,
        );
      }),
      RUNS,
    );
  });

  it('leaves no call without its caller where nothing is negative: what stays is connected as before', () => {
    fc.assert(
      fc.property(anyProfile({ signed: false }), fraction, (p, nodeFraction) => {
        const all = graphOf(p);
        const some = graphOf(p, { trim: true, nodeFraction, nodeCount: 0, edgeFraction: 0 });
        const reach = (g: typeof all, from: string) => {
          const found = new Set<string>([from]);
          for (const name of found) {
            for (const e of g.edges) if (g.nodes[e.from]!.name === name) found.add(g.nodes[e.to]!.name);
          }
          return found;
        };
        const kept = new Set(some.nodes.map((n) => n.name));
        for (const from of kept) {
          for (const to of reach(some, from)) expect(reach(all, from).has(to)).toBe(true);
        }
        for (const e of some.edges.filter((x) => !x.residual)) {
          const [a, b] = [some.nodes[e.from]!.name, some.nodes[e.to]!.name];
          expect(all.edges.some((x) => all.nodes[x.from]!.name === a && all.nodes[x.to]!.name === b)).toBe(true);
        }
      }),
      RUNS,
    );
  });
});

describe('sums and differences', () => {
  it('a profile twice has twice the flat and cum of every node', () => {
    fc.assert(
      fc.property(anyProfile({ bare: true }), (p) => {
        const values = (q: Profile) => graphOf(q).nodes.map((n): [string, number, number] => [n.name, n.flat, n.cum]);
        const doubled = new Map(values(scale(p, 2)).map(([name, ...v]) => [name, v]));
        expect(new Map(values(mergeProfiles([p, p])).map(([name, ...v]) => [name, v]))).toEqual(doubled);
      }),
      RUNS,
    );
  });

  it('merging is commutative on nodes, and a difference is a sum with the other side turned round', () => {
    const flats = (p: Profile) => new Map(graphOf(p).nodes.map((n) => [n.name, [n.flat, n.cum]]));
    fc.assert(
      fc.property(anyProfile(), anyProfile(), (a, b) => {
        expect(flats(mergeProfiles([a, b]))).toEqual(flats(mergeProfiles([b, a])));
        expect(flats(diffProfiles(a, b))).toEqual(flats(mergeProfiles([a, scale(b, -1)])));
        expect(diffProfiles(a, a).sampleCount).toBe(0);
      }),
      RUNS,
    );
  });
});

describe('every text report', () => {
  const formats: ReportFormat[] = ['text', 'tree', 'traces', 'raw', 'dot', 'tags', 'callgrind', 'collapsed'];
  const format = fc.constantFrom(...formats);

  it('is the same with doubles and with 64-bit integers', () => {
    fc.assert(
      fc.property(anyProfile({ bare: true }), format, granularity, fc.boolean(), (p, f, g, mean) => {
        const wide = p.with({
          values: BigInt64Array.from(p.values, BigInt),
          labelNumbers: BigInt64Array.from(p.labelNumbers, BigInt),
        });
        const options = { format: f, granularity: g, mean, sampleIndex: 'space' };
        expect(render(wide, options)).toBe(render(p, options));
      }),
      { numRuns: 120 },
    );
  });

  it('is the same after the profile was written and read', () => {
    fc.assert(
      fc.property(anyProfile({ bare: true }), format, granularity, (p, f, g) => {
        expect(render(decodeProto(encodeProfile(p)), { format: f, granularity: g })).toBe(
          render(p, { format: f, granularity: g }),
        );
      }),
      RUNS,
    );
  });

  it('has no NaN, undefined or object in it, whatever the profile and the options', () => {
    const options = fc.record({
      ...{ format, granularity, mean: fc.boolean(), noInlines: fc.boolean(), callTree: fc.boolean() },
      ...{ nodeCount: fc.integer({ min: -1, max: 4 }), nodeFraction: fc.constantFrom(0, 0.3, 1, 7) },
      ...{ divideBy: fc.constantFrom(1, 1000, 0.001, -1), dropNegative: fc.boolean(), focus: pattern },
      ...{ unit: fc.constantFrom('minimum', 'auto', 'kb', 'ms', 'widgets'), tagLeaf: fc.constantFrom('', 'zone') },
    });
    fc.assert(
      fc.property(anyProfile({ bare: true }), options, (p, o) => {
        expect(render(p, o)).not.toMatch(/NaN|undefined|\[object|Infinity|null/);
      }),
      { numRuns: 200 },
    );
  });
});

describe('a flame graph', () => {
  const boxes = (n: FlameNode): FlameNode[] => [n, ...n.children.flatMap(boxes)];
  it('has the amount of all samples at its root, and every box what ends in it and below', () => {
    fc.assert(
      fc.property(anyProfile({ bare: true }), fc.constantFrom('function', 'line'), (p, by) => {
        const { root } = flameGraph(p, { by, type: 'objects' });
        expect(root.value).toBe(amount(p, 0));
        for (const b of boxes(root)) expect(b.value).toBe(b.self + sumOf(b.children.map((c) => c.value)));
      }),
      RUNS,
    );
  });

  it('has children of one name once, and lines of a function that add up to it', () => {
    fc.assert(
      fc.property(anyProfile({ signed: false }), (p) => {
        const byName = (by: 'function' | 'line') => {
          const sums: Record<string, number> = {};
          for (const b of boxes(flameGraph(p, { by }).root)) {
            sums[b.site.function] = (sums[b.site.function] ?? 0) + b.self;
            const names = b.children.map(
              (c) => `${c.site.function} ${by === 'line' ? c.site.file : ''} ${c.site.line}`,
            );
            expect(new Set(names).size).toBe(names.length);
          }
          return sums;
        };
        expect(byName('line')).toEqual(byName('function'));
      }),
      RUNS,
    );
  });

  it('compared with itself has every box twice as wide as nothing', () => {
    fc.assert(
      fc.property(anyProfile(), (p) => {
        const { root, dropped } = flameGraph(p, { base: p });
        for (const b of boxes(root)) expect([b.value, b.self]).toEqual([b.base, b.baseSelf]);
        expect(dropped).toBe(0);
      }),
      RUNS,
    );
  });

  it('without its small boxes has all that are at least as large as asked for, unchanged', () => {
    fc.assert(
      fc.property(anyProfile({ signed: false }), fc.constantFrom(0.1, 0.3, 0.9), (p, minFraction) => {
        const all = flameGraph(p);
        const some = flameGraph(p, { minFraction });
        const key = (b: FlameNode) => `${b.name} ${b.value} ${b.self}`;
        const large = boxes(all.root).filter((b) => b.value >= all.root.value * minFraction);
        expect(boxes(some.root).map(key).sort()).toEqual(large.map(key).sort());
        expect(some.dropped).toBe(boxes(all.root).length - large.length);
      }),
      RUNS,
    );
  });
});
