/** A column: what it shows is the caller's, how it sorts and what a filter finds in it is here. */
export interface Column<Row> {
  readonly key: string;
  readonly title: string;
  /** Numbers and text sort by their own order; null always comes last. */
  readonly sortBy: (row: Row) => number | string | null;
  readonly numeric?: boolean;
}

export interface Sorting {
  readonly key: string;
  readonly descending: boolean;
}

/** The rows that hold every word of the filter, sorted; equal rows keep their order. */
export function tableRows<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  sorting: Sorting,
  filter: string,
  textOf: (row: Row) => string,
): Row[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const kept = rows.filter((row) => {
    const text = words.length === 0 ? '' : textOf(row).toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const column = columns.find((c) => c.key === sorting.key);
  if (!column) return kept;
  const sign = sorting.descending ? -1 : 1;
  return kept
    .map((row) => ({ row, value: known(column.sortBy(row)) }))
    .sort((a, b) => {
      if (a.value === null || b.value === null) return Number(a.value === null) - Number(b.value === null);
      if (typeof a.value === 'number' && typeof b.value === 'number') return sign * (a.value - b.value);
      return sign * String(a.value).localeCompare(String(b.value), 'en');
    })
    .map(({ row }) => row);
}

function known(value: number | string | null): number | string | null {
  return typeof value === 'number' && Number.isNaN(value) ? null : value;
}
