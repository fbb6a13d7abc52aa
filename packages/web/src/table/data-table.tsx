import { Fragment, type ReactNode, useMemo, useState } from 'react';
import { plural } from '../base/text.js';
import { type Column, type Sorting, tableRows } from './table-rows.js';

const PAGE = 25;
const MORE = 200;

export interface ShownColumn<Row> extends Column<Row> {
  readonly cell: (row: Row) => ReactNode;
}

/** A table that sorts by its headings, filters by words and draws no more rows than were asked for. */
export function DataTable<Row>(props: {
  caption: string;
  rows: readonly Row[];
  columns: readonly ShownColumn<Row>[];
  sorting: Sorting;
  textOf: (row: Row) => string;
  keyOf: (row: Row) => string;
  /** What a row shows when it is opened; null where it has nothing more. */
  detail?: (row: Row) => ReactNode;
}) {
  const { rows, columns, textOf } = props;
  const [sorting, setSorting] = useState(props.sorting);
  const [filter, setFilter] = useState('');
  const [limit, setLimit] = useState(PAGE);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const sorted = useMemo(
    () => tableRows(rows, columns, sorting, filter, textOf),
    [rows, columns, sorting, filter, textOf],
  );
  const shown = sorted.slice(0, limit);
  const toggle = (key: string) => {
    const next = new Set(open);
    if (!next.delete(key)) next.add(key);
    setOpen(next);
  };
  return (
    <div className="data-table">
      <div className="toolbar">
        <label className="search">
          <span className="sr-only">Filter: {props.caption}</span>
          <input type="search" placeholder="Filter" value={filter} onChange={(e) => setFilter(e.target.value)} />
        </label>
        <span className="dim tool-status" role="status">
          {filter.trim() === '' ? plural(rows.length, 'row') : `${sorted.length} of ${plural(rows.length, 'row')}`}
        </span>
      </div>
      <div className="table-scroll">
        <table>
          <caption className="sr-only">{props.caption}</caption>
          <thead>
            <tr>
              {columns.map((c) => (
                <th
                  key={c.key}
                  scope="col"
                  className={c.numeric ? 'number' : undefined}
                  aria-sort={sorting.key !== c.key ? 'none' : sorting.descending ? 'descending' : 'ascending'}
                >
                  <button
                    type="button"
                    onClick={() =>
                      setSorting({
                        key: c.key,
                        descending: sorting.key === c.key ? !sorting.descending : c.numeric === true,
                      })
                    }
                  >
                    {/* On the side where the column has room: what is numeric stands at its right end. */}
                    {c.numeric && <Arrow sorting={sorting} column={c.key} />}
                    {c.title}
                    {!c.numeric && <Arrow sorting={sorting} column={c.key} />}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => {
              const key = props.keyOf(row);
              const detail = props.detail && open.has(key) ? props.detail(row) : null;
              return (
                <Fragment key={key}>
                  <tr>
                    {columns.map((c, i) => (
                      <td key={c.key} className={c.numeric ? 'number' : undefined}>
                        {i === 0 && props.detail ? (
                          <button
                            type="button"
                            className="disclose"
                            aria-expanded={open.has(key)}
                            onClick={() => toggle(key)}
                          >
                            <span className="sr-only">Stack of </span>
                            {c.cell(row)}
                          </button>
                        ) : (
                          c.cell(row)
                        )}
                      </td>
                    ))}
                  </tr>
                  {detail && (
                    <tr className="detail">
                      <td colSpan={columns.length}>{detail}</td>
                    </tr>
                  )}
                </Fragment>
              );
            })}
          </tbody>
        </table>
      </div>
      {shown.length === 0 && <p className="empty">{rows.length === 0 ? 'No rows.' : 'No row matches the filter.'}</p>}
      {sorted.length > shown.length && (
        <button type="button" className="button" onClick={() => setLimit(limit + MORE)}>
          Show {Math.min(MORE, sorted.length - shown.length)} more of{' '}
          {(sorted.length - shown.length).toLocaleString('en-US')}
        </button>
      )}
    </div>
  );
}

function Arrow({ sorting, column }: { sorting: Sorting; column: string }) {
  if (sorting.key !== column) return null;
  return (
    <span className="arrow" aria-hidden="true">
      {sorting.descending ? '↓' : '↑'}
    </span>
  );
}
