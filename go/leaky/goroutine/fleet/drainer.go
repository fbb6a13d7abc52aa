package fleet

import "sync"

type evictor struct {
	mu      sync.Mutex
	evicted map[string]bool
}

// evict defers in a loop: the second turn meets the first one's lock.
func (e *evictor) evict(pods []string) {
	for _, pod := range pods {
		e.mu.Lock()         // acquired: defer-in-loop // victim: defer-in-loop // holder: defer-in-loop
		defer e.mu.Unlock() // runs at the end of the function, not of the turn
		e.evicted[pod] = true
	}
}

func leakEvictor() {
	e := &evictor{evicted: map[string]bool{}}
	go e.evict([]string{"a", "b"})
}

type calmEvictor struct {
	mu      sync.Mutex
	evicted map[string]bool
}

func (e *calmEvictor) evict(pods []string) {
	for _, pod := range pods {
		func() {
			e.mu.Lock()
			defer e.mu.Unlock()
			e.evicted[pod] = true
		}()
	}
}

func fixedEvictor() {
	e := &calmEvictor{evicted: map[string]bool{}}
	e.evict([]string{"a", "b"})
}
