// Package refilled puts new things into fields that may have one.
package refilled

import (
	"context"
	"fmt"
	"net"
	"os"
	"sync"
	"time"
)

type link struct {
	addr string
	conn net.Conn
}

func (l *link) leakSend(msg []byte) (err error) {
	for try := 0; try < 3; try++ {
		if l.conn == nil || try > 0 {
			c, err := net.DialTimeout("tcp", l.addr, time.Second) // want resource/net-conn
			if err != nil {
				continue
			}
			l.conn = c
		}
		if _, err = l.conn.Write(msg); err == nil {
			return nil
		}
	}
	return err
}

type line struct {
	addr string
	conn net.Conn
}

func (l *line) cleanSend(msg []byte) (err error) {
	for try := 0; try < 3; try++ {
		if l.conn == nil {
			c, err := net.DialTimeout("tcp", l.addr, time.Second)
			if err != nil {
				continue
			}
			l.conn = c
		}
		if _, err = l.conn.Write(msg); err == nil {
			return nil
		}
		l.conn.Close()
		l.conn = nil
	}
	return err
}

type rotating struct {
	seq, size int
	f         *os.File
}

func (r *rotating) leakNext() error {
	r.seq++
	f, err := os.Create(fmt.Sprintf("audit-%d.log", r.seq)) // want resource/file
	if err != nil {
		return err
	}
	r.f, r.size = f, 0
	return nil
}

func (r *rotating) write(p []byte) (int, error) {
	if r.f == nil || r.size+len(p) > 1<<20 {
		if err := r.leakNext(); err != nil {
			return 0, err
		}
	}
	n, err := r.f.Write(p)
	r.size += n
	return n, err
}

func (r *rotating) Close() error { return r.f.Close() }

type segments struct {
	seq, size int
	f         *os.File
}

func (s *segments) next() error {
	if s.f != nil {
		s.f.Close()
	}
	s.seq++
	f, err := os.Create(fmt.Sprintf("segment-%d.log", s.seq))
	if err != nil {
		return err
	}
	s.f, s.size = f, 0
	return nil
}

func (s *segments) cleanWrite(p []byte) (int, error) {
	if s.f == nil || s.size+len(p) > 1<<20 {
		if err := s.next(); err != nil {
			return 0, err
		}
	}
	n, err := s.f.Write(p)
	s.size += n
	return n, err
}

func (s *segments) Close() error { return s.f.Close() }

type runner struct {
	mu     sync.Mutex
	cancel context.CancelFunc
	work   func(context.Context)
}

func (r *runner) again(ctx context.Context) { r.restart(ctx) }

func (r *runner) restart(ctx context.Context) {
	r.mu.Lock()
	defer r.mu.Unlock()
	ctx, cancel := context.WithCancel(ctx) // want resource/cancel
	r.cancel = cancel
	go r.work(ctx)
}

func (r *runner) stop() {
	if r.cancel != nil {
		r.cancel()
	}
}

type supervisor struct {
	mu     sync.Mutex
	cancel context.CancelFunc
	work   func(context.Context)
}

func (s *supervisor) cleanRestart(ctx context.Context) { s.restart(ctx) }

func (s *supervisor) restart(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stop()
	ctx, cancel := context.WithCancel(ctx)
	s.cancel = cancel
	go s.work(ctx)
}

func (s *supervisor) stop() {
	if s.cancel != nil {
		s.cancel()
	}
}

// spool hides the Close of its file and does not call it.
type spool struct {
	*os.File
	n int
}

func leakSpool(dir string) (*spool, error) {
	f, err := os.CreateTemp(dir, "spool-") // want resource/file
	if err != nil {
		return nil, err
	}
	return &spool{File: f}, nil
}

func (s *spool) Close() error {
	s.n = 0
	return s.Sync()
}

// scratch hides it and calls it.
type scratch struct {
	*os.File
	n int
}

func cleanScratch(dir string) (*scratch, error) {
	f, err := os.CreateTemp(dir, "scratch-")
	if err != nil {
		return nil, err
	}
	return &scratch{File: f}, nil
}

func (s *scratch) Close() error {
	s.n = 0
	return s.File.Close()
}

// counted leaves the Close of its connection to whoever has it.
type counted struct {
	net.Conn
	n int
}

func cleanCounted(addr string) (net.Conn, error) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &counted{Conn: c}, nil
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.n += n
	return n, err
}

type base struct {
	mu     sync.Mutex
	items  []int
	closed bool
}

type queue struct {
	base
	cond *sync.Cond
}

func newQueue() *queue {
	q := &queue{}
	q.cond = sync.NewCond(&q.mu)
	return q
}

func (q *queue) push(n int) {
	q.mu.Lock()
	q.items = append(q.items, n)
	q.mu.Unlock()
	q.cond.Signal()
}

func (q *queue) leakPop() (int, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.items) == 0 && !q.closed {
		q.cond.Wait() // want goroutine/cond-no-signal
	}
	if q.closed {
		return 0, false
	}
	n := q.items[0]
	q.items = append(q.items[:0:0], q.items[1:]...)
	return n, true
}

func (q *queue) Close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
}

type woken struct {
	base
	cond *sync.Cond
}

func newWoken() *woken {
	q := &woken{}
	q.cond = sync.NewCond(&q.mu)
	return q
}

func (q *woken) cleanPop() (int, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.items) == 0 && !q.closed {
		q.cond.Wait()
	}
	if q.closed {
		return 0, false
	}
	return q.items[0], true
}

func (q *woken) Close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.cond.Broadcast()
}
