// Package third has a third set of shapes that was written without a look at the analyzers.
package third

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

type apiError struct{ code int }

func (e *apiError) Error() string { return strconv.Itoa(e.code) }

type sdk struct {
	hc  *http.Client
	log *slog.Logger
}

func (s *sdk) call(ctx context.Context, path string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, path, nil)
	if err != nil {
		return nil, err
	}
	return s.hc.Do(req)
}

func (s *sdk) leakDelete(ctx context.Context, id string) error {
	resp, err := s.call(ctx, "/v1/"+id) // want resource/http-body
	if err != nil {
		return err
	}
	switch resp.StatusCode {
	case http.StatusNoContent:
		return nil
	case http.StatusNotFound:
		resp.Body.Close()
		return os.ErrNotExist
	}
	resp.Body.Close()
	return &apiError{resp.StatusCode}
}

func (s *sdk) cleanDelete(ctx context.Context, id string) error {
	resp, err := s.call(ctx, "/v1/"+id)
	if err != nil {
		return err
	}
	defer drain(resp.Body)
	switch resp.StatusCode {
	case http.StatusNoContent:
		return nil
	case http.StatusNotFound:
		return os.ErrNotExist
	}
	return &apiError{resp.StatusCode}
}

func drain(rc io.ReadCloser) {
	io.Copy(io.Discard, io.LimitReader(rc, 1<<16))
	rc.Close()
}

func (s *sdk) leakStream(ctx context.Context, w io.Writer) (err error) {
	resp, err := s.call(ctx, "/stream") // want resource/http-body
	if err != nil {
		return fmt.Errorf("stream: %w", err)
	}
	br := bufio.NewReader(resp.Body)
	for {
		line, err := br.ReadBytes('\n')
		if err == io.EOF {
			resp.Body.Close()
			return nil
		}
		if err != nil {
			return err
		}
		if _, err := w.Write(line); err != nil {
			return err
		}
	}
}

func (s *sdk) cleanStream(ctx context.Context) (io.ReadCloser, error) {
	resp, err := s.call(ctx, "/stream")
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		resp.Body.Close()
		return nil, &apiError{resp.StatusCode}
	}
	return resp.Body, nil
}

type wal struct {
	mu   sync.Mutex
	f    *os.File
	size int64
}

func (w *wal) leakRotate(dir string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	next, err := os.Create(filepath.Join(dir, strconv.FormatInt(time.Now().Unix(), 10))) // want resource/file
	if err != nil {
		return err
	}
	if err := w.f.Sync(); err != nil {
		return err
	}
	w.f.Close()
	w.f, w.size = next, 0
	return nil
}

func (w *wal) cleanRotate(dir string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.f.Sync(); err != nil {
		return err
	}
	next, err := os.Create(filepath.Join(dir, "next"))
	if err != nil {
		return err
	}
	w.f.Close()
	w.f, w.size = next, 0
	return nil
}

func (w *wal) leakAppend(b []byte) (int64, error) {
	w.mu.Lock() // want goroutine/holder-gone
	n, err := w.f.Write(b)
	if err != nil {
		return 0, err
	}
	w.size += int64(n)
	size := w.size
	w.mu.Unlock()
	return size, nil
}

func (w *wal) cleanAppend(b []byte) (int64, error) {
	w.mu.Lock()
	n, err := w.f.Write(b)
	w.size += int64(n)
	size := w.size
	w.mu.Unlock()
	return size, err
}

func leakMigrate(ctx context.Context, db *sql.DB, steps []string) error {
	conn, err := db.Conn(ctx) // want resource/sql-conn
	if err != nil {
		return err
	}
	for _, s := range steps {
		if _, err := conn.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("step %q: %w", s, err)
		}
	}
	return conn.Close()
}

func cleanMigrate(ctx context.Context, db *sql.DB, steps []string) (err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	for _, s := range steps {
		if _, err := conn.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("step %q: %w", s, err)
		}
	}
	return nil
}

func leakProbe(addrs []string) string {
	for _, a := range addrs {
		c, err := net.DialTimeout("tcp", a, time.Second) // want resource/net-conn
		if err != nil {
			continue
		}
		c.SetDeadline(time.Now().Add(time.Second))
		line, err := bufio.NewReader(c).ReadString('\n')
		if err != nil {
			continue
		}
		c.Close()
		return line
	}
	return ""
}

func cleanProbe(addrs []string) string {
	probe := func(a string) (string, error) {
		c, err := net.DialTimeout("tcp", a, time.Second)
		if err != nil {
			return "", err
		}
		defer c.Close()
		return bufio.NewReader(c).ReadString('\n')
	}
	for _, a := range addrs {
		if line, err := probe(a); err == nil {
			return line
		}
	}
	return ""
}

func leakDetached(ctx context.Context, run func(context.Context)) {
	bg, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute) // want resource/cancel
	go func() {
		defer func() { _ = recover() }()
		run(bg)
		if bg.Err() == nil {
			return
		}
		cancel()
	}()
}

func cleanDetached(ctx context.Context, run func(context.Context)) {
	bg, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	go func() {
		defer cancel()
		run(bg)
	}()
}

func leakAll(ctx context.Context, ids []int, load func(context.Context, int) (string, error)) ([]string, error) {
	type result struct {
		i   int
		s   string
		err error
	}
	results := make(chan result)
	for i, id := range ids {
		go func() { // want goroutine/no-receiver
			s, err := load(ctx, id)
			results <- result{i, s, err}
		}()
	}
	out := make([]string, len(ids))
	for range ids {
		select {
		case r := <-results:
			if r.err != nil {
				return nil, r.err
			}
			out[r.i] = r.s
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return out, nil
}

func cleanAll(ctx context.Context, ids []int, load func(context.Context, int) (string, error)) ([]string, error) {
	out := make([]string, len(ids))
	errs := make([]error, len(ids))
	var wg sync.WaitGroup
	for i, id := range ids {
		wg.Add(1)
		go func() {
			defer wg.Done()
			out[i], errs[i] = load(ctx, id)
		}()
	}
	wg.Wait()
	return out, errors.Join(errs...)
}

type scheduler struct {
	jobs    chan func()
	stopped chan struct{}
	once    sync.Once
}

func cleanScheduler(n int) *scheduler {
	s := &scheduler{jobs: make(chan func()), stopped: make(chan struct{})}
	for range n {
		go s.work()
	}
	return s
}

func (s *scheduler) work() {
	for {
		select {
		case f := <-s.jobs:
			f()
		case <-s.stopped:
			return
		}
	}
}

func (s *scheduler) Submit(f func()) bool {
	select {
	case s.jobs <- f:
		return true
	case <-s.stopped:
		return false
	}
}

func (s *scheduler) Stop() { s.once.Do(func() { close(s.stopped) }) }

type collector struct {
	samples chan float64
	sum     float64
}

func leakCollector() *collector {
	c := &collector{samples: make(chan float64, 16)} // want goroutine/no-close
	go func() {
		for v := range c.samples {
			c.sum += v
		}
	}()
	return c
}

func (c *collector) Observe(v float64) { c.samples <- v }

func leakKeepAlive(conn net.Conn, every time.Duration) {
	go func() { // want goroutine/no-exit
		t := time.NewTicker(every)
		defer t.Stop()
		for range t.C {
			fmt.Fprintln(conn, "ping")
		}
	}()
}

func cleanKeepAlive(ctx context.Context, conn net.Conn, every time.Duration) {
	go func() {
		t := time.NewTicker(every)
		defer t.Stop()
		for {
			select {
			case <-t.C:
				if _, err := fmt.Fprintln(conn, "ping"); err != nil {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}()
}

func leakTwoStages(in []string) (n int, err error) {
	lines := make(chan string)
	sizes := make(chan int)
	go func() {
		defer close(lines)
		for _, l := range in {
			lines <- l
		}
	}()
	go func() { // want goroutine/no-receiver
		defer close(sizes)
		for l := range lines {
			sizes <- len(l)
		}
	}()
	for s := range sizes {
		if s == 0 {
			return n, errors.New("empty line")
		}
		n += s
	}
	return n, nil
}

func cleanTwoStages(in []string) (n int) {
	lines := make(chan string)
	sizes := make(chan int)
	go func() {
		defer close(lines)
		for _, l := range in {
			lines <- l
		}
	}()
	go func() {
		defer close(sizes)
		for l := range lines {
			sizes <- len(l)
		}
	}()
	for s := range sizes {
		n += s
	}
	return n
}

func leakNotify(ctx context.Context, wait func() error) error {
	done := make(chan error)
	go func() { done <- wait() }() // want goroutine/no-receiver
	for {
		select {
		case err := <-done:
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func cleanNotify(ctx context.Context, wait func() error) error {
	done := make(chan error, 1)
	go func() { done <- wait() }()
	for {
		select {
		case err := <-done:
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func leakGroup(shards []string, flush func(string) error) error {
	var wg sync.WaitGroup
	var first error
	for _, s := range shards {
		wg.Add(1)
		if s == "" {
			continue
		}
		go func() {
			defer wg.Done()
			if err := flush(s); err != nil {
				first = err
			}
		}()
	}
	wg.Wait() // want goroutine/waitgroup-count
	return first
}

var (
	bansMu sync.RWMutex
	bans   = make(map[string]time.Time)
)

func leakBan(ip string, d time.Duration) {
	bansMu.Lock()
	defer bansMu.Unlock()
	bans[ip] = time.Now().Add(d) // want heap/holder-only-added
}

func banned(ip string) bool {
	bansMu.RLock()
	defer bansMu.RUnlock()
	return time.Now().Before(bans[ip])
}

var (
	locksMu sync.Mutex
	locks   = make(map[string]*sync.Mutex)
)

func leakLockFor(key string) *sync.Mutex {
	locksMu.Lock()
	defer locksMu.Unlock()
	m := locks[key]
	if m == nil {
		m = new(sync.Mutex)
		locks[key] = m // want heap/holder-only-added
	}
	return m
}

var handlers = map[string]http.Handler{}

func cleanHandle(h http.Handler) {
	handlers["/healthz"] = h
}

var tokens = map[string]time.Time{}

func cleanToken(t string) bool {
	if exp, ok := tokens[t]; ok {
		if time.Now().After(exp) {
			delete(tokens, t)
			return false
		}
		return true
	}
	tokens[t] = time.Now().Add(time.Hour)
	return true
}

type auditLog struct{ entries []string }

var audit auditLog

func (a *auditLog) leakAdd(s string) { a.entries = append(a.entries, s) } // want heap/holder-only-added

func use() { audit.leakAdd("x"); fmt.Println(banned("x")) }

type parser struct {
	buf  bytes.Buffer
	refs map[string]*parser
	out  io.Writer
}

var parsers = sync.Pool{New: func() any { return &parser{refs: map[string]*parser{}} }}

func leakParse(w io.Writer, in []byte) error {
	p := parsers.Get().(*parser)
	defer parsers.Put(p) // want heap/pool-unreset
	p.out = w
	_, err := p.out.Write(in)
	return err
}

var jsonBuffers sync.Pool

func leakMarshal(v any) ([]byte, error) {
	b, _ := jsonBuffers.Get().(*bytes.Buffer)
	if b == nil {
		b = new(bytes.Buffer)
	}
	b.Reset()
	defer jsonBuffers.Put(b) // want heap/pool-oversized
	if err := json.NewEncoder(b).Encode(v); err != nil {
		return nil, err
	}
	return bytes.Clone(b.Bytes()), nil
}

type index struct{ byKey map[string]string }

func (x *index) leakLoad(name string) error {
	raw, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	for _, line := range strings.Split(string(raw), "\n") {
		k, v, ok := strings.Cut(line, "=")
		if ok && strings.HasPrefix(k, "public.") {
			x.byKey[k] = v // want heap/subslice-retention
		}
	}
	return nil
}

// All but comments are kept: copies would need as much.
func (x *index) cleanLoadAll(name string) error {
	raw, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	for _, line := range strings.Split(string(raw), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		if k, v, ok := strings.Cut(line, "="); ok {
			x.byKey[k] = v
		}
	}
	return nil
}

func (x *index) cleanLoad(name string) error {
	raw, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	for _, line := range strings.Split(string(raw), "\n") {
		k, v, ok := strings.Cut(line, "=")
		if ok && strings.HasPrefix(k, "public.") {
			x.byKey[strings.Clone(k)] = strings.Clone(v)
		}
	}
	return nil
}

func leakDeadline(ctx context.Context, host string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return net.Dial("tcp", host) // want goroutine/deadline-not-passed
}

func cleanDeadline(ctx context.Context, host string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	var d net.Dialer
	return d.DialContext(ctx, "tcp", host)
}
