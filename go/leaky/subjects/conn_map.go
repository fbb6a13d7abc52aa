package subjects

import (
	"fmt"
	"net"
	"net/http"
	"sync"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

var connMap = subject.Subject{
	Name:   "conn-map",
	Title:  "upgraded connections are kept in a hub's map after the other side has gone",
	Kind:   subject.Leak,
	Signal: subject.Heap,
	Grows:  subject.Growth{Heap: 1},
	Sites:  []subject.Site{subject.At(subject.Allocates, (*hub).join)},
	Loads:  leakLoads(1, 16, 64<<10),
	Path:   "/join",
	New: func(o subject.Options) (*subject.Service, error) {
		h := &hub{members: map[net.Conn]*member{}}
		return &subject.Service{
			Handler: upgrading(func(conn net.Conn, id string) { h.join(conn, id, o.SizeBytes) }),
			Fixed:   upgrading(func(conn net.Conn, id string) { h.joinUntilGone(conn, id, o.SizeBytes) }),
			Close:   h.close,
		}, nil
	},
}

// member is one connection with the messages that it has not been sent yet.
type member struct {
	id      string
	backlog []byte
}

type hub struct {
	mu      sync.Mutex
	members map[net.Conn]*member
}

// join adds a connection. Only a broadcast would notice that it is dead, and there is none.
func (h *hub) join(conn net.Conn, id string, backlogBytes int) {
	m := &member{id: id, backlog: make([]byte, backlogBytes)} // leak: allocates
	fill(m.backlog, id)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.members[conn] = m
}

// joinUntilGone reads from the connection too, and takes it out when that fails.
func (h *hub) joinUntilGone(conn net.Conn, id string, backlogBytes int) {
	m := &member{id: id, backlog: make([]byte, backlogBytes)}
	fill(m.backlog, id)
	h.mu.Lock()
	h.members[conn] = m
	h.mu.Unlock()
	go func() {
		defer conn.Close()
		var ping [64]byte
		for {
			if _, err := conn.Read(ping[:]); err != nil {
				break
			}
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.members, conn)
	}()
}

func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for conn := range h.members {
		conn.Close()
	}
	clear(h.members)
}

// upgrading answers 101 and hands the raw connection over.
func upgrading(accept func(conn net.Conn, id string)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id := requestID(r)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		fmt.Fprint(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: feed\r\n\r\n")
		accept(conn, id)
	}
}
