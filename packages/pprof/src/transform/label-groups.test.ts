import { expect, it } from 'vitest';
import { parseTextProfile } from '../text-columns.js';
import { labelGroups, labelUnits } from './label-groups.js';

it('groups labels by key; units are there as soon as one number has one', () => {
  const p = parseTextProfile('v/count\n1 f a=x a=y n=#1 n=#2kb n=#3 m=#4\n1 f');
  expect(labelGroups(p, 0)).toEqual({
    texts: new Map([['a', ['x', 'y']]]),
    numbers: new Map([
      ['n', { numbers: [1, 2, 3], units: ['', 'kb', ''] }],
      ['m', { numbers: [4], units: null }],
    ]),
  });
  expect(labelGroups(p, 1)).toEqual({ texts: new Map(), numbers: new Map() });
});

it.each([
  ['a=#1bytes a=#1kb a=#1gb a=#2kb', { a: 'bytes' }, { a: ['gb', 'kb'] }],
  ['a=#1 a=#1kb', { a: 'kb' }, {}],
  // Without any unit the key says it.
  [
    'request=#1 alignment=#1 bytes=#1 other=#1',
    { request: 'bytes', alignment: 'bytes', bytes: 'bytes', other: 'other' },
    {},
  ],
  ['a=text', {}, {}],
])('units of %s', (labels, units, ignored) => {
  const found = labelUnits(parseTextProfile(`v/count\n1 f ${labels}`));
  expect([Object.fromEntries(found.units), Object.fromEntries(found.ignored)]).toEqual([units, ignored]);
});
