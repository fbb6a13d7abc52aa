package control

import (
	"sync"
	"time"
)

// balancer stops its watcher under its lock, and waits for it; the watcher
// needs the lock for its last update.
type balancer struct {
	mu      sync.Mutex
	updates chan string
	done    chan struct{}
	addrs   []string
}

func (b *balancer) watch(delay time.Duration) {
	defer close(b.done)
	for addr := range b.updates {
		time.Sleep(delay)
		b.mu.Lock() // victim: close-waits-under-lock
		b.addrs = append(b.addrs, addr)
		b.mu.Unlock()
	}
}

func (b *balancer) close() {
	b.mu.Lock() // acquired: close-waits-under-lock
	defer b.mu.Unlock()
	close(b.updates)
	<-b.done // holder: close-waits-under-lock
	b.addrs = nil
}

func leakBalancer() {
	b := &balancer{updates: make(chan string, 4), done: make(chan struct{})}
	go b.watch(50 * time.Millisecond)
	b.updates <- "10.0.0.1"
	go b.close()
}

type calmBalancer struct {
	mu      sync.Mutex
	updates chan string
	done    chan struct{}
	addrs   []string
}

func (b *calmBalancer) watch() {
	defer close(b.done)
	for addr := range b.updates {
		b.mu.Lock()
		b.addrs = append(b.addrs, addr)
		b.mu.Unlock()
	}
}

func (b *calmBalancer) close() {
	close(b.updates)
	<-b.done
	b.mu.Lock()
	defer b.mu.Unlock()
	b.addrs = nil
}

func fixedBalancer() {
	b := &calmBalancer{updates: make(chan string, 4), done: make(chan struct{})}
	go b.watch()
	b.updates <- "10.0.0.1"
	b.close()
}
