// Package metrics measures how long requests take.
package metrics

import (
	"sync"
	"time"
)

// histogram counts durations in powers of two of a millisecond, with the last few as examples.
type histogram struct {
	buckets  [32]uint64
	examples [32]time.Duration
	count    uint64
}

// Latency keeps one histogram a path.
type Latency struct {
	mu     sync.Mutex
	byPath map[string]*histogram
}

// NewLatency returns an empty set of histograms.
func NewLatency() *Latency {
	return &Latency{byPath: make(map[string]*histogram)}
}

// Observe counts one request. The path must be a route such as /orders/{id}: with the order's
// number in it, every order makes a histogram of its own that is never dropped.
func (l *Latency) Observe(path string, took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	h, ok := l.byPath[path]
	if !ok {
		h = &histogram{} // leak: allocates
		l.byPath[path] = h
	}
	bucket := 0
	for limit := time.Millisecond; bucket < len(h.buckets)-1 && took > limit; limit *= 2 {
		bucket++
	}
	h.buckets[bucket]++
	h.examples[h.count%uint64(len(h.examples))] = took
	h.count++
}
