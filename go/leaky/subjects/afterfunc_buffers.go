package subjects

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

var afterFuncBuffers = subject.Subject{
	Name:   "afterfunc-buffers",
	Title:  "time.AfterFunc holds each request's buffer for a retry in a day, although the request succeeded",
	Kind:   subject.Leak,
	Signal: subject.Heap,
	Grows:  subject.Growth{Heap: 1},
	Sites:  []subject.Site{subject.At(subject.Allocates, (*mailer).send)},
	Loads:  leakLoads(4, 80, 16<<10),
	Path:   "/mail",
	New: func(o subject.Options) (*subject.Service, error) {
		m := &mailer{retryAfter: 24 * time.Hour}
		return &subject.Service{
			Handler: func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, m.send(requestID(r), o.SizeBytes)) },
			Fixed:   func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, m.sendOnce(requestID(r), o.SizeBytes)) },
		}, nil
	},
}

type mailer struct {
	retryAfter time.Duration
	mu         sync.Mutex
	sent       int
}

// send plans a retry before it delivers, and never takes the plan back.
func (m *mailer) send(id string, messageBytes int) int {
	message := make([]byte, messageBytes) // leak: allocates
	fill(message, id)
	time.AfterFunc(m.retryAfter, func() { m.deliver(message) })
	return m.deliver(message)
}

// sendOnce stops the retry once the message is out.
func (m *mailer) sendOnce(id string, messageBytes int) int {
	message := make([]byte, messageBytes)
	fill(message, id)
	retry := time.AfterFunc(m.retryAfter, func() { m.deliver(message) })
	defer retry.Stop()
	return m.deliver(message)
}

func (m *mailer) deliver(message []byte) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sent += len(message)
	return m.sent
}
