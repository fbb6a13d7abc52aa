import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyProfile, namesOf } from '../../test/arbitrary.js';
import { rows } from '../../test/support.js';
import type { Profile } from '../profile.js';
import { parseTextProfile } from '../text-columns.js';
import { selectLabels } from './by-tag.js';
import { coarsen } from './granularity.js';
import { prune, pruneFrom, simplifiedName } from './prune.js';
import { appendStack, rewriteStacks, selectLines } from './samples.js';

const P = parseTextProfile('v/count\n1 a;b;c k=v\n2 a n=#5\n3 -\n4 c;b');

describe('rewriteStacks', () => {
  type Rewrite = Parameters<typeof rewriteStacks>[1];
  /** Appends the whole stack so often, and keeps the samples that the test wants. */
  const copy =
    (times: number, keep: (s: number) => boolean): Rewrite =>
    (s, from, to, out) => {
      for (let i = 0; i < times; i++) appendStack(P, out, from, to);
      return keep(s);
    };
  const turn: Rewrite = (_s, from, to, out) => {
    for (let i = to - 1; i >= from; i--) out.push(P.stackLocations[i]!);
    return true;
  };

  it.each<[string, Rewrite, string[]]>([
    ['keeps what is appended', copy(1, () => true), rows(P)],
    ['drops what is answered no, with its labels', copy(0, (s) => s === 3), ['4']],
    ['forgets what was appended for a sample that is dropped', copy(1, (s) => s > 0), rows(P).slice(1)],
    ['makes stacks longer', copy(2, () => true), ['1 | c b a c b a | k=v', '2 | a a | n=#5', '3', '4 | b c b c']],
    ['turns them round', turn, ['1 | a b c | k=v', '2 | a | n=#5', '3', '4 | c b']],
  ])('%s', (_, rewrite, expected) => expect(rows(rewriteStacks(P, rewrite))).toEqual(expected));

  it('leaves the profile that it is given', () => {
    const before = rows(P);
    rewriteStacks(P, () => false);
    expect(rows(P)).toEqual(before);
  });
});

it('selectLines keeps the lines that are marked, in their places', () => {
  const p = parseTextProfile('v/count\n1 m@m.go:1;f@f.go:2;+g@g.go:3;+h@h.go:4');
  const names = Array.from(p.lineFunctions, (fn) => p.functionName(fn));
  const without = (...gone: string[]) =>
    rows(
      selectLines(
        p,
        Uint8Array.from(names, (n) => (gone.includes(n) ? 0 : 1)),
      ),
    );
  expect([without(), without('g'), without('f'), without('f', 'g', 'h')]).toEqual([
    ['1 | +h@h.go:4 +g@g.go:3 f@f.go:2 m@m.go:1'],
    ['1 | +h@h.go:4 f@f.go:2 m@m.go:1'],
    ['1 | +h@h.go:4 g@g.go:3 m@m.go:1'],
    // A location that has lost all lines is an address again.
    ['1 | 0x400000@/bin/test:0 m@m.go:1'],
  ]);
});

it('selectLabels keeps the labels that are marked, with their kinds and exact numbers', () => {
  const p = parseTextProfile('v/count\n1 f a=x n=#1 b=y\n2 f n=#2ns').with({
    labelNumbers: BigInt64Array.of(0n, 2n ** 60n, 0n, 7n),
  });
  const q = selectLabels(p, (row) => row !== 0);
  expect(rows(q)).toEqual([`1 | f | n=#${Number(2n ** 60n)} b=y`, '2 | f | n=#7ns']);
  expect(q.labelNumbers[0]).toBe(2n ** 60n);
});

/** The stacks of a profile as names from the leaf on. */
const stacks = (p: Profile) => Array.from({ length: p.sampleCount }, (_, s) => namesOf(p, s));

describe('pruning any profile', () => {
  const pattern = fc.constantFrom(/^main/, /^a$/, /^(a|b)$/, /^(b|c|pkg)/, /./, /^nowhere$/);
  const matches = (regex: RegExp) => (name: string) => regex.test(name);

  it('drops from the match nearest to the root that has another frame above it, down to the leaf', () => {
    fc.assert(
      fc.property(anyProfile(), pattern, fc.option(pattern, { nil: null }), (p, drop, keep) => {
        const hit = (name: string) => drop.test(simplifiedName(name)) && !keep?.test(simplifiedName(name));
        const pruned = prune(p, matches(drop), keep && matches(keep));
        const expected = Array.from({ length: p.sampleCount }, (_, s) => {
          // Seen location by location from the root: a user frame is a location without any match.
          const locations = Array.from(p.stackLocations.subarray(p.stackStarts[s], p.stackStarts[s + 1])).reverse();
          const out: string[] = [];
          let user = false;
          for (const l of locations) {
            const names = p
              .locationFrames(l)
              .map((f) => f.function)
              .reverse();
            const at = names.findIndex(hit);
            // In a location that stays, frames inlined below a match are gone wherever it is.
            const rest = at > 0 ? names.slice(0, at) : names;
            if (at >= 0 && user) {
              if (at > 0) out.push(...rest);
              break;
            }
            if (at < 0) user = true;
            out.push(...rest);
          }
          return out.reverse();
        });
        expect(stacks(pruned)).toEqual(expected);
      }),
      { numRuns: 150 },
    );
  });

  it('changes no value, no label and no number of samples', () => {
    fc.assert(
      fc.property(anyProfile({ bare: true }), pattern, (p, regex) => {
        for (const q of [prune(p, matches(regex), null), pruneFrom(p, matches(regex))]) {
          expect([q.sampleCount, [...q.values]]).toEqual([p.sampleCount, [...p.values]]);
          for (let s = 0; s < p.sampleCount; s++) {
            expect(q.labels(s)).toEqual(p.labels(s));
            expect(namesOf(q, s).length).toBeLessThanOrEqual(namesOf(p, s).length);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('from a match keeps it and what is above', () => {
    fc.assert(
      fc.property(anyProfile(), pattern, (p, regex) => {
        const hit = (name: string) => regex.test(simplifiedName(name));
        const expected = Array.from({ length: p.sampleCount }, (_, s) => {
          const locations = Array.from(p.stackLocations.subarray(p.stackStarts[s], p.stackStarts[s + 1]));
          const names = locations.map((l) => p.locationFrames(l).map((f) => f.function));
          const start = Math.max(
            0,
            names.findIndex((list) => list.some(hit)),
          );
          // A location loses what was inlined below its match wherever it is, as it is one for all stacks.
          return names.slice(start).flatMap((list) => list.slice(Math.max(0, list.findIndex(hit))));
        });
        expect(stacks(pruneFrom(p, matches(regex)))).toEqual(expected);
      }),
      { numRuns: 100 },
    );
  });
});

describe('coarsening any profile', () => {
  it('changes no value and no length of a stack, unless inlined frames go', () => {
    const grain = fc.constantFrom('functions', 'filefunctions', 'files', 'lines', 'addresses');
    fc.assert(
      fc.property(anyProfile({ bare: true }), grain, fc.boolean(), (p, granularity, noInlines) => {
        const q = coarsen(p, granularity as 'files', { noInlines, showColumns: false });
        expect([...q.values]).toEqual([...p.values]);
        for (let s = 0; s < p.sampleCount; s++) {
          const frames = p.frames(s).filter((f) => !noInlines || !f.inlined);
          expect(q.frames(s)).toHaveLength(frames.length);
          if (granularity !== 'files') {
            const named = frames.filter((f) => !f.function.startsWith('0x'));
            expect(namesOf(q, s).filter((n) => !n.startsWith('0x'))).toEqual(named.map((f) => f.function));
          }
        }
      }),
      { numRuns: 80 },
    );
  });

  it('is the same done twice', () => {
    const once = coarsen(P, 'functions', { noInlines: true, showColumns: false });
    expect(rows(coarsen(once, 'functions', { noInlines: true, showColumns: false }))).toEqual(rows(once));
  });
});
