package subjects

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

var tickerLoop = subject.Subject{
	Name:   "ticker-loop",
	Title:  "a goroutine ranges over a ticker for every connection and has no exit",
	Kind:   subject.Leak,
	Signal: subject.Goroutine,
	Grows:  subject.Growth{Heap: 1, Goroutines: 1},
	Sites: []subject.Site{
		subject.At(subject.Waits, (*heartbeats).beat),
		subject.At(subject.Creates, (*heartbeats).start),
		subject.At(subject.Allocates, (*heartbeats).start),
	},
	Loads: leakLoads(0.5, 8, 8<<10),
	Path:  "/connect",
	New: func(o subject.Options) (*subject.Service, error) {
		h := &heartbeats{every: o.Seconds(5)}
		return &subject.Service{
			Handler: func(w http.ResponseWriter, r *http.Request) {
				h.start(requestID(r), o.SizeBytes)
				fmt.Fprintln(w, "connected")
			},
			Fixed: func(w http.ResponseWriter, r *http.Request) {
				h.startUntil(r.Context(), requestID(r), o.SizeBytes)
				fmt.Fprintln(w, "connected")
			},
		}, nil
	},
}

type heartbeats struct{ every time.Duration }

func (h *heartbeats) start(id string, frameBytes int) {
	frame := make([]byte, frameBytes) // leak: allocates
	go h.beat(frame, id)              // leak: creates
}

// beat stops its ticker only after a loop that never ends.
func (h *heartbeats) beat(frame []byte, id string) {
	ticker := time.NewTicker(h.every)
	defer ticker.Stop()
	for range ticker.C { // leak: waits
		fill(frame, id)
	}
}

func (h *heartbeats) startUntil(ctx context.Context, id string, frameBytes int) {
	frame := make([]byte, frameBytes)
	go h.beatUntil(ctx, frame, id)
}

func (h *heartbeats) beatUntil(ctx context.Context, frame []byte, id string) {
	ticker := time.NewTicker(h.every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			fill(frame, id)
		}
	}
}
