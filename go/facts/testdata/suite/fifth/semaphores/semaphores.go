// Package semaphores takes weight and gives it back, or not.
package semaphores

import (
	"context"
	"errors"
	"sync"

	"golang.org/x/sync/semaphore"
)

func leakFetch(ctx context.Context, sem *semaphore.Weighted, get func() ([]byte, error)) ([]byte, error) {
	if err := sem.Acquire(ctx, 1); err != nil { // want goroutine/holder-gone
		return nil, err
	}
	b, err := get()
	if err != nil {
		return nil, err
	}
	sem.Release(1)
	return b, nil
}

func cleanFetch(ctx context.Context, sem *semaphore.Weighted, get func() ([]byte, error)) ([]byte, error) {
	if err := sem.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	defer sem.Release(1)
	return get()
}

type pool struct{ sem *semaphore.Weighted }

func (p *pool) leakTry(do func() error) error {
	if !p.sem.TryAcquire(2) { // want goroutine/holder-gone
		return errors.New("busy")
	}
	if err := do(); err != nil {
		return err
	}
	p.sem.Release(2)
	return nil
}

func (p *pool) cleanTry(do func() error) error {
	if !p.sem.TryAcquire(2) {
		return errors.New("busy")
	}
	err := do()
	p.sem.Release(2)
	return err
}

func (p *pool) cleanBothWays(ctx context.Context, do func() error) error {
	err := p.sem.Acquire(ctx, 1)
	if err != nil {
		return err
	}
	if err := do(); err != nil {
		p.sem.Release(1)
		return err
	}
	p.sem.Release(1)
	return nil
}

// begin takes for its caller, who calls end.
func (p *pool) begin(ctx context.Context) error { return p.sem.Acquire(ctx, 1) }

func (p *pool) end() { p.sem.Release(1) }

func (p *pool) cleanHelped(ctx context.Context, do func() error) error {
	if err := p.begin(ctx); err != nil {
		return err
	}
	defer p.end()
	return do()
}

func (p *pool) cleanByMethod(ctx context.Context, do func() error) error {
	if err := p.sem.Acquire(ctx, 1); err != nil {
		return err
	}
	defer p.end()
	return do()
}

func (p *pool) cleanWorkers(ctx context.Context, tasks []func()) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	for _, t := range tasks {
		if err := p.sem.Acquire(ctx, 1); err != nil {
			return err
		}
		wg.Add(1)
		go func() {
			defer wg.Done()
			defer p.sem.Release(1)
			t()
		}()
	}
	return nil
}

// cleanWhole waits for all workers by taking everything.
func cleanWhole(ctx context.Context, tasks []func()) error {
	sem := semaphore.NewWeighted(4)
	for _, t := range tasks {
		if err := sem.Acquire(ctx, 1); err != nil {
			break
		}
		go func() {
			defer sem.Release(1)
			t()
		}()
	}
	return sem.Acquire(ctx, 4)
}

// cleanLease gives the release to the caller.
func (p *pool) cleanLease(ctx context.Context, check func() error) (func(), error) {
	if err := p.sem.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	if err := check(); err != nil {
		p.sem.Release(1)
		return nil, err
	}
	return func() { p.sem.Release(1) }, nil
}

func (p *pool) leakLease(ctx context.Context, check func() error) (func(), error) {
	if err := p.sem.Acquire(ctx, 1); err != nil { // want goroutine/holder-gone
		return nil, err
	}
	if err := check(); err != nil {
		return nil, err
	}
	var once sync.Once
	return func() { once.Do(func() { p.sem.Release(1) }) }, nil
}
