// Package locks has shapes of locks, written without a look at the analyzers.
package locks

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"sync"
	"time"
)

// Node is one member.
type Node struct {
	ID    string
	Epoch int
	Addrs []string
}

// Ring keeps members of a hash ring.
type Ring struct {
	mu    sync.Mutex
	nodes map[string]*Node
}

// NewRing gives an empty ring.
func NewRing() *Ring { return &Ring{nodes: map[string]*Node{}} }

// leakJoin adds a node.
func (r *Ring) leakJoin(n *Node) error {
	r.mu.Lock() // want goroutine/holder-gone
	old, ok := r.nodes[n.ID]
	if ok && old.Epoch >= n.Epoch {
		return fmt.Errorf("stale epoch %d of %s", n.Epoch, n.ID)
	}
	r.nodes[n.ID] = n
	r.mu.Unlock()
	return nil
}

// Shard is one part of a table.
type Shard struct {
	sync.RWMutex
	items map[string]time.Time
}

// leakExpire removes old items of all shards.
func leakExpire(shards []*Shard, now time.Time) int {
	n := 0
	for _, s := range shards {
		s.Lock() // want goroutine/holder-gone
		if len(s.items) == 0 {
			continue
		}
		for k, t := range s.items {
			if t.Before(now) {
				delete(s.items, k)
				n++
			}
		}
		s.Unlock()
	}
	return n
}

// Table is read often.
type Table struct {
	mu   sync.RWMutex
	rows []string
}

// leakFind looks a row up.
func (t *Table) leakFind(row string) (int, bool) {
	t.mu.RLock() // want goroutine/holder-gone
	i := sort.SearchStrings(t.rows, row)
	if i < len(t.rows) && t.rows[i] == row {
		t.mu.RUnlock()
		return i, true
	}
	return -1, false
}

// Compactor compacts one thing at a time.
type Compactor struct {
	busy sync.Mutex
	runs int
}

// leakCompact tries to compact.
func (c *Compactor) leakCompact(ctx context.Context, f func(context.Context) error) error {
	if !c.busy.TryLock() { // want goroutine/holder-gone
		return errors.New("busy")
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	defer c.busy.Unlock()
	c.runs++
	return f(ctx)
}

// Bus calls listeners under a lock; a panic of one is recovered, the lock stays.
type Bus struct {
	mu  sync.Mutex
	fns []func(string)
}

// leakEmit calls all listeners.
func (b *Bus) leakEmit(ev string) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("listener: %v", r)
		}
	}()
	b.mu.Lock() // want goroutine/holder-gone
	for _, f := range b.fns {
		f(ev)
	}
	b.mu.Unlock()
	return nil
}

// On registers one of the fixed listeners.
func (b *Bus) On(f func(string)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.fns) < 8 {
		b.fns = append(b.fns, f)
	}
}

// Account has a lock.
type Account struct {
	mu  sync.Mutex
	sum int
}

// leakMove moves money between two accounts.
func leakMove(a, b *Account, n int) error {
	a.mu.Lock() // want goroutine/holder-gone
	b.mu.Lock()
	defer b.mu.Unlock()
	if a.sum < n {
		return errors.New("not enough")
	}
	a.sum -= n
	b.sum += n
	a.mu.Unlock()
	return nil
}

// Queue is a bounded queue.
type Queue struct {
	mu    sync.Mutex
	items []int
	wake  chan struct{}
}

// NewQueue gives a queue.
func NewQueue() *Queue { return &Queue{wake: make(chan struct{}, 1)} }

// Push adds an item.
func (q *Queue) Push(v int) {
	q.mu.Lock()
	q.items = append(q.items, v)
	q.mu.Unlock()
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// leakPop waits for an item.
func (q *Queue) leakPop(ctx context.Context) (int, error) {
	for {
		q.mu.Lock() // want goroutine/holder-gone
		if len(q.items) > 0 {
			v := q.items[0]
			q.items = q.items[1:]
			q.mu.Unlock()
			return v, nil
		}
		select {
		case <-q.wake:
			q.mu.Unlock()
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

// Counter is a counter with a limit.
type Counter struct {
	mu  sync.Mutex
	n   int
	max int
}

// cleanInc increments.
func (c *Counter) cleanInc() (int, error) {
	c.mu.Lock()
	if c.n == c.max {
		c.mu.Unlock()
		return 0, errors.New("full")
	}
	c.n++
	n := c.n
	c.mu.Unlock()
	return n, nil
}

// Doc is locked by Checkout and unlocked by Checkin.
type Doc struct {
	mu   sync.Mutex
	text string
}

// cleanCheckout locks and returns the text.
func (d *Doc) cleanCheckout() string {
	d.mu.Lock()
	return d.text
}

// Checkin writes and unlocks.
func (d *Doc) Checkin(s string) {
	d.text = s
	d.mu.Unlock()
}

// Keyed is a lock per key with counts.
type Keyed struct {
	mu sync.Mutex
	m  map[string]*entry
}

type entry struct {
	mu   sync.Mutex
	refs int
}

// cleanNewKeyed gives one.
func cleanNewKeyed() *Keyed { return &Keyed{m: map[string]*entry{}} }

// Lock locks a key and returns its unlock.
func (k *Keyed) Lock(key string) (unlock func()) {
	k.mu.Lock()
	e := k.m[key]
	if e == nil {
		e = &entry{}
		k.m[key] = e
	}
	e.refs++
	k.mu.Unlock()
	e.mu.Lock()
	return func() {
		e.mu.Unlock()
		k.mu.Lock()
		if e.refs--; e.refs == 0 {
			delete(k.m, key)
		}
		k.mu.Unlock()
	}
}

// Batcher flushes outside of its lock.
type Batcher struct {
	mu  sync.Mutex
	buf []string
}

// cleanAdd adds and flushes at 100.
func (b *Batcher) cleanAdd(s string, flush func([]string) error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.buf = append(b.buf, s)
	if len(b.buf) < 100 {
		return nil
	}
	out := b.buf
	b.buf = nil
	b.mu.Unlock()
	err := flush(out)
	b.mu.Lock()
	return err
}

// Sem is a counting semaphore.
type Sem struct {
	mu   sync.Mutex
	cond *sync.Cond
	free int
}

// cleanNewSem gives n permits.
func cleanNewSem(n int) *Sem {
	s := &Sem{free: n}
	s.cond = sync.NewCond(&s.mu)
	return s
}

// Acquire takes one.
func (s *Sem) Acquire() {
	s.cond.L.Lock()
	for s.free == 0 {
		s.cond.Wait()
	}
	s.free--
	s.cond.L.Unlock()
}

// Release gives one.
func (s *Sem) Release() {
	s.mu.Lock()
	s.free++
	s.mu.Unlock()
	s.cond.Signal()
}

// Memo computes once per enum value.
type Memo struct {
	mu sync.RWMutex
	v  [4]*Node
}

// cleanGet reads, and computes under the write lock.
func (m *Memo) cleanGet(i uint8, f func() *Node) *Node {
	m.mu.RLock()
	n := m.v[i%4]
	m.mu.RUnlock()
	if n != nil {
		return n
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.v[i%4] == nil {
		m.v[i%4] = f()
	}
	return m.v[i%4]
}

// cleanSnapshot copies; a lock is taken only where wanted.
func cleanSnapshot(n *Node, mu *sync.Mutex, locked bool) Node {
	if !locked {
		mu.Lock()
	}
	c := *n
	c.Addrs = append([]string(nil), n.Addrs...)
	if !locked {
		mu.Unlock()
	}
	return c
}

// Store has helpers that unlock.
type Store struct {
	mu sync.Mutex
	m  map[string]int
}

func (s *Store) finishAndUnlock(k string, v int) int {
	if s.m == nil {
		s.m = make(map[string]int, 1)
	}
	clear(s.m)
	s.m[k] = v
	s.mu.Unlock()
	return v
}

// cleanSet sets the only value.
func (s *Store) cleanSet(k string, v int) int {
	s.mu.Lock()
	if v < 0 {
		return s.finishAndUnlock(k, 0)
	}
	return s.finishAndUnlock(k, v)
}

// cleanOnce tries to run f if nobody does.
func cleanOnce(mu *sync.Mutex, f func()) bool {
	if mu.TryLock() {
		defer mu.Unlock()
		f()
		return true
	}
	return false
}

// cleanLockAll locks every shard and returns the release.
func cleanLockAll(shards []*Shard) func() {
	for _, s := range shards {
		s.Lock()
	}
	return func() {
		for i := len(shards) - 1; i >= 0; i-- {
			shards[i].Unlock()
		}
	}
}
