// Package goroutines has contexts and channels that never end, and groups that wait in vain.
package goroutines

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// --- contexts that nobody cancels

func leakWithoutCancel(ctx context.Context, ch chan int, f func(int)) {
	bg := context.WithoutCancel(ctx)
	go func() { // want goroutine/context-never-cancelled
		t := time.NewTicker(time.Second)
		defer t.Stop()
		for {
			select {
			case <-t.C:
				f(1)
			case <-bg.Done():
				return
			}
		}
	}()
}

type badField struct {
	ctx context.Context
	n   int
}

func leakNewField() *badField {
	l := &badField{ctx: context.Background()}
	go l.run() // want goroutine/context-never-cancelled
	return l
}
func (l *badField) run() {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			l.n++
		case <-l.ctx.Done():
			return
		}
	}
}

type goodField struct {
	ctx    context.Context
	cancel context.CancelFunc
	n      int
}

func cleanNewField() *goodField {
	ctx, cancel := context.WithCancel(context.Background())
	l := &goodField{ctx: ctx, cancel: cancel}
	go l.run()
	return l
}
func (l *goodField) run() {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			l.n++
		case <-l.ctx.Done():
			return
		}
	}
}
func (l *goodField) Close() { l.cancel() }

// through a helper
func detached(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }

func leakDetachedHelper(ctx context.Context, f func()) {
	d := detached(ctx)
	go poll(d, f) // want goroutine/context-never-cancelled
}

func poll(ctx context.Context, f func()) {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			f()
		}
	}
}

func cleanPoll(ctx context.Context, f func()) { go poll(ctx, f) }

func cleanTimeout(ctx context.Context, f func()) {
	d, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	go func() {
		defer cancel()
		poll(d, f)
	}()
}

type options struct{ ctx context.Context }

func leakOptions(f func()) {
	o := options{ctx: context.Background()}
	go func() { // want goroutine/context-never-cancelled
		for o.ctx.Err() == nil {
			f()
			time.Sleep(time.Second)
		}
	}()
}

func ctxOr(ctx context.Context) context.Context {
	if ctx == nil {
		return context.Background()
	}
	return ctx
}

func cleanCtxOr(ctx context.Context, f func()) { go poll(ctxOr(ctx), f) }

// method on started struct with ctx param derived from background via WithValue
type ctxKey struct{}

func leakValue(v string, f func()) {
	ctx := context.WithValue(context.Background(), ctxKey{}, v)
	var g errgroup.Group
	g.Go(func() error { poll(ctx, f); return nil }) // want goroutine/context-never-cancelled
}

// --- wg and panics

func leakPanicDone(jobs []func()) {
	var wg sync.WaitGroup
	for _, j := range jobs {
		wg.Add(1)
		go func() {
			defer func() {
				if r := recover(); r != nil {
					println("panic")
				}
			}()
			j()
			wg.Done()
		}()
	}
	wg.Wait() // want goroutine/waitgroup-count
}

func cleanPanicDone(jobs []func()) {
	var wg sync.WaitGroup
	for _, j := range jobs {
		wg.Add(1)
		go func() {
			defer wg.Done()
			defer func() { recover() }()
			j()
		}()
	}
	wg.Wait()
}

func safely(f func()) {
	defer func() { recover() }()
	f()
}

func cleanPanicHelper(jobs []func()) {
	var wg sync.WaitGroup
	for _, j := range jobs {
		wg.Add(1)
		go func() {
			safely(j)
			wg.Done()
		}()
	}
	wg.Wait()
}

func leakPanicHelper(jobs []func()) {
	var wg sync.WaitGroup
	for _, j := range jobs {
		wg.Add(1)
		go safely(func() {
			j()
			wg.Done()
		})
	}
	wg.Wait() // want goroutine/waitgroup-count
}

func leakDoneEarly(ids []int, get func(int) (int, error)) (sum int) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	for _, id := range ids {
		wg.Add(1)
		go func() {
			v, err := get(id)
			if err != nil {
				return
			}
			mu.Lock()
			sum += v
			mu.Unlock()
			wg.Done() // want goroutine/waitgroup-count
		}()
	}
	wg.Wait()
	return sum
}

func leakAddMany(n int, f func(int)) {
	var wg sync.WaitGroup
	wg.Add(n + 1)
	for i := 0; i < n; i++ {
		go func() { defer wg.Done(); f(i) }()
	}
	wg.Wait() // want goroutine/waitgroup-count
}

func leakAddSkip(items []string, f func(string)) {
	var wg sync.WaitGroup
	wg.Add(len(items))
	for _, it := range items {
		if it == "" {
			continue
		}
		go func() { defer wg.Done(); f(it) }()
	}
	wg.Wait() // want goroutine/waitgroup-count
}

func cleanAddSkip(items []string, f func(string)) {
	var wg sync.WaitGroup
	wg.Add(len(items))
	for _, it := range items {
		if it == "" {
			wg.Done()
			continue
		}
		go func() { defer wg.Done(); f(it) }()
	}
	wg.Wait()
}

// --- local stop channels

type server struct{ n int }

func (s *server) Run(stop <-chan struct{}) {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for {
		select {
		case <-stop:
			return
		case <-t.C:
			s.n++
		}
	}
}

func leakLocalStop() *server {
	s := &server{}
	stop := make(chan struct{})
	go s.Run(stop) // want goroutine/no-exit
	return s
}

func leakLocalStopBlocking(s *server) {
	go s.Run(make(chan struct{})) // want goroutine/no-exit
}

type runner interface{ Run(stop <-chan struct{}) }

func leakLocalStopInterface(r runner) {
	stop := make(chan struct{})
	go r.Run(stop) // want goroutine/no-exit
}

func cleanLocalStop(ctx context.Context) {
	s := &server{}
	stop := make(chan struct{})
	go s.Run(stop)
	<-ctx.Done()
	close(stop)
}

func cleanLocalStopFunc() (func(), *server) {
	s := &server{}
	stop := make(chan struct{})
	go s.Run(stop)
	return func() { close(stop) }, s
}

func cleanLocalStopOnce() func() {
	s := &server{}
	stop := make(chan struct{})
	go s.Run(stop)
	return sync.OnceFunc(func() { close(stop) })
}

type badStopField struct {
	stop chan struct{}
	s    server
}

func leakNewStopField() *badStopField {
	l := &badStopField{stop: make(chan struct{})}
	go l.s.Run(l.stop) // want goroutine/no-exit
	return l
}
func (l *badStopField) Close() error { return nil }

// --- errgroup without context

func leakGroupReady(load func() error, serve func()) error {
	var g errgroup.Group
	ready := make(chan struct{})
	g.Go(func() error {
		if err := load(); err != nil {
			return err
		}
		close(ready)
		return nil
	})
	g.Go(func() error {
		<-ready // want goroutine/no-sender
		serve()
		return nil
	})
	return g.Wait()
}

func cleanGroupReady(ctx context.Context, load func() error, serve func()) error {
	g, ctx := errgroup.WithContext(ctx)
	ready := make(chan struct{})
	g.Go(func() error {
		if err := load(); err != nil {
			return err
		}
		close(ready)
		return nil
	})
	g.Go(func() error {
		select {
		case <-ready:
		case <-ctx.Done():
			return ctx.Err()
		}
		serve()
		return nil
	})
	return g.Wait()
}

func cleanGroupReadyDefer(load func() error, serve func()) error {
	var g errgroup.Group
	ready := make(chan struct{})
	g.Go(func() error {
		defer close(ready)
		return load()
	})
	g.Go(func() error {
		<-ready
		serve()
		return nil
	})
	return g.Wait()
}

// producer in group leaves early without closing the channel
func leakGroupProducer(next func() (int, error), use func(int)) error {
	var g errgroup.Group
	ch := make(chan int)
	g.Go(func() error {
		for {
			v, err := next()
			if err != nil {
				return err
			}
			if v == 0 {
				close(ch)
				return nil
			}
			ch <- v
		}
	})
	g.Go(func() error {
		for v := range ch { // want goroutine/no-close
			use(v)
		}
		return nil
	})
	return g.Wait()
}

func leakGroupConsumer(vals []int, use func(int) error) error {
	var g errgroup.Group
	ch := make(chan int)
	g.Go(func() error { // want goroutine/no-receiver
		defer close(ch)
		for _, v := range vals {
			ch <- v
		}
		return nil
	})
	g.Go(func() error {
		for v := range ch {
			if err := use(v); err != nil {
				return err
			}
		}
		return nil
	})
	return g.Wait()
}

// --- goroutine per request

func leakHandler(w http.ResponseWriter, r *http.Request) {
	done := make(chan struct{})
	go func() { // want goroutine/no-receiver
		time.Sleep(time.Second)
		done <- struct{}{}
	}()
	select {
	case <-done:
		w.WriteHeader(200)
	case <-r.Context().Done():
	}
}

func leakReadLoop(conn net.Conn, timeout time.Duration) (string, error) {
	lines := make(chan string)
	errs := make(chan error)
	go func() { // want goroutine/no-receiver
		s, err := bufio.NewReader(conn).ReadString('\n')
		if err != nil {
			errs <- err
			return
		}
		lines <- s
	}()
	select {
	case l := <-lines:
		return l, nil
	case err := <-errs:
		return "", err
	case <-time.After(timeout):
		return "", errors.New("timeout")
	}
}

func leakServe(addr string, h http.Handler) *http.Server {
	srv := &http.Server{Addr: addr, Handler: h}
	go srv.ListenAndServe() // want goroutine/no-exit
	time.Sleep(time.Millisecond)
	return nil
}

// --- heartbeat that only stops at error of the conn

func leakHeartbeat(conn net.Conn, serve func(net.Conn) error) error {
	defer conn.Close()
	go func() { // want goroutine/no-exit
		for {
			time.Sleep(time.Second)
			conn.Write([]byte("ping"))
		}
	}()
	return serve(conn)
}

func cleanHeartbeat(conn net.Conn, serve func(net.Conn) error) error {
	defer conn.Close()
	go func() {
		for {
			time.Sleep(time.Second)
			if _, err := conn.Write([]byte("ping")); err != nil {
				return
			}
		}
	}()
	return serve(conn)
}

func leakTickerRange(f func()) {
	t := time.NewTicker(time.Second) // want resource/ticker
	go func() {                      // want goroutine/no-exit
		for range t.C {
			f()
		}
	}()
}

// stop does not end a range over ticker.C
func leakTickerRangeStop(f func()) func() {
	t := time.NewTicker(time.Second)
	go func() { // want goroutine/no-exit
		for range t.C {
			f()
		}
	}()
	return t.Stop
}

// break leaves the select only
func leakBreak(ctx context.Context, f func()) {
	go func() { // want goroutine/no-exit
		for {
			select {
			case <-ctx.Done():
				break
			default:
				f()
			}
		}
	}()
}

// ctx watcher
func leakWatcher(ctx context.Context, conn net.Conn) error {
	go func() { // want goroutine/context-never-cancelled
		<-context.Background().Done()
		conn.Close()
	}()
	_, err := conn.Write(nil)
	return err
}

func cleanWatcher(ctx context.Context, conn net.Conn) error {
	done := make(chan struct{})
	defer close(done)
	go func() {
		select {
		case <-ctx.Done():
			conn.Close()
		case <-done:
		}
	}()
	_, err := conn.Write(nil)
	return err
}

func leakWatcherErr(ctx context.Context, conn net.Conn) error {
	done := make(chan struct{})
	bg := context.WithoutCancel(ctx)
	go func() { // want goroutine/select-no-exit
		select {
		case <-bg.Done():
			conn.Close()
		case <-done:
		}
	}()
	if _, err := conn.Write(nil); err != nil {
		return err
	}
	close(done)
	return nil
}

// background worker per instance, with Close that does not stop it
type badCache struct {
	mu sync.Mutex
	m  map[string]int
}

func leakNewCache() *badCache {
	c := &badCache{m: map[string]int{}}
	go c.janitor(time.Minute) // want goroutine/no-exit
	return c
}
func (c *badCache) janitor(d time.Duration) {
	t := time.NewTicker(d)
	defer t.Stop()
	for range t.C {
		c.mu.Lock()
		clear(c.m)
		c.mu.Unlock()
	}
}

// interval == 0 -> the goroutine still waits
type badFlagNil struct {
	done chan struct{}
	work chan int
}

func newBadFlagNil(graceful bool) *badFlagNil {
	w := &badFlagNil{work: make(chan int)}
	if graceful {
		w.done = make(chan struct{})
	}
	go func() {
		for range w.work {
		}
		if w.done != nil {
			close(w.done)
		}
	}()
	return w
}
func (w *badFlagNil) leakClose() {
	close(w.work)
	<-w.done // want goroutine/nil-channel
}

type goodFlagNil struct {
	done chan struct{}
	work chan int
}

func cleanNewFlagNil(graceful bool) *goodFlagNil {
	w := &goodFlagNil{work: make(chan int)}
	if graceful {
		w.done = make(chan struct{})
	}
	go func() {
		for range w.work {
		}
		if w.done != nil {
			close(w.done)
		}
	}()
	return w
}
func (w *goodFlagNil) cleanClose() {
	close(w.work)
	if w.done != nil {
		<-w.done
	}
}

func leakNilLocal(verbose bool, f func()) {
	var done chan struct{}
	if verbose {
		done = make(chan struct{})
		go func() {
			defer close(done)
			f()
		}()
	}
	<-done // want goroutine/nil-channel
}

func cleanNilLocal(verbose bool, f func()) {
	var done chan struct{}
	if verbose {
		done = make(chan struct{})
		go func() {
			defer close(done)
			f()
		}()
	}
	if verbose {
		<-done
	}
}

func cleanNilSelect(verbose bool, d time.Duration, ch chan int) {
	var timeout <-chan time.Time
	if verbose {
		timeout = time.After(d)
	}
	select {
	case <-timeout:
	case <-ch:
	}
}

// cond without broadcast on close
type badCond struct {
	mu     sync.Mutex
	c      *sync.Cond
	q      []int
	closed bool
}

func newBadCond() *badCond { l := &badCond{}; l.c = sync.NewCond(&l.mu); return l }
func (l *badCond) Put(v int) {
	l.mu.Lock()
	l.q = append(l.q, v)
	l.mu.Unlock()
	l.c.Signal()
}
func (l *badCond) leakGet() (int, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.q) == 0 && !l.closed {
		l.c.Wait() // want goroutine/cond-no-signal
	}
	if l.closed {
		return 0, false
	}
	v := l.q[0]
	l.q = l.q[1:]
	return v, true
}
func (l *badCond) Close() {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
}

// AfterFunc stop func / goroutine waits on a mutex while sending
func leakSendLocked(vals []int) []int {
	var mu sync.Mutex
	ch := make(chan int)
	var out []int
	go func() { // want goroutine/no-receiver
		for _, v := range vals {
			mu.Lock()
			ch <- v
			mu.Unlock()
		}
		close(ch)
	}()
	for v := range ch {
		if v < 0 {
			return out
		}
		out = append(out, v)
	}
	return out
}
