package batch

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"
)

// goroutines, channels, groups

func leakFanIn(ctx context.Context, urls []string) (string, error) {
	type answer struct {
		body string
		err  error
	}
	c := make(chan answer)
	for _, u := range urls {
		go func(u string) { // want goroutine/no-receiver
			b, err := get(ctx, u)
			c <- answer{b, err}
		}(u)
	}
	for range urls {
		a := <-c
		if a.err == nil {
			return a.body, nil
		}
	}
	return "", errors.New("none")
}

func cleanFanIn(ctx context.Context, urls []string) (string, error) {
	type answer struct {
		body string
		err  error
	}
	c := make(chan answer, len(urls))
	for _, u := range urls {
		go func(u string) {
			b, err := get(ctx, u)
			c <- answer{b, err}
		}(u)
	}
	for range urls {
		if a := <-c; a.err == nil {
			return a.body, nil
		}
	}
	return "", errors.New("none")
}

func get(ctx context.Context, u string) (string, error) { return u, ctx.Err() }

func leakTimeoutCall(f func() (int, error), d time.Duration) (int, error) {
	done := make(chan int)
	fail := make(chan error)
	go func() { // want goroutine/no-receiver
		n, err := f()
		if err != nil {
			fail <- err
			return
		}
		done <- n
	}()
	select {
	case n := <-done:
		return n, nil
	case err := <-fail:
		return 0, err
	case <-time.After(d):
		return 0, errors.New("timeout")
	}
}

func cleanTimeoutCall(f func() (int, error), d time.Duration) (int, error) {
	done := make(chan int, 1)
	fail := make(chan error, 1)
	go func() {
		n, err := f()
		if err != nil {
			fail <- err
			return
		}
		done <- n
	}()
	select {
	case n := <-done:
		return n, nil
	case err := <-fail:
		return 0, err
	case <-time.After(d):
		return 0, errors.New("timeout")
	}
}

type cacheStore struct {
	mu   sync.Mutex
	data map[string]time.Time
	done chan struct{}
}

func leakJanitor(d time.Duration) *cacheStore {
	c := &cacheStore{data: map[string]time.Time{}}
	go func() { // want goroutine/no-exit
		for {
			time.Sleep(d)
			c.mu.Lock()
			for k, t := range c.data {
				if time.Since(t) > d {
					delete(c.data, k)
				}
			}
			c.mu.Unlock()
		}
	}()
	return c
}

func cleanJanitor(d time.Duration) *cacheStore {
	c := &cacheStore{data: map[string]time.Time{}, done: make(chan struct{})}
	go func() {
		t := time.NewTicker(d)
		defer t.Stop()
		for {
			select {
			case <-t.C:
				c.mu.Lock()
				clear(c.data)
				c.mu.Unlock()
			case <-c.done:
				return
			}
		}
	}()
	return c
}

func (c *cacheStore) Close() { close(c.done) }

type logger struct {
	lines chan string
	quit  chan bool
	out   io.Writer
}

func leakLogger(out io.Writer) *logger {
	l := &logger{lines: make(chan string, 64), out: out}
	go l.run() // want goroutine/no-exit
	return l
}

func (l *logger) run() {
	for {
		line := <-l.lines
		fmt.Fprintln(l.out, line)
	}
}

func (l *logger) Log(s string) { l.lines <- s }

type events struct {
	in chan func()
}

func cleanEvents() *events {
	e := &events{in: make(chan func())}
	go func() {
		for f := range e.in {
			f()
		}
	}()
	return e
}

func (e *events) Do(f func()) { e.in <- f }
func (e *events) Stop()       { close(e.in) }

func leakProgress(total int, work func(int)) {
	ticks := make(chan int) // want goroutine/no-close
	go func() {
		for t := range ticks {
			log.Printf("%d of %d", t, total)
		}
	}()
	for i := 0; i < total; i++ {
		work(i)
		ticks <- i
	}
}

func cleanProgress(total int, work func(int)) {
	ticks := make(chan int)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for t := range ticks {
			log.Printf("%d of %d", t, total)
		}
	}()
	for i := 0; i < total; i++ {
		work(i)
		ticks <- i
	}
	close(ticks)
	<-done
}

func leakWorkersError(n int, items []string, do func(string) error) error {
	jobs := make(chan string)
	errs := make(chan error, 1)
	var wg sync.WaitGroup
	for i := 0; i < n; i++ {
		wg.Add(1)
		go func() { // want goroutine/no-receiver
			defer wg.Done()
			for j := range jobs {
				if err := do(j); err != nil {
					errs <- err
					return
				}
			}
		}()
	}
	for _, it := range items {
		jobs <- it
	}
	close(jobs)
	wg.Wait()
	select {
	case err := <-errs:
		return err
	default:
		return nil
	}
}

func cleanWorkersError(ctx context.Context, n int, items []string, do func(string) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	jobs := make(chan string)
	var wg sync.WaitGroup
	for i := 0; i < n; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for j := range jobs {
				if err := do(j); err != nil {
					cancel(err)
				}
			}
		}()
	}
	for _, it := range items {
		select {
		case jobs <- it:
		case <-ctx.Done():
		}
	}
	close(jobs)
	wg.Wait()
	return context.Cause(ctx)
}

func leakGroupPanics(fs []func() error) (err error) {
	var wg sync.WaitGroup
	wg.Add(len(fs))
	for _, f := range fs {
		go func() {
			if e := f(); e != nil {
				err = e
				return
			}
			wg.Done() // want goroutine/waitgroup-count
		}()
	}
	wg.Wait()
	return err
}

func leakGroupBreak(ctx context.Context, fs []func()) {
	var wg sync.WaitGroup
	wg.Add(len(fs))
	for _, f := range fs {
		if ctx.Err() != nil {
			break
		}
		go func() {
			defer wg.Done()
			f()
		}()
	}
	wg.Wait() // want goroutine/waitgroup-count
}

func cleanGroupBreak(ctx context.Context, fs []func()) {
	var wg sync.WaitGroup
	for _, f := range fs {
		if ctx.Err() != nil {
			break
		}
		wg.Add(1)
		go func() {
			defer wg.Done()
			f()
		}()
	}
	wg.Wait()
}

func lines(r io.Reader) <-chan string {
	c := make(chan string)
	go func() {
		defer close(c)
		s := bufio.NewScanner(r)
		for s.Scan() {
			c <- s.Text()
		}
	}()
	return c
}

func leakFirstMatch(r io.Reader, match func(string) bool) string {
	for l := range lines(r) { // want goroutine/no-receiver
		if match(l) {
			return l
		}
	}
	return ""
}

func cleanAllMatches(r io.Reader, match func(string) bool) (list []string) {
	for l := range lines(r) {
		if match(l) {
			list = append(list, l)
		}
	}
	return list
}

func leakServe(l net.Listener, handle func(net.Conn)) {
	conns := make(chan net.Conn)
	go func() { // want goroutine/no-receiver
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			conns <- c
		}
	}()
	for c := range conns {
		handle(c)
		if c.RemoteAddr() == nil {
			return
		}
	}
}

func cleanServe(ctx context.Context, l net.Listener, handle func(net.Conn)) {
	conns := make(chan net.Conn)
	go func() {
		defer close(conns)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			select {
			case conns <- c:
			case <-ctx.Done():
				c.Close()
				return
			}
		}
	}()
	for c := range conns {
		handle(c)
	}
}

func leakLimiter(urls []string, fetch func(string) (int, bool)) (sum int) {
	slots := make(chan struct{}, 8)
	var mu sync.Mutex
	for _, u := range urls {
		slots <- struct{}{} // want goroutine/no-receiver
		go func() {
			n, ok := fetch(u)
			if !ok {
				return
			}
			mu.Lock()
			sum += n
			mu.Unlock()
			<-slots
		}()
	}
	return sum
}

func cleanLimiter(urls []string, fetch func(string) int) (sum int) {
	slots := make(chan struct{}, 8)
	var mu sync.Mutex
	for _, u := range urls {
		slots <- struct{}{}
		go func() {
			n := fetch(u)
			mu.Lock()
			sum += n
			mu.Unlock()
			<-slots
		}()
	}
	return sum
}

func leakStreamHandler(w http.ResponseWriter, r *http.Request, subscribe func(chan<- string)) {
	msgs := make(chan string)
	go func() { // want goroutine/no-exit
		for {
			subscribe(msgs)
		}
	}()
	for {
		select {
		case m := <-msgs:
			io.WriteString(w, m)
		case <-r.Context().Done():
			return
		}
	}
}

func cleanStreamHandler(w http.ResponseWriter, r *http.Request, next func(context.Context) (string, error)) {
	msgs := make(chan string)
	ctx := r.Context()
	go func() {
		defer close(msgs)
		for {
			m, err := next(ctx)
			if err != nil {
				return
			}
			select {
			case msgs <- m:
			case <-ctx.Done():
				return
			}
		}
	}()
	for m := range msgs {
		io.WriteString(w, m)
	}
}

func cleanOnceResult(f func() int) func() int {
	c := make(chan int, 1)
	go func() { c <- f() }()
	return sync.OnceValue(func() int { return <-c })
}

func cleanPingPong(n int) int {
	a, b := make(chan int), make(chan int)
	go func() {
		for v := range a {
			b <- v + 1
		}
		close(b)
	}()
	for range n {
		a <- 1
		<-b
	}
	close(a)
	<-b
	return n
}

func cleanWorkersDrain(items []string, do func(string) error) (err error) {
	jobs := make(chan string)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for j := range jobs {
			if err = do(j); err != nil {
				for range jobs {
				}
				return
			}
		}
	}()
	for _, it := range items {
		jobs <- it
	}
	close(jobs)
	<-done
	return err
}

func cleanWorkersRoom(items []string, do func(string) error) (err error) {
	jobs := make(chan string, len(items))
	done := make(chan struct{})
	go func() {
		defer close(done)
		for j := range jobs {
			if err = do(j); err != nil {
				return
			}
		}
	}()
	for _, it := range items {
		jobs <- it
	}
	close(jobs)
	<-done
	return err
}

func cleanWorkersGoOn(items []string, do func(string) error) (failed int) {
	jobs := make(chan string)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for j := range jobs {
			if do(j) != nil {
				failed++
				continue
			}
		}
	}()
	for _, it := range items {
		jobs <- it
	}
	close(jobs)
	<-done
	return failed
}

func cleanWorkerStopsSender(items []string, do func(string) error) (err error) {
	jobs := make(chan string)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		for j := range jobs {
			if err = do(j); err != nil {
				return
			}
		}
	}()
send:
	for _, it := range items {
		select {
		case jobs <- it:
		case <-stopped:
			break send
		}
	}
	close(jobs)
	<-stopped
	return err
}
