import { describe, expect, it } from 'vitest';
import { tableRows } from './table-rows.js';

interface Row {
  name: string;
  size: number | null;
}
const rows: Row[] = [
  { name: 'b main.go', size: 2 },
  { name: 'a cache.go', size: null },
  { name: 'c main.go', size: 10 },
  { name: 'd other.go', size: Number.NaN },
];
const columns = [
  { key: 'name', title: 'Name', sortBy: (r: Row) => r.name },
  { key: 'size', title: 'Size', numeric: true, sortBy: (r: Row) => r.size },
];
const names = (key: string, descending: boolean, filter = '') =>
  tableRows(rows, columns, { key, descending }, filter, (r) => r.name).map((r) => r.name[0]);

describe('tableRows', () => {
  it('sorts numbers as numbers, both ways, what is unknown last', () => {
    expect(names('size', false)).toEqual(['b', 'c', 'a', 'd']);
    expect(names('size', true)).toEqual(['c', 'b', 'a', 'd']);
    expect(names('name', true)).toEqual(['d', 'c', 'b', 'a']);
  });
  it('keeps the order for a column that is not there', () => {
    expect(names('?', false)).toEqual(['b', 'a', 'c', 'd']);
  });
  it('filters by every word', () => {
    expect(names('name', false, 'MAIN c')).toEqual(['c']);
    expect(names('name', false, '(')).toEqual([]);
  });
});
