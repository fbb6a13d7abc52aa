// Package goroutines has shapes of goroutines, written without a look at the analyzers.
package goroutines

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/util/wait"
)

// TokenSource refreshes a token; every instance leaves its loop running.
type TokenSource struct {
	cur   atomic.Pointer[string]
	fetch func() (string, error)
}

// leakNewTokenSource starts to refresh.
func leakNewTokenSource(fetch func() (string, error), every time.Duration) *TokenSource {
	ts := &TokenSource{fetch: fetch}
	go ts.refresh(every) // want goroutine/no-exit
	return ts
}

func (t *TokenSource) refresh(every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for range tick.C {
		tok, err := t.fetch()
		if err != nil {
			slog.Warn("refresh", "err", err)
			continue
		}
		t.cur.Store(&tok)
	}
}

// Token gives the current token.
func (t *TokenSource) Token() string {
	if p := t.cur.Load(); p != nil {
		return *p
	}
	return ""
}

// leakMonitor watches a member until stop, or so it seems.
func leakMonitor(stop <-chan struct{}, beat <-chan time.Time, dead func()) {
	go func() { // want goroutine/no-exit
		missed := 0
		for {
			select {
			case <-stop:
				break
			case <-beat:
				missed = 0
			case <-time.After(time.Second): // want resource/ticker
				if missed++; missed == 3 {
					dead()
				}
			}
		}
	}()
}

// leakWatchFile polls for each mounted volume.
func leakWatchFile(path string, hash func(string) uint64, changed func(string)) {
	last := hash(path)
	go func() { // want goroutine/no-exit
		for {
			time.Sleep(5*time.Second + rand.N(time.Second))
			if h := hash(path); h != last {
				last = h
				changed(path)
			}
		}
	}()
}

// Reflector resyncs; one is made per resource that comes and goes.
type Reflector struct {
	name string
	sync func()
}

// leakNewReflector starts resyncing.
func leakNewReflector(name string, resync func(), period time.Duration) *Reflector {
	r := &Reflector{name: name, sync: resync}
	go wait.Until(r.sync, period, wait.NeverStop) // want goroutine/no-exit
	return r
}

// leakServeUDP reads packets; at an error it logs and goes on, also when the socket is closed.
func leakServeUDP(pc net.PacketConn, handle func([]byte, net.Addr)) {
	go func() { // want goroutine/no-exit
		buf := make([]byte, 1500)
		for {
			n, from, err := pc.ReadFrom(buf)
			if err != nil {
				slog.Error("read", "err", err)
				time.Sleep(100 * time.Millisecond)
				continue
			}
			handle(buf[:n], from)
		}
	}()
}

// Session is made per login; its keep-alive has a context nobody cancels.
type Session struct {
	id string
	n  atomic.Int64
}

// leakLogin starts a session.
func leakLogin(id string, ping func(context.Context, string) error) *Session {
	s := &Session{id: id}
	go s.keepAlive(context.Background(), ping) // want goroutine/context-never-cancelled
	return s
}

func (s *Session) keepAlive(ctx context.Context, ping func(context.Context, string) error) {
	t := time.NewTicker(15 * time.Second)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			if err := ping(ctx, s.id); err == nil {
				s.n.Add(1)
			}
		}
	}
}

// Gate holds callers until it opens; Close sets a flag but wakes nobody.
type Gate struct {
	mu     sync.Mutex
	cond   *sync.Cond
	closed bool
	queue  []string
}

// leakNewGate starts the worker.
func leakNewGate(do func(string)) *Gate {
	g := &Gate{}
	g.cond = sync.NewCond(&g.mu)
	go g.run(do) // want goroutine/cond-no-signal
	return g
}

func (g *Gate) run(do func(string)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for !g.closed {
		for len(g.queue) == 0 {
			g.cond.Wait()
		}
		x := g.queue[0]
		g.queue = g.queue[1:]
		do(x)
	}
}

// Add queues.
func (g *Gate) Add(s string) {
	g.mu.Lock()
	g.queue = append(g.queue, s)
	g.mu.Unlock()
	g.cond.Signal()
}

// Close marks it as closed.
func (g *Gate) Close() { g.mu.Lock(); g.closed = true; g.mu.Unlock() }

// Reaper has a stop channel that no method closes.
type Reaper struct {
	stopCh chan struct{}
	reap   func()
}

// leakNewReaper starts one.
func leakNewReaper(reap func(), every time.Duration) *Reaper {
	r := &Reaper{stopCh: make(chan struct{}), reap: reap}
	go func() {
		t := time.NewTicker(every)
		defer t.Stop()
		for {
			select { // want goroutine/select-no-exit
			case <-t.C:
				r.reap()
			case <-r.stopCh:
				return
			}
		}
	}()
	return r
}

// leakWatchdog logs slow requests; its goroutine waits for a channel nobody closes when the handler panics or is quick.
func leakWatchdog(h http.Handler, limit time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		done := make(chan struct{})
		go func() { // want goroutine/select-no-exit
			for n := 1; ; n++ {
				select {
				case <-done:
					return
				case <-time.After(limit): // want resource/ticker
					slog.Warn("slow", "path", r.URL.Path, "n", n)
				}
			}
		}()
		h.ServeHTTP(w, r)
		if rw, ok := w.(http.Flusher); ok {
			rw.Flush()
			return
		}
		close(done)
	})
}

// leakExpose registers a debug listener per plugin and parks a goroutine.
func leakExpose(name string, start func() (stop func(), err error)) error {
	errc := make(chan error, 1)
	go func() { // want goroutine/empty-select
		stop, err := start()
		errc <- err
		if err != nil {
			return
		}
		defer stop()
		select {}
	}()
	if err := <-errc; err != nil {
		return fmt.Errorf("plugin %s: %w", name, err)
	}
	return nil
}

// leakReplicate runs a sender and a heartbeat; when the sender ends, Wait hangs since the heartbeat looks at no context.
func leakReplicate(ctx context.Context, send func(context.Context) error, beat func()) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return send(ctx) })
	g.Go(func() error { // want goroutine/no-exit
		for {
			beat()
			time.Sleep(time.Second)
		}
	})
	return g.Wait()
}

// cleanSync runs until ctx ends.
func cleanSync(ctx context.Context, every time.Duration, f func() error) {
	go func() {
		t := time.NewTicker(every)
		defer t.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-t.C:
				if err := f(); err != nil {
					slog.Error("sync", "err", err)
				}
			}
		}
	}()
}

// cleanDrainer ends by a labelled break.
func cleanDrainer(stop <-chan struct{}, in <-chan string, out func(string)) {
	go func() {
	loop:
		for {
			select {
			case <-stop:
				break loop
			case s, ok := <-in:
				if !ok {
					break loop
				}
				out(s)
			}
		}
		out("end")
	}()
}

// cleanReader ends when the connection does.
func cleanReader(c net.Conn, line func(string)) {
	go func() {
		defer c.Close()
		sc := bufio.NewScanner(c)
		for sc.Scan() {
			line(sc.Text())
		}
	}()
}

// cleanStartServer serves until Shutdown.
func cleanStartServer(srv *http.Server, ln net.Listener) <-chan error {
	errc := make(chan error, 1)
	go func() {
		defer close(errc)
		if err := srv.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			errc <- err
		}
	}()
	return errc
}

var clock atomic.Int64

var startClock = sync.OnceFunc(func() {
	go func() {
		for {
			clock.Store(time.Now().UnixNano())
			time.Sleep(10 * time.Millisecond)
		}
	}()
})

// cleanNow gives a coarse time; one goroutine in the process.
func cleanNow() int64 { startClock(); return clock.Load() }

// Janitor is stopped.
type Janitor struct {
	stop chan struct{}
	done chan struct{}
	once sync.Once
}

// cleanNewJanitor starts.
func cleanNewJanitor(every time.Duration, f func()) *Janitor {
	j := &Janitor{stop: make(chan struct{}), done: make(chan struct{})}
	go j.loop(every, f)
	return j
}

func (j *Janitor) loop(every time.Duration, f func()) {
	defer close(j.done)
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-j.stop:
			return
		case <-tick.C:
			f()
		}
	}
}

// Stop stops.
func (j *Janitor) Stop() {
	j.once.Do(func() { close(j.stop) })
	<-j.done
}

// Spinner ends by a flag.
type Spinner struct{ closed atomic.Bool }

// cleanStart starts.
func (s *Spinner) cleanStart(f func()) {
	go func() {
		for !s.closed.Load() {
			f()
			time.Sleep(time.Second)
		}
	}()
}

// Close ends.
func (s *Spinner) Close() { s.closed.Store(true) }

// cleanRegister tries twenty times in the background.
func cleanRegister(f func() error) {
	go func() {
		for i := 0; i < 20; i++ {
			if f() == nil {
				return
			}
			time.Sleep(time.Second << min(i, 5))
		}
	}()
}

// cleanPipeline ends all with the first error.
func cleanPipeline(ctx context.Context, src func(context.Context, chan<- int) error, sink func(int) error) error {
	g, ctx := errgroup.WithContext(ctx)
	ch := make(chan int)
	g.Go(func() error {
		defer close(ch)
		return src(ctx, ch)
	})
	for range 4 {
		g.Go(func() error {
			for v := range ch {
				if err := sink(v); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}

// Controller has a stop channel.
type Controller struct{ resync func() }

// cleanRun runs until stop.
func (c *Controller) cleanRun(stop <-chan struct{}) {
	go wait.Until(c.resync, time.Minute, stop)
	<-stop
}

// cleanRelay ends both copies with the first that ends.
func cleanRelay(a, b net.Conn) {
	var wg sync.WaitGroup
	pipe := func(dst, src net.Conn) {
		defer wg.Done()
		_, _ = io.Copy(dst, src)
		_ = dst.SetDeadline(time.Now())
		_ = src.SetDeadline(time.Now())
	}
	wg.Add(2)
	go pipe(a, b)
	go pipe(b, a)
	wg.Wait()
	a.Close()
	b.Close()
}

// Line wakes its worker at the end.
type Line struct {
	mu     sync.Mutex
	cond   *sync.Cond
	closed bool
	queue  []string
}

// cleanNewLine starts the worker.
func cleanNewLine(do func(string)) *Line {
	l := &Line{}
	l.cond = sync.NewCond(&l.mu)
	go func() {
		for {
			l.mu.Lock()
			for len(l.queue) == 0 && !l.closed {
				l.cond.Wait()
			}
			if l.closed && len(l.queue) == 0 {
				l.mu.Unlock()
				return
			}
			x := l.queue[0]
			l.queue = l.queue[1:]
			l.mu.Unlock()
			do(x)
		}
	}()
	return l
}

// Add queues.
func (l *Line) Add(s string) {
	l.mu.Lock()
	l.queue = append(l.queue, s)
	l.mu.Unlock()
	l.cond.Signal()
}

// Close ends it.
func (l *Line) Close() {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.cond.Broadcast()
}

// cleanListen ends at net.ErrClosed and repeats at others.
func cleanListen(ln net.Listener, h func(net.Conn)) {
	go func() {
		for {
			c, err := ln.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err != nil {
				time.Sleep(50 * time.Millisecond)
				continue
			}
			go func() { defer c.Close(); h(c) }()
		}
	}()
}

// Agent keeps a derived context in a field.
type Agent struct {
	ctx    context.Context
	cancel context.CancelFunc
}

// cleanNewAgent gives an agent.
func cleanNewAgent() *Agent {
	a := &Agent{}
	a.ctx, a.cancel = context.WithCancel(context.Background())
	return a
}

// Go starts a loop.
func (a *Agent) Go(f func(context.Context) error) {
	go func() {
		for a.ctx.Err() == nil {
			if err := f(a.ctx); err != nil {
				time.Sleep(time.Second)
			}
		}
	}()
}

// Shutdown ends all loops.
func (a *Agent) Shutdown() { a.cancel() }
