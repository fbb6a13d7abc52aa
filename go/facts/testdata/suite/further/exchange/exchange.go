// Package exchange has channels with as many receives as sends, and with fewer.
package exchange

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// leakProxy starts two copies and leaves at the first error.
func leakProxy(a, b net.Conn) error {
	errc := make(chan error)
	go func() { // want goroutine/no-receiver
		_, err := io.Copy(a, b)
		errc <- err
	}()
	go func() {
		_, err := io.Copy(b, a)
		errc <- err
	}()
	if err := <-errc; err != nil {
		return err
	}
	return <-errc
}

// leakThree has room for one of the two that come late.
func leakThree(a, b, c func() error) error {
	errc := make(chan error, 1)
	run := func(f func() error) { errc <- f() } // want goroutine/no-receiver
	go run(a)
	go run(b)
	go run(c)
	return <-errc
}

// leakFirstOf has room for one of many.
func leakFirstOf(mirrors []string, head func(string) error) error {
	won := make(chan error, 1)
	for _, m := range mirrors {
		go func() { // want goroutine/no-receiver
			won <- head(m)
		}()
	}
	return <-won
}

type answer struct {
	conn net.Conn
	err  error
}

// leakHappyEyeballs dials both families; the slower connection stays in the channel.
func leakHappyEyeballs(ctx context.Context, host string) (net.Conn, error) {
	ch := make(chan answer, 2)
	dial := func(network string) {
		var d net.Dialer
		c, err := d.DialContext(ctx, network, host) // want resource/net-conn
		ch <- answer{c, err}
	}
	go dial("tcp4")
	go dial("tcp6")
	a := <-ch
	return a.conn, a.err
}

// leakOpenAny opens all and keeps the first file.
func leakOpenAny(names []string) (*os.File, error) {
	type opened struct {
		f   *os.File
		err error
	}
	ch := make(chan opened, len(names))
	for _, n := range names {
		go func() {
			f, err := os.Open(n) // want resource/file
			ch <- opened{f, err}
		}()
	}
	for range names {
		if o := <-ch; o.err == nil {
			return o.f, nil
		}
	}
	return nil, os.ErrNotExist
}

// leakWaitAll waits for as many answers as there are hosts, and a host that is down gives none.
func leakWaitAll(hosts []string, load func(string) (float64, error)) (sum float64) {
	out := make(chan float64)
	for _, h := range hosts {
		go func() {
			v, err := load(h)
			if err != nil {
				return
			}
			out <- v
		}()
	}
	for range hosts {
		sum += <-out // want goroutine/no-sender
	}
	return sum
}

// leakReady waits for a start that may fail.
func leakReady(listen func() (net.Listener, error), serve func(net.Listener)) {
	ready := make(chan struct{})
	go func() {
		ln, err := listen()
		if err != nil {
			return
		}
		close(ready)
		serve(ln)
	}()
	<-ready // want goroutine/no-sender
}

// leakBatches stops at the first batch that cannot be written.
func leakBatches(rows []string, write func([]string) error) error {
	batches := make(chan []string, 2)
	go func() { // want goroutine/no-receiver
		defer close(batches)
		for len(rows) > 0 {
			n := min(100, len(rows))
			batches <- rows[:n]
			rows = rows[n:]
		}
	}()
	for b := range batches {
		if err := write(b); err != nil {
			return err
		}
	}
	return nil
}

func lines(in []string) <-chan string {
	out := make(chan string, 16)
	go func() {
		defer close(out)
		for _, l := range in {
			out <- l
		}
	}()
	return out
}

// leakGrep leaves at the first hit.
func leakGrep(in []string, match func(string) bool) bool {
	for l := range lines(in) { // want goroutine/no-receiver
		if match(l) {
			return true
		}
	}
	return false
}

// Relay waits for what a field that is never set would bring.
type Relay struct {
	in, out chan string
	seen    int
}

// leakNewRelay makes one of its two channels.
func leakNewRelay(sink func(string)) *Relay {
	r := &Relay{out: make(chan string, 8)}
	go r.pump() // want goroutine/nil-channel
	go func() {
		for s := range r.out {
			sink(s)
		}
	}()
	return r
}

func (r *Relay) pump() {
	for s := range r.in {
		r.seen++
		r.out <- s
	}
	close(r.out)
}

// cleanProxy takes both.
func cleanProxy(a, b net.Conn) error {
	errc := make(chan error)
	go func() {
		_, err := io.Copy(a, b)
		errc <- err
	}()
	go func() {
		_, err := io.Copy(b, a)
		errc <- err
	}()
	err := <-errc
	a.Close()
	b.Close()
	return errors.Join(err, <-errc)
}

// cleanLoopTwice takes both in a loop.
func cleanLoopTwice(a, b func() error) (err error) {
	errc := make(chan error)
	run := func(f func() error) { errc <- f() }
	go run(a)
	go run(b)
	for i := 0; i < 2; i++ {
		err = errors.Join(err, <-errc)
	}
	return err
}

// cleanThree has room for all.
func cleanThree(a, b, c func() error) error {
	errc := make(chan error, 3)
	run := func(f func() error) { errc <- f() }
	go run(a)
	go run(b)
	go run(c)
	return <-errc
}

// cleanLate has room for the two that come late.
func cleanLate(a, b, c func() error) error {
	errc := make(chan error, 2)
	run := func(f func() error) { errc <- f() }
	go run(a)
	go run(b)
	go run(c)
	return <-errc
}

// cleanEither starts one or the other.
func cleanEither(fast bool, a, b func() error) error {
	errc := make(chan error)
	if fast {
		go func() { errc <- a() }()
	} else {
		go func() { errc <- b() }()
	}
	return <-errc
}

// cleanRest closes the slower connection.
func cleanRest(ctx context.Context, host string) (net.Conn, error) {
	ch := make(chan answer, 2)
	dial := func(network string) {
		var d net.Dialer
		c, err := d.DialContext(ctx, network, host)
		ch <- answer{c, err}
	}
	go dial("tcp4")
	go dial("tcp6")
	first := <-ch
	go func() {
		if late := <-ch; late.err == nil {
			late.conn.Close()
		}
	}()
	return first.conn, first.err
}

// cleanTakeBack closes what nobody waits for any more.
func cleanTakeBack(ctx context.Context, addr string) (net.Conn, error) {
	ch := make(chan answer)
	gone := make(chan struct{})
	defer close(gone)
	go func() {
		c, err := net.Dial("tcp", addr)
		select {
		case ch <- answer{c, err}:
		case <-gone:
			if err == nil {
				c.Close()
			}
		}
	}()
	select {
	case a := <-ch:
		return a.conn, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// cleanErrorToo sends a result or an error.
func cleanErrorToo(hosts []string, load func(string) (float64, error)) (sum float64) {
	type result struct {
		v   float64
		err error
	}
	out := make(chan result)
	for _, h := range hosts {
		go func() {
			v, err := load(h)
			if err != nil {
				out <- result{err: err}
				return
			}
			out <- result{v: v}
		}()
	}
	for range hosts {
		if r := <-out; r.err == nil {
			sum += r.v
		}
	}
	return sum
}

// cleanClosed closes in any case.
func cleanClosed(load func() ([]byte, error)) []byte {
	out := make(chan []byte)
	go func() {
		defer close(out)
		b, err := load()
		if err != nil {
			return
		}
		out <- b
	}()
	return <-out
}

// cleanSelected also waits for the end of its context.
func cleanSelected(ctx context.Context, load func() ([]byte, error)) ([]byte, error) {
	out := make(chan []byte, 1)
	go func() {
		if b, err := load(); err == nil {
			out <- b
		}
	}()
	select {
	case b := <-out:
		return b, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// cleanOnlyIfStarted receives where it started something.
func cleanOnlyIfStarted(start bool, f func() int) int {
	out := make(chan int)
	if !start {
		return 0
	}
	go func() { out <- f() }()
	return <-out
}

// cleanBatches drains after an error.
func cleanBatches(rows []string, write func(string) error) (err error) {
	batches := make(chan string, 2)
	go func() {
		defer close(batches)
		for _, r := range rows {
			batches <- r
		}
	}()
	for b := range batches {
		if err == nil {
			err = write(b)
		}
	}
	return err
}

// cleanFew sends as many as there is room for.
func cleanFew(check func(string) error) error {
	out := make(chan error, 3)
	go func() {
		for _, name := range []string{"db", "cache", "queue"} {
			out <- check(name)
		}
	}()
	for range 3 {
		if err := <-out; err != nil {
			return err
		}
	}
	return nil
}

// cleanGroup receives until the closer is through.
func cleanGroup(urls []string, get func(string) (*http.Response, error)) (codes []int) {
	out := make(chan *http.Response)
	var wg sync.WaitGroup
	for _, u := range urls {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if resp, err := get(u); err == nil {
				out <- resp
			}
		}()
	}
	go func() { wg.Wait(); close(out) }()
	for resp := range out {
		codes = append(codes, resp.StatusCode)
		resp.Body.Close()
	}
	return codes
}

// cleanMembers sends from an errgroup into a channel with room for all.
func cleanMembers(ctx context.Context, ids []int, f func(context.Context, int) (int, error)) ([]int, error) {
	g, ctx := errgroup.WithContext(ctx)
	out := make(chan int, len(ids))
	for _, id := range ids {
		g.Go(func() error {
			v, err := f(ctx, id)
			if err != nil {
				return err
			}
			out <- v
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	close(out)
	var all []int
	for v := range out {
		all = append(all, v)
	}
	return all, nil
}

// Hub makes its channel when the first one subscribes.
type Hub struct {
	mu sync.Mutex
	ch chan string
}

// Subscribe makes it.
func (h *Hub) Subscribe() <-chan string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ch == nil {
		h.ch = make(chan string, 1)
	}
	return h.ch
}

// cleanPublish sends if somebody is there.
func (h *Hub) cleanPublish(s string) {
	h.mu.Lock()
	ch := h.ch
	h.mu.Unlock()
	if ch != nil {
		ch <- s
	}
}

// Optional has a channel that stays nil where it is not wanted.
type Optional struct {
	tick chan time.Time
	quit chan struct{}
}

// cleanNewOptional leaves out the tick.
func cleanNewOptional(f func()) *Optional {
	o := &Optional{quit: make(chan struct{})}
	go func() {
		for {
			select {
			case <-o.tick:
				f()
			case <-o.quit:
				return
			}
		}
	}()
	return o
}

// Close ends it.
func (o *Optional) Close() { close(o.quit) }

// leakWorkers stops at the first error while its workers go on.
func leakWorkers(urls []string, n int, get func(string) (int, error)) ([]int, error) {
	type result struct {
		code int
		err  error
	}
	jobs := make(chan string, len(urls))
	for _, u := range urls {
		jobs <- u
	}
	close(jobs)
	results := make(chan result)
	var wg sync.WaitGroup
	for range n {
		wg.Add(1)
		go func() { // want goroutine/no-receiver
			defer wg.Done()
			for u := range jobs {
				code, err := get(u)
				results <- result{code, err}
			}
		}()
	}
	go func() { wg.Wait(); close(results) }()
	var codes []int
	for r := range results {
		if r.err != nil {
			return nil, r.err
		}
		codes = append(codes, r.code)
	}
	return codes, nil
}

// leakTwoChannels leaves when the second channel has an error.
func leakTwoChannels(rows []string, parse func(string) (int, error), store func(int)) error {
	vals, errs := make(chan int), make(chan error, 1)
	go func() { // want goroutine/no-receiver
		defer close(vals)
		for i, r := range rows {
			v, err := parse(r)
			if err != nil && i == 0 {
				errs <- err
			}
			vals <- v
		}
	}()
	for {
		select {
		case v, ok := <-vals:
			if !ok {
				return nil
			}
			store(v)
		case err := <-errs:
			return err
		}
	}
}

// cleanWorkers cancels its workers.
func cleanWorkers(ctx context.Context, urls []string, get func(string) (int, error)) (codes []int, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	results := make(chan error)
	var wg sync.WaitGroup
	for _, u := range urls {
		wg.Add(1)
		go func() {
			defer wg.Done()
			_, err := get(u)
			select {
			case results <- err:
			case <-ctx.Done():
			}
		}()
	}
	go func() { wg.Wait(); close(results) }()
	for err := range results {
		if err != nil {
			return nil, err
		}
		codes = append(codes, 0)
	}
	return codes, nil
}

// cleanAllOfThem remembers the first error and takes the rest.
func cleanAllOfThem(urls []string, get func(string) error) (first error) {
	results := make(chan error)
	var wg sync.WaitGroup
	for _, u := range urls {
		wg.Add(1)
		go func() { defer wg.Done(); results <- get(u) }()
	}
	go func() { wg.Wait(); close(results) }()
	for err := range results {
		if err != nil && first == nil {
			first = err
		}
	}
	return first
}

type lookup struct {
	key   string
	reply chan string
}

// Index answers one after the other.
type Index struct {
	asks chan lookup
	quit chan struct{}
}

// NewIndex starts it.
func NewIndex(find func(string) string) *Index {
	x := &Index{asks: make(chan lookup), quit: make(chan struct{})}
	go func() {
		for {
			select {
			case a := <-x.asks:
				a.reply <- find(a.key)
			case <-x.quit:
				return
			}
		}
	}()
	return x
}

// Close ends it.
func (x *Index) Close() { close(x.quit) }

// leakFind gives up when its context ends; the index then answers nobody any more.
func (x *Index) leakFind(ctx context.Context, key string) (string, error) {
	a := lookup{key: key, reply: make(chan string)} // want goroutine/no-receiver
	select {
	case x.asks <- a:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	select {
	case v := <-a.reply:
		return v, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// cleanFind has room for a late answer.
func (x *Index) cleanFind(ctx context.Context, key string) (string, error) {
	a := lookup{key: key, reply: make(chan string, 1)}
	x.asks <- a
	select {
	case v := <-a.reply:
		return v, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// cleanAsk waits for its answer in any case.
func (x *Index) cleanAsk(key string) string {
	a := lookup{key: key, reply: make(chan string)}
	select {
	case x.asks <- a:
	case <-x.quit:
		return ""
	}
	return <-a.reply
}

// leakMembers has a consumer that ends with the first error; its producer then waits, and Wait with it.
func leakMembers(ctx context.Context, rows []string, write func(context.Context, string) error) error {
	g, ctx := errgroup.WithContext(ctx)
	ch := make(chan string)
	g.Go(func() error { // want goroutine/no-receiver
		defer close(ch)
		for _, r := range rows {
			ch <- r
		}
		return nil
	})
	g.Go(func() error {
		for r := range ch {
			if err := write(ctx, r); err != nil {
				return err
			}
		}
		return nil
	})
	return g.Wait()
}

// cleanPair lets its producer see the end of the group's context.
func cleanPair(ctx context.Context, rows []string, write func(context.Context, string) error) error {
	g, ctx := errgroup.WithContext(ctx)
	ch := make(chan string)
	g.Go(func() error {
		defer close(ch)
		for _, r := range rows {
			select {
			case ch <- r:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	g.Go(func() error {
		for r := range ch {
			if err := write(ctx, r); err != nil {
				return err
			}
		}
		return nil
	})
	return g.Wait()
}

// Future is an answer that comes later.
type Future struct{ ch chan int }

// leakAsync has no room for an answer that nobody waits for any more.
func leakAsync(f func() int) *Future {
	ch := make(chan int)
	go func() { ch <- f() }() // want goroutine/no-receiver
	return &Future{ch: ch}
}

// Get waits.
func (f *Future) Get(ctx context.Context) (int, error) {
	select {
	case v := <-f.ch:
		return v, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// Promise has room.
type Promise struct{ ch chan int }

// cleanPromise gives one.
func cleanPromise(f func() int) *Promise {
	p := &Promise{ch: make(chan int, 1)}
	go func() { p.ch <- f() }()
	return p
}

// Get waits.
func (p *Promise) Get(ctx context.Context) (int, error) {
	select {
	case v := <-p.ch:
		return v, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// leakFirstConn takes one connection of many.
func leakFirstConn(ln net.Listener) (net.Conn, error) {
	conns := make(chan net.Conn)
	go func() { // want goroutine/no-receiver
		defer close(conns)
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			conns <- c
		}
	}()
	c, ok := <-conns
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}

// cleanOneConn accepts one.
func cleanOneConn(ln net.Listener) (net.Conn, error) {
	conns := make(chan net.Conn, 1)
	go func() {
		defer close(conns)
		if c, err := ln.Accept(); err == nil {
			conns <- c
		}
	}()
	c, ok := <-conns
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}

// cleanCounted takes one answer of each.
func cleanCounted(fs []func() int) (sum int) {
	out := make(chan int)
	for _, f := range fs {
		go func() {
			v := f()
			select {
			case out <- v:
			default:
				out <- v
			}
		}()
	}
	for range len(fs) {
		sum += <-out
	}
	return sum
}
