// Package batch has a second set of shapes that was written without a look at the analyzers.
package batch

import (
	"bufio"
	"bytes"
	"compress/gzip"
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
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/segmentio/kafka-go"
	"google.golang.org/grpc"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corev1 "k8s.io/client-go/kubernetes/typed/core/v1"
)

// resources

type fetcher struct {
	client *http.Client
	base   string
}

func (f *fetcher) leakPaged(ctx context.Context, out any) error {
	next := f.base
	for next != "" {
		req, err := http.NewRequestWithContext(ctx, "GET", next, nil)
		if err != nil {
			return err
		}
		resp, err := f.client.Do(req) // want resource/http-body
		if err != nil {
			return err
		}
		if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
			return fmt.Errorf("decode %s: %w", next, err)
		}
		next = resp.Header.Get("Link")
		resp.Body.Close()
	}
	return nil
}

func (f *fetcher) cleanPaged(ctx context.Context, out any) error {
	next := f.base
	for next != "" {
		req, err := http.NewRequestWithContext(ctx, "GET", next, nil)
		if err != nil {
			return err
		}
		resp, err := f.client.Do(req)
		if err != nil {
			return err
		}
		err = json.NewDecoder(resp.Body).Decode(out)
		next = resp.Header.Get("Link")
		resp.Body.Close()
		if err != nil {
			return fmt.Errorf("decode: %w", err)
		}
	}
	return nil
}

func do(c *http.Client, req *http.Request) (*http.Response, error) {
	resp, err := c.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode >= 400 {
		defer resp.Body.Close()
		return nil, errors.New(resp.Status)
	}
	return resp, nil
}

func leakAfterDo(c *http.Client, req *http.Request) (string, error) {
	resp, err := do(c, req) // want resource/http-body
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(resp.Body)
	return string(b), err
}

func cleanAfterDo(c *http.Client, req *http.Request) (string, error) {
	resp, err := do(c, req)
	if err != nil {
		return "", err
	}
	defer func() {
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}()
	b, err := io.ReadAll(resp.Body)
	return string(b), err
}

type reader struct {
	*bufio.Scanner
	f *os.File
	z *gzip.Reader
}

func leakOpenReader(path string) (*reader, error) {
	f, err := os.Open(path) // want resource/file
	if err != nil {
		return nil, err
	}
	if strings.HasSuffix(path, ".gz") {
		z, err := gzip.NewReader(f)
		if err != nil {
			return nil, err
		}
		return &reader{bufio.NewScanner(z), f, z}, nil
	}
	return &reader{bufio.NewScanner(f), f, nil}, nil
}

func cleanOpenReader(path string) (_ *reader, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
		}
	}()
	if filepath.Ext(path) != ".gz" {
		return &reader{bufio.NewScanner(f), f, nil}, nil
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	return &reader{bufio.NewScanner(z), f, z}, nil
}

func (r *reader) Close() error {
	if r.z != nil {
		r.z.Close()
	}
	return r.f.Close()
}

// The reader has a Close that nobody calls.
func leakCountLines(path string) (n int, err error) {
	r, err := cleanOpenReader(path) // want resource/file
	if err != nil {
		return 0, err
	}
	for r.Scan() {
		n++
	}
	return n, r.Err()
}

func cleanCountLines(path string) (n int, err error) {
	r, err := cleanOpenReader(path)
	if err != nil {
		return 0, err
	}
	defer r.Close()
	for r.Scan() {
		n++
	}
	return n, r.Err()
}

func leakBulkInsert(db *sql.DB, rows [][]any) error {
	tx, err := db.Begin() // want resource/sql-tx
	if err != nil {
		return err
	}
	stmt, err := tx.Prepare("insert into t values (?, ?)")
	if err != nil {
		return err
	}
	defer stmt.Close()
	for _, r := range rows {
		if _, err := stmt.Exec(r...); err != nil {
			tx.Rollback()
			return err
		}
	}
	return tx.Commit()
}

func cleanBulkInsert(db *sql.DB, rows [][]any) (err error) {
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			tx.Rollback()
			return
		}
		err = tx.Commit()
	}()
	stmt, err := tx.Prepare("insert into t values (?, ?)")
	if err != nil {
		return err
	}
	defer stmt.Close()
	for _, r := range rows {
		if _, err = stmt.Exec(r...); err != nil {
			return err
		}
	}
	return nil
}

func leakExists(ctx context.Context, db *sql.DB, id string) (bool, error) {
	rows, err := db.QueryContext(ctx, "select 1 from t where id = $1", id) // want resource/sql-rows
	if err != nil {
		return false, err
	}
	return rows.Next(), nil
}

func cleanExists(ctx context.Context, db *sql.DB, id string) (bool, error) {
	rows, err := db.QueryContext(ctx, "select 1 from t where id = $1", id)
	if err != nil {
		return false, err
	}
	found := rows.Next()
	return found, errors.Join(rows.Err(), rows.Close())
}

func leakListenBoth(a, b string) (net.Listener, net.Listener, error) {
	first, err := net.Listen("tcp", a) // want resource/net-listener
	if err != nil {
		return nil, nil, err
	}
	second, err := net.Listen("tcp", b)
	if err != nil {
		return nil, nil, err
	}
	return first, second, nil
}

func cleanListenBoth(a, b string) (net.Listener, net.Listener, error) {
	first, err := net.Listen("tcp", a)
	if err != nil {
		return nil, nil, err
	}
	second, err := net.Listen("tcp", b)
	if err != nil {
		first.Close()
		return nil, nil, err
	}
	return first, second, nil
}

func leakGitLog(ctx context.Context, dir string, line func(string) bool) error {
	cmd := exec.CommandContext(ctx, "git", "log")
	cmd.Dir = dir
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil { // want resource/process
		return err
	}
	sc := bufio.NewScanner(out)
	for sc.Scan() {
		if !line(sc.Text()) {
			return nil
		}
	}
	return cmd.Wait()
}

func cleanGitLog(ctx context.Context, dir string, line func(string) bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := exec.CommandContext(ctx, "git", "log")
	cmd.Dir = dir
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	defer cmd.Wait()
	sc := bufio.NewScanner(out)
	for sc.Scan() {
		if !line(sc.Text()) {
			return nil
		}
	}
	return sc.Err()
}

func leakInterrupt(work func() error) error {
	c := make(chan os.Signal, 1)
	signal.Notify(c, os.Interrupt) // want resource/signal-notify
	errc := make(chan error, 1)
	go func() { errc <- work() }()
	select {
	case err := <-errc:
		return err
	case <-c:
		return errors.New("interrupted")
	}
}

func cleanInterrupt(work func() error) error {
	c := make(chan os.Signal, 1)
	signal.Notify(c, os.Interrupt)
	defer func() { signal.Stop(c); close(c) }()
	errc := make(chan error, 1)
	go func() { errc <- work() }()
	select {
	case err := <-errc:
		return err
	case <-c:
		return errors.New("interrupted")
	}
}

func leakRedisPerRequest(w http.ResponseWriter, r *http.Request) {
	rdb := redis.NewClient(&redis.Options{Addr: "redis:6379"}) // want resource/client
	v, err := rdb.Get(r.Context(), r.URL.Path).Result()
	if err != nil {
		http.Error(w, err.Error(), 500)
		return
	}
	io.WriteString(w, v)
	rdb.Close()
}

func cleanRedisPerRequest(rdb *redis.Client) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, err := rdb.Get(r.Context(), r.URL.Path).Result()
		if err != nil {
			http.Error(w, err.Error(), 500)
			return
		}
		io.WriteString(w, v)
	}
}

type consumer struct {
	reader *kafka.Reader
	sub    *redis.PubSub
}

func leakConsumerInit(ctx context.Context, rdb *redis.Client, brokers []string) (*consumer, error) {
	c := &consumer{reader: kafka.NewReader(kafka.ReaderConfig{Brokers: brokers})} // want resource/client
	if err := rdb.Ping(ctx).Err(); err != nil {
		return nil, err
	}
	c.sub = rdb.Subscribe(ctx, "x")
	return c, nil
}

func cleanConsumerInit(ctx context.Context, rdb *redis.Client, brokers []string) (*consumer, error) {
	c := &consumer{reader: kafka.NewReader(kafka.ReaderConfig{Brokers: brokers})}
	if err := rdb.Ping(ctx).Err(); err != nil {
		c.Close()
		return nil, err
	}
	c.sub = rdb.Subscribe(ctx, "x")
	return c, nil
}

func (c *consumer) Close() {
	c.reader.Close()
	if c.sub != nil {
		c.sub.Close()
	}
}

func leakGRPCCheck(ctx context.Context, targets map[string]string) map[string]error {
	out := map[string]error{}
	for name, t := range targets {
		conn, err := grpc.NewClient(t) // want resource/client
		if err != nil {
			out[name] = err
			continue
		}
		out[name] = conn.Invoke("/check")
	}
	return out
}

func cleanGRPCCheck(ctx context.Context, targets map[string]string) map[string]error {
	out := map[string]error{}
	for name, t := range targets {
		out[name] = func() error {
			conn, err := grpc.NewClient(t)
			if err != nil {
				return err
			}
			defer conn.Close()
			return conn.Invoke("/check")
		}()
	}
	return out
}

func leakPodReady(ctx context.Context, pods corev1.PodInterface, ready func(any) bool) (bool, error) {
	w, err := pods.Watch(ctx, metav1.ListOptions{}) // want resource/watch
	if err != nil {
		return false, err
	}
	for {
		select {
		case ev, ok := <-w.ResultChan():
			if !ok {
				return false, nil
			}
			if ready(ev.Object) {
				return true, nil
			}
		case <-ctx.Done():
			w.Stop()
			return false, ctx.Err()
		}
	}
}

func cleanPodReady(ctx context.Context, pods corev1.PodInterface, ready func(any) bool) (bool, error) {
	w, err := pods.Watch(ctx, metav1.ListOptions{})
	if err != nil {
		return false, err
	}
	stop := sync.OnceFunc(w.Stop)
	defer stop()
	for ev := range w.ResultChan() {
		if ready(ev.Object) {
			return true, nil
		}
	}
	return false, ctx.Err()
}

func leakTempWork(data []byte) (name string, err error) {
	f, err := os.CreateTemp("", "work-*") // want resource/file
	if err != nil {
		return "", err
	}
	if n, err := f.Write(data); err != nil || n < len(data) {
		os.Remove(f.Name())
		return "", io.ErrShortWrite
	}
	return f.Name(), f.Close()
}

func cleanTempWork(data []byte) (name string, err error) {
	f, err := os.CreateTemp("", "work-*")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	_, err = io.Copy(f, bytes.NewReader(data))
	return f.Name(), err
}

func cleanCopyAll(files []string, w io.Writer) error {
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			log.Print(err)
			continue
		}
		if _, err = io.Copy(w, f); err != nil {
			f.Close()
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	return nil
}

type conns struct {
	mu   sync.Mutex
	list map[string]net.Conn
}

func (c *conns) cleanGet(addr string) (net.Conn, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if conn := c.list[addr]; conn != nil {
		return conn, nil
	}
	conn, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return nil, err
	}
	c.list[addr] = conn
	return conn, nil
}

func (c *conns) Drop(addr string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if conn, ok := c.list[addr]; ok {
		conn.Close()
		delete(c.list, addr)
	}
}

// locks, defer, cancel

type state struct {
	sync.RWMutex
	m     map[string]int
	dirty bool
}

func (s *state) leakGetOrMake(key string, make1 func() (int, error)) (int, error) {
	s.Lock() // want goroutine/holder-gone
	if v, ok := s.m[key]; ok {
		s.Unlock()
		return v, nil
	}
	v, err := make1()
	if err != nil {
		return 0, err
	}
	s.m[key] = v
	s.Unlock()
	return v, nil
}

func (s *state) cleanGetOrMake(key string, make1 func() (int, error)) (v int, err error) {
	s.Lock()
	defer s.Unlock()
	v, ok := s.m[key]
	if !ok {
		if v, err = make1(); err == nil {
			s.m[key] = v
		}
	}
	return v, err
}

func (s *state) leakBreak(keys []string) bool {
	for _, k := range keys {
		s.RLock() // want goroutine/holder-gone
		v := s.m[k]
		if v < 0 {
			break
		}
		s.RUnlock()
	}
	return s.dirty
}

func (s *state) cleanBreak(keys []string) bool {
	for _, k := range keys {
		s.RLock()
		v := s.m[k]
		s.RUnlock()
		if v < 0 {
			break
		}
	}
	return s.dirty
}

func (s *state) leakFlush(w io.Writer) error {
	s.Lock() // want goroutine/holder-gone
	if !s.dirty {
		s.Unlock()
		return nil
	}
	if err := json.NewEncoder(w).Encode(s.m); err != nil {
		return fmt.Errorf("flush: %w", err)
	}
	s.dirty = false
	s.Unlock()
	return nil
}

func (s *state) cleanFlush(w io.Writer) error {
	s.Lock()
	if !s.dirty {
		s.Unlock()
		return nil
	}
	err := json.NewEncoder(w).Encode(s.m)
	s.dirty = err != nil
	s.Unlock()
	return err
}

func (s *state) cleanSnapshot() map[string]int {
	s.RLock()
	defer s.RUnlock()
	out := make(map[string]int, len(s.m))
	for k, v := range s.m {
		out[k] = v
	}
	return out
}

func leakDeferStmts(db *sql.DB, queries []string) (n int64, err error) {
	for _, q := range queries {
		st, err := db.Prepare(q)
		if err != nil {
			return n, err
		}
		defer st.Close() // want resource/defer-in-loop
		r, err := st.Exec()
		if err != nil {
			return n, err
		}
		m, _ := r.RowsAffected()
		n += m
	}
	return n, nil
}

func cleanDeferStmts(db *sql.DB, queries []string) error {
	for _, q := range queries {
		st, err := db.Prepare(q)
		if err != nil {
			return err
		}
		_, err = st.Exec()
		st.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

func leakSubContext(ctx context.Context, parts []string, do func(context.Context, string) error) error {
	errc := make(chan error, len(parts))
	for _, p := range parts {
		c, cancel := context.WithTimeout(ctx, time.Second) // want resource/cancel
		go func() {
			err := do(c, p)
			if err == nil {
				cancel()
			}
			errc <- err
		}()
	}
	for range parts {
		if err := <-errc; err != nil {
			return err
		}
	}
	return nil
}

func cleanSubContext(ctx context.Context, parts []string, do func(context.Context, string) error) error {
	errc := make(chan error, len(parts))
	for _, p := range parts {
		c, cancel := context.WithTimeout(ctx, time.Second)
		go func() {
			defer cancel()
			errc <- do(c, p)
		}()
	}
	for range parts {
		if err := <-errc; err != nil {
			return err
		}
	}
	return nil
}

type watcher struct{ stop context.CancelFunc }

func leakStart(parent context.Context, run func(context.Context)) *watcher {
	ctx, cancel := context.WithCancel(parent) // want resource/cancel
	go run(ctx)
	if parent.Err() != nil {
		return nil
	}
	return &watcher{stop: cancel}
}

func cleanStart(parent context.Context, run func(context.Context)) *watcher {
	ctx, cancel := context.WithCancel(parent)
	go run(ctx)
	return &watcher{stop: cancel}
}

func leakHandlerTimeout(w http.ResponseWriter, r *http.Request, load func(context.Context) ([]byte, error)) {
	ctx, cancel := context.WithTimeout(r.Context(), time.Second) // want resource/cancel
	b, err := load(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		http.Error(w, "slow", 504)
		return
	}
	cancel()
	w.Write(b)
}

func cleanHandlerTimeout(w http.ResponseWriter, r *http.Request, load func(context.Context) ([]byte, error)) {
	ctx, cancel := context.WithTimeout(r.Context(), time.Second)
	b, err := load(ctx)
	cancel()
	if err != nil {
		http.Error(w, "slow", 504)
		return
	}
	w.Write(b)
}
