package fleet

import (
	"sync"

	"github.com/tidemark-go/tidemark/go/leaky/goroutine/suite"
)

// latches has one lock a key; a caller takes those of its keys in its own order.
type latches struct {
	mu    sync.Mutex
	byKey map[string]*latch
}

type latch struct {
	sync.Mutex
	writes int
}

func (l *latches) of(key string) *latch {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byKey[key] == nil {
		l.byKey[key] = &latch{}
	}
	return l.byKey[key]
}

func (l *latches) write(between func(), keys ...string) {
	for i, key := range keys {
		if i > 0 {
			between()
		}
		held := l.of(key)
		held.Lock() // victim: latches-in-caller-order // holder: latches-in-caller-order // acquired: latches-in-caller-order
		defer held.Unlock()
		held.writes++
	}
}

func leakLatches() {
	l := &latches{byKey: map[string]*latch{}}
	meet := suite.Meet(2)
	go l.write(meet, "k1", "k2")
	go l.write(meet, "k2", "k1")
}

type sortedLatches struct {
	mu    sync.Mutex
	byKey map[string]*sortedLatch
}

type sortedLatch struct {
	sync.Mutex
	writes int
}

func (l *sortedLatches) of(key string) *sortedLatch {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byKey[key] == nil {
		l.byKey[key] = &sortedLatch{}
	}
	return l.byKey[key]
}

func (l *sortedLatches) write(first, second string) {
	if second < first {
		first, second = second, first
	}
	for _, key := range []string{first, second} {
		held := l.of(key)
		held.Lock()
		defer held.Unlock()
		held.writes++
	}
}

func fixedLatches() {
	l := &sortedLatches{byKey: map[string]*sortedLatch{}}
	var wg sync.WaitGroup
	for i := 0; i < 100; i++ {
		wg.Add(2)
		go func() { defer wg.Done(); l.write("k1", "k2") }()
		go func() { defer wg.Done(); l.write("k2", "k1") }()
	}
	wg.Wait()
}
