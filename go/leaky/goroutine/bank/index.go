package bank

import (
	"sync"

	"github.com/tidemark-go/tidemark/go/leaky/goroutine/suite"
)

type index struct {
	terms   map[string][]int
	rw      sync.RWMutex
	flushMu sync.Mutex
	dirty   bool
	pause   func()
}

func (x *index) put(term string, doc int) {
	x.rw.Lock()
	defer x.rw.Unlock()
	x.terms[term] = append(x.terms[term], doc)
	x.pause()
	x.markDirty()
}

func (x *index) markDirty() {
	x.flushMu.Lock() // victim: cycle-rwmutex
	defer x.flushMu.Unlock()
	x.dirty = true
}

func (x *index) flush() int {
	x.flushMu.Lock() // acquired: cycle-rwmutex
	defer x.flushMu.Unlock()
	x.pause()
	x.rw.RLock() // victim: cycle-rwmutex // holder: cycle-rwmutex
	defer x.rw.RUnlock()
	x.dirty = false
	return len(x.terms)
}

func leakIndex() {
	x := &index{terms: map[string][]int{}, pause: suite.Meet(2)}
	go x.put("go", 1)
	go x.flush()
}

type calmIndex struct {
	terms   map[string][]int
	rw      sync.RWMutex
	flushMu sync.Mutex
	dirty   bool
}

func (x *calmIndex) put(term string, doc int) {
	x.rw.Lock()
	x.terms[term] = append(x.terms[term], doc)
	x.rw.Unlock()
	x.flushMu.Lock()
	x.dirty = true
	x.flushMu.Unlock()
}

func (x *calmIndex) flush() int {
	x.flushMu.Lock()
	defer x.flushMu.Unlock()
	x.rw.RLock()
	defer x.rw.RUnlock()
	x.dirty = false
	return len(x.terms)
}

func fixedIndex() {
	x := &calmIndex{terms: map[string][]int{}}
	var wg sync.WaitGroup
	wg.Add(2)
	go func() {
		defer wg.Done()
		for i := 0; i < 200; i++ {
			x.put("go", i)
		}
	}()
	go func() {
		defer wg.Done()
		for i := 0; i < 200; i++ {
			x.flush()
		}
	}()
	wg.Wait()
}
