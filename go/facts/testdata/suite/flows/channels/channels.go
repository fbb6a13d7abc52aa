// Package channels has channels in fields, of helpers, of requests and of subscribers.
package channels

import (
	"context"
	"errors"
	"sync"
	"time"
)

// --- field channels whose consumer returns on error

type badPipe struct {
	events chan int
	write  func(int) error
}

func leakNewPipe(write func(int) error) *badPipe {
	p := &badPipe{events: make(chan int, 16), write: write}
	go p.consume() // want goroutine/no-receiver
	return p
}
func (p *badPipe) consume() {
	for e := range p.events {
		if err := p.write(e); err != nil {
			return
		}
	}
}
func (p *badPipe) Emit(e int) { p.events <- e }
func (p *badPipe) Close()     { close(p.events) }

type goodPipe struct {
	events chan int
	write  func(int) error
	done   chan struct{}
}

func cleanNewPipe(write func(int) error) *goodPipe {
	p := &goodPipe{events: make(chan int, 16), write: write, done: make(chan struct{})}
	go p.consume()
	return p
}
func (p *goodPipe) consume() {
	defer close(p.done)
	for e := range p.events {
		if err := p.write(e); err != nil {
			return
		}
	}
}
func (p *goodPipe) Emit(e int) bool {
	select {
	case p.events <- e:
		return true
	case <-p.done:
		return false
	}
}

type goodPipe2 struct {
	events chan int
	write  func(int) error
}

func cleanNewPipe2(write func(int) error) *goodPipe2 {
	p := &goodPipe2{events: make(chan int, 16), write: write}
	go p.consume()
	return p
}
func (p *goodPipe2) consume() {
	for e := range p.events {
		if err := p.write(e); err != nil {
			println("bad")
		}
	}
}
func (p *goodPipe2) Emit(e int) { p.events <- e }
func (p *goodPipe2) Close()     { close(p.events) }

// reader with goroutine producing to a field channel, consumer returns
type badScan struct {
	out chan string
	src func() (string, bool)
}

func (s *badScan) produce() {
	for {
		v, ok := s.src()
		if !ok {
			close(s.out)
			return
		}
		s.out <- v
	}
}
func (s *badScan) leakRun(handle func(string) error) error {
	s.out = make(chan string)
	go s.produce() // want goroutine/no-receiver
	for v := range s.out {
		if err := handle(v); err != nil {
			return err
		}
	}
	return nil
}

type goodScan struct {
	out  chan string
	quit chan struct{}
	src  func() (string, bool)
}

func (s *goodScan) produce() {
	defer close(s.out)
	for {
		v, ok := s.src()
		if !ok {
			return
		}
		select {
		case s.out <- v:
		case <-s.quit:
			return
		}
	}
}
func (s *goodScan) cleanRun(handle func(string) error) error {
	s.out = make(chan string)
	s.quit = make(chan struct{})
	defer close(s.quit)
	go s.produce()
	for v := range s.out {
		if err := handle(v); err != nil {
			return err
		}
	}
	return nil
}

// --- two sends, room for one

func leakTwoSends(ctx context.Context, a func() error, b func() error) error {
	errc := make(chan error, 1)
	go func() { // want goroutine/no-receiver
		errc <- a()
		errc <- b()
	}()
	for i := 0; i < 2; i++ {
		select {
		case err := <-errc:
			if err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func leakTwoSendsOnce(ctx context.Context, a func() error, b func() error) error {
	errc := make(chan error, 1)
	go func() { // want goroutine/no-receiver
		if err := a(); err != nil {
			errc <- err
		}
		errc <- b()
	}()
	select {
	case err := <-errc:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func cleanTwoSends(ctx context.Context, a func() error, b func() error) error {
	errc := make(chan error, 2)
	go func() {
		errc <- a()
		errc <- b()
	}()
	for i := 0; i < 2; i++ {
		select {
		case err := <-errc:
			if err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func cleanOneOfTwo(ctx context.Context, a func() (int, error)) error {
	errc := make(chan error, 1)
	go func() {
		v, err := a()
		if err != nil {
			errc <- err
			return
		}
		println(v)
		errc <- nil
	}()
	select {
	case err := <-errc:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// --- merge never closes

func openMerge(in ...<-chan int) <-chan int {
	out := make(chan int)
	var wg sync.WaitGroup
	for _, c := range in {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for v := range c {
				out <- v
			}
		}()
	}
	return out
}

func leakUseMerge(a, b <-chan int) (sum int) {
	for v := range openMerge(a, b) { // want goroutine/no-close
		sum += v
	}
	return sum
}

func merge(in ...<-chan int) <-chan int {
	out := make(chan int)
	var wg sync.WaitGroup
	for _, c := range in {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for v := range c {
				out <- v
			}
		}()
	}
	go func() { wg.Wait(); close(out) }()
	return out
}

func cleanUseMerge(a, b <-chan int) (sum int) {
	for v := range merge(a, b) {
		sum += v
	}
	return sum
}

func gen(n int) <-chan int {
	out := make(chan int)
	go func() {
		for i := range n {
			out <- i
		}
	}()
	return out
}

func leakGenRange() (sum int) {
	for v := range gen(4) { // want goroutine/no-close
		sum += v
	}
	return
}

func gen2(n int) <-chan int {
	out := make(chan int)
	go func() {
		defer close(out)
		for i := range n {
			out <- i
		}
	}()
	return out
}

func leakGenFirst() int { return <-gen2(4) } // want goroutine/no-receiver

func leakGenBreak() (sum int) {
	for v := range gen2(10) { // want goroutine/no-receiver
		if v > 3 {
			break
		}
		sum += v
	}
	return
}

func cleanGenAll() (sum int) {
	for v := range gen2(10) {
		sum += v
	}
	return
}

// --- worker pool

func leakPool(jobs []int, do func(int) (int, error)) ([]int, error) {
	in := make(chan int)
	type res struct {
		v   int
		err error
	}
	out := make(chan res)
	for range 4 {
		go func() { // want goroutine/no-receiver
			for j := range in {
				v, err := do(j)
				out <- res{v, err}
			}
		}()
	}
	go func() {
		for _, j := range jobs {
			in <- j
		}
		close(in)
	}()
	var list []int
	for range jobs {
		r := <-out
		if r.err != nil {
			return nil, r.err
		}
		list = append(list, r.v)
	}
	return list, nil
}

func cleanPool(jobs []int, do func(int) (int, error)) ([]int, error) {
	in := make(chan int, len(jobs))
	type res struct {
		v   int
		err error
	}
	out := make(chan res, len(jobs))
	for _, j := range jobs {
		in <- j
	}
	close(in)
	for range 4 {
		go func() {
			for j := range in {
				v, err := do(j)
				out <- res{v, err}
			}
		}()
	}
	var list []int
	for range jobs {
		r := <-out
		if r.err != nil {
			return nil, r.err
		}
		list = append(list, r.v)
	}
	return list, nil
}

// pool whose workers stop at an error, feeder is blocked
func leakFeeder(jobs []int, do func(int) error) error {
	in := make(chan int)
	errs := make(chan error, 4)
	var wg sync.WaitGroup
	for range 4 {
		wg.Add(1)
		go func() { // want goroutine/no-receiver
			defer wg.Done()
			for j := range in {
				if err := do(j); err != nil {
					errs <- err
					return
				}
			}
		}()
	}
	for _, j := range jobs {
		in <- j
	}
	close(in)
	wg.Wait()
	close(errs)
	return <-errs
}

// wait before results are read
func leakWaitFirst(jobs []int, do func(int) int) (out []int) {
	res := make(chan int)
	var wg sync.WaitGroup
	for _, j := range jobs {
		wg.Add(1)
		go func() { // want goroutine/no-receiver
			defer wg.Done()
			res <- do(j)
		}()
	}
	wg.Wait()
	close(res)
	for v := range res {
		out = append(out, v)
	}
	return out
}

func cleanWaitFirst(jobs []int, do func(int) int) (out []int) {
	res := make(chan int, len(jobs))
	var wg sync.WaitGroup
	for _, j := range jobs {
		wg.Add(1)
		go func() {
			defer wg.Done()
			res <- do(j)
		}()
	}
	wg.Wait()
	close(res)
	for v := range res {
		out = append(out, v)
	}
	return out
}

// --- broadcast with plain sends; unsubscribed subscribers do not read

type badHub struct {
	mu   sync.Mutex
	subs map[chan int]struct{}
}

func (h *badHub) leakSubscribe(ctx context.Context, f func(int)) {
	ch := make(chan int) // want goroutine/no-receiver
	h.mu.Lock()
	h.subs[ch] = struct{}{}
	h.mu.Unlock()
	go func() {
		for {
			select {
			case v := <-ch:
				f(v)
			case <-ctx.Done():
				return
			}
		}
	}()
}
func (h *badHub) Publish(v int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for ch := range h.subs {
		ch <- v
	}
}

// --- semaphores

func leakSem(items []int, do func(int) error) error {
	sem := make(chan struct{}, 4)
	var wg sync.WaitGroup
	for _, it := range items {
		sem <- struct{}{} // want goroutine/no-receiver
		wg.Add(1)
		go func() {
			defer wg.Done()
			if err := do(it); err != nil {
				return
			}
			<-sem
		}()
	}
	wg.Wait()
	return nil
}

type limiter struct{ sem chan struct{} }

func (l *limiter) leakDo(f func() error) error {
	l.sem <- struct{}{} // want goroutine/no-receiver
	if err := f(); err != nil {
		return err
	}
	<-l.sem
	return nil
}

func (l *limiter) acquire(ctx context.Context) error {
	select {
	case l.sem <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
func (l *limiter) release() { <-l.sem }

func (l *limiter) leakAcquire(ctx context.Context, f func() error) error {
	if err := l.acquire(ctx); err != nil { // want goroutine/no-receiver
		return err
	}
	if err := f(); err != nil {
		return err
	}
	l.release()
	return nil
}

func (l *limiter) cleanAcquire(ctx context.Context, f func() error) error {
	if err := l.acquire(ctx); err != nil {
		return err
	}
	defer l.release()
	return f()
}

// --- request/reply

type req struct {
	key   string
	reply chan int
}

type badActor struct{ in chan req }

func (a *badActor) leakGet(ctx context.Context, k string) (int, error) {
	r := req{k, make(chan int)} // want goroutine/no-receiver
	a.in <- r
	select {
	case v := <-r.reply:
		return v, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}
func (a *badActor) loop() {
	for r := range a.in {
		r.reply <- len(r.key)
	}
}
func leakNewActor() *badActor { a := &badActor{in: make(chan req)}; go a.loop(); return a } // want goroutine/no-close

type req2 struct {
	key   string
	reply chan int
}

type goodActor struct{ in chan req2 }

func (a *goodActor) cleanGet(ctx context.Context, k string) (int, error) {
	r := req2{k, make(chan int, 1)}
	a.in <- r
	select {
	case v := <-r.reply:
		return v, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}
func (a *goodActor) loop() {
	for r := range a.in {
		r.reply <- len(r.key)
	}
}
func (a *goodActor) Close()     { close(a.in) }
func cleanNewActor() *goodActor { a := &goodActor{in: make(chan req2)}; go a.loop(); return a }

// actor skips a reply on an error
type req3 struct {
	key   string
	reply chan int
}
type badNoReply struct{ in chan req3 }

func (a *badNoReply) leakGet(k string) int {
	r := req3{k, make(chan int, 1)}
	a.in <- r
	return <-r.reply // want goroutine/no-sender
}
func (a *badNoReply) loop() {
	for r := range a.in {
		if r.key == "" {
			continue
		}
		r.reply <- len(r.key)
	}
}
func (a *badNoReply) Close() { close(a.in) }

// --- producer method with ctx but plain send

func produce2(ctx context.Context, src func() (int, error)) (<-chan int, <-chan error) {
	out := make(chan int)
	errc := make(chan error)
	go func() {
		defer close(out)
		for {
			v, err := src()
			if err != nil {
				errc <- err
				return
			}
			select {
			case out <- v:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out, errc
}

func leakUseProducer(ctx context.Context, src func() (int, error)) (sum int) {
	out, _ := produce2(ctx, src) // want goroutine/no-receiver
	for v := range out {
		sum += v
	}
	return sum
}

// first of
func leakFirst(fs ...func() int) int {
	c := make(chan int)
	for _, f := range fs {
		go func() { c <- f() }() // want goroutine/no-receiver
	}
	return <-c
}

func leakDoneUnclosed(f func() error) error {
	done := make(chan struct{})
	var err error
	go func() {
		if err = f(); err != nil {
			return
		}
		close(done)
	}()
	<-done // want goroutine/no-sender
	return err
}

func cleanDoneClosed(f func() error) error {
	done := make(chan struct{})
	var err error
	go func() {
		defer close(done)
		err = f()
	}()
	<-done
	return err
}

// helper sends, the caller leaves at a time-out
func sendResult(f func() int, ch chan<- int) { ch <- f() }

func leakHelperSend(f func() int) (int, error) {
	ch := make(chan int)
	go sendResult(f, ch) // want goroutine/no-receiver
	select {
	case v := <-ch:
		return v, nil
	case <-time.After(time.Second):
		return 0, errors.New("timeout")
	}
}

// two results, second not read on error of the first
func leakTwoChans(a func() error, b func() error) error {
	ca, cb := make(chan error), make(chan error)
	go func() { ca <- a() }()
	go func() { cb <- b() }() // want goroutine/no-receiver
	if err := <-ca; err != nil {
		return err
	}
	return <-cb
}

type goodQueue struct {
	jobs chan func()
	quit chan struct{}
}

func cleanNewQueue() *goodQueue {
	q := &goodQueue{jobs: make(chan func()), quit: make(chan struct{})}
	go func() {
		for {
			select {
			case j := <-q.jobs:
				j()
			case <-q.quit:
				return
			}
		}
	}()
	return q
}
func (q *goodQueue) Submit(f func()) bool {
	select {
	case q.jobs <- f:
		return true
	case <-q.quit:
		return false
	}
}
func (q *goodQueue) Close() { close(q.quit) }
