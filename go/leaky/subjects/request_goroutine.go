package subjects

import (
	"fmt"
	"net/http"
	"time"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

var requestGoroutine = subject.Subject{
	Name:   "request-goroutine",
	Title:  "every request starts a goroutine that waits on a channel to which nobody sends",
	Kind:   subject.Leak,
	Signal: subject.HeapAndGoroutine,
	Grows:  subject.Growth{Heap: 1, Goroutines: 1},
	Sites: []subject.Site{
		subject.In(subject.Waits, (*notifier).watch, "func1"),
		subject.At(subject.Creates, (*notifier).watch),
		subject.At(subject.Allocates, (*notifier).watch),
	},
	Loads: leakLoads(0.5, 12, 32<<10),
	Path:  "/watch",
	New: func(o subject.Options) (*subject.Service, error) {
		n := &notifier{stop: make(chan struct{})}
		return &subject.Service{
			Handler: func(w http.ResponseWriter, r *http.Request) {
				n.watch(requestID(r), o.SizeBytes)
				fmt.Fprintln(w, "watching")
			},
			Fixed: func(w http.ResponseWriter, r *http.Request) {
				n.watchBriefly(requestID(r), o.SizeBytes, o.Seconds(0.5))
				fmt.Fprintln(w, "watching")
			},
			Close: func() { close(n.stop) },
		}, nil
	},
}

type notifier struct{ stop chan struct{} }

// watch waits for an approval that was meant to be sent to the channel. Nobody has it.
func (n *notifier) watch(id string, draftBytes int) {
	approved := make(chan bool)
	draft := make([]byte, draftBytes) // leak: allocates
	fill(draft, id)
	go func() { // leak: creates
		if <-approved { // leak: waits
			publish(draft)
		}
	}()
}

// watchBriefly gives up after a while.
func (n *notifier) watchBriefly(id string, draftBytes int, patience time.Duration) {
	approved := make(chan bool)
	draft := make([]byte, draftBytes)
	fill(draft, id)
	go func() {
		timer := time.NewTimer(patience)
		defer timer.Stop()
		select {
		case ok := <-approved:
			if ok {
				publish(draft)
			}
		case <-timer.C:
		case <-n.stop:
		}
	}()
}

//go:noinline
func publish(draft []byte) int { return len(draft) }
