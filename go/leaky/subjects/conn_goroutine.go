package subjects

import (
	"net"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

var connGoroutine = subject.Subject{
	Name:   "conn-goroutine",
	Title:  "each upgraded connection is held by a writer that waits for messages after the reader has gone",
	Kind:   subject.Leak,
	Signal: subject.HeapAndGoroutine,
	Grows:  subject.Growth{Heap: 1, Goroutines: 1},
	Sites: []subject.Site{
		subject.At(subject.Waits, (*peer).write),
		subject.At(subject.Creates, (*feed).serve),
		subject.At(subject.Allocates, (*feed).serve),
	},
	Loads: leakLoads(0.5, 12, 32<<10),
	Path:  "/feed",
	New: func(o subject.Options) (*subject.Service, error) {
		f := &feed{}
		return &subject.Service{
			Handler: upgrading(func(conn net.Conn, id string) { f.serve(conn, id, o.SizeBytes) }),
			Fixed:   upgrading(func(conn net.Conn, id string) { f.serveUntilGone(conn, id, o.SizeBytes) }),
		}, nil
	},
}

type peer struct {
	conn   net.Conn
	send   chan []byte
	buffer []byte
}

// write sends messages until the channel is closed.
func (p *peer) write() {
	defer p.conn.Close()
	for message := range p.send { // leak: waits
		n := copy(p.buffer, message)
		if _, err := p.conn.Write(p.buffer[:n]); err != nil {
			return
		}
	}
}

// read returns when the other side has gone.
func (p *peer) read() {
	var frame [512]byte
	for {
		if _, err := p.conn.Read(frame[:]); err != nil {
			return
		}
	}
}

type feed struct{}

func (f *feed) serve(conn net.Conn, id string, bufferBytes int) {
	p := &peer{conn: conn, send: make(chan []byte), buffer: make([]byte, bufferBytes)} // leak: allocates
	fill(p.buffer, id)
	go p.write() // leak: creates
	go p.read()
}

// serveUntilGone closes the channel when the reader ends, so that the writer ends too.
func (f *feed) serveUntilGone(conn net.Conn, id string, bufferBytes int) {
	p := &peer{conn: conn, send: make(chan []byte), buffer: make([]byte, bufferBytes)}
	fill(p.buffer, id)
	go p.write()
	go func() {
		defer close(p.send)
		p.read()
	}()
}
