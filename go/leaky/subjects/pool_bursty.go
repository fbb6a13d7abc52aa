package subjects

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

var poolBursty = subject.Subject{
	Name:   "pool-bursty",
	Title:  "a sync.Pool under bursts of different sizes, which takes back buffers up to a bound",
	Kind:   subject.Quiet,
	Signal: subject.Heap,
	Loads:  quietLoads(30, 80, 160, 256<<10),
	Path:   "/encode",
	Shape: func(second float64) float64 {
		if int(second)%10 < 3 {
			return 1
		}
		return 0.3
	},
	New: func(o subject.Options) (*subject.Service, error) {
		e := &encoder{
			pool: sync.Pool{New: func() any { return new(bytes.Buffer) }},
			rng:  o.Rand(),
		}
		return &subject.Service{Handler: func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintln(w, e.encode(o.SizeBytes, o.Seconds(0.1)))
		}}, nil
	},
}

type encoder struct {
	pool sync.Pool
	mu   sync.Mutex
	rng  *rand.Rand
}

// encode works with sizes that spread over three orders of magnitude.
func (e *encoder) encode(largestBytes int, send time.Duration) int {
	e.mu.Lock()
	size := max(256, int(float64(largestBytes)/(1+e.rng.ExpFloat64()*200)))
	e.mu.Unlock()
	buffer := e.pool.Get().(*bytes.Buffer)
	defer func() {
		if buffer.Cap() <= largestBytes/2 {
			e.pool.Put(buffer)
		}
	}()
	buffer.Reset()
	buffer.Grow(size)
	time.Sleep(send)
	return buffer.Cap()
}
