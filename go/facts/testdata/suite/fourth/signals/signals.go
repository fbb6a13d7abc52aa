// Package signals has shapes of signals, cancel functions and timers, written without a look at the analyzers.
package signals

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

// leakAttach forwards window changes of one session.
func leakAttach(ctx context.Context, resize func()) error {
	sig := make(chan os.Signal, 1)
	signal.Notify(sig, syscall.SIGWINCH) // want resource/signal-notify
	for {
		select {
		case <-sig:
			resize()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Job runs a function in a context of its own.
type Job struct {
	name   string
	cancel context.CancelFunc
	done   chan struct{}
}

// leakSubmit runs f.
func leakSubmit(parent context.Context, name string, f func(context.Context)) *Job {
	ctx, cancel := context.WithCancel(parent) // want resource/cancel
	j := &Job{name: name, cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(j.done)
		f(ctx)
	}()
	return j
}

// Wait waits for the end.
func (j *Job) Wait() { <-j.done }

// leakAcquire tries the local node and then the quorum.
func leakAcquire(ctx context.Context, local, quorum func(context.Context) error) error {
	lctx, cancel := context.WithTimeout(ctx, 200*time.Millisecond) // want resource/cancel
	if err := local(lctx); err == nil {
		cancel()
		return nil
	} else if !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("local: %w", err)
	}
	cancel()
	return quorum(ctx)
}

// leakDetach starts a request that outlives its caller, bounded by ten minutes.
func leakDetach(parent context.Context, f func(context.Context)) {
	ctx, _ := context.WithTimeoutCause(context.WithoutCancel(parent), 10*time.Minute, errors.New("detached too long")) // want resource/cancel
	go f(ctx)
}

// leakElect renews leadership and gives each term a context.
func leakElect(ctx context.Context, terms <-chan int, lead func(context.Context, int)) {
	var cancel context.CancelFunc = func() {}
	for term := range terms {
		var tctx context.Context
		tctx, cancel = context.WithCancel(ctx) // want resource/cancel
		go lead(tctx, term)
	}
	cancel()
}

// cleanRunUntilSignal ends at a signal.
func cleanRunUntilSignal(run func(<-chan struct{}) error) error {
	c := make(chan os.Signal, 2)
	signal.Notify(c, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(c)
	stop := make(chan struct{})
	errc := make(chan error, 1)
	go func() { errc <- run(stop) }()
	select {
	case <-c:
		close(stop)
		return <-errc
	case err := <-errc:
		return err
	}
}

// cleanServe shuts the server down at a signal.
func cleanServe(srv *http.Server) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	go func() {
		<-ctx.Done()
		sctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = srv.Shutdown(sctx)
	}()
	return srv.ListenAndServe()
}

var setupOnce sync.Once

// cleanSetupSignalHandler registers one handler for the life of the process.
func cleanSetupSignalHandler() <-chan struct{} {
	stop := make(chan struct{})
	setupOnce.Do(func() {
		c := make(chan os.Signal, 2)
		signal.Notify(c, os.Interrupt, syscall.SIGTERM)
		go func() {
			<-c
			close(stop)
			<-c
			os.Exit(1)
		}()
	})
	return stop
}

// Watcher is stopped by Stop.
type Watcher struct {
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

// cleanNewWatcher starts a watcher.
func cleanNewWatcher(parent context.Context, every time.Duration, f func()) *Watcher {
	ctx, cancel := context.WithCancel(parent)
	w := &Watcher{cancel: cancel}
	w.wg.Add(1)
	go func() {
		defer w.wg.Done()
		t := time.NewTicker(every)
		defer t.Stop()
		for {
			select {
			case <-t.C:
				f()
			case <-ctx.Done():
				return
			}
		}
	}()
	return w
}

// Stop ends it.
func (w *Watcher) Stop() { w.cancel(); w.wg.Wait() }

// cleanWithDefaultTimeout adds a deadline where there is none.
func cleanWithDefaultTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, d)
}

// Registry cancels operations by id.
type Registry struct {
	mu sync.Mutex
	m  map[string]context.CancelFunc
}

// cleanNewRegistry is empty.
func cleanNewRegistry() *Registry { return &Registry{m: make(map[string]context.CancelFunc)} }

// Begin registers an operation.
func (r *Registry) Begin(ctx context.Context, id string) context.Context {
	ctx, cancel := context.WithCancelCause(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.m[id] = func() { cancel(errors.New("aborted")) }
	return ctx
}

// End removes and cancels it.
func (r *Registry) End(id string) {
	r.mu.Lock()
	c, ok := r.m[id]
	delete(r.m, id)
	r.mu.Unlock()
	if ok {
		c()
	}
}

// cleanAsync cancels when its work ends.
func cleanAsync(parent context.Context, f func(context.Context) error) <-chan error {
	ctx, cancel := context.WithTimeout(parent, time.Minute)
	errc := make(chan error, 1)
	go func() {
		defer cancel()
		errc <- f(ctx)
	}()
	return errc
}

// cleanEach gives every step a deadline.
func cleanEach(ctx context.Context, steps []func(context.Context) error) error {
	for i, s := range steps {
		sctx, cancel := context.WithTimeout(ctx, time.Second)
		err := s(sctx)
		cancel()
		if err != nil {
			return fmt.Errorf("step %d: %w", i, err)
		}
	}
	return nil
}

// cleanTerms cancels the previous term before the next.
func cleanTerms(ctx context.Context, terms <-chan int, lead func(context.Context, int)) {
	var cancel context.CancelFunc
	defer func() {
		if cancel != nil {
			cancel()
		}
	}()
	for t := range terms {
		if cancel != nil {
			cancel()
		}
		var tctx context.Context
		tctx, cancel = context.WithCancel(ctx)
		go lead(tctx, t)
	}
}

// cleanBackoff waits with a timer that it stops.
func cleanBackoff(ctx context.Context, tries int, f func() error) error {
	var err error
	for i := 0; i < tries; i++ {
		if err = f(); err == nil {
			return nil
		}
		t := time.NewTimer(time.Duration(i+1) * time.Second)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return ctx.Err()
		}
	}
	return err
}

// cleanIdle calls onIdle when no event came for d.
func cleanIdle(ctx context.Context, events <-chan struct{}, d time.Duration, onIdle func()) {
	t := time.NewTimer(d)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case _, ok := <-events:
			if !ok {
				return
			}
			t.Reset(d)
		case <-t.C:
			onIdle()
			t.Reset(d)
		}
	}
}
