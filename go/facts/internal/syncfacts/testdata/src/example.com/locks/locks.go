// Package locks has locks that stay held, each beside one that does not.
package locks

import (
	"errors"
	"log"
	"runtime"
	"sync"

	"example.com/helper"
)

var errBad = errors.New("bad")

type store struct {
	name string
	mu   sync.RWMutex
	m    map[string]int
}

func (s *store) early(k string) error {
	s.mu.Lock() // want `s.mu is locked here and still held at the return in line`
	if k == "" {
		return errBad
	}
	s.m[k]++
	s.mu.Unlock()
	return nil
}

func (s *store) deferred(k string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k == "" {
		return errBad
	}
	return nil
}

func (s *store) deferredClosure(k string) error {
	s.mu.Lock()
	defer func() {
		s.m[k]++
		s.mu.Unlock()
	}()
	if k == "" {
		return errBad
	}
	return nil
}

func (s *store) deferBefore(k string) {
	defer s.mu.Unlock()
	s.mu.Lock()
	s.m[k]++
}

func (s *store) wrongUnlock(k string) int {
	s.mu.RLock() // want `s.mu is locked here and still held at the return in line`
	if n, ok := s.m[k]; ok {
		s.mu.RUnlock()
		return n
	}
	return 0
}

func (s *store) bothWays(k string) int {
	s.mu.RLock()
	n, ok := s.m[k]
	if !ok {
		s.mu.RUnlock()
		return 0
	}
	s.mu.RUnlock()
	return n
}

func (s *store) correlated(k string, locked bool) int {
	if !locked {
		s.mu.RLock()
	}
	n := s.m[k]
	if !locked {
		s.mu.RUnlock()
	}
	return n
}

func (s *store) relock(ks []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for range ks {
		s.mu.Unlock()
		runtime.Gosched()
		s.mu.Lock()
	}
}

// callerHolds is called with s.mu held and returns with it held.
func (s *store) callerHolds(ks []string) bool {
	for range ks {
		s.mu.Unlock()
		runtime.Gosched()
		s.mu.Lock()
		if len(s.m) == 0 {
			return true
		}
	}
	return false
}

func (s *store) handedOver(k string) {
	s.mu.Lock()
	if k == "" {
		s.mu.Unlock()
		return
	}
	go s.finish(k)
}

func (s *store) finish(k string) { // want finish:"releases p0.mu"
	defer s.mu.Unlock()
	s.m[k]++
}

func (s *store) fatal(k string) {
	s.mu.Lock()
	if k == "" {
		log.Fatal("ends the process, so nothing stays held")
	}
	s.mu.Unlock()
}

func (s *store) goexit(k string) { // want goexit:"may goexit"
	s.mu.Lock() // want `s.mu is locked here and still held at the goexit in line`
	if k == "" {
		runtime.Goexit()
	}
	s.mu.Unlock()
}

func (s *store) try(k string) {
	if s.mu.TryLock() {
		s.m[k]++
		s.mu.Unlock()
	}
}

func (s *store) tryForgets(k string) {
	if !s.mu.TryLock() { // want `s.mu is locked here and still held at the return in line`
		return
	}
	if k == "" {
		return
	}
	s.mu.Unlock()
}

func (s *store) again(k string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k == "" {
		s.mu.Lock() // want `s.mu is locked again here, held since line`
		s.mu.Unlock()
	}
}

func (s *store) loop(ks []string) {
	for _, k := range ks {
		s.mu.Lock() // want `s.mu is locked here and still held at the return in line`
		if k == "" {
			continue
		}
		s.mu.Unlock()
	}
}

func (s *store) two(o *store) {
	s.mu.Lock()
	o.mu.Lock()
	o.mu.Unlock()
	s.mu.Unlock()
}

func helperForgets(g *helper.Guard, k string) error {
	g.Acquire() // want `example.com/helper.\(\*Guard\).Acquire locks for its caller, and the lock is still held at the return in line`
	if k == "" {
		return errBad
	}
	g.Release()
	return nil
}

func helperFine(g *helper.Guard, k string) error {
	g.Acquire()
	defer g.Release()
	if k == "" {
		return errBad
	}
	return nil
}

// A lock that a helper takes under a condition is not followed: a limit.
func helperConditional(g *helper.Guard, k string) { // want helperConditional:"releases p0.Mu"
	g.Maybe(k != "")
	if k != "" {
		g.Release()
	}
}

func helperPauses(g *helper.Guard) {
	g.Mu.Lock()
	g.Pause(func() {})
	g.Mu.Unlock()
}

func bound(mu *sync.Mutex, k string) {
	mu.Lock()
	unlock := mu.Unlock
	if k == "" {
		unlock()
		return
	}
	unlock()
}

func returned(mu *sync.Mutex) func() { // want returned:"acquires p0"
	mu.Lock()
	return mu.Unlock
}

func usesReturned(mu *sync.Mutex, k string) {
	unlock := returned(mu) // want `returned locks for its caller, and the lock is still held at the return in line`
	if k == "" {
		return
	}
	unlock()
}

func usesReturnedWell(mu *sync.Mutex) {
	defer returned(mu)()
}
