// Package resources has things in lists, fields that are filled again, pipes, and functions that close what they come with.
package resources

import (
	"bufio"
	"compress/gzip"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"time"

	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
)

// --- fields that are replaced

type badRedial struct {
	mu   sync.Mutex
	addr string
	conn net.Conn
}

func (c *badRedial) leakConnect() error {
	conn, err := net.Dial("tcp", c.addr) // want resource/net-conn
	if err != nil {
		return err
	}
	c.conn = conn
	return nil
}
func (c *badRedial) Send(b []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conn == nil {
		if err := c.leakConnect(); err != nil {
			return err
		}
	}
	if _, err := c.conn.Write(b); err != nil {
		c.conn = nil
		return err
	}
	return nil
}
func (c *badRedial) Close() error { return c.conn.Close() }

type goodRedial struct {
	mu   sync.Mutex
	addr string
	conn net.Conn
}

func (c *goodRedial) drop() {
	if c.conn != nil {
		c.conn.Close()
		c.conn = nil
	}
}
func (c *goodRedial) Send(b []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conn == nil {
		conn, err := net.Dial("tcp", c.addr)
		if err != nil {
			return err
		}
		c.conn = conn
	}
	if _, err := c.conn.Write(b); err != nil {
		c.drop()
		return err
	}
	return nil
}
func (c *goodRedial) Close() error { return c.conn.Close() }

// reconnect replaces the field with no look at the old one
type badReconnect struct {
	target string
	cc     *grpc.ClientConn
}

func newBadReconnect(target string) (*badReconnect, error) {
	cc, err := grpc.NewClient(target)
	if err != nil {
		return nil, err
	}
	return &badReconnect{target: target, cc: cc}, nil
}
func (c *badReconnect) leakReset() error {
	cc, err := grpc.NewClient(c.target) // want resource/client
	if err != nil {
		return err
	}
	c.cc = cc
	return nil
}
func (c *badReconnect) Close() error { return c.cc.Close() }

type goodReconnect struct {
	target string
	cc     *grpc.ClientConn
}

func cleanNewReconnect(target string) (*goodReconnect, error) {
	cc, err := grpc.NewClient(target)
	if err != nil {
		return nil, err
	}
	return &goodReconnect{target: target, cc: cc}, nil
}
func (c *goodReconnect) cleanReset() error {
	cc, err := grpc.NewClient(c.target)
	if err != nil {
		return err
	}
	old := c.cc
	c.cc = cc
	return old.Close()
}
func (c *goodReconnect) Close() error { return c.cc.Close() }

// log file that rotates
type badRotate struct {
	f    *os.File
	size int64
}

func (r *badRotate) leakRotate() error {
	f, err := os.Create(fmt.Sprintf("log-%d", time.Now().Unix())) // want resource/file
	if err != nil {
		return err
	}
	r.f = f
	r.size = 0
	return nil
}
func (r *badRotate) Write(b []byte) (int, error) {
	if r.size > 1<<20 {
		if err := r.leakRotate(); err != nil {
			return 0, err
		}
	}
	n, err := r.f.Write(b)
	r.size += int64(n)
	return n, err
}
func (r *badRotate) Close() error { return r.f.Close() }

type goodRotate struct {
	f    *os.File
	size int64
}

func (r *goodRotate) cleanRotate() error {
	if r.f != nil {
		r.f.Close()
	}
	f, err := os.Create(fmt.Sprintf("log-%d", time.Now().Unix()))
	if err != nil {
		return err
	}
	r.f = f
	r.size = 0
	return nil
}
func (r *goodRotate) Write(b []byte) (int, error) {
	if r.f == nil || r.size > 1<<20 {
		if err := r.cleanRotate(); err != nil {
			return 0, err
		}
	}
	n, err := r.f.Write(b)
	r.size += int64(n)
	return n, err
}
func (r *goodRotate) Close() error { return r.f.Close() }

// start once, set in Start only (guarded by Once or by the caller)
type goodStart struct {
	ln net.Listener
}

func (s *goodStart) Start(addr string) error {
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	s.ln = ln
	return nil
}
func (s *goodStart) Close() error { return s.ln.Close() }

// --- pipe reader and consumer callback

func leakPipeConsumer(write func(io.Writer) error, consume func(io.Reader) error) error {
	pr, pw := io.Pipe() // want resource/io-pipe
	go func() {
		pw.CloseWithError(write(pw))
	}()
	if err := consume(pr); err != nil {
		return err
	}
	return pr.Close()
}

func cleanPipeConsumer(write func(io.Writer) error, consume func(io.Reader) error) error {
	pr, pw := io.Pipe()
	go func() {
		pw.CloseWithError(write(pw))
	}()
	err := consume(pr)
	pr.CloseWithError(err)
	return err
}

// upload of a pipe: the request may fail before it reads the body (client closes it)
func cleanPipeUpload(c *http.Client, url string, write func(io.Writer) error) error {
	pr, pw := io.Pipe()
	go func() { pw.CloseWithError(write(pw)) }()
	req, err := http.NewRequest("POST", url, pr)
	if err != nil {
		pr.Close()
		return err
	}
	resp, err := c.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// --- hedged responses in a channel of struct

type result struct {
	resp *http.Response
	err  error
}

func leakHedged(c *http.Client, urls []string) (*http.Response, error) {
	ch := make(chan result, len(urls))
	for _, u := range urls {
		go func() {
			resp, err := c.Get(u) // want resource/http-body
			ch <- result{resp, err}
		}()
	}
	for range urls {
		r := <-ch
		if r.err == nil {
			return r.resp, nil
		}
	}
	return nil, errors.New("all failed")
}

func leakHedgedTwo(ctx context.Context, c *http.Client, a, b *http.Request) (*http.Response, error) {
	ch := make(chan result, 2)
	do := func(r *http.Request) {
		resp, err := c.Do(r) // want resource/http-body
		ch <- result{resp: resp, err: err}
	}
	go do(a)
	t := time.NewTimer(50 * time.Millisecond)
	defer t.Stop()
	select {
	case r := <-ch:
		return r.resp, r.err
	case <-t.C:
	}
	go do(b)
	select {
	case r := <-ch:
		return r.resp, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func cleanHedged(c *http.Client, urls []string) (*http.Response, error) {
	ch := make(chan result, len(urls))
	for _, u := range urls {
		go func() {
			resp, err := c.Get(u)
			ch <- result{resp, err}
		}()
	}
	var win *http.Response
	for range urls {
		r := <-ch
		if r.err != nil {
			continue
		}
		if win == nil {
			win = r.resp
		} else {
			r.resp.Body.Close()
		}
	}
	if win == nil {
		return nil, errors.New("all failed")
	}
	return win, nil
}

// timeout: response comes late
func leakLateResponse(ctx context.Context, c *http.Client, u string) (*http.Response, error) {
	ch := make(chan result, 1)
	go func() {
		resp, err := c.Get(u) // want resource/http-body
		ch <- result{resp, err}
	}()
	select {
	case r := <-ch:
		return r.resp, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func cleanLateResponse(ctx context.Context, c *http.Client, u string) (*http.Response, error) {
	ch := make(chan result, 1)
	go func() {
		resp, err := c.Get(u)
		ch <- result{resp, err}
	}()
	select {
	case r := <-ch:
		return r.resp, r.err
	case <-ctx.Done():
		go func() {
			if r := <-ch; r.resp != nil {
				r.resp.Body.Close()
			}
		}()
		return nil, ctx.Err()
	}
}

// --- slices of things

func leakListeners(addrs []string) ([]net.Listener, error) {
	var list []net.Listener
	for _, a := range addrs {
		l, err := net.Listen("tcp", a) // want resource/net-listener
		if err != nil {
			return nil, err
		}
		list = append(list, l)
	}
	return list, nil
}

func cleanListeners(addrs []string) (list []net.Listener, err error) {
	defer func() {
		if err != nil {
			for _, l := range list {
				l.Close()
			}
		}
	}()
	for _, a := range addrs {
		l, err := net.Listen("tcp", a)
		if err != nil {
			return list, err
		}
		list = append(list, l)
	}
	return list, nil
}

func cleanListeners2(addrs []string) ([]net.Listener, error) {
	list := make([]net.Listener, 0, len(addrs))
	for _, a := range addrs {
		l, err := net.Listen("tcp", a)
		if err != nil {
			for _, o := range list {
				o.Close()
			}
			return nil, err
		}
		list = append(list, l)
	}
	return list, nil
}

func closeAll(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}

func cleanMerge(names []string, w io.Writer) error {
	var files []*os.File
	defer func() { closeAll(files) }()
	for _, n := range names {
		f, err := os.Open(n)
		if err != nil {
			return err
		}
		files = append(files, f)
	}
	for _, f := range files {
		if _, err := io.Copy(w, f); err != nil {
			return err
		}
	}
	return nil
}

func leakMerge(names []string, w io.Writer) error {
	var files []*os.File
	for _, n := range names {
		f, err := os.Open(n) // want resource/file
		if err != nil {
			return err
		}
		files = append(files, f)
	}
	for _, f := range files {
		if _, err := io.Copy(w, f); err != nil {
			return err
		}
	}
	closeAll(files)
	return nil
}

func leakOpenMap(names []string) (map[string]*os.File, error) {
	m := map[string]*os.File{}
	for _, n := range names {
		f, err := os.Open(n) // want resource/file
		if err != nil {
			return nil, fmt.Errorf("open: %w", err)
		}
		m[n] = f
	}
	return m, nil
}

func cleanOpenMap(names []string) (map[string]*os.File, error) {
	m := map[string]*os.File{}
	for _, n := range names {
		f, err := os.Open(n)
		if err != nil {
			for _, f := range m {
				f.Close()
			}
			return nil, fmt.Errorf("open: %w", err)
		}
		m[n] = f
	}
	return m, nil
}

// indexed
func leakConns(addrs []string) ([]net.Conn, error) {
	conns := make([]net.Conn, len(addrs))
	for i, a := range addrs {
		c, err := net.Dial("tcp", a) // want resource/net-conn
		if err != nil {
			return nil, err
		}
		conns[i] = c
	}
	return conns, nil
}

func cleanConns(addrs []string) ([]net.Conn, error) {
	conns := make([]net.Conn, len(addrs))
	for i, a := range addrs {
		c, err := net.Dial("tcp", a)
		if err != nil {
			for _, c := range conns[:i] {
				c.Close()
			}
			return nil, err
		}
		conns[i] = c
	}
	return conns, nil
}

// struct literal owns two, second fails
type pair struct{ in, out *os.File }

func leakPair(a, b string) (*pair, error) {
	p := &pair{}
	var err error
	if p.in, err = os.Open(a); err != nil { // want resource/file
		return nil, err
	}
	if p.out, err = os.Create(b); err != nil {
		return nil, err
	}
	return p, nil
}

func cleanPair(a, b string) (*pair, error) {
	p := &pair{}
	var err error
	if p.in, err = os.Open(a); err != nil {
		return nil, err
	}
	if p.out, err = os.Create(b); err != nil {
		p.in.Close()
		return nil, err
	}
	return p, nil
}

// --- exec

func leakCmd(ctx context.Context, name string) ([]string, error) {
	cmd := exec.CommandContext(ctx, name)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil { // want resource/process
		return nil, err
	}
	var lines []string
	sc := bufio.NewScanner(out)
	for sc.Scan() {
		if sc.Text() == "" {
			return nil, errors.New("empty line")
		}
		lines = append(lines, sc.Text())
	}
	return lines, cmd.Wait()
}

func cleanCmd(ctx context.Context, name string) ([]string, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := exec.CommandContext(ctx, name)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	defer cmd.Wait()
	var lines []string
	sc := bufio.NewScanner(out)
	for sc.Scan() {
		if sc.Text() == "" {
			return nil, errors.New("empty line")
		}
		lines = append(lines, sc.Text())
	}
	return lines, nil
}

// --- sql

func leakRowsReturn(db *sql.DB, id int) (string, error) {
	rows, err := db.Query("select name from t") // want resource/sql-rows
	if err != nil {
		return "", err
	}
	for rows.Next() {
		var n string
		if err := rows.Scan(&n); err != nil {
			return "", err
		}
		if n == fmt.Sprint(id) {
			return n, nil
		}
	}
	return "", rows.Err()
}

type rowIter struct {
	rows *sql.Rows
	cur  string
}

func (it *rowIter) Next() bool {
	if !it.rows.Next() {
		return false
	}
	return it.rows.Scan(&it.cur) == nil
}
func (it *rowIter) Close() error { return it.rows.Close() }

func names(db *sql.DB) (*rowIter, error) {
	rows, err := db.Query("select name from t")
	if err != nil {
		return nil, err
	}
	return &rowIter{rows: rows}, nil
}

func leakIter(db *sql.DB, want string) (bool, error) {
	it, err := names(db) // want resource/sql-rows
	if err != nil {
		return false, err
	}
	for it.Next() {
		if it.cur == want {
			return true, nil
		}
	}
	return false, it.Close()
}

func cleanIter(db *sql.DB, want string) (bool, error) {
	it, err := names(db)
	if err != nil {
		return false, err
	}
	defer it.Close()
	for it.Next() {
		if it.cur == want {
			return true, nil
		}
	}
	return false, nil
}

func leakTx(ctx context.Context, db *sql.DB, ids []int) error {
	tx, err := db.BeginTx(ctx, nil) // want resource/sql-tx
	if err != nil {
		return err
	}
	for _, id := range ids {
		res, err := tx.ExecContext(ctx, "update t set x=1 where id=?", id)
		if err != nil {
			tx.Rollback()
			return err
		}
		if n, _ := res.RowsAffected(); n == 0 {
			return errors.New("not found")
		}
	}
	return tx.Commit()
}

func inTx(db *sql.DB, f func(*sql.Tx) error) error {
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

func cleanTx(db *sql.DB) error {
	return inTx(db, func(tx *sql.Tx) error { _, err := tx.Exec("x"); return err })
}

func leakStmt(db *sql.DB, n int) (string, error) {
	stmt, err := db.Prepare("select x from t where id=?") // want resource/sql-stmt
	if err != nil {
		return "", err
	}
	var s string
	return s, stmt.QueryRow(n).Scan(&s)
}

func leakConn(ctx context.Context, db *sql.DB) error {
	conn, err := db.Conn(ctx) // want resource/sql-conn
	if err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, "select pg_advisory_lock(1)"); err != nil {
		return err
	}
	defer conn.Close()
	return nil
}

// --- bodies

func fetch(c *http.Client, u string) (io.ReadCloser, error) {
	resp, err := c.Get(u)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != 200 {
		resp.Body.Close()
		return nil, errors.New(resp.Status)
	}
	return resp.Body, nil
}

func leakFetch(c *http.Client, u string) (int64, error) {
	body, err := fetch(c, u) // want resource/http-body
	if err != nil {
		return 0, err
	}
	return io.Copy(io.Discard, body)
}

func leakGzip(c *http.Client, u string) ([]byte, error) {
	resp, err := c.Get(u) // want resource/http-body
	if err != nil {
		return nil, err
	}
	zr, err := gzip.NewReader(resp.Body)
	if err != nil {
		return nil, err
	}
	defer zr.Close()
	return io.ReadAll(zr)
}

func leakGzipWrap(c *http.Client, u string) (io.ReadCloser, error) {
	resp, err := c.Get(u) // want resource/http-body
	if err != nil {
		return nil, err
	}
	if resp.Header.Get("Content-Encoding") == "gzip" {
		return gzip.NewReader(resp.Body)
	}
	return resp.Body, nil
}

type gzBody struct {
	*gzip.Reader
	body io.Closer
}

func (g *gzBody) Close() error { g.Reader.Close(); return g.body.Close() }

func cleanGzipWrap(c *http.Client, u string) (io.ReadCloser, error) {
	resp, err := c.Get(u)
	if err != nil {
		return nil, err
	}
	if resp.Header.Get("Content-Encoding") != "gzip" {
		return resp.Body, nil
	}
	zr, err := gzip.NewReader(resp.Body)
	if err != nil {
		resp.Body.Close()
		return nil, err
	}
	return &gzBody{zr, resp.Body}, nil
}

func leakRetry(c *http.Client, req *http.Request) (*http.Response, error) {
	var resp *http.Response
	var err error
	for i := 0; i < 3; i++ {
		resp, err = c.Do(req) // want resource/http-body
		if err == nil && resp.StatusCode < 500 {
			return resp, nil
		}
		time.Sleep(time.Second)
	}
	return resp, err
}

func cleanRetry(c *http.Client, req *http.Request) (*http.Response, error) {
	for i := 0; ; i++ {
		resp, err := c.Do(req)
		if err == nil && resp.StatusCode < 500 || i == 3 {
			return resp, err
		}
		if resp != nil {
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}
		time.Sleep(time.Second)
	}
}

func checkStatus(resp *http.Response) error {
	if resp.StatusCode >= 400 {
		return fmt.Errorf("bad %d", resp.StatusCode)
	}
	return nil
}

func leakStatus(c *http.Client, u string, v any) error {
	resp, err := c.Get(u) // want resource/http-body
	if err != nil {
		return err
	}
	if err := checkStatus(resp); err != nil {
		return err
	}
	defer resp.Body.Close()
	return json.NewDecoder(resp.Body).Decode(v)
}

func drain(resp *http.Response) {
	if resp == nil || resp.Body == nil {
		return
	}
	io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
}

func cleanStatus(c *http.Client, u string, v any) error {
	resp, err := c.Get(u)
	if err != nil {
		return err
	}
	defer drain(resp)
	if err := checkStatus(resp); err != nil {
		return err
	}
	return json.NewDecoder(resp.Body).Decode(v)
}

type roundTripper struct{ next http.RoundTripper }

func (r roundTripper) leakRT(req *http.Request) (*http.Response, error) {
	resp, err := r.next.RoundTrip(req) // want resource/http-body
	if err != nil {
		return nil, err
	}
	if resp.StatusCode == 401 {
		req.Header.Set("x", "y")
		return r.next.RoundTrip(req)
	}
	return resp, nil
}

// --- spans

func leakSpan(ctx context.Context, t trace.Tracer, f func(context.Context) error) error {
	ctx, span := t.Start(ctx, "work") // want resource/span
	if err := f(ctx); err != nil {
		return err
	}
	span.End()
	return nil
}

// --- clients

func leakClientPerRequest(w http.ResponseWriter, r *http.Request) {
	tr := &http.Transport{MaxIdleConns: 3} // want resource/transport-per-call
	c := http.Client{Transport: tr}
	resp, err := c.Get("http://x")
	if err != nil {
		return
	}
	defer resp.Body.Close()
	io.Copy(w, resp.Body)
}

// --- accept loops

func leakAccept(l net.Listener, allowed func(net.Addr) bool, handle func(net.Conn)) error {
	for {
		c, err := l.Accept() // want resource/net-conn
		if err != nil {
			return err
		}
		if !allowed(c.RemoteAddr()) {
			continue
		}
		go handle(c)
	}
}

func cleanAccept(l net.Listener, allowed func(net.Addr) bool, handle func(net.Conn)) error {
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		if !allowed(c.RemoteAddr()) {
			c.Close()
			continue
		}
		go handle(c)
	}
}

// handshake helper
func hello(c net.Conn) error { _, err := c.Write([]byte("hi")); return err }

func leakHandshake(addr string) (net.Conn, error) {
	c, err := net.Dial("tcp", addr) // want resource/net-conn
	if err != nil {
		return nil, err
	}
	c.SetDeadline(time.Now().Add(time.Second))
	if err := hello(c); err != nil {
		return nil, fmt.Errorf("hello: %w", err)
	}
	return c, nil
}

type session struct {
	net.Conn
	r *bufio.Reader
}

func leakSession(addr string) (*session, error) {
	c, err := net.Dial("tcp", addr) // want resource/net-conn
	if err != nil {
		return nil, err
	}
	s := &session{Conn: c, r: bufio.NewReader(c)}
	line, err := s.r.ReadString('\n')
	if err != nil || line != "ok" {
		return nil, errors.New("no")
	}
	return s, nil
}

func cleanSession(addr string) (*session, error) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	s := &session{Conn: c, r: bufio.NewReader(c)}
	line, err := s.r.ReadString('\n')
	if err != nil || line != "ok" {
		s.Close()
		return nil, errors.New("no")
	}
	return s, nil
}

// temp file: rename fails
func leakTemp(dir string, b []byte) error {
	f, err := os.CreateTemp(dir, "x") // want resource/file
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if _, err := f.Write(b); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return f.Close()
}

func cleanOnError(name string) (f *os.File, err error) {
	f, err = os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	if _, err = f.Stat(); err != nil {
		return nil, err
	}
	return f, nil
}

// cleanup func returned and dropped
func open2(name string) (*os.File, func(), error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, nil, err
	}
	return f, func() { f.Close() }, nil
}

func leakCleanup(name string) ([]byte, error) {
	f, _, err := open2(name) // want resource/file
	if err != nil {
		return nil, err
	}
	return io.ReadAll(f)
}

func cleanCleanup(name string) ([]byte, error) {
	f, done, err := open2(name)
	if err != nil {
		return nil, err
	}
	defer done()
	return io.ReadAll(f)
}
