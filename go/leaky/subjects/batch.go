package subjects

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

var batch = subject.Subject{
	Name:   "batch",
	Title:  "requests collect in a batch that is written every 15 s: a saw",
	Kind:   subject.Quiet,
	Signal: subject.Heap,
	Loads:  quietLoads(20, 80, 160, 16<<10),
	Path:   "/metrics",
	New: func(o subject.Options) (*subject.Service, error) {
		b := &batcher{stop: make(chan struct{})}
		go b.flushEvery(o.Seconds(15))
		return &subject.Service{
			Handler: func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, b.add(requestID(r), o.SizeBytes)) },
			Close:   func() { close(b.stop) },
		}, nil
	},
}

type batcher struct {
	mu   sync.Mutex
	rows [][]byte
	stop chan struct{}
}

func (b *batcher) add(id string, rowBytes int) int {
	row := make([]byte, rowBytes)
	fill(row, id)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rows = append(b.rows, row)
	return len(b.rows)
}

func (b *batcher) flushEvery(period time.Duration) {
	ticker := time.NewTicker(period)
	defer ticker.Stop()
	for {
		select {
		case <-b.stop:
			return
		case <-ticker.C:
			b.mu.Lock()
			b.rows = nil
			b.mu.Unlock()
		}
	}
}
