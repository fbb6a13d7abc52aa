// Package owners has clients, streams and things in fields, and who ends them.
package owners

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
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/segmentio/kafka-go"
	"google.golang.org/grpc"
)

// leakWarmCache makes a client for one pass and forgets it when a key fails.
func leakWarmCache(ctx context.Context, addr string, keys []string) error {
	rdb := redis.NewClient(&redis.Options{Addr: addr}) // want resource/client
	for _, k := range keys {
		if _, err := rdb.Incr(ctx, k).Result(); err != nil {
			return fmt.Errorf("%s: %w", k, err)
		}
	}
	return rdb.Close()
}

func count(ctx context.Context, rdb *redis.Client, key string) (int64, error) {
	return rdb.Incr(ctx, key).Result()
}

// leakCountVia hands its client to a helper that only uses it.
func leakCountVia(ctx context.Context, addr, key string) (int64, error) {
	rdb := redis.NewClient(&redis.Options{Addr: addr}) // want resource/client
	return count(ctx, rdb, key)
}

// leakPublish has a literal writer for each event.
func leakPublish(ctx context.Context, topic string, v []byte) error {
	w := kafka.Writer{Topic: topic} // want resource/client
	return w.Produce(ctx, kafka.Message{Value: v})
}

// leakSubscribeFirst closes the subscription, not the client it made for it.
func leakSubscribeFirst(ctx context.Context, addr, channel string) (string, error) {
	rdb := redis.NewClient(&redis.Options{Addr: addr}) // want resource/client
	sub := rdb.Subscribe(ctx, channel)
	defer sub.Close()
	m, err := sub.ReceiveMessage(ctx)
	if err != nil {
		return "", err
	}
	return m.Payload, nil
}

// cleanWarm closes on every path.
func cleanWarm(ctx context.Context, addr string, keys []string) (err error) {
	rdb := redis.NewClient(&redis.Options{Addr: addr})
	defer func() { err = errors.Join(err, rdb.Close()) }()
	for _, k := range keys {
		if _, err := rdb.Incr(ctx, k).Result(); err != nil {
			return err
		}
	}
	return nil
}

// Counter owns its client.
type Counter struct{ rdb *redis.Client }

// cleanNewCounter checks the client before it is kept.
func cleanNewCounter(ctx context.Context, addr string) (*Counter, error) {
	rdb := redis.NewClient(&redis.Options{Addr: addr})
	if _, err := rdb.Incr(ctx, "start").Result(); err != nil {
		_ = rdb.Close()
		return nil, err
	}
	return &Counter{rdb: rdb}, nil
}

// Close ends it.
func (c *Counter) Close() error { return c.rdb.Close() }

// cleanWriterInBackground is closed by the goroutine that uses it.
func cleanWriterInBackground(ctx context.Context, topic string, in <-chan []byte) {
	w := &kafka.Writer{Topic: topic}
	go func() {
		defer w.Close()
		for v := range in {
			if err := w.Produce(ctx, kafka.Message{Value: v}); err != nil {
				return
			}
		}
	}()
}

var shared = sync.OnceValue(func() *redis.Client { return redis.NewClient(&redis.Options{Addr: "cache:6379"}) })

// cleanShared uses the one client.
func cleanShared(ctx context.Context, key string) (int64, error) {
	return shared().Incr(ctx, key).Result()
}

// cleanHandOver gives the client to who asked.
func cleanHandOver(ctx context.Context, addr string, use func(*redis.Client)) error {
	rdb := redis.NewClient(&redis.Options{Addr: addr})
	if _, err := rdb.Incr(ctx, "x").Result(); err != nil {
		rdb.Close()
		return err
	}
	use(rdb)
	return nil
}

// leakTail takes one entry of a stream that nothing can cancel.
func leakTail(cc *grpc.ClientConn, desc *grpc.StreamDesc) (v []byte, err error) {
	st, err := cc.NewStream(context.Background(), desc, "/log.Log/Tail") // want resource/watch
	if err != nil {
		return nil, err
	}
	if err := st.RecvMsg(&v); err != nil {
		return nil, err
	}
	return v, nil
}

// leakUntilMatch stops at the first match.
func leakUntilMatch(cc *grpc.ClientConn, desc *grpc.StreamDesc, ok func([]byte) bool) ([]byte, error) {
	ctx := context.WithoutCancel(context.TODO())
	st, err := cc.NewStream(ctx, desc, "/kv.KV/Watch") // want resource/watch
	if err != nil {
		return nil, err
	}
	for {
		var v []byte
		if err := st.RecvMsg(&v); err == io.EOF {
			return nil, nil
		} else if err != nil {
			return nil, err
		}
		if ok(v) {
			return v, nil
		}
	}
}

// cleanAll receives until the end.
func cleanAll(cc *grpc.ClientConn, desc *grpc.StreamDesc, each func([]byte)) error {
	st, err := cc.NewStream(context.Background(), desc, "/log.Log/Dump")
	if err != nil {
		return err
	}
	for {
		var v []byte
		err := st.RecvMsg(&v)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		each(v)
	}
}

// cleanOne cancels.
func cleanOne(cc *grpc.ClientConn, desc *grpc.StreamDesc) (v []byte, err error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	st, err := cc.NewStream(ctx, desc, "/log.Log/Tail")
	if err != nil {
		return nil, err
	}
	return v, st.RecvMsg(&v)
}

// cleanCallers leaves it to the context of the caller.
func cleanCallers(ctx context.Context, cc *grpc.ClientConn, desc *grpc.StreamDesc) (v []byte, err error) {
	st, err := cc.NewStream(ctx, desc, "/log.Log/Tail")
	if err != nil {
		return nil, err
	}
	return v, st.RecvMsg(&v)
}

// Recorder has two files, and Close closes one.
type Recorder struct {
	data  *os.File
	index *os.File
	n     int64
}

// leakNewRecorder opens both.
func leakNewRecorder(dir string) (*Recorder, error) {
	data, err := os.Create(dir + "/data")
	if err != nil {
		return nil, err
	}
	index, err := os.Create(dir + "/index") // want resource/file
	if err != nil {
		data.Close()
		return nil, err
	}
	return &Recorder{data: data, index: index}, nil
}

// Append writes.
func (r *Recorder) Append(p []byte) error {
	n, err := r.data.Write(p)
	r.n += int64(n)
	if err == nil {
		_, err = fmt.Fprintln(r.index, r.n)
	}
	return err
}

// Close closes the data.
func (r *Recorder) Close() error { return r.data.Close() }

// Poller keeps the cancel function of its loop and never calls it.
type Poller struct {
	stop context.CancelFunc
	last time.Time
	mu   sync.Mutex
}

// leakStartPoller starts it.
func leakStartPoller(parent context.Context, poll func(context.Context)) *Poller {
	p := &Poller{}
	ctx, cancel := context.WithCancel(parent) // want resource/cancel
	p.stop = cancel
	go func() {
		for ctx.Err() == nil {
			poll(ctx)
			p.mu.Lock()
			p.last = time.Now()
			p.mu.Unlock()
		}
	}()
	return p
}

// Last is when it polled.
func (p *Poller) Last() time.Time { p.mu.Lock(); defer p.mu.Unlock(); return p.last }

// Journal closes both through a list.
type Journal struct{ log, snap *os.File }

// cleanOpenJournal opens both.
func cleanOpenJournal(dir string) (*Journal, error) {
	log, err := os.Create(dir + "/log")
	if err != nil {
		return nil, err
	}
	snap, err := os.Create(dir + "/snap")
	if err != nil {
		log.Close()
		return nil, err
	}
	return &Journal{log: log, snap: snap}, nil
}

// Close closes all.
func (j *Journal) Close() (err error) {
	for _, c := range []io.Closer{j.log, j.snap} {
		err = errors.Join(err, c.Close())
	}
	return err
}

// Upstream lends its connection to a writer that is closed with it.
type Upstream struct {
	conn net.Conn
	w    *bufio.Writer
}

// cleanDialUpstream dials.
func cleanDialUpstream(addr string) (*Upstream, error) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &Upstream{conn: c, w: bufio.NewWriter(c)}, nil
}

func (u *Upstream) teardown() { closeQuietly(u.conn) }

func closeQuietly(c io.Closer) { _ = c.Close() }

// Stop ends it.
func (u *Upstream) Stop() { u.w.Flush(); u.teardown() }

// Runner calls its cancel function through a list of cleanups.
type Runner struct {
	cancel  context.CancelFunc
	cleanup []func()
}

// cleanNewRunner registers it.
func cleanNewRunner(parent context.Context, run func(context.Context)) *Runner {
	ctx, cancel := context.WithCancel(parent)
	r := &Runner{cancel: cancel}
	r.cleanup = append(r.cleanup, func() { r.cancel() })
	go run(ctx)
	return r
}

// Close runs all.
func (r *Runner) Close() {
	for _, f := range r.cleanup {
		f()
	}
}

// Link is dialled again by a helper when a write fails.
type Link struct {
	mu   sync.Mutex
	addr string
	conn net.Conn
}

// leakDial forgets the connection before.
func (l *Link) leakDial() error {
	c, err := net.DialTimeout("tcp", l.addr, time.Second) // want resource/net-conn
	if err != nil {
		return err
	}
	l.conn = c
	return nil
}

// Write dials anew at an error.
func (l *Link) Write(p []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, err := l.conn.Write(p); err != nil {
		if err := l.leakDial(); err != nil {
			return err
		}
		_, err = l.conn.Write(p)
		return err
	}
	return nil
}

// Close closes the last one.
func (l *Link) Close() error { return l.conn.Close() }

// Session drops its database connection when it is broken.
type Session struct {
	db   *sql.DB
	conn *sql.Conn
}

// leakExec gives up the connection at an error.
func (s *Session) leakExec(ctx context.Context, q string) error {
	if s.conn == nil {
		c, err := s.db.Conn(ctx) // want resource/sql-conn
		if err != nil {
			return err
		}
		s.conn = c
	}
	if _, err := s.conn.ExecContext(ctx, q); err != nil {
		s.conn = nil
		return err
	}
	return nil
}

// Wire closes before it dials again.
type Wire struct {
	addr string
	conn net.Conn
}

func (w *Wire) reset() {
	if w.conn != nil {
		w.conn.Close()
	}
	w.conn = nil
}

// cleanSend closes in a helper.
func (w *Wire) cleanSend(p []byte) error {
	if w.conn == nil {
		c, err := net.Dial("tcp", w.addr)
		if err != nil {
			return err
		}
		w.conn = c
	}
	_, err := w.conn.Write(p)
	if err != nil {
		w.reset()
	}
	return err
}

// Feed swaps the connection and closes the old one later.
type Feed struct {
	mu   sync.Mutex
	conn net.Conn
}

// cleanSwap closes the old one in the background.
func (f *Feed) cleanSwap(addr string, hello []byte) error {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	f.mu.Lock()
	old := f.conn
	f.conn = c
	f.mu.Unlock()
	if old != nil {
		go func() { time.Sleep(time.Second); old.Close() }()
	}
	_, err = f.conn.Write(hello)
	return err
}

// Pipe is given up in two steps.
type Pipe struct{ conn net.Conn }

// cleanRelease hands the connection to who asks.
func (p *Pipe) cleanRelease(bye []byte) (net.Conn, error) {
	_, err := p.conn.Write(bye)
	c := p.conn
	p.conn = nil
	return c, err
}

// cleanOpenPipe dials.
func cleanOpenPipe(addr string) (*Pipe, error) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &Pipe{conn: c}, nil
}

// leakPeek looks at the first bytes of what a goroutine writes.
func leakPeek(write func(io.Writer) error) (string, error) {
	pr, pw := io.Pipe() // want resource/io-pipe
	go func() { pw.CloseWithError(write(pw)) }()
	var b [16]byte
	n, err := pr.Read(b[:])
	if err != nil {
		return "", err
	}
	return http.DetectContentType(b[:n]), nil
}

// leakFindLine stops at the line it looks for.
func leakFindLine(write func(io.Writer) error, want []byte) (bool, error) {
	pr, pw := io.Pipe() // want resource/io-pipe
	go func() { pw.CloseWithError(write(pw)) }()
	sc := bufio.NewScanner(pr)
	for sc.Scan() {
		if bytes.Equal(sc.Bytes(), want) {
			return true, nil
		}
	}
	return false, sc.Err()
}

// cleanFindLine closes the reading end.
func cleanFindLine(write func(io.Writer) error, want []byte) (bool, error) {
	pr, pw := io.Pipe()
	defer pr.Close()
	go func() { pw.CloseWithError(write(pw)) }()
	sc := bufio.NewScanner(pr)
	for sc.Scan() {
		if bytes.Equal(sc.Bytes(), want) {
			return true, nil
		}
	}
	return false, sc.Err()
}

// cleanCountLines reads to the end.
func cleanCountLines(write func(io.Writer) error) (n int, err error) {
	pr, pw := io.Pipe()
	go func() { pw.CloseWithError(write(pw)) }()
	for sc := bufio.NewScanner(pr); sc.Scan(); {
		n++
	}
	return n, nil
}

// cleanHeader drains what it does not want.
func cleanHeader(write func(io.Writer) error) (h [8]byte, err error) {
	pr, pw := io.Pipe()
	go func() { pw.CloseWithError(write(pw)) }()
	if _, err := io.ReadFull(pr, h[:]); err != nil {
		return h, err
	}
	_, err = io.Copy(io.Discard, pr)
	return h, err
}

// cleanUpload lets the transport read and close.
func cleanUpload(hc *http.Client, url string, v any) error {
	pr, pw := io.Pipe()
	go func() { pw.CloseWithError(json.NewEncoder(pw).Encode(v)) }()
	resp, err := hc.Post(url, "application/json", pr)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// leakUpgrade takes the connection over and answers an old client with nothing.
func leakUpgrade(w http.ResponseWriter, r *http.Request, serve func(net.Conn)) {
	h, ok := w.(http.Hijacker)
	if !ok {
		http.Error(w, "no upgrade", http.StatusInternalServerError)
		return
	}
	c, _, err := h.Hijack() // want resource/net-conn
	if err != nil {
		return
	}
	if r.Header.Get("X-Version") == "1" {
		return
	}
	serve(c)
}

// leakCapture keeps the writing end open when the start fails.
func leakCapture(start func(io.Writer) error) ([]byte, error) {
	r, w, err := os.Pipe() // want resource/file
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if err := start(w); err != nil {
		return nil, err
	}
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	return b, nil
}

// cleanUpgrade closes what it took over.
func cleanUpgrade(w http.ResponseWriter, hello []byte) error {
	c, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = c.Write(hello)
	return err
}

// cleanCapture closes both ends.
func cleanCapture(start func(io.Writer) error) ([]byte, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	err = start(w)
	w.Close()
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

type cursor struct {
	rows *sql.Rows
	err  error
}

func openCursor(ctx context.Context, db *sql.DB, q string) *cursor {
	rows, err := db.QueryContext(ctx, q)
	return &cursor{rows: rows, err: err}
}

// Close ends it.
func (c *cursor) Close() {
	if c.rows != nil {
		c.rows.Close()
	}
}

// leakSumCursor does not close when a row cannot be read.
func leakSumCursor(ctx context.Context, db *sql.DB) (sum int, err error) {
	c := openCursor(ctx, db, "SELECT n FROM t") // want resource/sql-rows
	if c.err != nil {
		return 0, c.err
	}
	for c.rows.Next() {
		var n int
		if err := c.rows.Scan(&n); err != nil {
			return 0, err
		}
		sum += n
	}
	c.Close()
	return sum, nil
}

// cleanSumCursor closes in any case.
func cleanSumCursor(ctx context.Context, db *sql.DB) (sum int, err error) {
	c := openCursor(ctx, db, "SELECT n FROM t")
	if c.err != nil {
		return 0, c.err
	}
	defer c.Close()
	for c.rows.Next() {
		var n int
		if err := c.rows.Scan(&n); err != nil {
			return 0, err
		}
		sum += n
	}
	return sum, nil
}

// cleanFirstOfCursor closes the rows themselves.
func cleanFirstOfCursor(ctx context.Context, db *sql.DB) (n int, err error) {
	c := openCursor(ctx, db, "SELECT n FROM t LIMIT 1")
	if c.err != nil {
		return 0, c.err
	}
	if c.rows.Next() {
		err = c.rows.Scan(&n)
	}
	return n, errors.Join(err, c.rows.Close())
}

// Unzipper closes what it reads from.
type Unzipper struct {
	body io.ReadCloser
	zr   *gzip.Reader
}

// cleanRead makes its decompressor when it is needed.
func (u *Unzipper) cleanRead(p []byte) (n int, err error) {
	if u.zr == nil {
		if u.zr, err = gzip.NewReader(u.body); err != nil {
			return 0, err
		}
	}
	return u.zr.Read(p)
}

// Close closes the body.
func (u *Unzipper) Close() error { return u.body.Close() }
