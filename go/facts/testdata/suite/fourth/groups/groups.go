// Package groups has shapes of wait groups, written without a look at the analyzers.
package groups

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"
)

// leakWarm loads all keys.
func leakWarm(keys []string, load func(string) ([]byte, error), put func(string, []byte)) {
	var wg sync.WaitGroup
	for _, k := range keys {
		wg.Add(1)
		go func() {
			b, err := load(k)
			if err != nil {
				fmt.Println("warm:", k, err)
				return
			}
			put(k, b)
			wg.Done() // want goroutine/waitgroup-count
		}()
	}
	wg.Wait()
}

// leakNotify tells all peers but itself; the count has all.
func leakNotify(self string, peers []string, tell func(string) error) {
	var wg sync.WaitGroup
	wg.Add(len(peers))
	for _, p := range peers {
		if p == self {
			continue
		}
		go func(p string) {
			defer wg.Done()
			_ = tell(p)
		}(p)
	}
	wg.Wait() // want goroutine/waitgroup-count
}

func flushOne(wg *sync.WaitGroup, id int, f func(int) error) error {
	if id < 0 {
		return errors.New("bad shard")
	}
	defer wg.Done()
	return f(id)
}

// leakFlushAll flushes all shards.
func leakFlushAll(ids []int, f func(int) error) {
	wg := &sync.WaitGroup{}
	for _, id := range ids {
		wg.Add(1)
		go flushOne(wg, id, f)
	}
	wg.Wait() // want goroutine/waitgroup-count
}

// leakGather waits for all senders before it receives from an unbuffered channel.
func leakGather(fs []func() int) (sum int) {
	out := make(chan int)
	var wg sync.WaitGroup
	for _, f := range fs {
		wg.Add(1)
		go func() { // want goroutine/no-receiver
			defer wg.Done()
			out <- f()
		}()
	}
	wg.Wait()
	close(out)
	for v := range out {
		sum += v
	}
	return sum
}

// cleanRun runs all.
func cleanRun(fs []func()) {
	var wg sync.WaitGroup
	wg.Add(len(fs))
	for _, f := range fs {
		go func() {
			defer wg.Done()
			f()
		}()
	}
	wg.Wait()
}

// cleanRunSome counts down where it skips.
func cleanRunSome(ids []int, ok func(int) bool, f func(int)) {
	var wg sync.WaitGroup
	wg.Add(len(ids))
	for _, id := range ids {
		if !ok(id) {
			wg.Done()
			continue
		}
		go func() {
			defer wg.Done()
			f(id)
		}()
	}
	wg.Wait()
}

// cleanCollect closes when all senders ended.
func cleanCollect(fs []func() int) (sum int) {
	out := make(chan int)
	var wg sync.WaitGroup
	for _, f := range fs {
		wg.Add(1)
		go func() { defer wg.Done(); out <- f() }()
	}
	go func() { wg.Wait(); close(out) }()
	for v := range out {
		sum += v
	}
	return sum
}

// Tracker tracks requests.
type Tracker struct{ wg sync.WaitGroup }

// cleanBegin counts.
func (t *Tracker) cleanBegin() func() {
	t.wg.Add(1)
	var once sync.Once
	return func() { once.Do(t.wg.Done) }
}

// Drain waits.
func (t *Tracker) Drain(ctx context.Context) error {
	done := make(chan struct{})
	go func() { t.wg.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// cleanCheck checks all with a limit.
func cleanCheck(ctx context.Context, hosts []string, f func(context.Context, string) error) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(8)
	for _, h := range hosts {
		g.Go(func() error {
			if err := f(ctx, h); err != nil {
				return fmt.Errorf("%s: %w", h, err)
			}
			return nil
		})
	}
	return g.Wait()
}
