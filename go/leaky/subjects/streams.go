package subjects

import (
	"fmt"
	"net/http"
	"time"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

var sse = subject.Subject{
	Name:        "sse",
	Title:       "server-sent events: handlers that live for about 20 s each and send an event a second",
	Kind:        subject.Quiet,
	Signal:      subject.HeapAndGoroutine,
	Loads:       quietLoads(1, 4, 8, 8<<10),
	Path:        "/stream",
	Timeout:     30 * time.Second,
	MaxInFlight: 400,
	New: func(o subject.Options) (*subject.Service, error) {
		return &subject.Service{Handler: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			streamEvents(w, r, o.SizeBytes, o.Seconds(1), 20)
		}}, nil
	},
}

func streamEvents(w http.ResponseWriter, r *http.Request, bufferBytes int, every time.Duration, count int) {
	buffer := make([]byte, bufferBytes)
	fill(buffer, requestID(r))
	flusher := http.NewResponseController(w)
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for n := range count {
		fmt.Fprintf(w, "data: %d %s\n\n", n, buffer[:8])
		flusher.Flush()
		select {
		case <-r.Context().Done():
			return
		case <-ticker.C:
		}
	}
}

var longPoll = subject.Subject{
	Name:        "long-poll",
	Title:       "long polling: most handlers wait their full 25 s and answer that there is nothing new",
	Kind:        subject.Quiet,
	Signal:      subject.HeapAndGoroutine,
	Loads:       quietLoads(1, 4, 8, 8<<10),
	Path:        "/poll",
	Timeout:     40 * time.Second,
	MaxInFlight: 400,
	New: func(o subject.Options) (*subject.Service, error) {
		news := make(chan string)
		return &subject.Service{Handler: func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintln(w, poll(r, news, o.SizeBytes, o.Seconds(25)))
		}}, nil
	},
}

func poll(r *http.Request, news <-chan string, bufferBytes int, patience time.Duration) string {
	buffer := make([]byte, bufferBytes)
	fill(buffer, requestID(r))
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-r.Context().Done():
		return "gone"
	case line := <-news:
		return line
	case <-timer.C:
		return "nothing new for " + string(buffer[:1])
	}
}
