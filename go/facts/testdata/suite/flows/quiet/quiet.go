// Package quiet has clean code that is easily taken for a leak.
package quiet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// --- lists
type group struct {
	ls  []net.Listener
	err error
}

func cleanGroupOf(addrs []string) *group {
	var ls []net.Listener
	for _, a := range addrs {
		l, err := net.Listen("tcp", a)
		if err != nil {
			return &group{ls: ls, err: err}
		}
		ls = append(ls, l)
	}
	return &group{ls: ls}
}

func cleanSend(addrs []string, out chan<- []net.Conn) error {
	var cs []net.Conn
	for _, a := range addrs {
		c, err := net.Dial("tcp", a)
		if err != nil {
			break
		}
		cs = append(cs, c)
	}
	if len(cs) == 0 {
		return errors.New("none")
	}
	out <- cs
	return nil
}

func closeConns(cs ...net.Conn) {
	for _, c := range cs {
		c.Close()
	}
}

func cleanVariadic(addrs []string) ([]net.Conn, error) {
	var cs []net.Conn
	for _, a := range addrs {
		c, err := net.Dial("tcp", a)
		if err != nil {
			closeConns(cs...)
			return nil, err
		}
		cs = append(cs, c)
	}
	return cs, nil
}

func cleanGoEach(addrs []string, serve func(net.Listener)) error {
	var ls []net.Listener
	for _, a := range addrs {
		l, err := net.Listen("tcp", a)
		if err != nil {
			for i := range ls {
				ls[i].Close()
			}
			return err
		}
		ls = append(ls, l)
	}
	for _, l := range ls {
		go serve(l)
	}
	return nil
}

func cleanDeferClose(names []string, use func([]*os.File) error) error {
	files := make([]*os.File, 0, len(names))
	defer func() {
		for _, f := range files {
			_ = f.Close()
		}
	}()
	for _, n := range names {
		f, err := os.Open(n)
		if err != nil {
			return err
		}
		files = append(files, f)
	}
	return use(files)
}

type fileSet struct {
	files []*os.File
}

func (s *fileSet) cleanAdd(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	s.files = append(s.files, f)
	return nil
}
func (s *fileSet) Close() error {
	var err error
	for _, f := range s.files {
		err = errors.Join(err, f.Close())
	}
	s.files = s.files[:0]
	return err
}

func cleanOpenSet(names []string) (*fileSet, error) {
	s := new(fileSet)
	for _, n := range names {
		if err := s.cleanAdd(n); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, nil
}

// --- fields
type goodReopen struct {
	mu   sync.Mutex
	name string
	f    *os.File
}

func cleanNewReopen(name string) (*goodReopen, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	return &goodReopen{name: name, f: f}, nil
}
func (r *goodReopen) Reopen() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.closeLocked(); err != nil {
		return err
	}
	f, err := os.Open(r.name)
	if err != nil {
		return err
	}
	r.f = f
	return nil
}
func (r *goodReopen) closeLocked() error { return r.f.Close() }

type goodLazy struct {
	once sync.Once
	conn net.Conn
	err  error
}

func (l *goodLazy) get(addr string) (net.Conn, error) {
	l.once.Do(func() { l.conn, l.err = net.Dial("tcp", addr) })
	return l.conn, l.err
}
func (l *goodLazy) Close() error { return l.conn.Close() }

type goodSession struct {
	addr string
	conn net.Conn
}

func (s *goodSession) loop(ctx context.Context) {
	for ctx.Err() == nil {
		conn, err := net.Dial("tcp", s.addr)
		if err != nil {
			time.Sleep(time.Second)
			continue
		}
		s.conn = conn
		s.handle(conn)
	}
}
func (s *goodSession) handle(conn net.Conn) {
	defer conn.Close()
	io.Copy(io.Discard, conn)
}
func (s *goodSession) Close() error { return s.conn.Close() }

type goodTimer struct {
	mu     sync.Mutex
	cancel context.CancelFunc
}

func (t *goodTimer) Reset(ctx context.Context, f func(context.Context)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stopLocked()
	c, cancel := context.WithCancel(ctx)
	t.cancel = cancel
	go f(c)
}
func (t *goodTimer) stopLocked() {
	if t.cancel != nil {
		t.cancel()
		t.cancel = nil
	}
}

// --- stop channels
type opts struct{ Stop chan struct{} }

func cleanOpts(start func(opts)) opts {
	o := opts{Stop: make(chan struct{})}
	go start(o)
	return o
}

type stopper interface{ run(stop <-chan struct{}) }

func cleanStopLater(s stopper) func() {
	stop := make(chan struct{})
	go s.run(stop)
	var once sync.Once
	return func() { once.Do(func() { close(stop) }) }
}

func cleanStopCtx(ctx context.Context, s stopper) {
	stop := make(chan struct{})
	context.AfterFunc(ctx, func() { close(stop) })
	go s.run(stop)
}

type manager struct{ stops map[string]chan struct{} }

func (m *manager) cleanStart(id string, s stopper) {
	stop := make(chan struct{})
	m.stops[id] = stop
	go s.run(stop)
}
func (m *manager) stop(id string) {
	if c, ok := m.stops[id]; ok {
		close(c)
		delete(m.stops, id)
	}
}

type goodBase struct {
	ctx context.Context
}

func cleanNewBase(ctx context.Context) *goodBase {
	if ctx == nil {
		ctx = context.Background()
	}
	b := &goodBase{ctx: ctx}
	go b.run()
	return b
}
func (b *goodBase) run() {
	for {
		select {
		case <-b.ctx.Done():
			return
		default:
			time.Sleep(time.Second)
		}
	}
}

// --- generators
func ticks(ctx context.Context) <-chan time.Time {
	out := make(chan time.Time)
	go func() {
		defer close(out)
		t := time.NewTicker(time.Second)
		defer t.Stop()
		for {
			select {
			case v := <-t.C:
				select {
				case out <- v:
				case <-ctx.Done():
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

func cleanTicks(ctx context.Context, f func()) {
	for range ticks(ctx) {
		f()
	}
}

func work(f func()) (<-chan int, <-chan struct{}) {
	out := make(chan int, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
		out <- 1
	}()
	return out, done
}

func cleanDropDone(f func()) int {
	out, _ := work(f)
	return <-out
}

func one(f func() int) <-chan int {
	out := make(chan int)
	go func() { out <- f() }()
	return out
}

func cleanOne(f func() int) int { return <-one(f) }

func cleanTwo(f func() int) int {
	a, b := one(f), one(f)
	return <-a + <-b
}

// --- consumers
type goodLog struct {
	ch   chan string
	done chan struct{}
	w    io.Writer
	err  atomic.Pointer[error]
}

func cleanNewLog(w io.Writer) *goodLog {
	l := &goodLog{ch: make(chan string, 64), done: make(chan struct{}), w: w}
	go l.loop()
	return l
}
func (l *goodLog) loop() {
	defer close(l.done)
	for s := range l.ch {
		if _, err := io.WriteString(l.w, s); err != nil {
			l.err.Store(&err)
			break
		}
	}
	for range l.ch {
	}
}
func (l *goodLog) Log(s string) { l.ch <- s }
func (l *goodLog) Close()       { close(l.ch); <-l.done }

type goodDropLog struct {
	ch chan string
	w  io.Writer
}

func cleanNewDropLog(w io.Writer) *goodDropLog {
	l := &goodDropLog{ch: make(chan string, 64), w: w}
	go func() {
		for s := range l.ch {
			if _, err := io.WriteString(l.w, s); err != nil {
				return
			}
		}
	}()
	return l
}
func (l *goodDropLog) Log(s string) {
	select {
	case l.ch <- s:
	default:
	}
}
func (l *goodDropLog) Close() { close(l.ch) }

// --- promises
type goodEntry struct {
	ready chan struct{}
	val   []byte
	err   error
}
type goodMemo struct {
	mu sync.Mutex
	m  map[string]*goodEntry
}

func (m *goodMemo) Get(k string, f func(string) ([]byte, error)) ([]byte, error) {
	m.mu.Lock()
	e := m.m[k]
	if e == nil {
		e = &goodEntry{ready: make(chan struct{})}
		m.m[k] = e
		m.mu.Unlock()
		e.val, e.err = f(k)
		close(e.ready)
	} else {
		m.mu.Unlock()
		<-e.ready
	}
	return e.val, e.err
}

type goodStarted struct {
	started chan struct{}
	once    sync.Once
}

func cleanNewStarted() *goodStarted { return &goodStarted{started: make(chan struct{})} }
func (s *goodStarted) Start(f func() error) error {
	if err := f(); err != nil {
		return err
	}
	s.once.Do(func() { close(s.started) })
	return nil
}
func (s *goodStarted) Wait() { <-s.started }

// --- answers
type ask struct {
	n     int
	reply chan int
}
type goodSrv struct {
	in      chan ask
	pending []ask
}

func (s *goodSrv) Ask(n int) int {
	a := ask{n, make(chan int, 1)}
	s.in <- a
	return <-a.reply
}
func (s *goodSrv) loop() {
	for a := range s.in {
		if a.n > 10 {
			s.pending = append(s.pending, a)
			continue
		}
		a.reply <- a.n
	}
	for _, a := range s.pending {
		a.reply <- 0
	}
}
func (s *goodSrv) Close() { close(s.in) }

// --- hubs
type goodHub struct {
	mu   sync.Mutex
	subs map[chan int]struct{}
}

func (h *goodHub) Subscribe(ctx context.Context, f func(int)) {
	ch := make(chan int, 1)
	h.mu.Lock()
	h.subs[ch] = struct{}{}
	h.mu.Unlock()
	go func() {
		defer h.remove(ch)
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
func (h *goodHub) remove(ch chan int) {
	go func() {
		for range ch {
		}
	}()
	h.mu.Lock()
	delete(h.subs, ch)
	h.mu.Unlock()
	close(ch)
}
func (h *goodHub) Publish(v int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for ch := range h.subs {
		ch <- v
	}
}

// --- maps
type goodConns struct {
	mu sync.Mutex
	m  map[string]net.Conn
}

func (c *goodConns) dial(a string) error {
	conn, err := net.Dial("tcp", a)
	if err != nil {
		return err
	}
	c.mu.Lock()
	c.m[a] = conn
	c.mu.Unlock()
	go func() {
		defer c.forget(a)
		defer conn.Close()
		io.Copy(io.Discard, conn)
	}()
	return nil
}
func (c *goodConns) forget(a string) {
	c.mu.Lock()
	delete(c.m, a)
	c.mu.Unlock()
}

type goodTake struct {
	mu sync.Mutex
	m  map[string]*os.File
}

func (c *goodTake) put(n string) error {
	f, err := os.Open(n)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.m[n] = f
	return nil
}
func (c *goodTake) take(n string) *os.File {
	c.mu.Lock()
	defer c.mu.Unlock()
	f := c.m[n]
	delete(c.m, n)
	return f
}

// --- free lists
type goodFree struct{ ch chan net.Conn }

func (p *goodFree) Put(c net.Conn) bool {
	select {
	case p.ch <- c:
		return true
	default:
		return false
	}
}

// --- pipes
func cleanPipeHTTP(ctx context.Context, c *http.Client, url string, write func(io.Writer) error) error {
	pr, pw := io.Pipe()
	go func() { pw.CloseWithError(write(pw)) }()
	req, err := http.NewRequestWithContext(ctx, "PUT", url, pr)
	if err != nil {
		return errors.Join(err, pr.Close())
	}
	resp, err := c.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return nil
}

func cleanPipeErr(write func(io.Writer) error, read func(io.Reader) error) (err error) {
	pr, pw := io.Pipe()
	defer func() { pr.CloseWithError(err) }()
	go func() { pw.CloseWithError(write(pw)) }()
	return read(pr)
}

// --- locks
type tree struct {
	mu sync.RWMutex
	m  map[string]int
}

func (t *tree) View(f func(map[string]int) error) error {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return f(t.m)
}
func (t *tree) cleanRLocker(f func()) {
	l := t.mu.RLocker()
	l.Lock()
	f()
	l.Unlock()
}
func (t *tree) cleanUnlockFunc() (unlock func()) {
	t.mu.Lock()
	return t.mu.Unlock
}
func (t *tree) cleanUse(k string) int {
	unlock := t.cleanUnlockFunc()
	defer unlock()
	return t.m[k]
}
func (t *tree) cleanPass(register func(func())) {
	register(t.cleanUnlockFunc())
}
func cleanCond(c *sync.Cond, ok func() bool) {
	c.L.Lock()
	for !ok() {
		c.Wait()
	}
	c.L.Unlock()
}

// --- nil channels
func cleanNilTimeout(d time.Duration, in chan int) (int, error) {
	var timeout <-chan time.Time
	if d > 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		timeout = t.C
	}
	select {
	case v := <-in:
		return v, nil
	case <-timeout:
		return 0, errors.New("timeout")
	}
}

func cleanMaybeAsync(n int, f func(int)) {
	var done chan struct{}
	async := n > 100
	if async {
		done = make(chan struct{})
		go func() { f(n); close(done) }()
	} else {
		f(n)
	}
	if done != nil {
		<-done
	}
}

// --- counts
func cleanCounts(items []int, extra func(), f func(int)) {
	var wg sync.WaitGroup
	wg.Add(len(items) + 1)
	go func() { defer wg.Done(); extra() }()
	for _, it := range items {
		go func() { defer wg.Done(); f(it) }()
	}
	wg.Wait()
}

func cleanSelf(n int, f func(int)) {
	var wg sync.WaitGroup
	wg.Add(n + 1)
	for i := range n {
		go func() { defer wg.Done(); f(i) }()
	}
	f(-1)
	wg.Done()
	wg.Wait()
}

func cleanPanicLog(jobs []func()) {
	var wg sync.WaitGroup
	for _, j := range jobs {
		wg.Add(1)
		go func() {
			defer func() {
				if r := recover(); r != nil {
					fmt.Println(r)
				}
				wg.Done()
			}()
			j()
		}()
	}
	wg.Wait()
}

// --- servers
func cleanServe(ctx context.Context, h http.Handler) (string, error) {
	l, err := net.Listen("tcp", ":0")
	if err != nil {
		return "", err
	}
	srv := &http.Server{Handler: h}
	go func() {
		<-ctx.Done()
		srv.Close()
	}()
	go srv.Serve(l)
	return l.Addr().String(), nil
}

func cleanServeGiven(l net.Listener, h http.Handler) {
	srv := &http.Server{Handler: h}
	go srv.Serve(l)
}

// --- waiting
func cleanWaitClose(jobs []int, f func(int) int) (sum int) {
	out := make(chan int)
	var wg sync.WaitGroup
	for _, j := range jobs {
		wg.Add(1)
		go func() { defer wg.Done(); out <- f(j) }()
	}
	go func() {
		wg.Wait()
		close(out)
	}()
	for v := range out {
		sum += v
	}
	return sum
}

func cleanCollector(jobs []int, f func(int) int) (sum int) {
	out := make(chan int)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for v := range out {
			sum += v
		}
	}()
	var wg sync.WaitGroup
	for _, j := range jobs {
		wg.Add(1)
		go func() { defer wg.Done(); out <- f(j) }()
	}
	wg.Wait()
	close(out)
	<-done
	return sum
}
