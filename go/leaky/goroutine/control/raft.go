package control

import "sync"

// group sends under its lock into a channel with little room; the reader needs
// the lock for every message.
type replicaGroup struct {
	mu struct {
		sync.Mutex
		applied int
	}
	entries chan int
}

func (r *replicaGroup) propose(n int) {
	r.mu.Lock() // acquired: full-channel-under-lock
	for i := 0; i < n; i++ {
		r.entries <- i // holder: full-channel-under-lock
	}
	r.mu.Unlock()
}

func (r *replicaGroup) apply() {
	for range r.entries {
		r.mu.Lock() // victim: full-channel-under-lock
		r.mu.applied++
		r.mu.Unlock()
	}
}

func leakRaft() {
	r := &replicaGroup{entries: make(chan int, 2)}
	go r.propose(10)
	go r.apply()
}

type calmReplicaGroup struct {
	mu struct {
		sync.Mutex
		applied int
	}
	entries chan int
}

func (r *calmReplicaGroup) propose(n int) {
	defer close(r.entries)
	for i := 0; i < n; i++ {
		r.entries <- i
	}
}

func (r *calmReplicaGroup) apply() {
	for range r.entries {
		r.mu.Lock()
		r.mu.applied++
		r.mu.Unlock()
	}
}

func fixedRaft() {
	r := &calmReplicaGroup{entries: make(chan int, 2)}
	go r.propose(10)
	r.apply()
}
