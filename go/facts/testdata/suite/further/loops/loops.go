// Package loops has goroutines that end, and some that cannot.
package loops

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/util/wait"
)

func every(ctx context.Context, d time.Duration, f func()) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(d): // want resource/ticker
			f()
		}
	}
}

// Tenant is made at a tenant's first request.
type Tenant struct {
	name string
	hits int
	mu   sync.Mutex
}

// leakNewTenant starts a loop in a closure, with a context nobody cancels.
func leakNewTenant(name string, flush func(string, int)) *Tenant {
	t := &Tenant{name: name}
	go func() { // want goroutine/context-never-cancelled
		every(context.Background(), time.Minute, func() {
			t.mu.Lock()
			defer t.mu.Unlock()
			flush(t.name, t.hits)
			t.hits = 0
		})
	}()
	return t
}

// leakTrack has a variable with the context, and a value in it.
func leakTrack(id string, report func(context.Context)) {
	type key struct{}
	ctx := context.WithValue(context.Background(), key{}, id)
	go func() { // want goroutine/context-never-cancelled
		for ctx.Err() == nil {
			report(ctx)
			time.Sleep(time.Second)
		}
	}()
}

var never = make(chan struct{})

// leakResync runs until a channel that nobody closes is closed.
func leakResync(resync func()) {
	go wait.Until(resync, time.Minute, never) // want goroutine/no-exit
}

func forever(f func()) {
	for {
		f()
		time.Sleep(time.Second)
	}
}

// leakForever runs an endless helper in a closure.
func leakForever(name string, f func()) {
	go func() { // want goroutine/no-exit
		slog.Info("start", "name", name)
		forever(f)
	}()
}

// Pool runs functions in goroutines.
type Pool struct{ wg sync.WaitGroup }

// Go runs one.
func (p *Pool) Go(f func()) {
	p.wg.Add(1)
	go func() {
		defer p.wg.Done()
		f()
	}()
}

// Wait waits for all.
func (p *Pool) Wait() { p.wg.Wait() }

// leakWatchers starts one for each host; Wait never returns.
func leakWatchers(hosts []string, check func(string)) {
	var p Pool
	for _, h := range hosts {
		p.Go(func() { // want goroutine/no-exit
			for {
				check(h)
				time.Sleep(time.Minute)
			}
		})
	}
	p.Wait()
}

// leakServeBoth has a member without an end beside one that may fail.
func leakServeBoth(ctx context.Context, srv *http.Server, gauge func()) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		<-ctx.Done()
		return srv.Close()
	})
	g.Go(srv.ListenAndServe)
	g.Go(func() error { // want goroutine/no-exit
		t := time.NewTicker(time.Second)
		defer t.Stop()
		for range t.C {
			gauge()
		}
		return nil
	})
	return g.Wait()
}

// leakSpinner closes its channel only where the work succeeded.
func leakSpinner(work func() error, draw func()) error {
	done := make(chan struct{})
	go func() { // want goroutine/select-no-exit
		t := time.NewTicker(100 * time.Millisecond)
		defer t.Stop()
		for {
			select {
			case <-t.C:
				draw()
			case <-done:
				return
			}
		}
	}()
	if err := work(); err != nil {
		return err
	}
	close(done)
	return nil
}

// leakRenew tells its helper to end by a send that an error leaves out.
func leakRenew(lease time.Duration, renew func(), critical func() error) error {
	stop := make(chan struct{})
	go renewUntil(stop, lease, renew) // want goroutine/select-no-exit
	err := critical()
	if errors.Is(err, context.Canceled) {
		return nil
	}
	stop <- struct{}{}
	return err
}

func renewUntil(stop <-chan struct{}, d time.Duration, renew func()) {
	t := time.NewTimer(d / 2)
	defer t.Stop()
	for {
		select {
		case <-stop:
			return
		case <-t.C:
			renew()
			t.Reset(d / 2)
		}
	}
}

// leakHold keeps a registration for as long as the process runs, for each name.
func leakHold(name string, register func(string) (release func(), err error)) {
	go func() { // want goroutine/empty-select
		release, err := register(name)
		if err != nil {
			slog.Error("register", "err", err)
			return
		}
		defer release()
		select {}
	}()
}

// Mailbox wakes its readers for each letter, but not at the end.
type Mailbox struct {
	mu    sync.Mutex
	some  sync.Cond
	list  []string
	state int
}

const ended = 2

// NewMailbox gives one.
func NewMailbox() *Mailbox {
	m := &Mailbox{}
	m.some.L = &m.mu
	return m
}

// leakNext waits for a letter or the end.
func (m *Mailbox) leakNext() (string, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for len(m.list) == 0 && m.state != ended {
		m.some.Wait() // want goroutine/cond-no-signal
	}
	if len(m.list) == 0 {
		return "", false
	}
	s := m.list[0]
	m.list = append([]string(nil), m.list[1:]...)
	return s, true
}

// Put wakes one.
func (m *Mailbox) Put(s string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.list = append(m.list, s)
	m.some.Signal()
}

// Shutdown ends it.
func (m *Mailbox) Shutdown() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.state = ended
}

// cleanEvery has the context of the caller.
func cleanEvery(ctx context.Context, f func()) { go every(ctx, time.Second, f) }

// Agent cancels what it starts.
type Agent struct{ cancel context.CancelFunc }

// cleanNewAgent starts a loop.
func cleanNewAgent(f func()) *Agent {
	ctx, cancel := context.WithCancel(context.Background())
	go every(ctx, time.Second, f)
	return &Agent{cancel: cancel}
}

// Close ends it.
func (a *Agent) Close() { a.cancel() }

// cleanWithin ends its loop when it returns.
func cleanWithin(work func(), f func()) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go every(ctx, time.Second, f)
	work()
}

// cleanTimeout ends by itself.
func cleanTimeout(f func()) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	go func() {
		defer cancel()
		every(ctx, time.Second, f)
	}()
}

// cleanRetry gives up or succeeds, with any context.
func cleanRetry(send func(context.Context) error) {
	go func() {
		ctx := context.Background()
		for ctx.Err() == nil {
			if send(ctx) == nil {
				return
			}
			time.Sleep(time.Second)
		}
	}()
}

var once sync.Once

// cleanOnce starts one for the process.
func cleanOnce(f func()) {
	once.Do(func() { go wait.Until(f, time.Second, wait.NeverStop) })
}

// cleanUntil has a channel that is closed.
func cleanUntil(f, work func()) {
	stop := make(chan struct{})
	defer close(stop)
	go wait.Until(f, time.Second, stop)
	work()
}

// cleanBoth waits for a group whose members all end.
func cleanBoth(ctx context.Context, srv *http.Server, beat func()) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { every(ctx, time.Second, beat); return ctx.Err() })
	g.Go(func() error {
		<-ctx.Done()
		return srv.Close()
	})
	return g.Wait()
}

// cleanSpinner closes on both ways.
func cleanSpinner(work func() error, draw func()) error {
	done := make(chan struct{})
	go func() {
		for {
			select {
			case <-time.After(100 * time.Millisecond):
				draw()
			case <-done:
				return
			}
		}
	}()
	err := work()
	if err != nil {
		close(done)
		return err
	}
	close(done)
	return nil
}

// cleanEither ends with its context where the channel stays open.
func cleanEither(ctx context.Context, work func() error, draw func()) error {
	done := make(chan struct{})
	go func() {
		t := time.NewTicker(time.Second)
		defer t.Stop()
		for {
			draw()
			select {
			case <-ctx.Done():
				return
			case <-done:
				return
			case <-t.C:
			}
		}
	}()
	if err := work(); err != nil {
		return err
	}
	close(done)
	return nil
}

// cleanLater hands the channel to who closes it.
func cleanLater(atEnd func(func()), draw func()) {
	done := make(chan struct{})
	go renewUntil(done, time.Minute, draw)
	atEnd(func() { close(done) })
}

// Box wakes all at the end.
type Box struct {
	mu     sync.Mutex
	some   *sync.Cond
	list   []string
	closed bool
}

// NewBox gives one.
func NewBox() *Box { b := &Box{}; b.some = sync.NewCond(&b.mu); return b }

// cleanGet waits.
func (b *Box) cleanGet() (s string, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.list) == 0 {
		if b.closed {
			return "", false
		}
		b.some.Wait()
	}
	s, b.list[0] = b.list[0], ""
	b.list = b.list[1:]
	if len(b.list) == 0 {
		b.list = nil
	}
	return s, true
}

func (b *Box) closeLocked() { b.closed = true }

// Put adds.
func (b *Box) Put(s string) { b.mu.Lock(); b.list = append(b.list, s); b.mu.Unlock(); b.some.Signal() }

// Close ends it through a helper.
func (b *Box) Close() {
	b.mu.Lock()
	b.closeLocked()
	b.mu.Unlock()
	b.wakeAll()
}

func (b *Box) wakeAll() { b.some.Broadcast() }

// Turn has waiters that another one wakes in turn.
type Turn struct {
	mu   sync.Mutex
	cond *sync.Cond
	n    int
}

// NewTurn gives one.
func NewTurn() *Turn { t := &Turn{}; t.cond = sync.NewCond(&t.mu); return t }

// cleanWaitFor waits until it is n's turn.
func (t *Turn) cleanWaitFor(n int) {
	t.mu.Lock()
	for t.n != n {
		t.cond.Wait()
	}
	t.n++
	t.cond.Broadcast()
	t.mu.Unlock()
}

// Scanner has a flag that no method sets.
type Scanner struct {
	closed atomic.Bool
	found  int
}

// leakNewScanner starts a loop that asks for the flag.
func leakNewScanner(scan func() int) *Scanner {
	s := &Scanner{}
	go func() { // want goroutine/no-exit
		for !s.closed.Load() {
			s.found += scan()
			time.Sleep(time.Minute)
		}
	}()
	return s
}

// Found is what it found.
func (s *Scanner) Found() int { return s.found }

// Beacon has a flag that Close sets.
type Beacon struct {
	mu   sync.Mutex
	done bool
}

// cleanNewBeacon starts.
func cleanNewBeacon(send func()) *Beacon {
	b := &Beacon{}
	go func() {
		for {
			b.mu.Lock()
			done := b.done
			b.mu.Unlock()
			if done {
				return
			}
			send()
			time.Sleep(time.Second)
		}
	}()
	return b
}

// Close ends it.
func (b *Beacon) Close() { b.mu.Lock(); b.done = true; b.mu.Unlock() }

// Crew waits for its members.
type Crew struct {
	wg   sync.WaitGroup
	work func(int) error
}

func (c *Crew) member(id int, ok bool) {
	if !ok {
		slog.Warn("not ready", "id", id)
		return
	}
	defer c.wg.Done()
	_ = c.work(id)
}

// leakStartCrew counts members that are not ready.
func (c *Crew) leakStartCrew(ready []bool) {
	for id, ok := range ready {
		c.wg.Add(1)
		go c.member(id, ok) // want goroutine/waitgroup-count
	}
	c.wg.Wait()
}

func (c *Crew) guest(id int) {
	defer c.wg.Done()
	if id < 0 {
		return
	}
	_ = c.work(id)
}

// cleanGuests counts down first.
func (c *Crew) cleanGuests(ids []int) {
	for _, id := range ids {
		c.wg.Add(1)
		go c.guest(id)
	}
	c.wg.Wait()
}

// leakAccept counts before it knows that there is something to serve.
func (c *Crew) leakAccept(open func() (int, error)) error {
	c.wg.Add(1) // want goroutine/waitgroup-count
	id, err := open()
	if err != nil {
		return err
	}
	go c.guest(id)
	return nil
}

// cleanAccept counts down where it fails.
func (c *Crew) cleanAccept(open func() (int, error)) error {
	c.wg.Add(1)
	id, err := open()
	if err != nil {
		c.wg.Done()
		return err
	}
	go c.guest(id)
	return nil
}

// cleanTrack counts for its caller.
func (c *Crew) cleanTrack(ready bool, f func()) func() {
	c.wg.Add(1)
	if !ready {
		return c.wg.Done
	}
	go f()
	return c.wg.Done
}

// leakOnHangup calls f at each signal until it is told to stop, or so it seems.
func leakOnHangup(f func()) (stop func()) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGHUP)
	go func() { // want goroutine/no-close
		for range c {
			f()
		}
	}()
	return func() { signal.Stop(c) }
}

// cleanOnHangup closes the channel as well.
func cleanOnHangup(f func()) (stop func()) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGHUP)
	go func() {
		for range c {
			f()
		}
	}()
	return func() { signal.Stop(c); close(c) }
}

// Limiter has tokens.
type Limiter struct{ tokens chan struct{} }

// leakDo keeps its token when f fails.
func (l *Limiter) leakDo(f func() error) error {
	l.tokens <- struct{}{} // want goroutine/no-receiver
	if err := f(); err != nil {
		return err
	}
	<-l.tokens
	return nil
}

// cleanDo gives it back in any case.
func (l *Limiter) cleanDo(f func() error) error {
	l.tokens <- struct{}{}
	defer func() { <-l.tokens }()
	return f()
}

// cleanTry gives it back on both ways.
func (l *Limiter) cleanTry(ctx context.Context, f func() error) error {
	select {
	case l.tokens <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	err := f()
	<-l.tokens
	return err
}

// cleanTake leaves it to its caller.
func (l *Limiter) cleanTake() (give func()) {
	l.tokens <- struct{}{}
	return func() { <-l.tokens }
}

// Jobs keeps a cancel function for each job, and nobody calls them.
type Jobs struct {
	mu      sync.Mutex
	running map[string]context.CancelFunc
}

// leakSubmit starts a job.
func (j *Jobs) leakSubmit(ctx context.Context, id string, f func(context.Context)) {
	ctx, cancel := context.WithCancel(ctx) // want resource/cancel
	j.mu.Lock()
	j.running[id] = cancel
	j.mu.Unlock()
	go f(ctx)
}

// Len is how many there are.
func (j *Jobs) Len() int { j.mu.Lock(); defer j.mu.Unlock(); return len(j.running) }

// Tasks cancels them.
type Tasks struct {
	mu      sync.Mutex
	running map[string]context.CancelFunc
}

// cleanSubmit starts a task.
func (t *Tasks) cleanSubmit(ctx context.Context, id string, f func(context.Context)) {
	ctx, cancel := context.WithCancel(ctx)
	t.mu.Lock()
	t.running[id] = cancel
	t.mu.Unlock()
	go func() {
		defer t.Cancel(id)
		f(ctx)
	}()
}

// Cancel ends one.
func (t *Tasks) Cancel(id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if cancel, ok := t.running[id]; ok {
		cancel()
		delete(t.running, id)
	}
}

// Probe calls itself again by a timer nobody can stop.
type Probe struct{ n int }

// leakNext probes and sets the next timer.
func (p *Probe) leakNext() {
	p.n++
	time.AfterFunc(time.Minute, p.leakNext) // want goroutine/no-exit
}

// Pulse can be stopped.
type Pulse struct {
	mu      sync.Mutex
	stopped bool
	timer   *time.Timer
}

// cleanBeat sets the next timer unless it was stopped.
func (p *Pulse) cleanBeat() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.stopped {
		p.timer = time.AfterFunc(time.Second, p.cleanBeat)
	}
}

// Stop ends it.
func (p *Pulse) Stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopped = true
	if p.timer != nil {
		p.timer.Stop()
	}
}

// cleanPhases closes between its phases or at the end, by the same condition.
func cleanPhases(recs []string, index func(string)) int {
	in := make(chan string)
	var wg sync.WaitGroup
	wg.Add(1)
	go func(in <-chan string) {
		defer wg.Done()
		for r := range in {
			index(r)
		}
	}(in)
	second := 0
	for _, r := range recs {
		if r == "" {
			if second == 0 {
				close(in)
				wg.Wait()
			}
			second++
			continue
		}
		if second == 0 {
			in <- r
		}
	}
	if second == 0 {
		close(in)
		wg.Wait()
	}
	return second
}

// cleanAll counts all of a list that may be empty.
func (c *Crew) cleanAll(ids []int) {
	c.wg.Add(len(ids))
	for _, id := range ids {
		go c.guest(id)
	}
}
