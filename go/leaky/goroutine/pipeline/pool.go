package pipeline

import "sync"

type job struct{ id, cost int }

type pool struct {
	jobs chan job
	mu   sync.Mutex
	done int
}

func newPool(workers int) *pool {
	p := &pool{jobs: make(chan job)}
	for i := 0; i < workers; i++ {
		go p.worker()
	}
	return p
}

func (p *pool) worker() {
	for j := range p.jobs { // victim: range-no-close
		p.mu.Lock()
		p.done += j.cost
		p.mu.Unlock()
	}
}

func (p *pool) submit(j job) { p.jobs <- j }

func leakPool() {
	p := newPool(2)
	p.submit(job{1, 1})
	p.submit(job{2, 1})
}

type closingPool struct {
	jobs chan job
	wg   sync.WaitGroup
	mu   sync.Mutex
	done int
}

func (p *closingPool) worker() {
	defer p.wg.Done()
	for j := range p.jobs {
		p.mu.Lock()
		p.done += j.cost
		p.mu.Unlock()
	}
}

func (p *closingPool) stop() {
	close(p.jobs)
	p.wg.Wait()
}

func fixedPool() {
	p := &closingPool{jobs: make(chan job)}
	for i := 0; i < 2; i++ {
		p.wg.Add(1)
		go p.worker()
	}
	p.jobs <- job{1, 1}
	p.stop()
}
