package cache

import (
	"sync"
	"time"
)

type settings struct {
	name   string
	mu     sync.RWMutex
	values map[string]string
}

func (s *settings) get(key string) string {
	s.mu.RLock() // victim: rlock-writer-rlock
	defer s.mu.RUnlock()
	return s.values[key]
}

func (s *settings) set(key, value string) {
	s.mu.Lock() // victim: rlock-writer-rlock
	s.values[key] = value
	s.mu.Unlock()
}

func (s *settings) render(slow func()) []string {
	s.mu.RLock() // acquired: rlock-writer-rlock
	defer s.mu.RUnlock()
	var out []string
	for key := range s.values {
		slow()
		out = append(out, s.get(key)) // holder: rlock-writer-rlock
	}
	return out
}

func leakNested() {
	s := &settings{values: map[string]string{"a": "1"}}
	go s.render(func() { time.Sleep(300 * time.Millisecond) })
	time.Sleep(100 * time.Millisecond)
	go s.set("b", "2")
}

type preferences struct {
	mu     sync.RWMutex
	values map[string]string
}

func (p *preferences) set(key, value string) {
	p.mu.Lock()
	p.values[key] = value
	p.mu.Unlock()
}

func (p *preferences) render() []string {
	p.mu.RLock()
	defer p.mu.RUnlock()
	var out []string
	for key := range p.values {
		out = append(out, p.values[key])
	}
	return out
}

func fixedNested() {
	p := &preferences{values: map[string]string{"a": "1"}}
	done := make(chan []string, 1)
	go func() { done <- p.render() }()
	p.set("b", "2")
	<-done
}
