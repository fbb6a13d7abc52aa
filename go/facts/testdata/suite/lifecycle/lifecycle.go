// Package lifecycle starts goroutines, and ends them or not.
package lifecycle

import (
	"bufio"
	"context"
	"errors"
	"log"
	"net"
	"net/http"
	"sync"
	"time"
)

type poller struct {
	mu    sync.Mutex
	value int
	fetch func() (int, error)
	quit  chan struct{}
}

// Each poller polls for ever.
func leakPoller(fetch func() (int, error)) *poller {
	p := &poller{fetch: fetch}
	go p.loopForever() // want goroutine/no-exit
	return p
}

func (p *poller) loopForever() {
	for {
		v, err := p.fetch()
		if err != nil {
			log.Print(err)
			time.Sleep(time.Second)
			continue
		}
		p.mu.Lock()
		p.value = v
		p.mu.Unlock()
		time.Sleep(time.Minute)
	}
}

func cleanPoller(fetch func() (int, error)) *poller {
	p := &poller{fetch: fetch, quit: make(chan struct{})}
	go p.loop()
	return p
}

func (p *poller) loop() {
	for {
		select {
		case <-p.quit:
			return
		case <-time.After(time.Minute): // want resource/ticker
			if v, err := p.fetch(); err == nil {
				p.mu.Lock()
				p.value = v
				p.mu.Unlock()
			}
		}
	}
}

func (p *poller) Close() { close(p.quit) }

type batcher struct {
	in   chan string
	done chan struct{}
}

// There is a done channel, and nobody closes it.
func leakBatcherDone(flush func([]string)) *batcher {
	b := &batcher{in: make(chan string, 10), done: make(chan struct{})}
	go func() {
		var list []string
		for {
			select { // want goroutine/select-no-exit
			case s := <-b.in:
				if list = append(list, s); len(list) == 100 {
					flush(list)
					list = nil
				}
			case <-b.done:
				flush(list)
				return
			}
		}
	}()
	return b
}

func (b *batcher) Add(s string) { b.in <- s }

type sink struct{ in chan string }

func cleanSink(write func(string)) *sink {
	s := &sink{in: make(chan string)}
	go func() {
		for line := range s.in {
			write(line)
		}
	}()
	return s
}

func (s *sink) Write(line string) { s.in <- line }

func (s *sink) Close() { close(s.in) }

type unclosed struct{ in chan string }

// Nobody closes in.
func leakSink(write func(string)) *unclosed {
	s := &unclosed{in: make(chan string)} // want goroutine/no-close
	go func() {
		for line := range s.in {
			write(line)
		}
	}()
	return s
}

func (s *unclosed) Write(line string) { s.in <- line }

// The request ends, the goroutine of the handler stays at its send.
func leakHandlerSend(w http.ResponseWriter, r *http.Request) {
	result := make(chan string)
	go func() { // want goroutine/no-receiver
		result <- slow(r.URL.Path)
	}()
	select {
	case s := <-result:
		w.Write([]byte(s))
	case <-r.Context().Done():
		http.Error(w, "gone", http.StatusServiceUnavailable)
	}
}

func cleanHandlerSend(w http.ResponseWriter, r *http.Request) {
	result := make(chan string, 1)
	go func() {
		result <- slow(r.URL.Path)
	}()
	select {
	case s := <-result:
		w.Write([]byte(s))
	case <-r.Context().Done():
		http.Error(w, "gone", http.StatusServiceUnavailable)
	}
}

func cleanHandlerSelect(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	result := make(chan string)
	go func() {
		select {
		case result <- slow(r.URL.Path):
		case <-ctx.Done():
		}
	}()
	select {
	case s := <-result:
		w.Write([]byte(s))
	case <-ctx.Done():
	}
}

func slow(s string) string { time.Sleep(time.Second); return s }

// The first answer wins, the others stay.
func leakFirstWins(ctx context.Context, hosts []string, ask func(context.Context, string) (string, error)) (string, error) {
	answers := make(chan string)
	for _, h := range hosts {
		go func() { // want goroutine/no-receiver
			if a, err := ask(ctx, h); err == nil {
				answers <- a
			}
		}()
	}
	select {
	case a := <-answers:
		return a, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func cleanFirstWins(ctx context.Context, hosts []string, ask func(context.Context, string) (string, error)) (string, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answers := make(chan string, len(hosts))
	for _, h := range hosts {
		go func() {
			if a, err := ask(ctx, h); err == nil {
				answers <- a
			}
		}()
	}
	select {
	case a := <-answers:
		return a, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// One error returns at once, the other goroutines stay at the send.
func leakErrorReturns(parts []string, load func(string) error) error {
	errc := make(chan error)
	for _, p := range parts {
		go func() { errc <- load(p) }() // want goroutine/no-receiver
	}
	for range parts {
		if err := <-errc; err != nil {
			return err
		}
	}
	return nil
}

func cleanErrorReturns(parts []string, load func(string) error) error {
	errc := make(chan error, len(parts))
	for _, p := range parts {
		go func() { errc <- load(p) }()
	}
	for range parts {
		if err := <-errc; err != nil {
			return err
		}
	}
	return nil
}

func cleanErrorAll(parts []string, load func(string) error) (err error) {
	errc := make(chan error)
	for _, p := range parts {
		go func() { errc <- load(p) }()
	}
	for range parts {
		err = errors.Join(err, <-errc)
	}
	return err
}

func leakHeartbeat(conn net.Conn) {
	go func() { // want goroutine/no-exit
		for {
			time.Sleep(10 * time.Second)
			conn.Write([]byte("ping\n"))
		}
	}()
}

func cleanHeartbeat(conn net.Conn) {
	go func() {
		for {
			time.Sleep(10 * time.Second)
			if _, err := conn.Write([]byte("ping\n")); err != nil {
				return
			}
		}
	}()
}

func cleanReadLines(conn net.Conn, out func(string)) {
	go func() {
		defer conn.Close()
		sc := bufio.NewScanner(conn)
		for sc.Scan() {
			out(sc.Text())
		}
	}()
}

func leakWaitCond(mu *sync.Mutex, ready func() bool, f func()) {
	c := sync.NewCond(mu)
	go func() {
		mu.Lock()
		for !ready() {
			c.Wait() // want goroutine/cond-no-signal
		}
		mu.Unlock()
		f()
	}()
}

func cleanShutdown(ctx context.Context, srv *http.Server) error {
	errc := make(chan error, 1)
	go func() { errc <- srv.ListenAndServe() }()
	select {
	case err := <-errc:
		return err
	case <-ctx.Done():
		return srv.Shutdown(context.WithoutCancel(ctx))
	}
}

func leakLoopContextIgnored(ctx context.Context, jobs func() string, do func(string)) {
	go func() { // want goroutine/no-exit
		for {
			do(jobs())
		}
	}()
	<-ctx.Done()
}
