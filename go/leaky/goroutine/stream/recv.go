package stream

import "errors"

var errAuth = errors.New("not allowed")

// conn has a reader that ends when the connection is closed; a failed
// handshake drops the connection without closing it.
type conn struct {
	frames chan []byte
	closed chan struct{}
}

func dial(token string) (*conn, error) {
	c := &conn{frames: make(chan []byte), closed: make(chan struct{})}
	go c.read(func([]byte) {})
	if token == "" {
		return nil, errAuth
	}
	return c, nil
}

func (c *conn) read(handle func([]byte)) {
	for {
		select { // victim: dial-drops-conn
		case frame := <-c.frames:
			handle(frame)
		case <-c.closed:
			return
		}
	}
}

func (c *conn) write(frame []byte) { c.frames <- frame }

func (c *conn) close() { close(c.closed) }

func leakDial() {
	if c, err := dial("secret"); err == nil {
		c.write(nil)
		c.close()
	}
	_, _ = dial("")
}

type shutConn struct {
	frames chan []byte
	closed chan struct{}
}

func dialShut(token string) (*shutConn, error) {
	c := &shutConn{frames: make(chan []byte), closed: make(chan struct{})}
	go c.read(func([]byte) {})
	if token == "" {
		close(c.closed)
		return nil, errAuth
	}
	return c, nil
}

func (c *shutConn) read(handle func([]byte)) {
	for {
		select {
		case frame := <-c.frames:
			handle(frame)
		case <-c.closed:
			return
		}
	}
}

func fixedDial() { _, _ = dialShut("") }
