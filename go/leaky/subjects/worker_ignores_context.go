package subjects

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

var workerIgnoresContext = subject.Subject{
	Name:   "worker-ignores-context",
	Title:  "a worker is started with the request's context and does not look at it",
	Kind:   subject.Leak,
	Signal: subject.Goroutine,
	Grows:  subject.Growth{Heap: 1, Goroutines: 1},
	Sites: []subject.Site{
		subject.At(subject.Waits, (*exporter).follow),
		subject.At(subject.Creates, (*exporter).start),
		subject.At(subject.Allocates, (*exporter).follow),
	},
	Loads: leakLoads(0.5, 10, 16<<10),
	Path:  "/export",
	New: func(o subject.Options) (*subject.Service, error) {
		e := &exporter{every: o.Seconds(2), batchBytes: o.SizeBytes}
		return &subject.Service{
			Handler: func(w http.ResponseWriter, r *http.Request) {
				e.start(r.Context(), requestID(r))
				fmt.Fprintln(w, "started")
			},
			Fixed: func(w http.ResponseWriter, r *http.Request) {
				e.startBound(r.Context(), requestID(r))
				fmt.Fprintln(w, "started")
			},
		}, nil
	},
}

type exporter struct {
	every      time.Duration
	batchBytes int
}

func (e *exporter) start(ctx context.Context, id string) {
	go e.follow(ctx, id) // leak: creates
}

// follow polls for new rows. It takes a context, and goes on when that has ended.
func (e *exporter) follow(_ context.Context, id string) {
	batch := make([]byte, e.batchBytes) // leak: allocates
	for {
		fill(batch, id)
		time.Sleep(e.every) // leak: waits
	}
}

func (e *exporter) startBound(ctx context.Context, id string) {
	go e.followUntil(ctx, id)
}

// followUntil ends with its context.
func (e *exporter) followUntil(ctx context.Context, id string) {
	batch := make([]byte, e.batchBytes)
	ticker := time.NewTicker(e.every)
	defer ticker.Stop()
	for {
		fill(batch, id)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
