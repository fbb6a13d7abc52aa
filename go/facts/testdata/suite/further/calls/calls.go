// Package calls has groups that are counted down, and contexts that reach the call or do not.
package calls

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os/exec"
	"sync"
	"time"
)

type shard struct {
	id   int
	open bool
}

func (s *shard) compact(wg *sync.WaitGroup, f func(int) error) {
	if !s.open {
		return
	}
	defer wg.Done()
	if err := f(s.id); err != nil {
		slog.Error("compact", "shard", s.id, "err", err)
	}
}

// leakCompactAll counts closed shards too.
func leakCompactAll(list []*shard, f func(int) error) {
	var wg sync.WaitGroup
	for _, s := range list {
		wg.Add(1)
		go s.compact(&wg, f)
	}
	wg.Wait() // want goroutine/waitgroup-count
}

func (s *shard) flush(wg *sync.WaitGroup, f func(int) error) error {
	defer wg.Done()
	if !s.open {
		return errors.New("closed")
	}
	return f(s.id)
}

// cleanFlushAll counts down first.
func cleanFlushAll(list []*shard, f func(int) error) {
	var wg sync.WaitGroup
	for _, s := range list {
		wg.Add(1)
		go s.flush(&wg, f)
	}
	wg.Wait()
}

func (s *shard) try(wg *sync.WaitGroup, f func(int) error) bool {
	if !s.open {
		return false
	}
	go func() {
		defer wg.Done()
		_ = f(s.id)
	}()
	return true
}

// cleanTryAll counts down for those that did not start.
func cleanTryAll(list []*shard, f func(int) error) {
	var wg sync.WaitGroup
	for _, s := range list {
		wg.Add(1)
		if !s.try(&wg, f) {
			wg.Done()
		}
	}
	wg.Wait()
}

// leakCount has a limit, logs with it, and asks without it.
func leakCount(ctx context.Context, db *sql.DB) (n int, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if dl, ok := ctx.Deadline(); ok {
		slog.DebugContext(ctx, "count", "until", dl)
	}
	rows, err := db.Query("SELECT id FROM jobs") // want goroutine/deadline-not-passed
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		n++
	}
	return n, rows.Err()
}

// leakResolve looks a name up without the limit.
func leakResolve(parent context.Context, r *net.Resolver, host string) error {
	ctx, cancel := context.WithDeadline(parent, time.Now().Add(time.Second))
	defer cancel()
	tagged := context.WithValue(ctx, tag{}, host)
	slog.InfoContext(tagged, "resolve")
	_, err := net.LookupHost(host) // want goroutine/deadline-not-passed
	return err
}

type tag struct{}

// Store is a client with both forms.
type Store struct{ c chan []byte }

// NewStore gives one.
func NewStore() *Store { return &Store{c: make(chan []byte, 1)} }

// Load waits.
func (s *Store) Load(key string) []byte { _ = key; return <-s.c }

// LoadContext waits until ctx ends.
func (s *Store) LoadContext(ctx context.Context, key string) ([]byte, error) {
	_ = key
	select {
	case b := <-s.c:
		return b, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// leakLoad makes a limit for a call that does not take it.
func leakLoad(ctx context.Context, s *Store, key string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	b := s.Load(key) // want goroutine/deadline-not-passed
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return b, nil
}

// cleanLoad takes the form with the context.
func cleanLoad(ctx context.Context, s *Store, key string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	return s.LoadContext(ctx, key)
}

// cleanBegin has the limit in its transaction.
func cleanBegin(ctx context.Context, db *sql.DB, q string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.Exec(q); err != nil {
		return err
	}
	return tx.Commit()
}

// cleanRequest has the limit in the request.
func cleanRequest(hc *http.Client, req *http.Request) (int, error) {
	ctx, cancel := context.WithTimeout(req.Context(), time.Second)
	defer cancel()
	resp, err := hc.Do(req.WithContext(ctx))
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, resp.Body.Close()
}

// cleanKill ends the process at the end of the limit.
func cleanKill(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	cmd := exec.Command(name)
	if err := cmd.Start(); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { cmd.Process.Kill() })
	defer stop()
	return cmd.Wait()
}

// cleanQuick logs under a limit that is made for a later call.
func cleanQuick(ctx context.Context, s *Store, buf *bytes.Buffer) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	slog.InfoContext(ctx, "begin")
	buf.WriteString("begin")
	_, err := s.LoadContext(ctx, "x")
	return err
}

// Worker keeps a context in a field.
type Worker struct {
	ctx  context.Context
	jobs int
}

// leakRun derives for each job, in a method that a loop calls.
func (w *Worker) leakRun(id string, f func(context.Context)) {
	w.ctx = context.WithValue(w.ctx, tag{}, id) // want heap/context-nested
	f(w.ctx)
}

// Loop runs jobs.
func (w *Worker) Loop(ids <-chan string, f func(context.Context)) {
	for id := range ids {
		w.leakRun(id, f)
	}
}

var base = context.Background()

// NoteAll notes each name.
func NoteAll(names []string) {
	for _, n := range names {
		leakNote(n)
	}
}

// leakNote puts a name in the context of the process.
func leakNote(name string) {
	base = context.WithValue(base, tag{}, name) // want heap/context-nested
}

// cleanRun derives from the field into a variable.
func (w *Worker) cleanRun(id string, f func(context.Context)) {
	ctx := context.WithValue(w.ctx, tag{}, id)
	w.jobs++
	f(ctx)
}

// Option sets up a worker once.
type Option func(*Worker)

// cleanWithTag is an option.
func cleanWithTag(id string) Option {
	return func(w *Worker) { w.ctx = context.WithValue(w.ctx, tag{}, id) }
}

// request lives as long as one request.
type request struct {
	ctx  context.Context
	user string
}

// cleanAuth adds the user once.
func (r *request) cleanAuth(user string) {
	r.user = user
	r.ctx = context.WithValue(r.ctx, tag{}, user)
}

// Serve makes a request for each name.
func Serve(users []string, f func(context.Context)) {
	for _, u := range users {
		r := &request{ctx: context.Background()}
		r.cleanAuth(u)
		f(r.ctx)
	}
}
