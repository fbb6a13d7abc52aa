import { expect, it } from 'vitest';
import { testHost } from '../../test/render.js';
import { parseTextProfile } from '../text-columns.js';
import { profileReport } from './generate.js';

const HEAP = parseTextProfile('heap/bytes\n10240 main@m.go:1;a@a.go:2 zone=x\n-2047 main@m.go:1;b@b.go:3');

it.each([
  [{}, [10240, -2047]],
  [{ divideBy: 2 }, [5120, -1023]],
  [{ focus: '^a$' }, [10240]],
  [{ tagIgnore: 'zone=x' }, [-2047]],
] as const)('-proto %j', (options, values) => {
  expect([...profileReport(HEAP, { format: 'proto', ...options }, testHost()).values]).toEqual(values);
});

it('-topproto has cum and flat of a node in the unit of the report, cut to whole numbers', () => {
  const p = profileReport(HEAP, { format: 'topproto' }, testHost());
  expect(p.sampleTypes).toEqual([
    { type: 'cum', unit: 'kB' },
    { type: 'flat', unit: 'kB' },
  ]);
  const rows = Array.from({ length: p.sampleCount }, (_, s) => [
    p.frames(s)[0]?.function,
    p.value(s, 0),
    p.value(s, 1),
  ]);
  expect(rows).toEqual([
    ['a', 10, 10],
    ['b', -1, -1],
    ['main', 8, 0],
  ]);
});
