package subjects

import (
	"fmt"
	"net/http"
	"sync"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

var churn = subject.Subject{
	Name:   "churn",
	Title:  "64 MiB of 1 KiB objects, of which thousands a second are replaced: full churn at constant size",
	Kind:   subject.Quiet,
	Signal: subject.Heap,
	// SizeBytes is what one request replaces.
	Loads: []subject.Load{
		{Name: "low", RatePerSecond: 20, SizeBytes: 32 << 10},
		{Name: "mid", RatePerSecond: 50, SizeBytes: 64 << 10},
		{Name: "high", RatePerSecond: 100, SizeBytes: 128 << 10},
	},
	Path: "/positions",
	New: func(o subject.Options) (*subject.Service, error) {
		p := newPositions(64 << 20)
		return &subject.Service{Handler: func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintln(w, p.replace(requestID(r), o.SizeBytes/positionBytes))
		}}, nil
	},
}

const positionBytes = 1 << 10

// positions is a ring in which every position is replaced as its turn comes.
type positions struct {
	mu   sync.Mutex
	ring [][]byte
	next int
}

func newPositions(totalBytes int) *positions {
	p := &positions{ring: make([][]byte, totalBytes/positionBytes)}
	p.replace("start", len(p.ring))
	return p
}

func (p *positions) replace(id string, n int) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	for range n {
		position := make([]byte, positionBytes)
		fill(position, id)
		p.ring[p.next] = position
		p.next = (p.next + 1) % len(p.ring)
	}
	return p.next
}
