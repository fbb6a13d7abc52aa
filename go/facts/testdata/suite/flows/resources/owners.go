package resources

import (
	"context"
	"fmt"
	"golang.org/x/sync/errgroup"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// reconnect loop
type badLoopDial struct {
	conn net.Conn
	addr string
}

func (c *badLoopDial) leakRun(ctx context.Context) error {
	buf := make([]byte, 512)
	for ctx.Err() == nil {
		conn, err := net.Dial("tcp", c.addr) // want resource/net-conn
		if err != nil {
			time.Sleep(time.Second)
			continue
		}
		c.conn = conn
		for {
			if _, err := c.conn.Read(buf); err != nil {
				break
			}
		}
	}
	return ctx.Err()
}
func (c *badLoopDial) Close() error { return c.conn.Close() }

type goodLoopDial struct {
	conn net.Conn
	addr string
}

func (c *goodLoopDial) cleanRun(ctx context.Context) error {
	for ctx.Err() == nil {
		conn, err := net.Dial("tcp", c.addr)
		if err != nil {
			time.Sleep(time.Second)
			continue
		}
		c.conn = conn
		c.serve()
	}
	return ctx.Err()
}
func (c *goodLoopDial) serve() {
	defer c.conn.Close()
	buf := make([]byte, 512)
	for {
		if _, err := c.conn.Read(buf); err != nil {
			return
		}
	}
}
func (c *goodLoopDial) Close() error { return c.conn.Close() }

type goodRetryDial struct {
	conn net.Conn
	addr string
}

func (c *goodRetryDial) dial() error {
	conn, err := net.Dial("tcp", c.addr)
	if err != nil {
		return err
	}
	c.conn = conn
	return nil
}
func (c *goodRetryDial) Open() (err error) {
	for i := 0; i < 5; i++ {
		if err = c.dial(); err == nil {
			c.conn.SetDeadline(time.Time{})
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}
func (c *goodRetryDial) Close() error { return c.conn.Close() }

type badLoopHelper struct {
	conn net.Conn
	addr string
}

func (c *badLoopHelper) leakDial() error {
	conn, err := net.Dial("tcp", c.addr) // want resource/net-conn
	if err != nil {
		return err
	}
	c.conn = conn
	return nil
}
func (c *badLoopHelper) read() error {
	var b [32]byte
	_, err := c.conn.Read(b[:])
	return err
}
func (c *badLoopHelper) Run() {
	for {
		if err := c.leakDial(); err != nil {
			return
		}
		for c.read() == nil {
		}
	}
}
func (c *badLoopHelper) Close() error { return c.conn.Close() }

// owner per pass
type peer struct{ conn net.Conn }

func (p *peer) Close() { p.conn.Close() }

func cleanPeers(peers []*peer, addr string) {
	for _, p := range peers {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			continue
		}
		p.conn = c
		p.conn.SetDeadline(time.Time{})
	}
}

// session that is renewed with its cancel
type badRenew struct {
	mu     sync.Mutex
	ctx    context.Context
	cancel context.CancelFunc
}

func newBadRenew() *badRenew {
	ctx, cancel := context.WithCancel(context.Background())
	return &badRenew{ctx: ctx, cancel: cancel}
}
func (l *badRenew) leakRenew() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ctx, l.cancel = context.WithCancel(context.Background()) // want resource/cancel
}
func (l *badRenew) Close() { l.cancel() }

type goodRenew struct {
	mu     sync.Mutex
	ctx    context.Context
	cancel context.CancelFunc
}

func cleanNewRenew() *goodRenew {
	ctx, cancel := context.WithCancel(context.Background())
	return &goodRenew{ctx: ctx, cancel: cancel}
}
func (l *goodRenew) cleanRenew() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cancel()
	l.ctx, l.cancel = context.WithCancel(context.Background())
}
func (l *goodRenew) Close() { l.cancel() }

type putter interface {
	Put(ctx context.Context, name string, r io.Reader) error
}

func leakPut(ctx context.Context, p putter, write func(io.Writer) error) error {
	pr, pw := io.Pipe() // want resource/io-pipe
	go func() { pw.CloseWithError(write(pw)) }()
	if err := p.Put(ctx, "x", pr); err != nil {
		return fmt.Errorf("put: %w", err)
	}
	return nil
}

func cleanPut(ctx context.Context, p putter, write func(io.Writer) error) error {
	pr, pw := io.Pipe()
	go func() { pw.CloseWithError(write(pw)) }()
	if err := p.Put(ctx, "x", pr); err != nil {
		pr.CloseWithError(err)
		return fmt.Errorf("put: %w", err)
	}
	return nil
}

func cleanPutDefer(ctx context.Context, p putter, write func(io.Writer) error) error {
	pr, pw := io.Pipe()
	defer pr.Close()
	go func() { pw.CloseWithError(write(pw)) }()
	return p.Put(ctx, "x", pr)
}

func cleanPutGroup(ctx context.Context, p putter, write func(io.Writer) error) error {
	pr, pw := io.Pipe()
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		err := write(pw)
		pw.CloseWithError(err)
		return err
	})
	g.Go(func() error {
		err := p.Put(ctx, "x", pr)
		pr.CloseWithError(err)
		return err
	})
	return g.Wait()
}

func tmpFile() (*os.File, func() error, error) {
	f, err := os.CreateTemp("", "x")
	if err != nil {
		return nil, nil, err
	}
	return f, f.Close, nil
}

func cleanTmp(b []byte) error {
	f, closeTmp, err := tmpFile()
	if err != nil {
		return err
	}
	defer closeTmp()
	_, err = f.Write(b)
	return err
}

func cleanTmp2(b []byte) error {
	f, _, err := tmpFile()
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.Write(b)
	return err
}

func leakTmp(b []byte) error {
	f, closeTmp, err := tmpFile() // want resource/file
	if err != nil {
		return err
	}
	if _, err = f.Write(b); err != nil {
		return err
	}
	return closeTmp()
}

func background(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	var wg sync.WaitGroup
	return ctx, func() { cancel(); wg.Wait() }
}

func leakBackground(ctx context.Context, f func(context.Context) error) error {
	c, _ := background(ctx) // want resource/cancel
	return f(c)
}

func cleanBackground(ctx context.Context, f func(context.Context) error) error {
	c, done := background(ctx)
	defer done()
	return f(c)
}

type holder struct{ stop func() }

func cleanStored(ctx context.Context) *holder {
	_, done := background(ctx)
	return &holder{stop: done}
}

func cleanCleanupList(ctx context.Context, names []string) (err error) {
	var cleanups []func() error
	defer func() {
		for _, c := range cleanups {
			c()
		}
	}()
	for range names {
		_, c, err := tmpFile()
		if err != nil {
			return err
		}
		cleanups = append(cleanups, c)
	}
	return nil
}
