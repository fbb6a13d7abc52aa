// Package goroutines has goroutines with and without a way out.
package goroutines

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"
)

type poller struct {
	mu   sync.Mutex
	n    int
	done chan struct{}
	in   chan int
}

func leakForever(p *poller) {
	go func() { // want goroutine/no-exit
		for {
			time.Sleep(time.Second)
			p.mu.Lock()
			p.n++
			p.mu.Unlock()
		}
	}()
}

func (p *poller) loop() {
	for {
		select {
		case v := <-p.in:
			p.n += v
		case <-time.After(time.Minute): // want resource/ticker
			p.n = 0
		}
	}
}

func leakMethod() *poller {
	p := &poller{in: make(chan int)}
	go p.loop() // want goroutine/no-exit
	return p
}

func leakTicker(work func()) {
	t := time.NewTicker(time.Second) // want resource/ticker
	go func() {                      // want goroutine/no-exit
		for range t.C {
			work()
		}
	}()
}

func leakBreakInSelect(ctx context.Context, in chan int) {
	go func() { // want goroutine/no-exit
		for {
			select {
			case <-ctx.Done():
				break
			case v := <-in:
				_ = v
			}
		}
	}()
}

func leakEmptySelect(w http.ResponseWriter, _ *http.Request) {
	go func() { // want goroutine/no-exit
		select {}
	}()
	w.WriteHeader(http.StatusAccepted)
}

func leakPerRequest(w http.ResponseWriter, r *http.Request, refresh func(string)) {
	user := r.URL.Query().Get("user")
	go func() { // want goroutine/no-exit
		for {
			refresh(user)
			time.Sleep(time.Minute)
		}
	}()
}

func cleanContext(ctx context.Context, p *poller) {
	go func() {
		t := time.NewTicker(time.Second)
		defer t.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-t.C:
				p.n++
			}
		}
	}()
}

func (p *poller) run() {
	for {
		select {
		case <-p.done:
			return
		case v := <-p.in:
			p.n += v
		}
	}
}

func cleanDone() *poller {
	p := &poller{done: make(chan struct{}), in: make(chan int)}
	go p.run()
	return p
}

func (p *poller) Close() { close(p.done) }

func cleanLabelled(ctx context.Context, in chan int) {
	go func() {
	loop:
		for {
			select {
			case <-ctx.Done():
				break loop
			case <-in:
			}
		}
	}()
}

func cleanError(next func() error) {
	go func() {
		for {
			if err := next(); err != nil {
				return
			}
		}
	}()
}

var once sync.Once

func cleanOnce(work func()) {
	once.Do(func() {
		go func() {
			for {
				work()
				time.Sleep(time.Minute)
			}
		}()
	})
}

func cleanFinite(work func(int)) {
	go func() {
		for i := range 10 {
			work(i)
		}
	}()
}

func init() {
	go func() {
		for {
			time.Sleep(time.Hour)
		}
	}()
}

func leakTimeout(fetch func() string) (string, error) {
	ch := make(chan string)
	go func() { ch <- fetch() }() // want goroutine/no-receiver
	select {
	case s := <-ch:
		return s, nil
	case <-time.After(time.Second):
		return "", errors.New("too slow")
	}
}

func leakContextDone(ctx context.Context, fetch func() int) (int, error) {
	res := make(chan int)
	go func() { // want goroutine/no-receiver
		v := fetch()
		res <- v
	}()
	select {
	case v := <-res:
		return v, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func leakEarlyReturn(check func() error, work func() error) error {
	errs := make(chan error)
	go func() { // want goroutine/no-receiver
		errs <- work()
	}()
	if err := check(); err != nil {
		return err
	}
	return <-errs
}

func leakFirstOfMany(urls []string, get func(string) string) string {
	ch := make(chan string)
	for _, u := range urls {
		go func() { // want goroutine/no-receiver
			ch <- get(u)
		}()
	}
	return <-ch
}

func leakLoopReturnsOnError(urls []string, get func(string) error) error {
	errs := make(chan error)
	for _, u := range urls {
		go func() { // want goroutine/no-receiver
			errs <- get(u)
		}()
	}
	for range urls {
		if err := <-errs; err != nil {
			return err
		}
	}
	return nil
}

func cleanBuffered(fetch func() string) (string, error) {
	ch := make(chan string, 1)
	go func() { ch <- fetch() }()
	select {
	case s := <-ch:
		return s, nil
	case <-time.After(time.Second):
		return "", errors.New("too slow")
	}
}

func cleanSelectSend(ctx context.Context, fetch func() int) (int, error) {
	res := make(chan int)
	go func() {
		select {
		case res <- fetch():
		case <-ctx.Done():
		}
	}()
	select {
	case v := <-res:
		return v, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func cleanAlwaysReceived(work func() error) error {
	errs := make(chan error)
	go func() { errs <- work() }()
	return <-errs
}

func cleanAllReceived(urls []string, get func(string) error) error {
	errs := make(chan error)
	for _, u := range urls {
		go func() { errs <- get(u) }()
	}
	var first error
	for range urls {
		if err := <-errs; err != nil && first == nil {
			first = err
		}
	}
	return first
}

func cleanRoomForAll(urls []string, get func(string) error) error {
	errs := make(chan error, len(urls))
	for _, u := range urls {
		go func() { errs <- get(u) }()
	}
	return <-errs
}

func cleanBothDone(ctx context.Context, work func() error) error {
	errs := make(chan error)
	go func() { errs <- work() }()
	select {
	case err := <-errs:
		return err
	case <-ctx.Done():
		<-errs
		return ctx.Err()
	}
}
