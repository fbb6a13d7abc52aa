// Package netconn has connections and listeners.
package netconn

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

func leakDial(addr string) error {
	conn, err := net.Dial("tcp", addr) // want resource/net-conn
	if err != nil {
		return err
	}
	_, err = conn.Write([]byte("ping"))
	return err
}

func leakDialWriteError(addr string, b []byte) error {
	conn, err := net.DialTimeout("tcp", addr, time.Second) // want resource/net-conn
	if err != nil {
		return err
	}
	if _, err := conn.Write(b); err != nil {
		return err
	}
	return conn.Close()
}

func leakScannerOnly(addr string) (string, error) {
	conn, err := net.Dial("tcp", addr) // want resource/net-conn
	if err != nil {
		return "", err
	}
	s := bufio.NewScanner(conn)
	s.Scan()
	return s.Text(), s.Err()
}

func leakHandshake(ctx context.Context, addr string, config *tls.Config) (net.Conn, error) {
	var d net.Dialer
	raw, err := d.DialContext(ctx, "tcp", addr) // want resource/net-conn
	if err != nil {
		return nil, err
	}
	conn := tls.Client(raw, config)
	if err := conn.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	return conn, nil
}

func leakAccept(l net.Listener, busy func() bool) error {
	for {
		conn, err := l.Accept() // want resource/net-conn
		if err != nil {
			return err
		}
		if busy() {
			continue
		}
		conn.Close()
	}
}

func greet(c net.Conn) { io.WriteString(c, "hello") }

func leakHandlerDoesNotClose(l net.Listener) error {
	for {
		conn, err := l.Accept() // want resource/net-conn
		if err != nil {
			return err
		}
		go greet(conn)
	}
}

func leakListener(addr string) (int, error) {
	l, err := net.Listen("tcp", addr) // want resource/net-listener
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, nil
}

func leakListenerOnError(addr string, wait func() error) error {
	l, err := net.Listen("tcp", addr) // want resource/net-listener
	if err != nil {
		return err
	}
	if err := wait(); err != nil {
		return err
	}
	return l.Close()
}

type peer struct {
	conn net.Conn
	name string
}

func newPeer(addr string) (*peer, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &peer{conn: conn}, nil
}

func (p *peer) Close() error { return p.conn.Close() }

func (p *peer) hello() error { _, err := p.conn.Write([]byte("hi")); return err }

func leakPeer(addr string) error {
	p, err := newPeer(addr) // want resource/net-conn
	if err != nil {
		return err
	}
	if err := p.hello(); err != nil {
		return err
	}
	return p.Close()
}

func leakRedial(addrs []string) (net.Conn, error) {
	var conn net.Conn
	var err error
	for _, a := range addrs {
		conn, err = net.Dial("tcp", a) // want resource/net-conn
		if err != nil {
			continue
		}
		if _, err = conn.Write([]byte("ping")); err == nil {
			return conn, nil
		}
	}
	return nil, errors.New("no one answers")
}

func cleanDial(addr string) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = conn.Write([]byte("ping"))
	return err
}

func cleanHandshake(ctx context.Context, addr string, config *tls.Config) (net.Conn, error) {
	var d net.Dialer
	raw, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	conn := tls.Client(raw, config)
	if err := conn.HandshakeContext(ctx); err != nil {
		raw.Close()
		return nil, err
	}
	return conn, nil
}

func serve(c net.Conn) {
	defer c.Close()
	io.Copy(c, c)
}

func cleanAccept(l net.Listener) error {
	for {
		conn, err := l.Accept()
		if err != nil {
			return err
		}
		go serve(conn)
	}
}

func cleanAcceptClosure(l net.Listener) error {
	for {
		conn, err := l.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer conn.Close()
			io.Copy(io.Discard, conn)
		}()
	}
}

type registry struct {
	mu    sync.Mutex
	conns map[net.Conn]bool
}

func cleanRegistered(r *registry, addr string) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	r.mu.Lock()
	r.conns[conn] = true
	r.mu.Unlock()
	return nil
}

func cleanPeer(addr string) error {
	p, err := newPeer(addr)
	if err != nil {
		return err
	}
	defer p.Close()
	return p.hello()
}

func cleanPeerStopped(ctx context.Context, addr string) error {
	p, err := newPeer(addr)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { p.Close() })
	defer stop()
	return p.hello()
}

type server struct {
	l    net.Listener
	done chan struct{}
}

func cleanServer(addr string) (*server, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	s := &server{l: l, done: make(chan struct{})}
	go func() {
		defer close(s.done)
		for {
			c, err := s.l.Accept()
			if err != nil {
				return
			}
			c.Close()
		}
	}()
	return s, nil
}

func cleanPort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port, nil
}

func cleanSent(addr string, out chan net.Conn) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return
	}
	select {
	case out <- conn:
	default:
		conn.Close()
	}
}

func cleanUnixgram(path string, b []byte) error {
	c, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = c.Write(b)
	return err
}
