// Package waitgroups waits for groups of goroutines.
package waitgroups

import (
	"context"
	"errors"
	"log"
	"sync"
)

type task func(context.Context) error

// Done is skipped where a task fails.
func leakDoneSkipped(ctx context.Context, tasks []task) {
	var wg sync.WaitGroup
	for _, t := range tasks {
		wg.Add(1)
		go func() {
			if err := t(ctx); err != nil {
				log.Print(err)
				return
			}
			wg.Done() // want goroutine/waitgroup-count
		}()
	}
	wg.Wait()
}

func cleanDoneDeferred(ctx context.Context, tasks []task) {
	var wg sync.WaitGroup
	for _, t := range tasks {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if err := t(ctx); err != nil {
				log.Print(err)
				return
			}
		}()
	}
	wg.Wait()
}

// Add counts all, some are skipped.
func leakAddAll(ctx context.Context, tasks []task) {
	var wg sync.WaitGroup
	wg.Add(len(tasks))
	for _, t := range tasks {
		if t == nil {
			continue
		}
		go func() {
			defer wg.Done()
			_ = t(ctx)
		}()
	}
	wg.Wait() // want goroutine/waitgroup-count
}

func cleanAddAll(ctx context.Context, tasks []task) {
	var wg sync.WaitGroup
	wg.Add(len(tasks))
	for _, t := range tasks {
		go func(t task) {
			defer wg.Done()
			_ = t(ctx)
		}(t)
	}
	wg.Wait()
}

func cleanAddAllDoneOnSkip(ctx context.Context, tasks []task) {
	var wg sync.WaitGroup
	wg.Add(len(tasks))
	for _, t := range tasks {
		if t == nil {
			wg.Done()
			continue
		}
		go func() {
			defer wg.Done()
			_ = t(ctx)
		}()
	}
	wg.Wait()
}

// The loop leaves before all were started.
func leakAddThenReturn(ctx context.Context, tasks []task) error {
	var wg sync.WaitGroup
	wg.Add(len(tasks))
	defer wg.Wait() // want goroutine/waitgroup-count
	for _, t := range tasks {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		go func() {
			defer wg.Done()
			_ = t(ctx)
		}()
	}
	return nil
}

func leakAddTwo(a, b func()) {
	var wg sync.WaitGroup
	wg.Add(2)
	go func() {
		defer wg.Done()
		a()
	}()
	if b != nil {
		go func() {
			defer wg.Done()
			b()
		}()
	}
	wg.Wait() // want goroutine/waitgroup-count
}

func cleanAddTwo(a, b func()) {
	var wg sync.WaitGroup
	wg.Add(2)
	go func() { a(); wg.Done() }()
	go func() { defer wg.Done(); b() }()
	wg.Wait()
}

func worker(id int, jobs <-chan int, wg *sync.WaitGroup) {
	defer wg.Done()
	for j := range jobs {
		log.Print(id, j)
	}
}

func cleanWorkers(list []int) {
	var wg sync.WaitGroup
	jobs := make(chan int)
	for i := 0; i < 4; i++ {
		wg.Add(1)
		go worker(i, jobs, &wg)
	}
	for _, j := range list {
		jobs <- j
	}
	close(jobs)
	wg.Wait()
}

// Done is forgotten for the empty string.
func leakHelperSkips(s string, wg *sync.WaitGroup, out chan<- string) {
	if s == "" {
		return
	}
	out <- s
	wg.Done() // want goroutine/waitgroup-count
}

func decodeAll(list []string) []string {
	var wg sync.WaitGroup
	out := make(chan string, len(list))
	for _, s := range list {
		wg.Add(1)
		go leakHelperSkips(s, &wg, out)
	}
	wg.Wait()
	close(out)
	var all []string
	for s := range out {
		all = append(all, s)
	}
	return all
}

// The channel is unbuffered and read after Wait: all stay.
func leakWaitBeforeReceive(list []string, size func(string) int) int {
	var wg sync.WaitGroup
	results := make(chan int)
	for _, s := range list {
		wg.Add(1)
		go func() { // want goroutine/no-receiver
			defer wg.Done()
			results <- size(s)
		}()
	}
	wg.Wait()
	close(results)
	sum := 0
	for n := range results {
		sum += n
	}
	return sum
}

func cleanWaitInCloser(list []string, size func(string) int) int {
	var wg sync.WaitGroup
	results := make(chan int)
	for _, s := range list {
		wg.Add(1)
		go func() {
			defer wg.Done()
			results <- size(s)
		}()
	}
	go func() {
		wg.Wait()
		close(results)
	}()
	sum := 0
	for n := range results {
		sum += n
	}
	return sum
}

type service struct {
	wg   sync.WaitGroup
	stop chan struct{}
}

func (s *service) cleanRun(tick <-chan int) {
	s.wg.Add(1)
	go func() {
		defer s.wg.Done()
		for {
			select {
			case <-s.stop:
				return
			case n := <-tick:
				log.Print(n)
			}
		}
	}()
}

func (s *service) Close() {
	close(s.stop)
	s.wg.Wait()
}

func cleanErrorsCollected(ctx context.Context, tasks []task) error {
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex
		errs []error
	)
	for _, t := range tasks {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if err := t(ctx); err != nil {
				mu.Lock()
				defer mu.Unlock()
				errs = append(errs, err)
			}
		}()
	}
	wg.Wait()
	return errors.Join(errs...)
}
