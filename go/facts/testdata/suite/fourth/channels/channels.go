// Package channels has shapes of channels, written without a look at the analyzers.
package channels

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// leakCallWithTimeout gives up after d; the callee then has no receiver.
func leakCallWithTimeout(f func() (int, error), d time.Duration) (int, error) {
	type result struct {
		v   int
		err error
	}
	ch := make(chan result)
	go func() { // want goroutine/no-receiver
		v, err := f()
		ch <- result{v, err}
	}()
	select {
	case r := <-ch:
		return r.v, r.err
	case <-time.After(d):
		return 0, context.DeadlineExceeded
	}
}

// leakForEach runs f for all and returns at the first error; the others stay at their send.
func leakForEach(ids []string, f func(string) error) error {
	errc := make(chan error)
	for _, id := range ids {
		go func() { // want goroutine/no-receiver
			errc <- f(id)
		}()
	}
	for range ids {
		if err := <-errc; err != nil {
			return err
		}
	}
	return nil
}

// leakFan sums in workers; the jobs channel is never closed.
func leakFan(vals []int, workers int, f func(int) int) int {
	jobs := make(chan int) // want goroutine/no-close
	res := make(chan int, len(vals))
	for i := 0; i < workers; i++ {
		go func() {
			for v := range jobs {
				res <- f(v)
			}
		}()
	}
	for _, v := range vals {
		jobs <- v
	}
	sum := 0
	for range vals {
		sum += <-res
	}
	return sum
}

func walk(n int, visit func(int) error) <-chan int {
	out := make(chan int)
	go func() {
		defer close(out)
		for i := 0; i < n; i++ {
			if visit(i) != nil {
				return
			}
			out <- i
		}
	}()
	return out
}

// leakFindFirst takes one and leaves.
func leakFindFirst(n int, ok func(int) bool) (int, error) {
	for v := range walk(n, func(int) error { return nil }) { // want goroutine/no-receiver
		if ok(v) {
			return v, nil
		}
	}
	return 0, errors.New("none")
}

// leakBarrier waits for an answer that does not come when load fails.
func leakBarrier(load func() ([]byte, error)) []byte {
	out := make(chan []byte)
	go func() {
		b, err := load()
		if err != nil {
			fmt.Println("load:", err)
			return
		}
		out <- b
	}()
	return <-out // want goroutine/no-sender
}

// leakCopyBoth copies both directions; the buffer has room for none of the second.
func leakCopyBoth(a, b io.ReadWriter) error {
	errc := make(chan error)
	cp := func(dst io.Writer, src io.Reader) {
		_, err := io.Copy(dst, src)
		errc <- err // want goroutine/no-receiver
	}
	go cp(a, b)
	go cp(b, a)
	return <-errc
}

// Subscriber waits for updates of a channel that nobody made.
type Subscriber struct {
	updates chan string
	seen    int
}

// leakNewSubscriber starts to listen.
func leakNewSubscriber(handle func(string)) *Subscriber {
	s := &Subscriber{}
	go func() { // want goroutine/nil-channel
		for u := range s.updates {
			s.seen++
			handle(u)
		}
	}()
	return s
}

// leakImport parses in the background; when store fails, the parser hangs.
func leakImport(lines []string, parse func(string) (int, error), store func(int) error) error {
	recs := make(chan int, 4)
	go func() { // want goroutine/no-receiver
		defer close(recs)
		for _, l := range lines {
			if r, err := parse(l); err == nil {
				recs <- r
			}
		}
	}()
	for r := range recs {
		if err := store(r); err != nil {
			return fmt.Errorf("store: %w", err)
		}
	}
	return nil
}

// leakHandshake waits for both sides, but the reader answers only if versions match.
func leakHandshake(read func() (int, error), write func() error) error {
	ready := make(chan struct{})
	go func() { // want goroutine/no-receiver
		if v, err := read(); err == nil && v == 2 {
			ready <- struct{}{}
		}
	}()
	if err := write(); err != nil {
		return err
	}
	<-ready
	return nil
}

// cleanCallBuffered has room for the late answer.
func cleanCallBuffered(ctx context.Context, f func() error) error {
	ch := make(chan error, 1)
	go func() { ch <- f() }()
	select {
	case err := <-ch:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// cleanAny returns at the first success; the buffer holds all answers.
func cleanAny(fs []func() error) error {
	errc := make(chan error, len(fs))
	for _, f := range fs {
		go func() { errc <- f() }()
	}
	var err error
	for range fs {
		if err = <-errc; err == nil {
			return nil
		}
	}
	return err
}

// cleanGenerate stops with its context.
func cleanGenerate(ctx context.Context, n int) <-chan int {
	out := make(chan int)
	go func() {
		defer close(out)
		for i := range n {
			select {
			case out <- i:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

// cleanTake uses a done channel it closes itself.
func cleanTake(n int, gen func(done <-chan struct{}) <-chan int) []int {
	done := make(chan struct{})
	defer close(done)
	var out []int
	for v := range gen(done) {
		out = append(out, v)
		if len(out) == n {
			break
		}
	}
	return out
}

// cleanMap maps in parallel.
func cleanMap(in []string, f func(string) int) []int {
	type pair struct{ i, v int }
	jobs, res := make(chan int), make(chan pair)
	var wg sync.WaitGroup
	for range 3 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range jobs {
				res <- pair{i, f(in[i])}
			}
		}()
	}
	go func() {
		for i := range in {
			jobs <- i
		}
		close(jobs)
		wg.Wait()
		close(res)
	}()
	out := make([]int, len(in))
	for p := range res {
		out[p.i] = p.v
	}
	return out
}

// cleanImportDrain drains before it returns.
func cleanImportDrain(lines []string, store func(string) error) error {
	ch := make(chan string)
	go func() {
		defer close(ch)
		for _, l := range lines {
			ch <- l
		}
	}()
	for l := range ch {
		if err := store(l); err != nil {
			go func() {
				for range ch {
				}
			}()
			return err
		}
	}
	return nil
}

// Notifier drops where nobody listens.
type Notifier struct{ ch chan struct{} }

// cleanNewNotifier gives one.
func cleanNewNotifier() *Notifier { return &Notifier{ch: make(chan struct{}, 1)} }

// Notify never blocks.
func (n *Notifier) Notify() {
	select {
	case n.ch <- struct{}{}:
	default:
	}
}

// Wait waits.
func (n *Notifier) Wait(ctx context.Context) error {
	select {
	case <-n.ch:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Actor serialises access; replies have room.
type Actor struct {
	reqs chan request
	quit chan struct{}
}

type request struct {
	add   int
	reply chan int
}

// cleanNewActor starts.
func cleanNewActor() *Actor {
	a := &Actor{reqs: make(chan request), quit: make(chan struct{})}
	go func() {
		sum := 0
		for {
			select {
			case r := <-a.reqs:
				sum += r.add
				r.reply <- sum
			case <-a.quit:
				return
			}
		}
	}()
	return a
}

// Add asks the actor.
func (a *Actor) Add(n int) (int, error) {
	r := request{add: n, reply: make(chan int, 1)}
	select {
	case a.reqs <- r:
		return <-r.reply, nil
	case <-a.quit:
		return 0, errors.New("closed")
	}
}

// Close ends it.
func (a *Actor) Close() { close(a.quit) }

// Latch opens once.
type Latch struct {
	once sync.Once
	ch   chan struct{}
}

// cleanNewLatch gives a closed latch.
func cleanNewLatch() *Latch { return &Latch{ch: make(chan struct{})} }

// Open wakes all.
func (l *Latch) Open() { l.once.Do(func() { close(l.ch) }) }

// After runs f when it is open.
func (l *Latch) After(f func()) {
	go func() {
		<-l.ch
		f()
	}()
}

// cleanBoth waits for both copies.
func cleanBoth(a, b io.ReadWriteCloser) error {
	errc := make(chan error)
	cp := func(dst io.WriteCloser, src io.Reader) {
		_, err := io.Copy(dst, src)
		_ = dst.Close()
		errc <- err
	}
	go cp(a, b)
	go cp(b, a)
	return errors.Join(<-errc, <-errc)
}

// cleanMerge sets a finished channel to nil.
func cleanMerge(a, b <-chan int, out func(int)) {
	for a != nil || b != nil {
		select {
		case v, ok := <-a:
			if !ok {
				a = nil
				continue
			}
			out(v)
		case v, ok := <-b:
			if !ok {
				b = nil
				continue
			}
			out(v)
		}
	}
}
