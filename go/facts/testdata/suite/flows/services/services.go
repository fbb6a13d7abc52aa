// Package services has what services do with clients, rows, bodies and goroutines.
package services

import (
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/semaphore"
	"google.golang.org/grpc"
)

// 1 lock: cond.L
type badCondL struct {
	cond   *sync.Cond
	items  []int
	closed bool
}

func (q *badCondL) leakPop() (int, error) {
	q.cond.L.Lock() // want goroutine/holder-gone
	for len(q.items) == 0 {
		if q.closed {
			return 0, errors.New("closed")
		}
		q.cond.Wait()
	}
	v := q.items[0]
	q.items = q.items[1:]
	q.cond.L.Unlock()
	return v, nil
}
func (q *badCondL) Close() {
	q.cond.L.Lock()
	q.closed = true
	q.cond.L.Unlock()
	q.cond.Broadcast()
}

// 2 read lock upgraded
type cfg struct {
	mu sync.RWMutex
	m  map[string]string
}

func (c *cfg) leakUpgrade(k string, load func(string) (string, error)) (string, error) {
	c.mu.RLock() // want goroutine/holder-gone
	v, ok := c.m[k]
	if ok {
		c.mu.RUnlock()
		return v, nil
	}
	v, err := load(k)
	if err != nil {
		return "", err
	}
	c.mu.RUnlock()
	c.mu.Lock()
	c.m[k] = v
	c.mu.Unlock()
	return v, nil
}

func (c *cfg) cleanUpgrade(k string, load func(string) (string, error)) (string, error) {
	c.mu.RLock()
	v, ok := c.m[k]
	c.mu.RUnlock()
	if ok {
		return v, nil
	}
	v, err := load(k)
	if err != nil {
		return "", err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.m[k] = v
	return v, nil
}

func (c *cfg) leakRange(f func(k, v string) bool) {
	c.mu.RLock() // want goroutine/holder-gone
	for k, v := range c.m {
		if !f(k, v) {
			return
		}
	}
	c.mu.RUnlock()
}

func (c *cfg) cleanWithLock(f func() error) error {
	c.mu.Lock()
	err := f()
	c.mu.Unlock()
	if err != nil {
		return err
	}
	return nil
}

// unlock/relock
func (c *cfg) cleanRelock(load func() string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if v, ok := c.m["x"]; ok {
		return v
	}
	c.mu.Unlock()
	v := load()
	c.mu.Lock()
	c.m["x"] = v
	return v
}

func (c *cfg) cleanTimedTry(ctx context.Context) bool {
	for !c.mu.TryLock() {
		select {
		case <-ctx.Done():
			return false
		case <-time.After(time.Millisecond):
		}
	}
	defer c.mu.Unlock()
	return len(c.m) > 0
}

// 3 http handler that panics in a helper with the lock
func (c *cfg) leakServe(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock() // want goroutine/holder-gone
	v, ok := c.m[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	io.WriteString(w, v)
	c.mu.Unlock()
}

// 4 middleware style recover
func leakRecoverMw(mu *sync.Mutex, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if v := recover(); v != nil {
				http.Error(w, "x", 500)
			}
		}()
		mu.Lock() // want goroutine/holder-gone
		next.ServeHTTP(w, r)
		mu.Unlock()
	})
}

// 5 defers in loops
func leakDeferWalk(dirs []string, visit func(*os.File) error) error {
	for _, d := range dirs {
		f, err := os.Open(d)
		if err != nil {
			return err
		}
		defer func() { // want resource/defer-in-loop
			if err := f.Close(); err != nil {
				fmt.Println(err)
			}
		}()
		if err := visit(f); err != nil {
			return err
		}
	}
	return nil
}

func cleanDeferFunc(dirs []string, visit func(*os.File) error) error {
	for _, d := range dirs {
		if err := func() error {
			f, err := os.Open(d)
			if err != nil {
				return err
			}
			defer f.Close()
			return visit(f)
		}(); err != nil {
			return err
		}
	}
	return nil
}

func leakDeferSpanless(ctx context.Context, c *redis.Client, keys []string) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second): // want resource/ticker
		}
		sub := c.Subscribe(ctx, keys...)
		defer sub.Close() // want resource/defer-in-loop
	}
}

// 6 cancel
func leakCancelSelect(ctx context.Context, res chan int) (int, error) {
	c, cancel := context.WithTimeout(ctx, time.Second) // want resource/cancel
	select {
	case v := <-res:
		cancel()
		return v, nil
	case <-c.Done():
		return 0, c.Err()
	case <-ctx.Done():
		cancel()
		return 0, ctx.Err()
	}
}

func leakCancelGoroutine(ctx context.Context, f func(context.Context) error) {
	c, cancel := context.WithCancel(ctx) // want resource/cancel
	go func() {
		if err := f(c); err != nil {
			return
		}
		cancel()
	}()
}

func cleanCancelAfterFunc(ctx, other context.Context) (context.Context, context.CancelFunc) {
	c, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(other, cancel)
	return c, func() { stop(); cancel() }
}

type badWorker struct {
	cancels []context.CancelFunc
}

func (w *badWorker) leakAdd(ctx context.Context, f func(context.Context)) {
	c, cancel := context.WithCancel(ctx) // want resource/cancel
	w.cancels = append(w.cancels, cancel)
	go f(c)
}
func (w *badWorker) Stop() { w.cancels = nil }

type goodWorker struct {
	cancels []context.CancelFunc
}

func (w *goodWorker) cleanAdd(ctx context.Context, f func(context.Context)) {
	c, cancel := context.WithCancel(ctx)
	w.cancels = append(w.cancels, cancel)
	go f(c)
}
func (w *goodWorker) Stop() {
	for _, c := range w.cancels {
		c()
	}
	w.cancels = nil
}

func leakStdin(ctx context.Context, name string, in []byte) error {
	cmd := exec.CommandContext(ctx, name)
	w, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil { // want resource/process
		return err
	}
	if _, err := w.Write(in); err != nil {
		return err
	}
	w.Close()
	return cmd.Wait()
}

// 8 rows
func query(db *sql.DB, q string) (*sql.Rows, error) {
	rows, err := db.Query(q)
	if err != nil {
		return nil, fmt.Errorf("query: %w", err)
	}
	return rows, nil
}

func leakRowsHelper(db *sql.DB) (n int, err error) {
	rows, err := query(db, "select") // want resource/sql-rows
	if err != nil {
		return 0, err
	}
	for rows.Next() {
		if err := rows.Scan(&n); err != nil {
			return 0, err
		}
	}
	return n, rows.Close()
}

func leakFirstRow(db *sql.DB) (n int, err error) {
	rows, err := db.Query("select") // want resource/sql-rows
	if err != nil {
		return 0, err
	}
	if rows.Next() {
		err = rows.Scan(&n)
	}
	return n, err
}

func scanAll(rows *sql.Rows) (list []int, err error) {
	defer rows.Close()
	for rows.Next() {
		var n int
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		list = append(list, n)
	}
	return list, rows.Err()
}

func cleanScanAll(db *sql.DB) ([]int, error) {
	rows, err := db.Query("select")
	if err != nil {
		return nil, err
	}
	return scanAll(rows)
}

func leakTwoRows(db *sql.DB) error {
	a, err := db.Query("a") // want resource/sql-rows
	if err != nil {
		return err
	}
	b, err := db.Query("b")
	if err != nil {
		return err
	}
	defer a.Close()
	defer b.Close()
	return nil
}

// 9 bodies
func leakWrapBody(c *http.Client, u string) (io.Reader, error) {
	resp, err := c.Get(u) // want resource/http-body
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != 200 {
		return nil, errors.New("status")
	}
	return resp.Body, nil
}

func leakAnyOf(c *http.Client, urls []string) (*http.Response, error) {
	var last error
	for _, u := range urls {
		resp, err := c.Get(u) // want resource/http-body
		if err != nil {
			last = err
			continue
		}
		if resp.StatusCode >= 500 {
			last = errors.New(resp.Status)
			continue
		}
		return resp, nil
	}
	return nil, last
}

func leakBatch(c *http.Client, urls []string) ([][]byte, error) {
	var responses []*http.Response
	for _, u := range urls {
		resp, err := c.Get(u) // want resource/http-body
		if err != nil {
			return nil, err
		}
		responses = append(responses, resp)
	}
	var out [][]byte
	for _, r := range responses {
		b, err := io.ReadAll(r.Body)
		r.Body.Close()
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

func cleanBatch(c *http.Client, urls []string) (out [][]byte, err error) {
	for _, u := range urls {
		resp, err := c.Get(u)
		if err != nil {
			return nil, err
		}
		b, err := io.ReadAll(resp.Body)
		if cerr := resp.Body.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

type apiErr struct{ resp *http.Response }

func (e *apiErr) Error() string { return e.resp.Status }

func cleanErrResp(c *http.Client, u string, v any) error {
	resp, err := c.Get(u)
	if err != nil {
		return err
	}
	defer func() {
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}()
	if resp.StatusCode >= 300 {
		return &apiErr{resp}
	}
	return json.NewDecoder(resp.Body).Decode(v)
}

func cleanGzipBoth(c *http.Client, u string) ([]byte, error) {
	resp, err := c.Get(u)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var r io.Reader = resp.Body
	if resp.Header.Get("Content-Encoding") == "gzip" {
		zr, err := gzip.NewReader(resp.Body)
		if err != nil {
			return nil, err
		}
		defer zr.Close()
		r = zr
	}
	return io.ReadAll(r)
}

// 10 grpc/redis clients
func leakDialCheck(ctx context.Context, target string, ping func(context.Context, *grpc.ClientConn) error) (*grpc.ClientConn, error) {
	cc, err := grpc.NewClient(target) // want resource/client
	if err != nil {
		return nil, err
	}
	if err := ping(ctx, cc); err != nil {
		return nil, fmt.Errorf("ping: %w", err)
	}
	return cc, nil
}

type badPoolOf struct {
	mu    sync.Mutex
	conns map[string]*grpc.ClientConn
}

func (p *badPoolOf) leakGet(target string) (*grpc.ClientConn, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if cc := p.conns[target]; cc != nil {
		return cc, nil
	}
	cc, err := grpc.NewClient(target) // want resource/client
	if err != nil {
		return nil, err
	}
	p.conns[target] = cc
	return cc, nil
}
func (p *badPoolOf) forget(target string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, target)
}

type badSwap struct {
	mu  sync.RWMutex
	rdb *redis.Client
}

func newBadSwap(o *redis.Options) *badSwap { return &badSwap{rdb: redis.NewClient(o)} }
func (s *badSwap) leakUpdate(o *redis.Options) {
	c := redis.NewClient(o) // want resource/client
	s.mu.Lock()
	s.rdb = c
	s.mu.Unlock()
}
func (s *badSwap) Close() error { return s.rdb.Close() }

type goodSwap struct {
	mu  sync.RWMutex
	rdb *redis.Client
}

func cleanNewSwap(o *redis.Options) *goodSwap { return &goodSwap{rdb: redis.NewClient(o)} }
func (s *goodSwap) cleanUpdate(o *redis.Options) {
	c := redis.NewClient(o)
	s.mu.Lock()
	old := s.rdb
	s.rdb = c
	s.mu.Unlock()
	go old.Close()
}
func (s *goodSwap) Close() error { return s.rdb.Close() }

// 11 semaphores
func leakWeighted(ctx context.Context, sem *semaphore.Weighted, f func() error) error {
	if err := sem.Acquire(ctx, 1); err != nil { // want goroutine/holder-gone
		return err
	}
	if err := f(); err != nil {
		return err
	}
	sem.Release(1)
	return nil
}

// 12 tickers
type badTicks struct {
	t    *time.Ticker
	quit chan struct{}
}

func leakNewTicks(f func()) *badTicks {
	l := &badTicks{t: time.NewTicker(time.Second), quit: make(chan struct{})} // want resource/ticker
	go func() {
		for {
			select {
			case <-l.t.C:
				f()
			case <-l.quit:
				return
			}
		}
	}()
	return l
}
func (l *badTicks) Stop() { close(l.quit) }

func leakTickReset(ctx context.Context, ch chan int) {
	for {
		t := time.NewTicker(time.Second) // want resource/ticker
		select {
		case <-t.C:
		case <-ch:
			continue
		case <-ctx.Done():
			t.Stop()
			return
		}
		t.Stop()
	}
}

// 13 goroutines in handlers
func leakFireForget(w http.ResponseWriter, r *http.Request) {
	events := make(chan string)
	go func() { // want goroutine/no-close
		for e := range events {
			fmt.Println(e)
		}
	}()
	for _, v := range r.URL.Query() {
		if len(v) == 0 {
			http.Error(w, "empty", 400)
			return
		}
		events <- v[0]
	}
	close(events)
}

func leakStream(w http.ResponseWriter, r *http.Request, src <-chan []byte) {
	out := make(chan []byte)
	go func() { // want goroutine/no-receiver
		for b := range src {
			out <- bytes.ToUpper(b)
		}
		close(out)
	}()
	for b := range out {
		if _, err := w.Write(b); err != nil {
			return
		}
	}
}

func cleanStream(w http.ResponseWriter, r *http.Request, src <-chan []byte) {
	out := make(chan []byte)
	go func() {
		defer close(out)
		for b := range src {
			select {
			case out <- bytes.ToUpper(b):
			case <-r.Context().Done():
				return
			}
		}
	}()
	for b := range out {
		if _, err := w.Write(b); err != nil {
			return
		}
	}
}

func leakLongPoll(w http.ResponseWriter, r *http.Request, wait func() string) {
	ch := make(chan string)
	go func() { ch <- wait() }() // want goroutine/no-receiver
	select {
	case s := <-ch:
		io.WriteString(w, s)
	case <-time.After(time.Second):
		w.WriteHeader(204)
	}
}

// 15 stop that waits for a goroutine that ended itself without closing
type badStopWait struct {
	quit, done chan struct{}
	poll       func() error
}

func newBadStopWait(poll func() error) *badStopWait {
	l := &badStopWait{quit: make(chan struct{}), done: make(chan struct{}), poll: poll}
	go l.run()
	return l
}
func (l *badStopWait) run() {
	for {
		select {
		case <-l.quit:
			close(l.done)
			return
		default:
		}
		if err := l.poll(); err != nil {
			return
		}
	}
}
func (l *badStopWait) leakStop() {
	close(l.quit)
	<-l.done // want goroutine/no-close
}

type goodStopWait struct {
	quit, done chan struct{}
	poll       func() error
}

func cleanNewStopWait(poll func() error) *goodStopWait {
	l := &goodStopWait{quit: make(chan struct{}), done: make(chan struct{}), poll: poll}
	go l.run()
	return l
}
func (l *goodStopWait) run() {
	defer close(l.done)
	for {
		select {
		case <-l.quit:
			return
		default:
		}
		if err := l.poll(); err != nil {
			return
		}
	}
}
func (l *goodStopWait) cleanStop() {
	close(l.quit)
	<-l.done
}

// stop sends on an unbuffered quit to a loop that may have ended
type badStopSend struct {
	quit chan struct{}
	poll func() error
}

func leakNewStopSend(poll func() error) *badStopSend {
	l := &badStopSend{quit: make(chan struct{}), poll: poll}
	go l.run() // want goroutine/no-receiver
	return l
}
func (l *badStopSend) run() {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for {
		select {
		case <-l.quit:
			return
		case <-t.C:
			if err := l.poll(); err != nil {
				return
			}
		}
	}
}
func (l *badStopSend) Stop() { l.quit <- struct{}{} }

// 16 udp / listener per conn
func leakUDP(addr string, b []byte) error {
	c, err := net.ListenPacket("udp", ":0") // want resource/net-conn
	if err != nil {
		return err
	}
	dst, err := net.ResolveUDPAddr("udp", addr)
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = c.WriteTo(b, dst)
	return err
}

func cleanReturnServer(addr string, h http.Handler) (io.Closer, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	srv := &http.Server{Handler: h}
	go srv.Serve(l)
	return l, nil
}

func cleanServeUntil(ctx context.Context, addr string, h http.Handler) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: h}
	context.AfterFunc(ctx, func() { srv.Close() })
	return srv.Serve(l)
}

func cleanTempFiles(n int) (files []*os.File, cleanup func(), err error) {
	cleanup = func() {
		for _, f := range files {
			f.Close()
		}
	}
	for range n {
		f, err := os.CreateTemp("", "")
		if err != nil {
			cleanup()
			return nil, nil, err
		}
		files = append(files, f)
	}
	return files, cleanup, nil
}

type multi struct{ conns []net.Conn }

func cleanMulti(addrs []string) (*multi, error) {
	m := &multi{}
	for _, a := range addrs {
		c, err := net.Dial("tcp", a)
		if err != nil {
			m.Close()
			return nil, err
		}
		m.conns = append(m.conns, c)
	}
	return m, nil
}

func leakMulti(addrs []string) (*multi, error) {
	m := &multi{}
	for _, a := range addrs {
		c, err := net.Dial("tcp", a) // want resource/net-conn
		if err != nil {
			return nil, err
		}
		m.conns = append(m.conns, c)
	}
	return m, nil
}
func (m *multi) Close() {
	for _, c := range m.conns {
		c.Close()
	}
}
