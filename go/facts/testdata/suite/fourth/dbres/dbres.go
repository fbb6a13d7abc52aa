// Package dbres has shapes of databases, written without a look at the analyzers.
package dbres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
)

// leakActiveLeases lists leases that are not expired.
func leakActiveLeases(ctx context.Context, db *sql.DB) ([]string, error) {
	rows, err := db.QueryContext(ctx, `SELECT id FROM leases WHERE expires_at > now()`) // want resource/sql-rows
	if err != nil {
		return nil, err
	}
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("lease: %w", err)
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return ids, rows.Close()
}

// leakHasMigration says whether the version was applied.
func leakHasMigration(db *sql.DB, version int) (bool, error) {
	rows, err := db.Query(`SELECT 1 FROM schema_migrations WHERE version = $1`, version) // want resource/sql-rows
	if err != nil {
		return false, err
	}
	if rows.Next() {
		return true, nil
	}
	return false, rows.Err()
}

// Store counts events.
type Store struct {
	db *sql.DB
}

// NewStore gives a store over db.
func NewStore(db *sql.DB) *Store { return &Store{db: db} }

// leakRecord inserts one event.
func (s *Store) leakRecord(ctx context.Context, kind string, payload []byte) error {
	stmt, err := s.db.PrepareContext(ctx, `INSERT INTO events(kind, payload) VALUES ($1, $2)`) // want resource/sql-stmt
	if err != nil {
		return err
	}
	_, err = stmt.ExecContext(ctx, kind, payload)
	return err
}

// leakTransfer moves credits between accounts.
func leakTransfer(ctx context.Context, db *sql.DB, from, to string, n int) error {
	tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelSerializable}) // want resource/sql-tx
	if err != nil {
		return err
	}
	var balance int
	if err := tx.QueryRowContext(ctx, `SELECT balance FROM acct WHERE id=$1`, from).Scan(&balance); err != nil {
		tx.Rollback()
		return err
	}
	if balance < n {
		return errors.New("insufficient credit")
	}
	if _, err := tx.ExecContext(ctx, `UPDATE acct SET balance=balance-$2 WHERE id=$1`, from, n); err != nil {
		tx.Rollback()
		return err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE acct SET balance=balance+$2 WHERE id=$1`, to, n); err != nil {
		tx.Rollback()
		return err
	}
	return tx.Commit()
}

// leakWithAdvisoryLock runs f while an advisory lock is held on one connection.
func leakWithAdvisoryLock(ctx context.Context, db *sql.DB, key int64, f func(context.Context) error) error {
	conn, err := db.Conn(ctx) // want resource/sql-conn
	if err != nil {
		return err
	}
	var got bool
	if err := conn.QueryRowContext(ctx, `SELECT pg_try_advisory_lock($1)`, key).Scan(&got); err != nil {
		return err
	}
	if !got {
		return errors.New("lock is taken")
	}
	defer conn.Close()
	defer conn.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, key)
	return f(ctx)
}

// leakPing opens the database of a tenant to see whether it answers.
func leakPing(ctx context.Context, dsn string) error {
	db, err := sql.Open("postgres", dsn) // want resource/client
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	return db.PingContext(ctx)
}

func scanNames(rows *sql.Rows) (map[string]struct{}, error) {
	out := map[string]struct{}{}
	for rows.Next() {
		var n string
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		if n == "" {
			break
		}
		out[n] = struct{}{}
	}
	return out, rows.Err()
}

// leakRoleNames lists roles by a helper.
func leakRoleNames(db *sql.DB) (map[string]struct{}, error) {
	rows, err := db.Query("SELECT name FROM roles") // want resource/sql-rows
	if err != nil {
		return nil, err
	}
	return scanNames(rows)
}

// leakTree reads parents and, for each, its children.
func leakTree(ctx context.Context, db *sql.DB) (map[int][]int, error) {
	out := map[int][]int{}
	parents, err := db.QueryContext(ctx, "SELECT id FROM node WHERE parent IS NULL")
	if err != nil {
		return nil, err
	}
	defer parents.Close()
	for parents.Next() {
		var id int
		if err := parents.Scan(&id); err != nil {
			return nil, err
		}
		kids, err := db.QueryContext(ctx, "SELECT id FROM node WHERE parent = $1", id) // want resource/sql-rows
		if err != nil {
			return nil, err
		}
		for kids.Next() {
			var k int
			if kids.Scan(&k) != nil {
				continue
			}
			out[id] = append(out[id], k)
			if len(out[id]) >= 1000 {
				break
			}
		}
	}
	return out, parents.Err()
}

// leakApplyAll runs steps; a step may panic and the caller recovers.
func leakApplyAll(db *sql.DB, steps []func(*sql.Tx) error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("step panicked: %v", r)
		}
	}()
	tx, err := db.Begin() // want resource/sql-tx
	if err != nil {
		return err
	}
	for _, s := range steps {
		if err := s(tx); err != nil {
			_ = tx.Rollback()
			return err
		}
	}
	return tx.Commit()
}

// cleanQuotas reads the quota table.
func cleanQuotas(ctx context.Context, db *sql.DB) (map[string]int64, error) {
	rows, err := db.QueryContext(ctx, "SELECT tenant, bytes FROM quota")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := make(map[string]int64)
	for rows.Next() {
		var t string
		var b int64
		if err := rows.Scan(&t, &b); err != nil {
			return nil, err
		}
		out[t] = b
	}
	return out, rows.Err()
}

// cleanRename commits or rolls back by flag.
func cleanRename(ctx context.Context, db *sql.DB, id, name string) (err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			if rbErr := tx.Rollback(); rbErr != nil {
				err = errors.Join(err, rbErr)
			}
			return
		}
		err = tx.Commit()
	}()
	if _, err = tx.ExecContext(ctx, "UPDATE host SET name=$2 WHERE id=$1", id, name); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO audit(id) VALUES($1)", id)
	return err
}

// cleanInTx runs f inside a transaction, also when f panics.
func cleanInTx(ctx context.Context, db *sql.DB, f func(*sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() {
		if p := recover(); p != nil {
			_ = tx.Rollback()
			panic(p)
		}
	}()
	if err := f(tx); err != nil {
		_ = tx.Rollback()
		return err
	}
	return tx.Commit()
}

// StmtCache keeps prepared statements until Close.
type StmtCache struct {
	mu sync.Mutex
	db *sql.DB
	m  map[string]*sql.Stmt
}

// cleanNewStmtCache gives a cache of db.
func cleanNewStmtCache(db *sql.DB) *StmtCache {
	return &StmtCache{db: db, m: make(map[string]*sql.Stmt)}
}

// Get prepares at most 64 queries.
func (c *StmtCache) Get(ctx context.Context, q string) (*sql.Stmt, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s, ok := c.m[q]; ok {
		return s, nil
	}
	s, err := c.db.PrepareContext(ctx, q)
	if err != nil {
		return nil, err
	}
	if len(c.m) >= 64 {
		for k, old := range c.m {
			_ = old.Close()
			delete(c.m, k)
			break
		}
	}
	c.m[q] = s
	return s, nil
}

// Close ends all statements.
func (c *StmtCache) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var errs []error
	for k, s := range c.m {
		errs = append(errs, s.Close())
		delete(c.m, k)
	}
	return errors.Join(errs...)
}

// Iter walks over rows; the caller closes it.
type Iter struct {
	rows *sql.Rows
	err  error
	log  *slog.Logger
}

// cleanNewIter starts a walk.
func cleanNewIter(ctx context.Context, db *sql.DB, log *slog.Logger) (*Iter, error) {
	rows, err := db.QueryContext(ctx, "SELECT key, value FROM kv ORDER BY key")
	if err != nil {
		log.Error("query", "err", err)
		return nil, err
	}
	return &Iter{rows: rows, log: log}, nil
}

// Next gives the next pair.
func (it *Iter) Next() (k, v string, ok bool) {
	if it.err != nil || !it.rows.Next() {
		return "", "", false
	}
	it.err = it.rows.Scan(&k, &v)
	return k, v, it.err == nil
}

// Stop ends the walk.
func (it *Iter) Stop() { it.rows.Close() }

// cleanCountAll reads to the end, which closes the rows.
func cleanCountAll(db *sql.DB) (int, error) {
	rows, err := db.Query("SELECT id FROM job")
	if err != nil {
		return 0, err
	}
	n := 0
	for rows.Next() {
		n++
	}
	return n, rows.Err()
}

// cleanVacuum pins a connection.
func cleanVacuum(ctx context.Context, db *sql.DB, tables []string) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := conn.Close(); cerr != nil && !errors.Is(cerr, sql.ErrConnDone) {
			slog.Warn("close", "err", cerr)
		}
	}()
	for _, t := range tables {
		if _, err := conn.ExecContext(ctx, "VACUUM "+t); err != nil {
			return err
		}
	}
	return nil
}

// cleanConnect opens and tests a database.
func cleanConnect(ctx context.Context, driver, dsn string) (*sql.DB, error) {
	db, err := sql.Open(driver, dsn)
	if err != nil {
		return nil, err
	}
	if err := db.PingContext(ctx); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("ping: %w", err)
	}
	return db, nil
}

// cleanReport reads two result sets.
func cleanReport(ctx context.Context, db *sql.DB) (a, b int, err error) {
	rows, err := db.QueryContext(ctx, "CALL report()")
	if err != nil {
		return 0, 0, err
	}
	closeRows := func() {
		if cerr := rows.Close(); err == nil {
			err = cerr
		}
	}
	defer closeRows()
	for rows.Next() {
		a++
	}
	if !rows.NextResultSet() {
		return a, 0, rows.Err()
	}
	for rows.Next() {
		b++
	}
	return a, b, nil
}
