package quota

import (
	"errors"
	"sync"
)

var errTooMuch = errors.New("over the limit")

type pool struct {
	name  string
	limit int
	mu    sync.Mutex
	used  map[string]int
}

func (p *pool) reserve(tenant string, n int) error {
	p.mu.Lock() // acquired: return-error-path // victim: return-error-path
	if p.used[tenant]+n > p.limit {
		return errTooMuch // holder: return-error-path
	}
	p.used[tenant] += n
	p.mu.Unlock()
	return nil
}

func leakReserve() {
	p := &pool{limit: 3, used: map[string]int{}}
	_ = p.reserve("ada", 9)
	for i := 0; i < 3; i++ {
		go p.reserve("bob", 1)
	}
}

type safePool struct {
	limit int
	mu    sync.Mutex
	used  map[string]int
}

func (p *safePool) reserve(tenant string, n int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.used[tenant]+n > p.limit {
		return errTooMuch
	}
	p.used[tenant] += n
	return nil
}

func fixedReserve() {
	p := &safePool{limit: 3, used: map[string]int{}}
	_ = p.reserve("ada", 9)
	_ = p.reserve("bob", 1)
}
