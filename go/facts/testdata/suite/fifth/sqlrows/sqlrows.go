// Package sqlrows asks for errors by what they are before it asks for nil.
package sqlrows

import (
	"context"
	"database/sql"
	"errors"
)

var errGone = errors.New("gone")

// cleanChildren compares the error with a sentinel first: then there are no rows.
func cleanChildren(ctx context.Context, db *sql.DB, id int64) ([]int64, error) {
	var all []int64
	rows, err := db.QueryContext(ctx, "select id from nodes where parent=$1", id)
	if err == sql.ErrNoRows {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	for rows.Next() {
		var c int64
		if err = rows.Scan(&c); err != nil {
			break
		}
		all = append(all, c)
	}
	if cerr := rows.Close(); err == nil {
		err = cerr
	}
	return all, err
}

// cleanOwn has a sentinel of its own package, and a switch.
func cleanOwn(db *sql.DB) (n int, err error) {
	rows, err := db.Query("select id from nodes")
	switch {
	case err == errGone:
		return 0, nil
	case errors.Is(err, sql.ErrConnDone):
		return 0, nil
	case err != nil:
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		n++
	}
	return n, rows.Err()
}

// leakOther is past the sentinel, and leaves with the rows all the same.
func leakOther(db *sql.DB, want int) (n int, err error) {
	rows, err := db.Query("select id from nodes") // want resource/sql-rows
	if err == sql.ErrNoRows {
		return 0, nil
	} else if err != nil {
		return 0, err
	}
	if want == 0 {
		return 0, errGone
	}
	for rows.Next() {
		n++
	}
	return n, rows.Close()
}

// leakUnequal returns where the error is not the sentinel, which it is not
// where there is none.
func leakUnequal(db *sql.DB) error {
	rows, err := db.Query("select id from nodes") // want resource/sql-rows
	if err != sql.ErrNoRows {
		return err
	}
	return rows.Close()
}
