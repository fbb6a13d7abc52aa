package subjects

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

var sliceGrows = subject.Subject{
	Name:   "slice-grows",
	Title:  "a history in a slice to which every request appends and from which nothing is cut",
	Kind:   subject.Leak,
	Signal: subject.Heap,
	Grows:  subject.Growth{Heap: 1},
	Sites:  []subject.Site{subject.At(subject.Allocates, (*history).record)},
	Loads:  leakLoads(10, 200, 6<<10),
	Path:   "/events",
	New: func(o subject.Options) (*subject.Service, error) {
		all := &history{}
		recent := &recentHistory{limit: 200}
		return &subject.Service{
			Handler: func(w http.ResponseWriter, r *http.Request) {
				fmt.Fprintln(w, all.record(requestID(r), o.SizeBytes))
			},
			Fixed: func(w http.ResponseWriter, r *http.Request) {
				fmt.Fprintln(w, recent.record(requestID(r), o.SizeBytes))
			},
		}, nil
	},
}

type event struct {
	at      time.Time
	id      string
	payload []byte
}

type history struct {
	mu     sync.Mutex
	events []event
}

func (h *history) record(id string, payloadBytes int) int {
	payload := make([]byte, payloadBytes) // leak: allocates
	fill(payload, id)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.events = append(h.events, event{at: time.Now(), id: id, payload: payload})
	return len(h.events)
}

type recentHistory struct {
	mu     sync.Mutex
	limit  int
	events []event
	next   int
}

// record overwrites the oldest event once there are limit of them.
func (h *recentHistory) record(id string, payloadBytes int) int {
	payload := make([]byte, payloadBytes)
	fill(payload, id)
	e := event{at: time.Now(), id: id, payload: payload}
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.events) < h.limit {
		h.events = append(h.events, e)
		return len(h.events)
	}
	h.events[h.next] = e
	h.next = (h.next + 1) % h.limit
	return len(h.events)
}
