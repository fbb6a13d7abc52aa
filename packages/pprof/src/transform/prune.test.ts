import { describe, expect, it } from 'vitest';
import { render, testHost } from '../../test/render.js';
import { parseTextProfile } from '../text-columns.js';
import { pruneUninteresting, simplifiedName } from './prune.js';

const PROFILE = `cpu/count
1 main;new;grow;copy
2 main;use@u.go:1;+grow@g.go:2;+copy@c.go:3
4 grow;copy
8 main;idle`;

const stacks = (text: string) => text.split('\n').filter(Boolean);

it.each([
  ['main.f', 'main.f'],
  ['main.(*T).f', 'main.'],
  ['.f', 'f'],
  ['f(int, char)', 'f'],
  ['ns::(anonymous namespace)::f(int)', 'ns::(anonymous namespace)::f'],
  ['T::operator()(int)', 'T::operator()'],
  ['(anonymous namespace)::operator()(x)', '(anonymous namespace)::operator()'],
  ['', ''],
])('the simple name of %s', (name, simple) => expect(simplifiedName(name)).toBe(simple));

describe('prune_from', () => {
  it.each([
    ['^grow$', ['main;new;grow 1', 'main;use;grow 2', 'grow 4', 'main;idle 8']],
    ['use', ['main;new;grow;copy 1', 'main;use 2', 'grow;copy 4', 'main;idle 8']],
    // Of several matches the one nearest to the leaf counts.
    ['main|grow', ['main;new;grow 1', 'main;use;grow 2', 'grow 4', 'main 8']],
    ['nowhere', ['main;new;grow;copy 1', 'main;use;grow;copy 2', 'grow;copy 4', 'main;idle 8']],
  ])('%s', (pruneFrom, expected) => {
    expect(stacks(render(PROFILE, { format: 'collapsed', pruneFrom }))).toEqual(expected);
  });
});

describe('drop_frames and keep_frames', () => {
  it.each([
    // The frame goes with all below it, but a stack keeps what comes before the first other frame.
    ['grow', '', ['main;new 1', 'main;use 2', 'grow;copy 4', 'main;idle 8']],
    ['gr', '', ['main;new;grow;copy 1', 'main;use;grow;copy 2', 'grow;copy 4', 'main;idle 8']],
    ['gr.*|idle', '', ['main;new 1', 'main;use 2', 'grow;copy 4', 'main 8']],
    ['.*', 'main', ['main 11', 'grow;copy 4']],
    ['(', '', ['main;new;grow;copy 1', 'main;use;grow;copy 2', 'grow;copy 4', 'main;idle 8']],
  ])('drop %s keep %s', (dropFrames, keepFrames, expected) => {
    const p = parseTextProfile(PROFILE).with({ dropFrames, keepFrames });
    expect(stacks(render(pruneUninteresting(p, testHost().compile), { format: 'collapsed' }))).toEqual(expected);
  });
});
