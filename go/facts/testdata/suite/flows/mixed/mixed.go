// Package mixed has counts, promises, servers, free lists and stages.
package mixed

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// ---- wg add inside goroutine, more counts
func leakAddPlusOne(n int, f func(int)) {
	var wg sync.WaitGroup
	wg.Add(n + 1)
	for i := 0; i < n; i++ {
		go func() { defer wg.Done(); f(i) }()
	}
	wg.Wait() // want goroutine/waitgroup-count
}

func leakAddThree(a, b func()) {
	var wg sync.WaitGroup
	wg.Add(3)
	go func() { defer wg.Done(); a() }()
	go func() { defer wg.Done(); b() }()
	wg.Wait() // want goroutine/waitgroup-count
}

func leakAddTwoLists(a, b []string, f func(string)) {
	var wg sync.WaitGroup
	wg.Add(len(a) + len(b))
	for _, x := range a {
		go func() { defer wg.Done(); f(x) }()
	}
	wg.Wait() // want goroutine/waitgroup-count
}

func cleanAddTwoLists(a, b []string, f func(string)) {
	var wg sync.WaitGroup
	wg.Add(len(a) + len(b))
	for _, x := range a {
		go func() { defer wg.Done(); f(x) }()
	}
	for _, x := range b {
		go func() { defer wg.Done(); f(x) }()
	}
	wg.Wait()
}

// ---- nil channels behind a flag
type badOptional struct {
	notify chan struct{}
	run    func()
}

func newBadOptional(withNotify bool, run func()) *badOptional {
	o := &badOptional{run: run}
	if withNotify {
		o.notify = make(chan struct{})
	}
	return o
}
func (o *badOptional) Start() {
	go func() {
		o.run()
		if o.notify != nil {
			close(o.notify)
		}
	}()
}
func (o *badOptional) leakWait() { <-o.notify } // want goroutine/nil-channel

type goodOptional struct {
	async  bool
	notify chan struct{}
	run    func()
}

func cleanNewOptional(async bool, run func()) *goodOptional {
	o := &goodOptional{run: run, async: async}
	if async {
		o.notify = make(chan struct{})
	}
	return o
}
func (o *goodOptional) Start() {
	if !o.async {
		o.run()
		return
	}
	go func() {
		o.run()
		close(o.notify)
	}()
}
func (o *goodOptional) cleanWait() {
	if o.async {
		<-o.notify
	}
}

func leakNilResult(cached bool, get func() int) int {
	var ch chan int
	if !cached {
		ch = make(chan int, 1)
		go func() { ch <- get() }()
	}
	return <-ch // want goroutine/nil-channel
}

func cleanNilResult(cached bool, get func() int) int {
	var ch chan int
	if !cached {
		ch = make(chan int, 1)
		go func() { ch <- get() }()
	}
	if cached {
		return 0
	}
	return <-ch
}

// ---- servers
func leakServer(h http.Handler) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return ""
	}
	srv := &http.Server{Handler: h}
	go srv.Serve(l) // want goroutine/no-exit
	return l.Addr().String()
}

func leakServer2(addr string, h http.Handler) {
	srv := &http.Server{Addr: addr, Handler: h}
	go func() { // want goroutine/no-exit
		if err := srv.ListenAndServe(); err != nil {
			log.Print(err)
		}
	}()
}

func cleanServer(ctx context.Context, addr string, h http.Handler) error {
	srv := &http.Server{Addr: addr, Handler: h}
	errc := make(chan error, 1)
	go func() { errc <- srv.ListenAndServe() }()
	select {
	case err := <-errc:
		return err
	case <-ctx.Done():
		return srv.Shutdown(context.WithoutCancel(ctx))
	}
}

func cleanServer2(addr string, h http.Handler) *http.Server {
	srv := &http.Server{Addr: addr, Handler: h}
	go srv.ListenAndServe()
	return srv
}

type app struct{ srv *http.Server }

func (a *app) cleanStart(addr string, h http.Handler) {
	a.srv = &http.Server{Addr: addr, Handler: h}
	go a.srv.ListenAndServe()
}
func (a *app) Close() error { return a.srv.Close() }

// ---- errgroup
func leakGroupSend(ctx context.Context, items []int, f func(int) (int, error)) ([]int, error) {
	g, ctx := errgroup.WithContext(ctx)
	out := make(chan int)
	for _, it := range items {
		g.Go(func() error { // want goroutine/no-receiver
			v, err := f(it)
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
	var list []int
	for v := range out {
		list = append(list, v)
	}
	return list, nil
}

func cleanGroupSend(ctx context.Context, items []int, f func(int) (int, error)) ([]int, error) {
	g, ctx := errgroup.WithContext(ctx)
	out := make(chan int)
	for _, it := range items {
		g.Go(func() error {
			v, err := f(it)
			if err != nil {
				return err
			}
			select {
			case out <- v:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}
	go func() { g.Wait(); close(out) }()
	var list []int
	for v := range out {
		list = append(list, v)
	}
	return list, g.Wait()
}

// producer blocked because consumers in the group left
func leakGroupStages(ctx context.Context, items []string, store func(string) error) error {
	g, ctx := errgroup.WithContext(ctx)
	ch := make(chan string)
	g.Go(func() error { // want goroutine/no-receiver
		defer close(ch)
		for _, it := range items {
			ch <- it
		}
		return nil
	})
	for range 3 {
		g.Go(func() error {
			for it := range ch {
				if err := store(it); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}

func cleanGroupStages(ctx context.Context, items []string, store func(string) error) error {
	g, ctx := errgroup.WithContext(ctx)
	ch := make(chan string)
	g.Go(func() error {
		defer close(ch)
		for _, it := range items {
			select {
			case ch <- it:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	for range 3 {
		g.Go(func() error {
			for it := range ch {
				if err := store(it); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}

// member waits for a plain done channel of the caller that never ends
func leakGroupTicker(work func() error) error {
	var g errgroup.Group
	done := make(chan struct{})
	g.Go(func() error { // want goroutine/select-no-exit
		t := time.NewTicker(time.Second)
		defer t.Stop()
		for {
			select {
			case <-t.C:
				fmt.Println("tick")
			case <-done:
				return nil
			}
		}
	})
	if err := work(); err != nil {
		return err
	}
	close(done)
	return g.Wait()
}

// ---- listeners & goroutines
func leakProxy(client net.Conn, addr string) error {
	server, err := net.Dial("tcp", addr) // want resource/net-conn
	if err != nil {
		return err
	}
	go io.Copy(server, client)
	_, err = io.Copy(client, server)
	return err
}

func cleanProxy(client net.Conn, addr string) error {
	server, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer server.Close()
	go io.Copy(server, client)
	_, err = io.Copy(client, server)
	return err
}

// half of dual dial
func leakBoth(a, b string) (net.Conn, net.Conn, error) {
	x, err := net.Dial("tcp", a) // want resource/net-conn
	if err != nil {
		return nil, nil, err
	}
	y, err := net.Dial("tcp", b)
	if err != nil {
		return nil, nil, err
	}
	return x, y, nil
}

func cleanBoth(a, b string) (net.Conn, net.Conn, error) {
	x, err := net.Dial("tcp", a)
	if err != nil {
		return nil, nil, err
	}
	y, err := net.Dial("tcp", b)
	if err != nil {
		return nil, nil, errors.Join(err, x.Close())
	}
	return x, y, nil
}

// connection pool: Put drops when full
type connPool struct {
	free chan net.Conn
	addr string
}

func (p *connPool) Get() (net.Conn, error) {
	select {
	case c := <-p.free:
		return c, nil
	default:
		return net.Dial("tcp", p.addr)
	}
}
func (p *connPool) leakPut(c net.Conn) {
	select {
	case p.free <- c: // want resource/net-conn
	default:
	}
}
func (p *connPool) cleanPut(c net.Conn) {
	select {
	case p.free <- c:
	default:
		c.Close()
	}
}

func (p *connPool) leakUse(b []byte) error {
	c, err := p.Get() // want resource/net-conn
	if err != nil {
		return err
	}
	if _, err := c.Write(b); err != nil {
		return err
	}
	p.cleanPut(c)
	return nil
}

func (p *connPool) cleanUse(b []byte) error {
	c, err := p.Get()
	if err != nil {
		return err
	}
	if _, err := c.Write(b); err != nil {
		c.Close()
		return err
	}
	p.cleanPut(c)
	return nil
}

// map of open files with eviction that forgets to close
type badFiles struct {
	mu    sync.Mutex
	files map[string]*os.File
}

func (l *badFiles) leakGet(name string) (*os.File, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if f := l.files[name]; f != nil {
		return f, nil
	}
	f, err := os.Open(name) // want resource/file
	if err != nil {
		return nil, err
	}
	l.files[name] = f
	return f, nil
}
func (l *badFiles) evict(name string) {
	l.mu.Lock()
	delete(l.files, name)
	l.mu.Unlock()
}

type goodFiles struct {
	mu    sync.Mutex
	files map[string]*os.File
}

func (l *goodFiles) cleanGet(name string) (*os.File, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if f := l.files[name]; f != nil {
		return f, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	l.files[name] = f
	return f, nil
}
func (l *goodFiles) evict(name string) {
	l.mu.Lock()
	if f := l.files[name]; f != nil {
		f.Close()
	}
	delete(l.files, name)
	l.mu.Unlock()
}

// ---- tx
func leakTxPanicless(ctx context.Context, db *sql.DB, f func(*sql.Tx) (int, error)) (int, error) {
	tx, err := db.BeginTx(ctx, nil) // want resource/sql-tx
	if err != nil {
		return 0, err
	}
	n, err := f(tx)
	if err != nil {
		return 0, err
	}
	return n, tx.Commit()
}

func cleanTxNamed(ctx context.Context, db *sql.DB, f func(*sql.Tx) error) (err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() {
		if p := recover(); p != nil {
			tx.Rollback()
			panic(p)
		} else if err != nil {
			tx.Rollback()
		} else {
			err = tx.Commit()
		}
	}()
	return f(tx)
}

// ---- body in a switch
func leakSwitchBody(c *http.Client, u string) (string, error) {
	resp, err := c.Get(u) // want resource/http-body
	if err != nil {
		return "", err
	}
	switch resp.StatusCode {
	case 200:
		b, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		return string(b), err
	case 204:
		return "", nil
	default:
		resp.Body.Close()
		return "", errors.New("bad")
	}
}

// ---- redirect follow
func leakFollow(c *http.Client, u string) (*http.Response, error) {
	for range 5 {
		resp, err := c.Get(u) // want resource/http-body
		if err != nil {
			return nil, err
		}
		if loc := resp.Header.Get("Location"); loc != "" {
			u = loc
			continue
		}
		return resp, nil
	}
	return nil, errors.New("too many")
}

// ---- done flags
type badFlag struct{ stopped bool }

func leakNewFlag(f func()) *badFlag {
	l := &badFlag{}
	go func() { // want goroutine/no-exit
		for !l.stopped {
			f()
		}
	}()
	return l
}

type goodFlag struct{ stopped atomic.Bool }

func cleanNewFlag(f func()) *goodFlag {
	l := &goodFlag{}
	go func() {
		for !l.stopped.Load() {
			f()
		}
	}()
	return l
}
func (c *goodFlag) Close() { c.stopped.Store(true) }

// ---- signals forwarded
func leakScanLines(r io.Reader, handle func(string) error) error {
	lines := make(chan string)
	go func() { // want goroutine/no-receiver
		defer close(lines)
		sc := bufio.NewScanner(r)
		for sc.Scan() {
			lines <- sc.Text()
		}
	}()
	for l := range lines {
		if err := handle(l); err != nil {
			return err
		}
	}
	return nil
}

func cleanScanLines(ctx context.Context, r io.Reader, handle func(string) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	lines := make(chan string)
	go func() {
		defer close(lines)
		sc := bufio.NewScanner(r)
		for sc.Scan() {
			select {
			case lines <- sc.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	for l := range lines {
		if err := handle(l); err != nil {
			return err
		}
	}
	return nil
}

// ---- once channel
type badOnce struct {
	once  sync.Once
	ready chan struct{}
	err   error
}

func newBadOnce() *badOnce { return &badOnce{ready: make(chan struct{})} }
func (o *badOnce) init(load func() error) {
	o.once.Do(func() {
		if o.err = load(); o.err != nil {
			return
		}
		close(o.ready)
	})
}
func (o *badOnce) leakGet(load func() error) error {
	go o.init(load)
	<-o.ready // want goroutine/no-close
	return o.err
}

type goodOnce struct {
	once  sync.Once
	ready chan struct{}
	err   error
}

func cleanNewOnce() *goodOnce { return &goodOnce{ready: make(chan struct{})} }
func (o *goodOnce) init(load func() error) {
	o.once.Do(func() {
		defer close(o.ready)
		o.err = load()
	})
}
func (o *goodOnce) cleanGet(load func() error) error {
	go o.init(load)
	<-o.ready
	return o.err
}

type badFlight struct {
	mu sync.Mutex
	m  map[string]*call
}
type call struct {
	done chan struct{}
	val  string
	err  error
}

func (g *badFlight) leakDo(key string, f func() (string, error)) (string, error) {
	g.mu.Lock()
	if c, ok := g.m[key]; ok {
		g.mu.Unlock()
		<-c.done // want goroutine/no-close
		return c.val, c.err
	}
	c := &call{done: make(chan struct{})}
	g.m[key] = c // want heap/holder-only-added
	g.mu.Unlock()
	v, err := f()
	if err != nil {
		return "", err
	}
	c.val = v
	close(c.done)
	g.mu.Lock()
	delete(g.m, key)
	g.mu.Unlock()
	return v, nil
}

type goodFlight struct {
	mu sync.Mutex
	m  map[string]*call2
}
type call2 struct {
	done chan struct{}
	val  string
	err  error
}

func (g *goodFlight) cleanDo(key string, f func() (string, error)) (string, error) {
	g.mu.Lock()
	if c, ok := g.m[key]; ok {
		g.mu.Unlock()
		<-c.done
		return c.val, c.err
	}
	c := &call2{done: make(chan struct{})}
	g.m[key] = c
	g.mu.Unlock()
	c.val, c.err = f()
	close(c.done)
	g.mu.Lock()
	delete(g.m, key)
	g.mu.Unlock()
	return c.val, c.err
}

// ---- timer loop with Reset, ctx param shadowed by Background in the loop
func leakBackgroundArg(f func(context.Context)) {
	go watchAll(context.Background(), f) // want goroutine/context-never-cancelled
}
func watchAll(ctx context.Context, f func(context.Context)) {
	t := time.NewTimer(time.Second)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			f(ctx)
			t.Reset(time.Second)
		}
	}
}

type service struct {
	ctx context.Context
	wg  sync.WaitGroup
}

func leakNewService(f func(context.Context)) *service {
	s := &service{ctx: context.TODO()}
	s.wg.Add(1)
	go func() { // want goroutine/context-never-cancelled
		defer s.wg.Done()
		watchAll(s.ctx, f)
	}()
	return s
}
func (s *service) Close() { s.wg.Wait() }

type service2 struct {
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

func cleanNewService(f func(context.Context)) *service2 {
	s := &service2{}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.wg.Add(1)
	go func() {
		defer s.wg.Done()
		watchAll(s.ctx, f)
	}()
	return s
}
func (s *service2) Close() { s.cancel(); s.wg.Wait() }

func cleanDrainLater(items []int, f func(int) error) error {
	errs := make(chan error)
	for _, it := range items {
		go func() { errs <- f(it) }()
	}
	var first error
	for range items {
		if err := <-errs; err != nil && first == nil {
			first = err
		}
	}
	return first
}

func cleanDrainGoroutine(items []int, f func(int) error) error {
	errs := make(chan error)
	for _, it := range items {
		go func() { errs <- f(it) }()
	}
	for i := range items {
		if err := <-errs; err != nil {
			go func() {
				for range len(items) - i - 1 {
					<-errs
				}
			}()
			return err
		}
	}
	return nil
}
