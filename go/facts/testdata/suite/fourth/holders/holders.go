// Package holders has shapes of holders, written without a look at the analyzers.
package holders

import (
	"container/list"
	"crypto/sha256"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

var (
	patternMu sync.RWMutex
	patterns  = map[string]*regexp.Regexp{}
)

// leakMatch compiles a pattern of the user once.
func leakMatch(pattern, s string) (bool, error) {
	patternMu.RLock()
	re := patterns[pattern]
	patternMu.RUnlock()
	if re == nil {
		var err error
		if re, err = regexp.Compile(pattern); err != nil {
			return false, err
		}
		patternMu.Lock()
		patterns[pattern] = re // want heap/holder-only-added
		patternMu.Unlock()
	}
	return re.MatchString(s), nil
}

var limiters sync.Map

type limiter struct {
	n    atomic.Int64
	last atomic.Int64
}

// leakLimit counts requests by remote address.
func leakLimit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, _ := limiters.LoadOrStore(r.RemoteAddr, &limiter{}) // want heap/holder-only-added
		l := v.(*limiter)
		now := time.Now().Unix()
		if l.last.Swap(now) != now {
			l.n.Store(0)
		}
		if l.n.Add(1) > 50 {
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Topic tells its subscribers; they can never leave.
type Topic struct {
	mu   sync.Mutex
	subs []func(string)
}

var defaultTopic = &Topic{}

// leakSubscribe adds a subscriber.
func (t *Topic) leakSubscribe(f func(string)) {
	t.mu.Lock()
	t.subs = append(t.subs, f) // want heap/holder-only-added
	t.mu.Unlock()
}

// Publish tells all.
func (t *Topic) Publish(s string) {
	t.mu.Lock()
	subs := t.subs
	t.mu.Unlock()
	for _, f := range subs {
		f(s)
	}
}

// OnRequest subscribes each request to the process-wide topic.
func OnRequest(w http.ResponseWriter, r *http.Request) {
	defaultTopic.leakSubscribe(func(s string) { fmt.Fprintln(w, r.URL.Path, s) })
}

type auditEntry struct {
	at   time.Time
	user string
	what string
}

var (
	auditMu  sync.Mutex
	auditLog []auditEntry
)

// leakAudit keeps an entry.
func leakAudit(user, what string) {
	auditMu.Lock()
	defer auditMu.Unlock()
	auditLog = append(auditLog, auditEntry{time.Now(), user, what}) // want heap/holder-only-added
}

// LastAudit gives the last n entries.
func LastAudit(n int) []auditEntry {
	auditMu.Lock()
	defer auditMu.Unlock()
	return append([]auditEntry(nil), auditLog[max(0, len(auditLog)-n):]...)
}

// Sessions holds sessions by cookie in a server-long value; expired ones are hidden, not removed.
type Sessions struct {
	mu  sync.Mutex
	all map[string]session
}

type session struct {
	user    string
	expires time.Time
}

// NewSessions gives a store.
func NewSessions() *Sessions { return &Sessions{all: make(map[string]session)} }

// leakPut stores one.
func (s *Sessions) leakPut(cookie, user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all[cookie] = session{user, time.Now().Add(time.Hour)} // want heap/holder-only-added
}

// Get reads one.
func (s *Sessions) Get(cookie string) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x, ok := s.all[cookie]
	if !ok || time.Now().After(x.expires) {
		return "", false
	}
	return x.user, true
}

var sessions = NewSessions()

// LoginHandler fills the process-wide store.
func LoginHandler(w http.ResponseWriter, r *http.Request) {
	c := fmt.Sprintf("%x", sha256.Sum256([]byte(r.RemoteAddr+time.Now().String())))
	sessions.leakPut(c, r.FormValue("user"))
	http.SetCookie(w, &http.Cookie{Name: "sid", Value: c})
}

var watchers = struct {
	sync.Mutex
	byKey map[string]map[chan string]struct{}
}{byKey: map[string]map[chan string]struct{}{}}

// leakWatchKey registers a channel; the key stays when its last channel leaves.
func leakWatchKey(key string) (<-chan string, func()) {
	ch := make(chan string, 8)
	watchers.Lock()
	defer watchers.Unlock()
	m := watchers.byKey[key]
	if m == nil {
		m = map[chan string]struct{}{}
		watchers.byKey[key] = m // want heap/holder-only-added
	}
	m[ch] = struct{}{}
	return ch, func() {
		watchers.Lock()
		defer watchers.Unlock()
		delete(watchers.byKey[key], ch)
	}
}

// Mux matches answers to requests by id; a request that times out stays.
type Mux struct {
	mu      sync.Mutex
	seq     uint64
	pending map[uint64]chan []byte
	send    func(uint64, []byte) error
}

// NewMux gives a mux.
func NewMux(send func(uint64, []byte) error) *Mux {
	return &Mux{pending: map[uint64]chan []byte{}, send: send}
}

// leakCall sends and waits up to d.
func (m *Mux) leakCall(p []byte, d time.Duration) ([]byte, bool) {
	m.mu.Lock()
	m.seq++
	id := m.seq
	ch := make(chan []byte, 1)
	m.pending[id] = ch // want heap/holder-only-added
	m.mu.Unlock()
	if m.send(id, p) != nil {
		return nil, false
	}
	select {
	case b := <-ch:
		return b, true
	case <-time.After(d):
		return nil, false
	}
}

// Deliver hands an answer over.
func (m *Mux) Deliver(id uint64, b []byte) {
	m.mu.Lock()
	ch := m.pending[id]
	delete(m.pending, id)
	m.mu.Unlock()
	if ch != nil {
		ch <- b
	}
}

var history = list.New()

// leakRemember pushes every query.
func leakRemember(q string) int {
	history.PushBack(strings.Clone(q)) // want heap/holder-only-added
	return history.Len()
}

type memoKey struct {
	tenant string
	minute int64
}

var rates = struct {
	mu sync.Mutex
	m  map[memoKey]int
}{m: make(map[memoKey]int)}

// leakHit counts hits of this minute.
func leakHit(tenant string) int {
	k := memoKey{tenant, time.Now().Unix() / 60}
	rates.mu.Lock()
	defer rates.mu.Unlock()
	rates.m[k]++ // want heap/holder-only-added
	return rates.m[k]
}

// leakPreview adds a route of its own for each preview on the process-wide mux.
func leakPreview(w http.ResponseWriter, r *http.Request) {
	id := fmt.Sprintf("/preview/%d", time.Now().UnixNano())
	body := make([]byte, 1<<16)
	n, _ := r.Body.Read(body)
	http.HandleFunc(id, func(w http.ResponseWriter, _ *http.Request) { w.Write(body[:n]) }) // want heap/holder-only-added
	http.Redirect(w, r, id, http.StatusSeeOther)
}

// LRU is bounded.
type LRU struct {
	mu  sync.Mutex
	max int
	ll  *list.List
	m   map[string]*list.Element
}

type lruItem struct {
	k string
	v []byte
}

// cleanNewLRU keeps up to n.
func cleanNewLRU(n int) *LRU { return &LRU{max: n, ll: list.New(), m: make(map[string]*list.Element)} }

// Put puts.
func (c *LRU) Put(k string, v []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.m[k]; ok {
		e.Value.(*lruItem).v = v
		c.ll.MoveToFront(e)
		return
	}
	c.m[k] = c.ll.PushFront(&lruItem{k, v})
	for c.ll.Len() > c.max {
		e := c.ll.Back()
		c.ll.Remove(e)
		delete(c.m, e.Value.(*lruItem).k)
	}
}

var pages = cleanNewLRU(512)

// CachePage fills the process-wide cache.
func CachePage(w http.ResponseWriter, r *http.Request) { pages.Put(r.URL.String(), []byte(r.Host)) }

var drivers = map[string]func(string) error{}

// cleanRegisterDriver is called from init functions.
func cleanRegisterDriver(name string, open func(string) error) {
	if _, dup := drivers[name]; dup {
		panic("driver twice: " + name)
	}
	drivers[name] = open
}

func init() {
	cleanRegisterDriver("mem", func(string) error { return nil })
	cleanRegisterDriver("disk", func(string) error { return nil })
}

// Level is one of four.
type Level uint8

// The levels.
const (
	Debug Level = iota
	Info
	Warn
	Error
)

var byLevel = map[Level]*atomic.Int64{}
var byLevelMu sync.Mutex

// cleanCountLevel counts by level.
func cleanCountLevel(l Level) int64 {
	if l > Error {
		l = Error
	}
	byLevelMu.Lock()
	c := byLevel[l]
	if c == nil {
		c = new(atomic.Int64)
		byLevel[l] = c
	}
	byLevelMu.Unlock()
	return c.Add(1)
}

var tokens = struct {
	sync.Mutex
	m map[string]time.Time
}{m: map[string]time.Time{}}

// cleanIssue keeps a token.
func cleanIssue(tok string, ttl time.Duration) {
	tokens.Lock()
	defer tokens.Unlock()
	tokens.m[tok] = time.Now().Add(ttl)
}

// PurgeTokens removes expired tokens; a cron calls it.
func PurgeTokens(now time.Time) {
	tokens.Lock()
	defer tokens.Unlock()
	for t, exp := range tokens.m {
		if exp.Before(now) {
			delete(tokens.m, t)
		}
	}
}

var inflight sync.Map

// cleanTrack keeps a request while it runs.
func cleanTrack(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inflight.Store(r, time.Now())
		defer inflight.Delete(r)
		next.ServeHTTP(w, r)
	})
}

var recent struct {
	mu  sync.Mutex
	buf [256]string
	n   int
}

// cleanNote keeps the last 256.
func cleanNote(s string) {
	recent.mu.Lock()
	recent.buf[recent.n%len(recent.buf)] = s
	recent.n++
	recent.mu.Unlock()
}

var (
	errMu   sync.Mutex
	lastErr []error
)

// cleanKeepError keeps the last 100 errors.
func cleanKeepError(err error) {
	errMu.Lock()
	defer errMu.Unlock()
	lastErr = append(lastErr, err)
	if n := len(lastErr); n > 100 {
		lastErr = append(lastErr[:0], lastErr[n-100:]...)
	}
}

var seen = struct {
	mu        sync.Mutex
	cur, prev map[string]struct{}
}{cur: map[string]struct{}{}, prev: map[string]struct{}{}}

// cleanSeen dedups over two generations.
func cleanSeen(id string) bool {
	seen.mu.Lock()
	defer seen.mu.Unlock()
	if _, ok := seen.cur[id]; ok {
		return true
	}
	_, ok := seen.prev[id]
	seen.cur[id] = struct{}{}
	if len(seen.cur) >= 10_000 {
		seen.prev, seen.cur = seen.cur, make(map[string]struct{})
	}
	return ok
}

var (
	outMu  sync.Mutex
	outbox [][]byte
)

// cleanEnqueue adds.
func cleanEnqueue(b []byte) { outMu.Lock(); outbox = append(outbox, b); outMu.Unlock() }

// FlushOutbox takes all.
func FlushOutbox(send func([][]byte) error) error {
	outMu.Lock()
	b := outbox
	outbox = nil
	outMu.Unlock()
	return send(b)
}

// Hub has listeners that leave.
type Hub struct {
	mu   sync.Mutex
	next int
	subs map[int]chan string
}

var hub = &Hub{subs: map[int]chan string{}}

// cleanJoin joins the hub until leave is called.
func (h *Hub) cleanJoin() (c <-chan string, leave func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	id := h.next
	h.next++
	ch := make(chan string, 1)
	h.subs[id] = ch
	return ch, func() {
		h.mu.Lock()
		delete(h.subs, id)
		h.mu.Unlock()
	}
}

// Events streams.
func Events(w http.ResponseWriter, r *http.Request) {
	c, leave := hub.cleanJoin()
	defer leave()
	for {
		select {
		case s := <-c:
			fmt.Fprintln(w, s)
		case <-r.Context().Done():
			return
		}
	}
}

var grants = struct {
	sync.Mutex
	m map[string]*time.Timer
}{m: map[string]*time.Timer{}}

// cleanGrant holds until its time is over.
func cleanGrant(id string, d time.Duration) {
	grants.Lock()
	defer grants.Unlock()
	if t, ok := grants.m[id]; ok {
		t.Reset(d)
		return
	}
	grants.m[id] = time.AfterFunc(d, func() {
		grants.Lock()
		delete(grants.m, id)
		grants.Unlock()
	})
}

// cleanGroup groups within one call.
func cleanGroup(words []string) map[string][]string {
	out := map[string][]string{}
	for _, w := range words {
		k := strings.ToLower(w[:min(1, len(w))])
		out[k] = append(out[k], w)
	}
	return out
}

var (
	internMu sync.Mutex
	interned = make(map[string]string)
)

// cleanIntern interns and starts over when there are too many.
func cleanIntern(s string) string {
	internMu.Lock()
	defer internMu.Unlock()
	if v, ok := interned[s]; ok {
		return v
	}
	if len(interned) > 4096 {
		clear(interned)
	}
	s = strings.Clone(s)
	interned[s] = s
	return s
}

var routes atomic.Pointer[map[string]string]

// cleanReload replaces the table.
func cleanReload(lines []string) {
	m := make(map[string]string, len(lines))
	for _, l := range lines {
		if k, v, ok := strings.Cut(l, "="); ok {
			m[k] = v
		}
	}
	routes.Store(&m)
}

// Calls matches answers; each call removes its entry.
type Calls struct {
	mu sync.Mutex
	id int
	m  map[int]chan string
}

var calls = &Calls{m: map[int]chan string{}}

func (c *Calls) forget(id int) {
	c.mu.Lock()
	delete(c.m, id)
	c.mu.Unlock()
}

// cleanAsk asks.
func cleanAsk(send func(int), d time.Duration) (string, bool) {
	calls.mu.Lock()
	calls.id++
	id, ch := calls.id, make(chan string, 1)
	calls.m[id] = ch
	calls.mu.Unlock()
	defer calls.forget(id)
	send(id)
	select {
	case s := <-ch:
		return s, true
	case <-time.After(d):
		return "", false
	}
}

// Answer answers.
func Answer(id int, s string) {
	calls.mu.Lock()
	ch := calls.m[id]
	calls.mu.Unlock()
	if ch != nil {
		ch <- s
	}
}
