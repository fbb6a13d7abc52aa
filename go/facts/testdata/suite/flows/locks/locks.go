// Package locks has locks that stay held, deferred calls in loops and cancel functions.
package locks

import (
	"context"
	"database/sql"
	"errors"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

type store struct {
	mu sync.RWMutex
	m  map[string]int
}

func (s *store) leakTry(k string) (int, bool) {
	if !s.mu.TryLock() { // want goroutine/holder-gone
		return 0, false
	}
	v, ok := s.m[k]
	if !ok {
		return 0, false
	}
	s.mu.Unlock()
	return v, true
}

func (s *store) cleanTry(k string) (int, bool) {
	if !s.mu.TryLock() {
		return 0, false
	}
	defer s.mu.Unlock()
	v, ok := s.m[k]
	return v, ok
}

func (s *store) leakMismatch(k string) int {
	s.mu.RLock() // want goroutine/holder-gone
	defer s.mu.Unlock()
	return s.m[k]
}

func (s *store) leakMismatch2(k string) int {
	s.mu.RLock() // want goroutine/holder-gone
	v := s.m[k]
	s.mu.Unlock()
	return v
}

type embedded struct {
	sync.Mutex
	m map[string]int
}

func (e *embedded) leakGet(k string) (int, error) {
	e.Lock() // want goroutine/holder-gone
	v, ok := e.m[k]
	if !ok {
		return 0, errors.New("none")
	}
	e.Unlock()
	return v, nil
}

func (e *embedded) cleanGet(k string) (int, error) {
	e.Lock()
	v, ok := e.m[k]
	e.Unlock()
	if !ok {
		return 0, errors.New("none")
	}
	return v, nil
}

func (s *store) lock()   { s.mu.Lock() }
func (s *store) unlock() { s.mu.Unlock() }

func (s *store) leakHelper(k string, v int) error {
	s.lock() // want goroutine/holder-gone
	if v < 0 {
		return errors.New("negative")
	}
	s.m[k] = v
	s.unlock()
	return nil
}

func (s *store) cleanHelper(k string, v int) error {
	s.lock()
	defer s.unlock()
	if v < 0 {
		return errors.New("negative")
	}
	s.m[k] = v
	return nil
}

func (s *store) leakSwitch(k any) int {
	s.mu.Lock() // want goroutine/holder-gone
	switch t := k.(type) {
	case string:
		v := s.m[t]
		s.mu.Unlock()
		return v
	case int:
		s.mu.Unlock()
		return t
	}
	return 0
}

func (s *store) leakSelect(ctx context.Context, ch chan int) {
	s.mu.Lock() // want goroutine/holder-gone
	select {
	case v := <-ch:
		s.m["x"] = v
		s.mu.Unlock()
	case <-ctx.Done():
	}
}

func (s *store) leakContinue(ks []string) (n int) {
	for _, k := range ks {
		s.mu.Lock() // want goroutine/holder-gone
		v, ok := s.m[k]
		if !ok {
			continue
		}
		n += v
		s.mu.Unlock()
	}
	return n
}

func (s *store) leakBreak(ks []string) (n int) {
	for _, k := range ks {
		s.mu.Lock() // want goroutine/holder-gone
		v, ok := s.m[k]
		if !ok {
			break
		}
		n += v
		s.mu.Unlock()
	}
	return n
}

func (s *store) leakGoto(k string) int {
	s.mu.Lock() // want goroutine/holder-gone
	v, ok := s.m[k]
	if !ok {
		goto none
	}
	s.mu.Unlock()
	return v
none:
	return 0
}

func (s *store) leakPanicRecovered(k string, f func(int) int) (v int, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errors.New("panic")
		}
	}()
	s.mu.Lock() // want goroutine/holder-gone
	v = f(s.m[k])
	s.m[k] = v
	s.mu.Unlock()
	return v, nil
}

func (s *store) cleanPanicRecovered(k string, f func(int) int) (v int, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errors.New("panic")
		}
	}()
	s.mu.Lock()
	defer s.mu.Unlock()
	v = f(s.m[k])
	s.m[k] = v
	return v, nil
}

// an http handler: net/http recovers
func (s *store) leakPanicHandler(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock() // want goroutine/holder-gone
	if r.URL.Query().Get("n") == "" {
		panic(http.ErrAbortHandler)
	}
	s.m["n"]++
	s.mu.Unlock()
}

func (s *store) update(k string, f func(int) int) {
	s.mu.Lock()
	s.m[k] = f(s.m[k])
	s.mu.Unlock()
}

func (s *store) leakPanicCaller(k string, f func(int) int) {
	defer func() { recover() }()
	s.mu.Lock() // want goroutine/holder-gone
	s.m[k] = f(s.m[k])
	s.mu.Unlock()
}

type shard struct {
	mu sync.Mutex
	m  map[string]int
}
type sharded struct{ shards [16]shard }

func (s *sharded) leakShard(i int, k string) (int, bool) {
	sh := &s.shards[i&15]
	sh.mu.Lock() // want goroutine/holder-gone
	v, ok := sh.m[k]
	if !ok {
		return 0, false
	}
	sh.mu.Unlock()
	return v, true
}

func (s *sharded) cleanLockAll(f func()) {
	for i := range s.shards {
		s.shards[i].mu.Lock()
	}
	f()
	for i := range s.shards {
		s.shards[i].mu.Unlock()
	}
}

// lock returned as an unlock function
func (s *store) locked() func() { s.mu.Lock(); return s.mu.Unlock }

func (s *store) leakLocked(k string) int {
	s.locked() // want goroutine/holder-gone
	return s.m[k]
}

func (s *store) leakLockedPath(k string) (int, error) {
	unlock := s.locked() // want goroutine/holder-gone
	v, ok := s.m[k]
	if !ok {
		return 0, errors.New("none")
	}
	unlock()
	return v, nil
}

func (s *store) leakDeferNoCall(k string) int {
	defer s.locked() // want goroutine/holder-gone
	return s.m[k]
}

func (s *store) cleanLocked(k string) int {
	defer s.locked()()
	return s.m[k]
}

func leakLocal(l sync.Locker, f func() error) error {
	l.Lock() // want goroutine/holder-gone
	if err := f(); err != nil {
		return err
	}
	l.Unlock()
	return nil
}

// two locks, one released
func (s *store) leakTwo(o *store) bool {
	s.mu.Lock()
	o.mu.Lock() // want goroutine/holder-gone
	if len(s.m) == 0 {
		s.mu.Unlock()
		return false
	}
	o.mu.Unlock()
	s.mu.Unlock()
	return true
}

func (s *store) leakClosure(f func() error) error {
	run := func() error {
		s.mu.Lock() // want goroutine/holder-gone
		if err := f(); err != nil {
			return err
		}
		s.mu.Unlock()
		return nil
	}
	return run()
}

// --- defer in loops

func (s *store) leakDeferTicker(t *time.Ticker) {
	for range t.C {
		s.mu.Lock()
		defer s.mu.Unlock() // want resource/defer-in-loop
		s.m["t"]++
	}
}

func leakDeferAccept(l net.Listener, handle func(net.Conn)) error {
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		defer c.Close() // want resource/defer-in-loop
		handle(c)
	}
}

func leakDeferGoroutine(names <-chan string, use func(*os.File)) {
	go func() {
		for n := range names {
			f, err := os.Open(n)
			if err != nil {
				continue
			}
			defer f.Close() // want resource/defer-in-loop
			use(f)
		}
	}()
}

func cleanDeferListeners(addrs []string, serve func([]net.Listener)) error {
	var list []net.Listener
	for _, a := range addrs {
		l, err := net.Listen("tcp", a)
		if err != nil {
			return err
		}
		defer l.Close()
		list = append(list, l)
	}
	serve(list)
	return nil
}

func cleanDeferOpened(list []net.Listener, serve func(net.Listener)) {
	for _, l := range list {
		defer l.Close()
		go serve(l)
	}
	select {}
}

type serverOf struct{ lns []net.Listener }

func (s *serverOf) cleanDeferField(serve func(net.Listener) error) {
	var wg sync.WaitGroup
	for _, l := range s.lns {
		defer l.Close()
		wg.Add(1)
		go func() { defer wg.Done(); serve(l) }()
	}
	wg.Wait()
}

func cleanDeferMapOpened(m map[string]net.Listener, wait func()) {
	for _, l := range m {
		defer l.Close()
	}
	wait()
}

func leakDeferRows(db *sql.DB, ids []int) error {
	for _, id := range ids {
		rows, err := db.Query("select", id)
		if err != nil {
			return err
		}
		defer rows.Close() // want resource/defer-in-loop
		for rows.Next() {
		}
	}
	return nil
}

func cleanDeferRetry(addr string) error {
	for i := 0; i < 3; i++ {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			continue
		}
		defer c.Close()
		_, err = c.Write(nil)
		return err
	}
	return errors.New("no")
}

func leakDeferCancel(ctx context.Context, jobs <-chan func(context.Context)) {
	for j := range jobs {
		c, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel() // want resource/defer-in-loop
		j(c)
	}
}

// --- cancels

type goodRegistry struct {
	mu      sync.Mutex
	cancels map[string]context.CancelFunc
}

func (r *goodRegistry) start(ctx context.Context, id string, run func(context.Context)) {
	c, cancel := context.WithCancel(ctx)
	r.mu.Lock()
	if old := r.cancels[id]; old != nil {
		old()
	}
	r.cancels[id] = cancel
	r.mu.Unlock()
	go run(c)
}
func (r *goodRegistry) stop(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c, ok := r.cancels[id]; ok {
		c()
		delete(r.cancels, id)
	}
}

type goodOverwrite struct{ cancel context.CancelFunc }

func (r *goodOverwrite) Restart(ctx context.Context, run func(context.Context)) {
	if r.cancel != nil {
		r.cancel()
	}
	c, cancel := context.WithCancel(ctx)
	r.cancel = cancel
	go run(c)
}
func (r *goodOverwrite) Stop() { r.cancel() }

func leakCause(ctx context.Context, f func(context.Context) error) error {
	c, cancel := context.WithCancelCause(ctx) // want resource/cancel
	if err := f(c); err != nil {
		cancel(err)
		return err
	}
	return nil
}

func leakNotify(f func(context.Context) error) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM) // want resource/cancel
	if err := f(ctx); err != nil {
		return err
	}
	stop()
	return nil
}

func leakSuccessOnly(ctx context.Context, f func(context.Context) error) error {
	c, cancel := context.WithTimeout(ctx, time.Second) // want resource/cancel
	err := f(c)
	if err == nil {
		cancel()
	}
	return err
}

func watch(ctx context.Context, cancel context.CancelFunc) { <-ctx.Done() }

func leakHelperCancel(ctx context.Context, f func(context.Context)) {
	c, cancel := context.WithCancel(ctx) // want resource/cancel
	watch(c, nil)
	logCancel("x", cancel)
	f(c)
}

func logCancel(name string, c context.CancelFunc) { println(name, c != nil) }

func withTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, time.Minute)
}

func leakDropped(ctx context.Context, f func(context.Context)) {
	c, _ := withTimeout(ctx) // want resource/cancel
	f(c)
}

func cleanHelperCtx(ctx context.Context, f func(context.Context)) {
	c, cancel := withTimeout(ctx)
	defer cancel()
	f(c)
}

func leakReassign(ctx context.Context, f func(context.Context) error) error {
	c, cancel := context.WithTimeout(ctx, time.Second) // want resource/cancel
	if f(c) != nil {
		c, cancel = context.WithTimeout(ctx, 2*time.Second)
	}
	defer cancel()
	return f(c)
}

func leakLoopCancel(ctx context.Context, n int, f func(context.Context) error) (err error) {
	for range n {
		c, cancel := context.WithTimeout(ctx, time.Second) // want resource/cancel
		if err = f(c); err == nil {
			cancel()
			return nil
		}
	}
	return err
}

type job struct {
	ctx    context.Context
	cancel context.CancelFunc
}

func newJob(ctx context.Context) *job {
	c, cancel := context.WithCancel(ctx)
	return &job{c, cancel}
}

func (j *job) Stop() { j.cancel() }

func leakJob(ctx context.Context, f func(context.Context) error) error {
	j := newJob(ctx) // want resource/cancel
	if err := f(j.ctx); err != nil {
		return err
	}
	j.Stop()
	return nil
}

func cleanJob(ctx context.Context, f func(context.Context) error) error {
	j := newJob(ctx)
	defer j.Stop()
	return f(j.ctx)
}
