// Package sqldb has rows, statements, transactions and connections.
package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

func leakRows(db *sql.DB) (int, error) {
	rows, err := db.Query("select id from t") // want resource/sql-rows
	if err != nil {
		return 0, err
	}
	cols, err := rows.Columns()
	return len(cols), err
}

func leakRowsScanError(ctx context.Context, db *sql.DB) ([]int, error) {
	rows, err := db.QueryContext(ctx, "select id from t") // want resource/sql-rows
	if err != nil {
		return nil, err
	}
	var ids []int
	for rows.Next() {
		var id int
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

func leakRowsFirstOnly(db *sql.DB) (string, error) {
	rows, err := db.Query("select name from t") // want resource/sql-rows
	if err != nil {
		return "", err
	}
	var name string
	if rows.Next() {
		err = rows.Scan(&name)
	}
	return name, err
}

func collect(rows *sql.Rows) (n int, err error) {
	for rows.Next() {
		var v int
		if err := rows.Scan(&v); err != nil {
			return 0, err
		}
		n += v
	}
	return n, rows.Err()
}

func leakRowsHelper(db *sql.DB) (int, error) {
	rows, err := db.Query("select id from t") // want resource/sql-rows
	if err != nil {
		return 0, err
	}
	return collect(rows)
}

func leakRowsDeferAfterCheck(db *sql.DB, want int) error {
	rows, err := db.Query("select id from t") // want resource/sql-rows
	if err != nil {
		return err
	}
	cols, err := rows.Columns()
	if err != nil || len(cols) != want {
		return fmt.Errorf("columns: %v", err)
	}
	defer rows.Close()
	return nil
}

func leakExecAsQuery(db *sql.DB) error {
	_, err := db.Query("delete from t") // want resource/sql-rows
	return err
}

func leakStmt(db *sql.DB) error {
	stmt, err := db.Prepare("insert into t values (?)") // want resource/sql-stmt
	if err != nil {
		return err
	}
	_, err = stmt.Exec(1)
	return err
}

func leakStmtInLoop(db *sql.DB, values []int) error {
	for _, v := range values {
		stmt, err := db.Prepare("insert into t values (?)") // want resource/sql-stmt
		if err != nil {
			return err
		}
		if _, err := stmt.Exec(v); err != nil {
			return err
		}
	}
	return nil
}

func leakTxOnError(db *sql.DB) error {
	tx, err := db.Begin() // want resource/sql-tx
	if err != nil {
		return err
	}
	if _, err := tx.Exec("update t set a = 1"); err != nil {
		return err
	}
	return tx.Commit()
}

func leakTxEarlySuccess(ctx context.Context, db *sql.DB, dry bool) error {
	tx, err := db.BeginTx(ctx, nil) // want resource/sql-tx
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "update t set a = 1"); err != nil {
		tx.Rollback()
		return err
	}
	if dry {
		return nil
	}
	return tx.Commit()
}

func begin(db *sql.DB) (*sql.Tx, error) { return db.Begin() }

func leakTxFromHelper(db *sql.DB, fail bool) error {
	tx, err := begin(db) // want resource/sql-tx
	if err != nil {
		return err
	}
	if fail {
		return errors.New("failed")
	}
	return tx.Commit()
}

func leakConn(ctx context.Context, db *sql.DB) error {
	conn, err := db.Conn(ctx) // want resource/sql-conn
	if err != nil {
		return err
	}
	return conn.PingContext(ctx)
}

func leakRowUnscanned(db *sql.DB) {
	db.QueryRow("select pg_advisory_lock(1)") // want resource/sql-rows
}

func leakRowsSwitch(db *sql.DB, mode string) error {
	rows, err := db.Query("select 1") // want resource/sql-rows
	if err != nil {
		return err
	}
	switch mode {
	case "check":
		return nil
	}
	rows.Close()
	return nil
}

func cleanRows(db *sql.DB) ([]int, error) {
	rows, err := db.Query("select id from t")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ids []int
	for rows.Next() {
		var id int
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

func cleanRowsToEnd(db *sql.DB) (n int, err error) {
	rows, err := db.Query("select id from t")
	if err != nil {
		return 0, err
	}
	for rows.Next() {
		n++
	}
	return n, rows.Err()
}

func cleanRowsReturned(db *sql.DB) (*sql.Rows, error) {
	rows, err := db.Query("select id from t")
	if err != nil {
		return nil, fmt.Errorf("query: %w", err)
	}
	return rows, nil
}

func cleanRowsGiven(db *sql.DB, use func(*sql.Rows) error) error {
	rows, err := db.Query("select id from t")
	if err != nil {
		return err
	}
	return use(rows)
}

func collectAndClose(rows *sql.Rows) (n int) {
	defer rows.Close()
	for rows.Next() {
		n++
	}
	return n
}

func cleanRowsHelper(db *sql.DB) (int, error) {
	rows, err := db.Query("select id from t")
	if err != nil {
		return 0, err
	}
	return collectAndClose(rows), nil
}

type cursor struct {
	rows *sql.Rows
	n    int
}

func (c *cursor) Close() error { return c.rows.Close() }

func cleanCursor(db *sql.DB) (*cursor, error) {
	rows, err := db.Query("select id from t")
	if err != nil {
		return nil, err
	}
	c := &cursor{}
	c.rows = rows
	return c, nil
}

func leakCursor(db *sql.DB) (int, error) {
	c, err := cleanCursor(db) // want resource/sql-rows
	if err != nil {
		return 0, err
	}
	return c.n, nil
}

func cleanCursorClosed(db *sql.DB) (int, error) {
	c, err := cleanCursor(db)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	return c.n, nil
}

func cleanStmt(db *sql.DB) error {
	stmt, err := db.Prepare("insert into t values (?)")
	if err != nil {
		return err
	}
	defer stmt.Close()
	_, err = stmt.Exec(1)
	return err
}

type store struct{ insert *sql.Stmt }

func cleanStmtField(s *store, db *sql.DB) (err error) {
	s.insert, err = db.Prepare("insert into t values (?)")
	return err
}

func cleanTx(db *sql.DB) error {
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.Exec("update t set a = 1"); err != nil {
		return err
	}
	return tx.Commit()
}

func cleanTxNamed(db *sql.DB) (err error) {
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			tx.Rollback()
			return
		}
		err = tx.Commit()
	}()
	_, err = tx.Exec("update t set a = 1")
	return err
}

func cleanWithTx(db *sql.DB, do func(*sql.Tx) error) error {
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	if err := do(tx); err != nil {
		if rb := tx.Rollback(); rb != nil {
			return errors.Join(err, rb)
		}
		return err
	}
	return tx.Commit()
}

func cleanConn(ctx context.Context, db *sql.DB) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.PingContext(ctx)
}

func cleanRow(db *sql.DB) (n int, err error) {
	err = db.QueryRow("select count(*) from t").Scan(&n)
	return n, err
}

func cleanRowsErrorsIs(db *sql.DB) error {
	rows, err := db.Query("select id from t")
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return rows.Close()
}
