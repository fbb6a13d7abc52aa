package events

import (
	"sync"
	"time"
)

type report struct {
	mu    sync.Mutex
	lines []string
}

func (r *report) build(cost time.Duration) {
	r.mu.Lock() // acquired: slow-holder
	defer r.mu.Unlock()
	time.Sleep(cost) // holder: slow-holder
	r.lines = append(r.lines, "built")
}

func (r *report) size() int {
	r.mu.Lock() // victim: slow-holder
	defer r.mu.Unlock()
	return len(r.lines)
}

func leakSlow() {
	r := &report{}
	go r.build(time.Hour)
	time.Sleep(100 * time.Millisecond)
	for i := 0; i < 4; i++ {
		go r.size()
	}
}

type sketch struct {
	mu    sync.Mutex
	lines []string
}

func (r *sketch) build(cost time.Duration) {
	time.Sleep(cost)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, "built")
}

func (r *sketch) size() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.lines)
}

func fixedSlow() {
	r := &sketch{}
	go r.build(time.Hour)
	time.Sleep(20 * time.Millisecond)
	r.size()
}
