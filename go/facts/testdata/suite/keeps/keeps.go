// Package keeps has stores, pools, labels and parts as services have them,
// with twins that only look like leaks.
package keeps

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Stores.

type api struct {
	mu    sync.Mutex
	seen  map[string]time.Time
	kinds map[string]int
	known map[string]http.Handler
	slots map[uint64]string
}

func newAPI() *api {
	return &api{seen: map[string]time.Time{}, kinds: map[string]int{}, known: map[string]http.Handler{}, slots: map[uint64]string{}}
}

func (a *api) leakServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	a.seen[r.RemoteAddr] = time.Now() // want heap/holder-only-added
	a.mu.Unlock()
}

func (a *api) cleanKnown(w http.ResponseWriter, r *http.Request) {
	if _, ok := a.known[r.URL.Path]; !ok {
		http.NotFound(w, r)
		return
	}
	a.mu.Lock()
	a.kinds[r.URL.Path]++
	a.mu.Unlock()
}

func (a *api) cleanSlots(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.slots[hash(r.RemoteAddr)&1023] = r.URL.Path
}

func hash(s string) (h uint64) {
	for _, c := range []byte(s) {
		h = h*31 + uint64(c)
	}
	return h
}

func leakMiddleware(next http.Handler) http.Handler {
	var mu sync.Mutex
	visitors := map[string]int{}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		visitors[r.RemoteAddr]++ // want heap/holder-only-added
		mu.Unlock()
		next.ServeHTTP(w, r)
	})
}

func cleanMiddleware(next http.Handler) http.Handler {
	var mu sync.Mutex
	running := map[string]int{}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		running[r.RemoteAddr]++
		mu.Unlock()
		defer func() {
			mu.Lock()
			delete(running, r.RemoteAddr)
			mu.Unlock()
		}()
		next.ServeHTTP(w, r)
	})
}

func cleanPerRequest(w http.ResponseWriter, r *http.Request) {
	seen := map[string]bool{}
	visit := func(s string) { seen[s] = true }
	for _, p := range strings.Split(r.URL.Path, "/") {
		visit(p)
	}
	fmt.Fprintln(w, len(seen))
}

// Requests that wait for an answer.

type reply struct {
	ch  chan []byte
	sub string
}

type rpc struct {
	mu   sync.Mutex
	next uint64
	wait map[uint64]*reply
	all  sync.Map
}

func (c *rpc) leakRoundTrip(ctx context.Context, send func(uint64)) ([]byte, error) {
	rep := &reply{ch: make(chan []byte, 1)}
	c.mu.Lock()
	c.next++
	id := c.next
	c.wait[id] = rep // want heap/holder-only-added
	c.mu.Unlock()
	send(id)
	select {
	case b := <-rep.ch:
		return b, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (c *rpc) cleanRoundTrip(ctx context.Context, send func(uint64)) ([]byte, error) {
	rep := &reply{ch: make(chan []byte, 1)}
	c.mu.Lock()
	c.next++
	id := c.next
	c.wait[id] = rep
	c.mu.Unlock()
	send(id)
	select {
	case b := <-rep.ch:
		return b, nil
	case <-ctx.Done():
		c.drop(id)
		return nil, ctx.Err()
	}
}

func (c *rpc) drop(id uint64) {
	c.mu.Lock()
	delete(c.wait, id)
	c.mu.Unlock()
}

func (c *rpc) leakAsk(key string, d time.Duration) string {
	ch := make(chan string, 1)
	c.all.Store(key, ch) // want heap/holder-only-added
	select {
	case s := <-ch:
		return s
	case <-time.After(d):
		return ""
	}
}

func (c *rpc) answered(key, s string) {
	if ch, ok := c.all.LoadAndDelete(key); ok {
		ch.(chan string) <- s
	}
}

// What handlers register.

func leakOnShutdown(srv *http.Server) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		srv.RegisterOnShutdown(func() { fmt.Fprintln(w, "bye") }) // want heap/holder-only-added
	}
}

func cleanOwnMux(w http.ResponseWriter, r *http.Request) {
	mux := http.NewServeMux()
	mux.HandleFunc("/"+r.Host+"/", func(http.ResponseWriter, *http.Request) {})
	mux.ServeHTTP(w, r)
}

func cleanRoutes(mux *http.ServeMux, prefix string) { mux.HandleFunc(prefix+"/x", cleanOwnMux) }

// Pools.

type scope struct {
	ctx   context.Context
	conn  net.Conn
	attrs []any
	n     int
}

var scopes, cleared = sync.Pool{New: func() any { return new(scope) }}, sync.Pool{New: func() any { return new(session) }}

func leakScope(ctx context.Context, conn net.Conn, run func(*scope)) {
	s := scopes.Get().(*scope)
	s.ctx, s.conn, s.n = ctx, conn, 0
	run(s)
	s.conn = nil
	scopes.Put(s) // want heap/pool-unreset
}

type session struct {
	ctx   context.Context
	items []*reply
}

func (s *session) bind(ctx context.Context) { s.ctx = ctx }

func (s *session) release() {
	s.bind(nil)
	clear(s.items)
	s.items = s.items[:0]
}

func cleanSession(ctx context.Context, r *reply, run func(*session)) {
	s := cleared.Get().(*session)
	s.bind(ctx)
	s.items = append(s.items, r)
	defer func() {
		s.release()
		cleared.Put(s)
	}()
	run(s)
}

var blocks sync.Pool

func getBlock(n int) []byte {
	if b, ok := blocks.Get().(*[]byte); ok && cap(*b) >= n {
		return (*b)[:n]
	}
	return make([]byte, n)
}

func leakPutBlock(b []byte) {
	b = b[:0]
	blocks.Put(&b) // want heap/pool-oversized
}

var limited sync.Pool

func getLimited(n int) []byte {
	if b, ok := limited.Get().(*[]byte); ok && cap(*b) >= n {
		return (*b)[:n]
	}
	return make([]byte, n)
}

func cleanPutLimited(b []byte) {
	const most = 1 << 16
	if cap(b) > most {
		return
	}
	limited.Put(&b)
}

// Labels.

var (
	byTenant = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "t"}, []string{"op", "session_id"})
	byReason = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "r"}, []string{"reason"})
	errGone  = errors.New("gone")
)

func leakSessionLabel(op string, who int64) {
	byTenant.WithLabelValues(op, strconv.FormatInt(who, 10)).Inc() // want heap/label-unbounded
}

func leakWrapped(err error) {
	byReason.WithLabelValues(fmt.Sprintf("failed: %v", err)).Inc() // want heap/label-unbounded
}

func reasonOf(err error) string {
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, errGone):
		return errGone.Error()
	}
	return "other"
}

func cleanReason(err error) {
	if err == nil || errors.Is(err, errGone) {
		byReason.WithLabelValues("expected").Inc()
		return
	}
	byReason.WithLabelValues(strings.ToLower("Other")).Inc()
}

var allowed = map[string]bool{"read": true, "write": true}

func cleanAllowed(r *http.Request) {
	op := r.FormValue("op")
	if !allowed[op] {
		op = "other"
	}
	byReason.WithLabelValues(op).Inc()
}

func cleanBucket(r *http.Request) {
	byReason.WithLabelValues(strconv.FormatUint(hash(r.RemoteAddr)%16, 10)).Inc()
}

func leakQueueGauge(reg prometheus.Registerer, queue string) {
	g := prometheus.NewGauge(prometheus.GaugeOpts{Name: "depth_" + queue})
	reg.MustRegister(g) // want heap/collector-per-instance
}

func cleanNamespaced(reg prometheus.Registerer, namespace string) {
	reg.MustRegister(prometheus.NewGauge(prometheus.GaugeOpts{Name: namespace + "_depth"}))
}

// Parts, queues, closures, finalizers.

type frame struct {
	id   int
	body []byte
}

type outbox struct {
	mu    sync.Mutex
	queue []*frame
	free  []*frame
	ids   []int
	head  []byte
}

func (o *outbox) leakNext() *frame {
	o.mu.Lock()
	defer o.mu.Unlock()
	f := o.queue[0]
	o.queue = o.queue[1:] // want heap/subslice-retention
	return f
}

func (o *outbox) leakCancel(id int) {
	for i, f := range o.queue {
		if f.id == id {
			o.queue = append(o.queue[:i], o.queue[i+1:]...) // want heap/subslice-retention
			return
		}
	}
}

func (o *outbox) cleanTake() *frame {
	last := len(o.free) - 1
	f := o.free[last]
	o.free[last] = nil
	o.free = o.free[:last]
	return f
}

func (o *outbox) cleanID() int {
	id := o.ids[0]
	o.ids = o.ids[1:]
	return id
}

func (o *outbox) cleanCompact() *frame {
	f := o.queue[0]
	copy(o.queue, o.queue[1:])
	o.queue[len(o.queue)-1] = nil
	o.queue = o.queue[:len(o.queue)-1]
	return f
}

func (o *outbox) leakHead(body []byte) { o.head = body[:8] } // want heap/subslice-retention

func (o *outbox) cleanHead(body []byte) { o.head = bytes.Clone(body[:8]) }

func (o *outbox) cleanHeadText(body []byte) string { return string(body[:8]) }

var frameTTL = 2 * time.Hour

func leakExpire(f *frame, drop func(int)) {
	time.AfterFunc(frameTTL, func() { drop(f.id) }) // want heap/closure-retention
}

func cleanExpire(f *frame, drop func(int)) {
	id := f.id
	time.AfterFunc(frameTTL, func() { drop(id) })
}

func cleanRetry(f *frame, send func([]byte)) {
	time.AfterFunc(time.Second, func() { send(f.body) })
}

type server struct{ ctx context.Context }

func (s *server) leakHandle(f *frame) {
	context.AfterFunc(s.ctx, func() { f.body = nil }) // want heap/closure-retention
}

func (s *server) cleanHandle(f *frame) {
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	context.AfterFunc(ctx, func() { f.body = nil })
}

var sizes = map[string]func() int{}

func leakSize(name string, body []byte) {
	sizes[name] = func() int { return len(body) } // want heap/closure-retention heap/holder-only-added
}

type tree struct {
	kids map[string]*leaf
	drop func()
}

type leaf struct{ up *tree }

func leakTree() *tree {
	t := &tree{kids: map[string]*leaf{}}
	l := &leaf{up: t}
	t.kids["a"] = l
	runtime.SetFinalizer(l, func(*leaf) {}) // want heap/finalizer-cycle
	return t
}

func leakCallback() *tree {
	t := &tree{}
	t.drop = func() { t.kids = nil }
	runtime.SetFinalizer(t, func(*tree) {}) // want heap/finalizer-cycle
	return t
}

func cleanTree() *tree {
	t := &tree{kids: map[string]*leaf{"a": {}}}
	runtime.SetFinalizer(t, func(t *tree) { clear(t.kids) })
	return t
}

func use() {
	a := newAPI()
	_, _ = a.answerOf(), reasonOf(nil)
}

func (a *api) answerOf() int { return len(a.seen) }
