package events

import (
	"sync"
	"time"
)

type buffer struct {
	mu       sync.Mutex
	nonEmpty *sync.Cond
	items    []int
}

func newBuffer() *buffer {
	b := &buffer{}
	b.nonEmpty = sync.NewCond(&b.mu)
	return b
}

func (b *buffer) take() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.items) == 0 {
		b.nonEmpty.Wait() // holder: held-during-cond
	}
	n := b.items[0]
	b.items = b.items[1:]
	return n
}

func (b *buffer) put(n int) {
	b.mu.Lock()
	b.items = append(b.items, n)
	b.mu.Unlock()
	b.nonEmpty.Signal()
}

type service struct {
	state sync.RWMutex
	inbox *buffer
	sum   int
}

func (s *service) next() {
	s.state.Lock() // acquired: held-during-cond
	defer s.state.Unlock()
	s.sum += s.inbox.take()
}

func (s *service) offer(n int) {
	s.state.RLock() // victim: held-during-cond
	defer s.state.RUnlock()
	if s.sum < 100 {
		s.inbox.put(n)
	}
}

func leakTake() {
	s := &service{inbox: newBuffer()}
	go s.next()
	time.Sleep(100 * time.Millisecond)
	go s.offer(1)
}

type calmService struct {
	state sync.RWMutex
	inbox *buffer
	sum   int
}

func (s *calmService) next() {
	n := s.inbox.take()
	s.state.Lock()
	defer s.state.Unlock()
	s.sum += n
}

func (s *calmService) offer(n int) {
	s.state.RLock()
	defer s.state.RUnlock()
	if s.sum < 100 {
		s.inbox.put(n)
	}
}

func fixedTake() {
	s := &calmService{inbox: newBuffer()}
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		s.next()
	}()
	s.offer(1)
	wg.Wait()
}
