// Package handover takes things for its callers, or seems to: what is taken is
// given back elsewhere, or stays with who gets the answer.
package handover

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel/trace"
	"golang.org/x/sync/semaphore"
)

var errClosed = errors.New("closed")

// row is rows of which one is read.
type row sql.Rows

func (r *row) Scan(dest ...any) error {
	rows := (*sql.Rows)(r)
	defer rows.Close()
	if !rows.Next() {
		return sql.ErrNoRows
	}
	return rows.Scan(dest...)
}

type scanner interface{ Scan(dest ...any) error }

func one(ctx context.Context, db *sql.DB, id int) scanner {
	rows, err := db.QueryContext(ctx, "select name from t where id = ?", id)
	if err != nil {
		return nil
	}
	return (*row)(rows)
}

func cleanScanned(ctx context.Context, db *sql.DB, id int) (name string, err error) {
	err = one(ctx, db, id).Scan(&name)
	return name, err
}

func leakNeverScanned(ctx context.Context, db *sql.DB, id int) bool {
	r := one(ctx, db, id) // want resource/sql-rows
	return r != nil
}

// merged gives the caller a context that ends with a second one, too.
func cleanMerged(ctx, stop context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	var cancel context.CancelFunc
	if limit > 0 {
		ctx, cancel = context.WithTimeout(ctx, limit)
	} else {
		ctx, cancel = context.WithCancel(ctx)
	}
	go func() {
		select {
		case <-ctx.Done():
		case <-stop.Done():
			cancel()
		}
	}()
	return ctx, cancel
}

func cleanMergedInClosure(stop <-chan struct{}, limit time.Duration) (context.Context, func()) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	done := make(chan struct{})
	go func() {
		select {
		case <-stop:
			cancel()
		case <-done:
		}
	}()
	return ctx, func() { close(done); cancel() }
}

func leakMerged(ctx context.Context, stop <-chan struct{}, done <-chan struct{}) context.Context {
	ctx, cancel := context.WithCancel(ctx) // want resource/cancel
	go func() {
		select {
		case <-stop:
			cancel()
		case <-done:
		}
	}()
	return ctx
}

// tx holds the lock of its store until it is done.
type tx struct{ s *store }

type store struct {
	mu   sync.Mutex
	open bool
	n    int
}

func (s *store) cleanWrite() (*tx, error) {
	s.mu.Lock()
	if !s.open {
		s.mu.Unlock()
		return nil, errClosed
	}
	return &tx{s}, nil
}

func (t *tx) done() { t.s.mu.Unlock() }

func (s *store) leakWrite(n int) (*tx, error) {
	s.mu.Lock() // want goroutine/holder-gone
	if !s.open {
		s.mu.Unlock()
		return nil, errClosed
	}
	if n < 0 {
		return nil, errClosed
	}
	s.n = n
	return &tx{s}, nil
}

type settings struct {
	mu     sync.Mutex
	strict bool
	n      int
}

func (s *settings) leakSet(n int) {
	s.mu.Lock() // want goroutine/holder-gone
	if !s.strict {
		return
	}
	s.n = n
	s.mu.Unlock()
}

type series struct {
	sync.Mutex
	gone bool
}

// cleanLive answers with a series that is locked and still there.
func cleanLive(s *series, again func() (*series, error)) (*series, error) {
	for {
		s.Lock()
		if !s.gone {
			return s, nil
		}
		s.Unlock()
		var err error
		if s, err = again(); err != nil {
			return nil, err
		}
	}
}

type worker struct{ id int }

type workers[T any] struct {
	sem    *semaphore.Weighted
	closed bool
	idle   []*worker
}

func (w *workers[T]) cleanTake(ctx context.Context) (*worker, error) {
	if err := w.sem.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	if w.closed {
		w.sem.Release(1)
		return nil, errClosed
	}
	return w.idle[0], nil
}

func (w *workers[T]) cleanMade(ctx context.Context, start func() error) (*worker, error) {
	if err := w.sem.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	if err := w.try(start); err != nil {
		return nil, err
	}
	return &worker{}, nil
}

func (w *workers[T]) try(start func() error) error {
	err := start()
	if err != nil {
		w.sem.Release(1)
	}
	return err
}

func (w *workers[T]) leakTake(ctx context.Context) (*worker, error) {
	if err := w.sem.Acquire(ctx, 1); err != nil { // want goroutine/holder-gone
		return nil, err
	}
	if w.closed {
		return nil, errClosed
	}
	if len(w.idle) == 0 {
		w.sem.Release(1)
		return nil, errClosed
	}
	return w.idle[0], nil
}

func (w *workers[T]) put(one *worker) {
	w.idle = append(w.idle[:0], one)
	w.sem.Release(1)
}

// link sends requests; receive takes the answers and frees the slots.
type link struct {
	slots   chan struct{}
	stopped chan struct{}
	answers chan int
}

func (l *link) cleanSend(id int, wait bool, write func(int) error) error {
	if wait {
		l.slots <- struct{}{}
	}
	if err := write(id); err != nil {
		if wait {
			<-l.slots
		}
		return err
	}
	return nil
}

func (l *link) leakSend(id int, wait bool, write func(int) error) error {
	if wait {
		l.slots <- struct{}{} // want goroutine/no-receiver
	}
	if err := write(id); err != nil {
		return err
	}
	if id < 0 {
		<-l.slots
	}
	return nil
}

func (l *link) receive() {
	for range l.answers {
		<-l.slots
	}
}

// cleanStop tells the loop, and waits for its answer if asked to.
func (l *link) cleanStop(wait bool) {
	l.stopped <- struct{}{}
	if wait {
		<-l.stopped
	}
}

func (l *link) run() {
	for {
		select {
		case <-l.stopped:
			l.stopped <- struct{}{}
			return
		case n := <-l.answers:
			_ = n
		}
	}
}

func (l *link) wait() { <-l.stopped }

func isGone(err error) bool {
	return errors.Is(err, os.ErrNotExist) || strings.Contains(err.Error(), "gone")
}

func cleanKindOfError(client *http.Client, req *http.Request) (*http.Response, error) {
	resp, err := client.Do(req)
	switch {
	case isGone(err):
		return nil, err
	case err == nil:
		return resp, nil
	}
	return nil, err
}

func leakOtherCondition(client *http.Client, req *http.Request, isOld func(int) bool) (*http.Response, error) {
	resp, err := client.Do(req) // want resource/http-body
	switch {
	case err != nil:
		return nil, err
	case isOld(resp.StatusCode):
		return nil, errClosed
	}
	return resp, nil
}

func cleanSameCondition(path string, work func(*os.File)) error {
	var f *os.File
	if path != "" {
		var err error
		if f, err = os.Open(path); err != nil {
			return err
		}
	}
	work(nil)
	if path != "" {
		return f.Close()
	}
	return nil
}

// cleanTagged: the span travels in the context.
func cleanTagged(ctx context.Context, tracer trace.Tracer, name string) context.Context {
	ctx, _ = tracer.Start(ctx, name)
	return context.WithValue(ctx, key{}, name)
}

func leakDropped(ctx context.Context, tracer trace.Tracer, watch func(context.Context) int) int {
	ctx, _ = tracer.Start(ctx, "watch") // want resource/span
	return watch(ctx)
}

type key struct{}

func cleanTransportUnused(req *http.Request, setUp func() error) (*http.Client, error) {
	t := &http.Transport{MaxIdleConns: 6}
	if err := setUp(); err != nil {
		return nil, err
	}
	return &http.Client{Transport: t}, nil
}

func leakTransportUsed(req *http.Request) (int, error) {
	c := &http.Client{Transport: &http.Transport{MaxIdleConns: 6}} // want resource/transport-per-call
	resp, err := c.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	return resp.StatusCode, nil
}

var (
	dateOnce sync.Once
	date     = make(chan string, 1)
)

func cleanStartOnce() string {
	dateOnce.Do(keepDate)
	return <-date
}

func keepDate() {
	go func() {
		for {
			time.Sleep(time.Second)
			date <- time.Now().String()
		}
	}()
}

func leakStartAlways(out chan<- string) {
	go func() { // want goroutine/no-exit
		for {
			time.Sleep(time.Second)
			out <- time.Now().String()
		}
	}()
}

type field string

func cleanTags(ctx context.Context, pairs []string) context.Context {
	for i := 0; i+1 < len(pairs); i += 2 {
		ctx = context.WithValue(ctx, field(pairs[i]), pairs[i+1])
	}
	return ctx
}

func cleanAttributes(ctx context.Context, values map[string]int) context.Context {
	for k, v := range values {
		ctx = context.WithValue(ctx, field(k), v)
	}
	return ctx
}

func leakSameKey(ctx context.Context, jobs []int, do func(context.Context)) {
	for _, j := range jobs {
		ctx = context.WithValue(ctx, key{}, j) // want heap/context-nested
		do(ctx)
	}
}

// staged is the caller's where there is no error.
func staged(dir string, b []byte) (f *os.File, err error) {
	f, err = os.CreateTemp(dir, "staged-")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(b); err != nil {
		return nil, err
	}
	return f, nil
}

func cleanStaged(dir string, b []byte) error {
	f, err := staged(dir, b)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

func leakStaged(dir string, b []byte) (bool, error) {
	f, err := staged(dir, b) // want resource/file
	if err != nil {
		return false, err
	}
	var magic [2]byte
	if _, err := f.ReadAt(magic[:], 0); err != nil {
		return false, err
	}
	return magic[0] == 1, nil
}

func leakClosedOnError(path string, b []byte) (n int, err error) {
	f, err := os.Open(path) // want resource/file
	if err != nil {
		return 0, err
	}
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	if n, err = f.Read(b); err != nil {
		return 0, err
	}
	return n, nil
}

func cleanClosedOnError(path string, b []byte) (n int, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	if n, err = f.Read(b); err != nil {
		return 0, err
	}
	err = f.Close()
	return n, err
}

// packed keeps the file open where all went well.
func packed(dir string, b []byte) (*os.File, error) {
	f, err := os.CreateTemp(dir, "packed-")
	if err != nil {
		return nil, err
	}
	ok := false
	defer func() {
		if !ok {
			f.Close()
		}
	}()
	if _, err := f.Write(b); err != nil {
		return nil, err
	}
	ok = true
	return f, nil
}

func leakPacked(dir string, b []byte) error {
	f, err := packed(dir, b) // want resource/file
	if err != nil {
		return err
	}
	return f.Sync()
}

func cleanPacked(dir string, b []byte) error {
	f, err := packed(dir, b)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
