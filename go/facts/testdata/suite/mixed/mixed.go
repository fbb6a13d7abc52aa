// Package mixed has shapes of several kinds side by side, as services have them.
package mixed

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"time"
)

type api struct {
	hc  *http.Client
	log *log.Logger
}

func (a *api) do(req *http.Request) (*http.Response, error) {
	resp, err := a.hc.Do(req)
	if err != nil {
		return nil, fmt.Errorf("do: %w", err)
	}
	if resp.StatusCode >= 400 {
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		return nil, fmt.Errorf("bad %s: %s", resp.Status, b)
	}
	return resp, nil
}

func (a *api) leakUser(id string) (string, error) {
	req, _ := http.NewRequest("GET", id, nil)
	resp, err := a.do(req) // want resource/http-body
	if err != nil {
		return "", err
	}
	var v struct{ Name string }
	if err := json.NewDecoder(resp.Body).Decode(&v); err != nil {
		a.log.Println(err)
		return "", err
	}
	return v.Name, nil
}

func (a *api) cleanUser(id string) (name string, err error) {
	req, _ := http.NewRequest("GET", id, nil)
	resp, err := a.do(req)
	if err != nil {
		return "", err
	}
	defer func() {
		io.Copy(io.Discard, resp.Body)
		if e := resp.Body.Close(); e != nil && err == nil {
			err = e
		}
	}()
	return name, json.NewDecoder(resp.Body).Decode(&name)
}

func leakGoto(urls []string) {
	i := 0
again:
	resp, err := http.Get(urls[i]) // want resource/http-body
	if err != nil {
		return
	}
	if resp.StatusCode != 200 {
		i++
		goto again
	}
	resp.Body.Close()
}

func cleanBodyIface(url string) (err error) {
	var body io.ReadCloser
	resp, err := http.Get(url)
	if err != nil {
		return err
	}
	body = resp.Body
	defer body.Close()
	_, err = io.Copy(io.Discard, body)
	return
}

func leakWrapper(url string) (*bufio.Reader, error) {
	resp, err := http.Get(url) // want resource/http-body
	if err != nil {
		return nil, err
	}
	return bufio.NewReader(resp.Body), nil
}

type bodyReader struct {
	io.Reader
	c io.Closer
}

func (b bodyReader) Close() error { return b.c.Close() }

func cleanWrapper(url string) (io.ReadCloser, error) {
	resp, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	return bodyReader{io.LimitReader(resp.Body, 10), resp.Body}, nil
}

func withRows[T any](rows *sql.Rows, scan func(*sql.Rows) (T, error)) ([]T, error) {
	defer rows.Close()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

func cleanGeneric(db *sql.DB) ([]int, error) {
	rows, err := db.Query("x")
	if err != nil {
		return nil, err
	}
	return withRows(rows, func(r *sql.Rows) (n int, err error) { err = r.Scan(&n); return })
}

func eachRow[T any](rows *sql.Rows, out []T) ([]T, error) {
	for rows.Next() {
		var v T
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func leakGeneric(db *sql.DB) ([]int, error) {
	rows, err := db.Query("x") // want resource/sql-rows
	if err != nil {
		return nil, err
	}
	return eachRow[int](rows, nil)
}

type pool struct {
	mu   sync.Mutex
	free []net.Conn
}

func (p *pool) put(c net.Conn) { p.mu.Lock(); p.free = append(p.free, c); p.mu.Unlock() }

func cleanPool(p *pool, a string) error {
	c, err := net.Dial("tcp", a)
	if err != nil {
		return err
	}
	defer p.put(c)
	_, err = c.Write(nil)
	return err
}

func cleanSwitchErr(n string) error {
	f, err := os.Open(n)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return err
	}
	defer f.Close()
	return nil
}

func cleanErrEq(n string) error {
	f, err := os.Open(n)
	if err == nil {
		defer f.Close()
		_, err = f.Stat()
	}
	return err
}

func leakPanicky(n string) {
	f, err := os.Open(n) // want resource/file
	if err != nil {
		panic(err)
	}
	b := make([]byte, 1)
	f.Read(b)
	if b[0] == 1 {
		return
	}
	f.Close()
}

func cleanMulti(a, b string) (*os.File, *os.File, error) {
	f, err := os.Open(a)
	if err != nil {
		return nil, nil, err
	}
	g, err := os.Open(b)
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return f, g, nil
}

func leakMulti(a, b string) (*os.File, *os.File, error) {
	f, err := os.Open(a) // want resource/file
	if err != nil {
		return nil, nil, err
	}
	g, err := os.Open(b)
	if err != nil {
		return nil, nil, err
	}
	return f, g, nil
}

type srv struct {
	ln     net.Listener
	cancel context.CancelFunc
	wg     sync.WaitGroup
	tick   *time.Ticker
}

func cleanSrv(ctx context.Context, addr string) (s *srv, err error) {
	s = new(srv)
	if s.ln, err = net.Listen("tcp", addr); err != nil {
		return nil, err
	}
	ctx, s.cancel = context.WithCancel(ctx)
	s.wg.Add(1)
	go s.loop(ctx)
	return s, nil
}

func (s *srv) loop(ctx context.Context) {
	defer s.wg.Done()
	for {
		c, err := s.ln.Accept()
		if err != nil {
			return
		}
		s.wg.Add(1)
		go s.handle(ctx, c)
	}
}

func (s *srv) handle(ctx context.Context, c net.Conn) {
	defer s.wg.Done()
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	io.Copy(c, c)
}

func (s *srv) Close() { s.cancel(); s.ln.Close(); s.wg.Wait() }

func leakSrv(ctx context.Context) error {
	s, err := cleanSrv(ctx, ":0") // want resource/net-listener
	if err != nil {
		return err
	}
	if _, err := os.Stat("x"); err != nil {
		return err
	}
	s.Close()
	return nil
}

func cleanErrgroup(ctx context.Context, run func(func() error)) error {
	f, err := os.Open("x")
	if err != nil {
		return err
	}
	run(func() error {
		defer f.Close()
		return nil
	})
	return nil
}

func cleanStruct(n string) (r struct{ F *os.File }, err error) {
	r.F, err = os.Open(n)
	return
}

func cleanMap(names []string) (map[string]*os.File, error) {
	m := map[string]*os.File{}
	for _, n := range names {
		f, err := os.Open(n)
		if err != nil {
			for _, f := range m {
				f.Close()
			}
			return nil, err
		}
		m[n] = f
	}
	return m, nil
}

func leakCmd(ctx context.Context) error {
	c := exec.CommandContext(ctx, "x")
	out, err := c.StdoutPipe()
	if err != nil {
		return err
	}
	if err := c.Start(); err != nil { // want resource/process
		return err
	}
	if _, err := io.ReadAll(out); err != nil {
		return err
	}
	return c.Wait()
}

func cleanCmd(ctx context.Context) (b []byte, err error) {
	c := exec.CommandContext(ctx, "x")
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err = c.Start(); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.Wait()) }()
	return io.ReadAll(out)
}

func cleanCancelSlice(ctx context.Context, n int) []context.CancelFunc {
	var cs []context.CancelFunc
	for range n {
		_, c := context.WithCancel(ctx)
		cs = append(cs, c)
	}
	return cs
}

func cleanTimeoutLoop(ctx context.Context, f func(context.Context) error) error {
	var last error
	for i := 0; i < 3; i++ {
		c, cancel := context.WithTimeout(ctx, 1)
		last = f(c)
		cancel()
		if last == nil {
			break
		}
	}
	return last
}

func leakLockSelect(mu *sync.RWMutex, c chan int) int {
	mu.Lock() // want goroutine/holder-gone
	select {
	case v := <-c:
		mu.Unlock()
		return v
	default:
		return 0
	}
}

func cleanLockSelect(mu *sync.RWMutex, c chan int) int {
	mu.Lock()
	select {
	case v := <-c:
		mu.Unlock()
		return v
	default:
	}
	mu.Unlock()
	return 0
}

type Cache struct {
	sync.Mutex
	m map[string]int
}

func (c *Cache) leakEmbedded(k string) (int, error) {
	c.Lock() // want goroutine/holder-gone
	v, ok := c.m[k]
	if !ok {
		return 0, errors.New("x")
	}
	c.Unlock()
	return v, nil
}

func (c *Cache) cleanEmbedded(k string) int {
	c.Lock()
	defer c.Unlock()
	return c.m[k]
}

var metrics = map[string]*int{}
var metricsMu sync.RWMutex

func leakMetric(user string) {
	metricsMu.Lock()
	defer metricsMu.Unlock()
	p := metrics[user]
	if p == nil {
		p = new(int)
		metrics[user] = p // want heap/holder-only-added
	}
	*p++
}

type hub struct {
	subs map[chan string]struct{}
	mu   sync.Mutex
}

var theHub = &hub{subs: map[chan string]struct{}{}}

func leakSubscribe() <-chan string {
	ch := make(chan string, 1)
	theHub.mu.Lock()
	theHub.subs[ch] = struct{}{} // want heap/holder-only-added
	theHub.mu.Unlock()
	return ch
}

type ring struct{ events []string }

func (r *ring) leakAppend(s string) { r.events = append(r.events, s) } // want heap/holder-only-added

var theRing ring

func Add(s string) { theRing.leakAppend(s) }

func leakWG(jobs []func() error) error {
	var wg sync.WaitGroup
	for _, j := range jobs {
		wg.Add(1)
		go func() {
			if err := j(); err != nil {
				return
			}
			wg.Done() // want goroutine/waitgroup-count
		}()
	}
	wg.Wait()
	return nil
}

func leakWorker(in chan int) {
	go func() { // want goroutine/no-exit
		var buf bytes.Buffer
		for {
			v := <-in
			fmt.Fprintln(&buf, v)
		}
	}()
}

func cleanWorker(in chan int) {
	go func() {
		for v := range in {
			_ = v
		}
	}()
}

func leakResultStruct(ctx context.Context, f func() (int, error)) (int, error) {
	type res struct {
		v   int
		err error
	}
	ch := make(chan res)
	go func() { // want goroutine/no-receiver
		v, err := f()
		ch <- res{v, err}
	}()
	select {
	case r := <-ch:
		return r.v, r.err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func leakParamChan(ctx context.Context, f func(chan<- int)) (int, error) {
	ch := make(chan int)
	go produce(ch) // want goroutine/no-receiver
	select {
	case v := <-ch:
		return v, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func produce(out chan<- int) { out <- 1 }
