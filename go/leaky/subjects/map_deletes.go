package subjects

import (
	"fmt"
	"net/http"
	"sync"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

var mapDeletes = subject.Subject{
	Name:   "map-deletes",
	Title:  "a map that fills up and is emptied key by key, again and again, and keeps its tables",
	Kind:   subject.Quiet,
	Signal: subject.Heap,
	Loads: []subject.Load{
		{Name: "low", RatePerSecond: 20, SizeBytes: 4 << 20},
		{Name: "mid", RatePerSecond: 50, SizeBytes: 16 << 20},
		{Name: "high", RatePerSecond: 100, SizeBytes: 32 << 20},
	},
	Path: "/orders",
	New: func(o subject.Options) (*subject.Service, error) {
		open := o.SizeBytes / 128
		// All orders of a period come in during 10 s and are closed during the next 10 s.
		b := &orderBook{open: map[uint64]openOrder{}, limit: open, step: max(1, int(float64(open)/10/o.RatePerSecond))}
		return &subject.Service{Handler: func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintln(w, b.work())
		}}, nil
	},
}

type openOrder struct{ fields [15]uint64 }

type orderBook struct {
	mu      sync.Mutex
	open    map[uint64]openOrder
	next    uint64
	limit   int
	step    int
	closing bool
}

func (b *orderBook) work() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.closing {
		for range b.step {
			b.next++
			b.open[b.next] = openOrder{fields: [15]uint64{b.next}}
		}
		b.closing = len(b.open) >= b.limit
		return len(b.open)
	}
	closed := 0
	for id := range b.open {
		delete(b.open, id)
		if closed++; closed == b.step {
			break
		}
	}
	b.closing = len(b.open) > 0
	return len(b.open)
}
