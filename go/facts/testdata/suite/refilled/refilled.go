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

func (r *rotating) next() error {
	r.seq++
	f, err := os.Create(fmt.Sprintf("audit-%d.log", r.seq)) // want resource/file
	if err != nil {
		return err
	}
	r.f, r.size = f, 0
	return nil
}

func (r *rotating) leakWrite(p []byte) (int, error) {
	if r.f == nil || r.size+len(p) > 1<<20 {
		if err := r.next(); err != nil {
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

func (r *runner) leakRestart(ctx context.Context) { r.restart(ctx) }

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
