package fleet

import (
	"sync"
	"time"
)

// lessor renews leases; a reader waits under the read lock for an answer that
// only comes after another reader, and a writer stands between the two.
type lessor struct {
	mu      sync.RWMutex
	leases  map[int]time.Time
	answers chan bool
}

func (l *lessor) renew(id int) bool {
	l.mu.RLock() // acquired: writer-starves-reader
	defer l.mu.RUnlock()
	if _, ok := l.leases[id]; !ok {
		return false
	}
	return <-l.answers // holder: writer-starves-reader
}

func (l *lessor) promote(id int) {
	l.mu.Lock() // victim: writer-starves-reader
	defer l.mu.Unlock()
	l.leases[id] = time.Now()
}

func (l *lessor) checkpoint(id int) {
	l.mu.RLock() // victim: writer-starves-reader
	_, ok := l.leases[id]
	l.mu.RUnlock()
	l.answers <- ok
}

func leakLease() {
	l := &lessor{leases: map[int]time.Time{7: {}}, answers: make(chan bool)}
	go l.renew(7)
	time.Sleep(50 * time.Millisecond)
	go l.promote(7)
	time.Sleep(50 * time.Millisecond)
	go l.checkpoint(7)
}

type calmLessor struct {
	mu      sync.RWMutex
	leases  map[int]time.Time
	answers chan bool
}

func (l *calmLessor) renew(id int) bool {
	l.mu.RLock()
	_, ok := l.leases[id]
	l.mu.RUnlock()
	return ok && <-l.answers
}

func (l *calmLessor) promote(id int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.leases[id] = time.Now()
}

func (l *calmLessor) checkpoint(id int) {
	l.mu.RLock()
	_, ok := l.leases[id]
	l.mu.RUnlock()
	l.answers <- ok
}

func fixedLease() {
	l := &calmLessor{leases: map[int]time.Time{7: {}}, answers: make(chan bool)}
	done := make(chan bool)
	go func() { done <- l.renew(7) }()
	l.promote(7)
	l.checkpoint(7)
	<-done
}
