package control

import (
	"sync"
	"time"
)

// readiness wakes its waiters once; a waiter that looked before and sleeps
// after misses it.
type readiness struct {
	mu    sync.Mutex
	cond  *sync.Cond
	ready bool
}

func newReadiness() *readiness {
	r := &readiness{}
	r.cond = sync.NewCond(&r.mu)
	return r
}

func (r *readiness) set() {
	r.mu.Lock()
	r.ready = true
	r.mu.Unlock()
	r.cond.Broadcast()
}

func (r *readiness) await(prepare func()) {
	r.mu.Lock()
	ready := r.ready
	r.mu.Unlock()
	if !ready {
		prepare()
		r.mu.Lock()
		r.cond.Wait() // victim: broadcast-missed
		r.mu.Unlock()
	}
}

func leakReadiness() {
	r := newReadiness()
	go r.await(func() { time.Sleep(50 * time.Millisecond) })
	time.Sleep(10 * time.Millisecond)
	r.set()
}

type sureReadiness struct {
	mu    sync.Mutex
	cond  *sync.Cond
	ready bool
}

func (r *sureReadiness) set() {
	r.mu.Lock()
	r.ready = true
	r.mu.Unlock()
	r.cond.Broadcast()
}

func (r *sureReadiness) await() {
	r.mu.Lock()
	for !r.ready {
		r.cond.Wait()
	}
	r.mu.Unlock()
}

func fixedReadiness() {
	r := &sureReadiness{}
	r.cond = sync.NewCond(&r.mu)
	go r.set()
	r.await()
}
