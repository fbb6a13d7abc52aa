package batch

import (
	"bytes"
	"container/list"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// holders, pools, retention, metrics

var limiters = map[string]*time.Time{}
var limitersMu sync.Mutex

func leakLimiterPerIP(r *http.Request) *time.Time {
	limitersMu.Lock()
	defer limitersMu.Unlock()
	l, ok := limiters[r.RemoteAddr]
	if !ok {
		now := time.Now()
		l = &now
		limiters[r.RemoteAddr] = l // want heap/holder-only-added
	}
	return l
}

var visits = struct {
	sync.Mutex
	m map[string]int
}{m: map[string]int{}}

func leakVisits(id string) {
	visits.Lock()
	visits.m[id]++ // want heap/holder-only-added
	visits.Unlock()
}

var expiring = map[string]time.Time{}

func cleanExpiring(id string) {
	limitersMu.Lock()
	defer limitersMu.Unlock()
	for k, t := range expiring {
		if time.Since(t) > time.Hour {
			delete(expiring, k)
		}
	}
	expiring[id] = time.Now()
}

var order = list.New()

func leakOrder(v string) {
	order.PushBack(v) // want heap/holder-only-added
}

var lru = list.New()

func cleanLRU(v string) {
	lru.PushFront(v)
	if lru.Len() > 100 {
		lru.Remove(lru.Back())
	}
}

var shutdownHooks []func()

// Called for each request by mistake.
func leakOnShutdown(f func()) {
	shutdownHooks = append(shutdownHooks, f) // want heap/holder-only-added
}

func runHooks() {
	for _, f := range shutdownHooks {
		f()
	}
}

var compiled sync.Map

func leakTemplateCache(src string, compile func(string) any) any {
	if v, ok := compiled.Load(src); ok {
		return v
	}
	v := compile(src)
	compiled.Store(src, v) // want heap/holder-only-added
	return v
}

var inflight sync.Map

func cleanInflight(id string, do func()) {
	if _, busy := inflight.LoadOrStore(id, struct{}{}); busy {
		return
	}
	defer inflight.Delete(id)
	do()
}

var errorsSeen []error

func leakErrors(err error) {
	if err != nil {
		errorsSeen = append(errorsSeen, err) // want heap/holder-only-added
	}
}

var lastErrors []error

func cleanLastErrors(err error) {
	lastErrors = append(lastErrors, err)
	if n := len(lastErrors); n > 10 {
		lastErrors = append([]error(nil), lastErrors[n-10:]...)
	}
}

var bufPool = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func leakRespond(w http.ResponseWriter, v any) {
	b := bufPool.Get().(*bytes.Buffer)
	defer bufPool.Put(b) // want heap/pool-unreset
	if json.NewEncoder(b).Encode(v) == nil {
		w.Write(b.Bytes())
	}
}

var readPool = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func leakReadBody(r *http.Request, use func([]byte) error) error {
	b := readPool.Get().(*bytes.Buffer)
	defer func() {
		b.Reset()
		readPool.Put(b) // want heap/pool-oversized
	}()
	if _, err := b.ReadFrom(r.Body); err != nil {
		return err
	}
	return use(b.Bytes())
}

var smallPool = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func cleanReadBody(w http.ResponseWriter, r *http.Request, use func([]byte) error) error {
	b := smallPool.Get().(*bytes.Buffer)
	defer func() {
		b.Reset()
		smallPool.Put(b)
	}()
	if _, err := b.ReadFrom(http.MaxBytesReader(w, r.Body, 1<<20)); err != nil {
		return err
	}
	return use(b.Bytes())
}

type call struct {
	args []any
	next *call
	done func()
}

var calls = sync.Pool{New: func() any { return new(call) }}

func leakCall(f func(), args ...any) {
	c := calls.Get().(*call)
	c.args, c.done = args, f
	c.done()
	calls.Put(c) // want heap/pool-unreset
}

var zeroed = sync.Pool{New: func() any { return new(call) }}

func cleanCall(f func(), args ...any) {
	c := zeroed.Get().(*call)
	c.args, c.done = args, f
	c.done()
	*c = call{}
	zeroed.Put(c)
}

type doc struct {
	title string
	magic []byte
}

type store struct {
	docs map[string]doc
	byID map[string][]byte
}

func (s *store) leakTitleOf(path string) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	s.byID[path] = raw[:8] // want heap/subslice-retention
	return nil
}

func (s *store) cleanTitleOf(path string) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	s.byID[path] = append([]byte(nil), raw[:8]...)
	return nil
}

func (s *store) leakDocOf(path string) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	head := string(raw)
	if i := strings.IndexByte(head, '\n'); i > 0 {
		s.docs[path] = doc{title: head[:i]} // want heap/subslice-retention
	}
	return nil
}

func (s *store) cleanDocOf(path string) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if i := bytes.IndexByte(raw, '\n'); i > 0 {
		s.docs[path] = doc{title: string(raw[:i])}
	}
	return nil
}

func leakExpireLater(r io.Reader, forget func(int)) error {
	body, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	time.AfterFunc(10*time.Minute, func() { forget(len(body)) }) // want heap/closure-retention
	return nil
}

func cleanExpireLater(r io.Reader, forget func(int)) error {
	body, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	n := len(body)
	time.AfterFunc(10*time.Minute, func() { forget(n) })
	return nil
}

type node struct {
	parent, child *node
	mem           []byte
}

func leakNode() *node {
	p, c := &node{}, &node{mem: make([]byte, 1<<16)}
	p.child, c.parent = c, p
	runtime.SetFinalizer(c, func(n *node) { n.mem = nil }) // want heap/finalizer-cycle
	return p
}

func cleanNode() *node {
	p, c := &node{}, &node{mem: make([]byte, 1<<16)}
	p.child = c
	runtime.SetFinalizer(c, func(n *node) { n.mem = nil })
	return p
}

var latency = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "latency"}, []string{"host", "tenant"})

func leakTenant(r *http.Request, next http.Handler, w http.ResponseWriter) {
	next.ServeHTTP(w, r)
	latency.WithLabelValues("a", strings.ToLower(r.Header.Get("X-Tenant"))).Inc() // want heap/label-unbounded
}

func cleanTenant(known map[string]bool, r *http.Request) {
	t := "other"
	if h := r.Header.Get("X-Tenant"); known[h] {
		t = h
	}
	latency.WithLabelValues("a", t).Inc()
}

func leakQuery(r *http.Request) {
	latency.WithLabelValues("a", r.URL.Query().Get("q")).Inc() // want heap/label-unbounded
}

func cleanStatus(code int) {
	class := "5xx"
	if code < 500 {
		class = "ok"
	}
	latency.WithLabelValues("a", class).Inc()
}

type chainKey struct{}

func leakContextChain(ctx context.Context, in <-chan string, handle func(context.Context)) {
	for id := range in {
		ctx = context.WithValue(ctx, chainKey{}, id) // want heap/context-nested
		handle(ctx)
	}
}

func cleanContextChain(ctx context.Context, in <-chan string, handle func(context.Context)) {
	for id := range in {
		handle(context.WithValue(ctx, chainKey{}, id))
	}
}

func leakClientEach(urls []string) (ok int) {
	for _, u := range urls {
		c := &http.Client{Transport: &http.Transport{MaxIdleConns: 1}} // want resource/transport-per-call
		if resp, err := c.Get(u); err == nil {
			resp.Body.Close()
			ok++
		}
	}
	return ok
}

var shared = &http.Client{Transport: &http.Transport{MaxIdleConns: 1}}

func cleanClientEach(urls []string) (ok int) {
	for _, u := range urls {
		if resp, err := shared.Get(u); err == nil {
			resp.Body.Close()
			ok++
		}
	}
	return ok
}

func main() { runHooks() }
