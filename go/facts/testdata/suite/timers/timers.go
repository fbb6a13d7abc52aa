// Package timers has timers and tickers, in a module of go 1.22.
package timers

import (
	"context"
	"time"
)

func leakTickerDropped(n int, f func()) {
	t := time.NewTicker(time.Second) // want resource/ticker
	for i := 0; i < n; i++ {
		<-t.C
		f()
	}
}

func cleanTickerStopped(ctx context.Context, f func()) {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			f()
		case <-ctx.Done():
			return
		}
	}
}

func leakTickerEarly(ctx context.Context, ready func() bool) bool {
	tick := time.NewTicker(100 * time.Millisecond) // want resource/ticker
	for {
		select {
		case <-tick.C:
			if ready() {
				tick.Stop()
				return true
			}
		case <-ctx.Done():
			return false
		}
	}
}

func leakTickFunc(ctx context.Context, f func()) {
	tick := time.Tick(time.Minute) // want resource/ticker
	for {
		select {
		case <-tick:
			f()
		case <-ctx.Done():
			return
		}
	}
}

func leakAfterInSelect(in <-chan int, f func(int)) {
	for {
		select {
		case v, ok := <-in:
			if !ok {
				return
			}
			f(v)
		case <-time.After(time.Minute): // want resource/ticker
			f(0)
		}
	}
}

func cleanTimerReused(in <-chan int, f func(int)) {
	t := time.NewTimer(time.Minute)
	defer t.Stop()
	for {
		select {
		case v, ok := <-in:
			if !ok {
				return
			}
			f(v)
		case <-t.C:
			f(0)
		}
		t.Reset(time.Minute)
	}
}

func cleanAfterOnce(in <-chan int) int {
	select {
	case v := <-in:
		return v
	case <-time.After(time.Second):
		return 0
	}
}

// Nothing can end it, in any version.
func leakTickerForever(f func()) {
	t := time.NewTicker(time.Minute)
	defer t.Stop()
	go func() { // want goroutine/no-exit
		for range t.C {
			f()
		}
	}()
}

type refresher struct {
	t    *time.Ticker
	done chan struct{}
}

func cleanRefresher(d time.Duration, f func()) *refresher {
	r := &refresher{t: time.NewTicker(d), done: make(chan struct{})}
	go func() {
		for {
			select {
			case <-r.t.C:
				f()
			case <-r.done:
				return
			}
		}
	}()
	return r
}

func (r *refresher) Stop() {
	r.t.Stop()
	close(r.done)
}

func cleanSleepLoop(ctx context.Context, f func()) {
	for ctx.Err() == nil {
		f()
		time.Sleep(time.Second)
	}
}

func cleanStopFunc(d time.Duration, f func()) (stop func()) {
	t := time.NewTicker(d)
	done := make(chan struct{})
	go func() {
		defer t.Stop()
		for {
			select {
			case <-done:
				return
			case <-t.C:
				f()
			}
		}
	}()
	return func() { close(done) }
}
