package subjects

import (
	"bytes"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

// hugeEvery: one response in so many is huge.
const hugeEvery = 200

var poolHugeBuffers = subject.Subject{
	Name:      "pool-huge-buffers",
	Title:     "a sync.Pool takes back buffers of any size: one huge response makes a small one's buffer huge for good",
	Kind:      subject.Leak,
	Signal:    subject.Heap,
	Sustained: true,
	// The growth slows down as the pool's buffers have all become huge.
	Grows:       subject.Growth{Heap: 1.0 / hugeEvery},
	Sites:       []subject.Site{subject.At(subject.Allocates, (*renderer).render)},
	Loads:       leakLoads(20, 200, 1<<20),
	Path:        "/render",
	MaxInFlight: 512,
	New: func(o subject.Options) (*subject.Service, error) {
		leaking := &renderer{pool: sync.Pool{New: func() any { return new(bytes.Buffer) }}}
		fixed := &renderer{pool: sync.Pool{New: func() any { return new(bytes.Buffer) }}, keepBytes: 64 << 10}
		var count atomic.Int64
		serve := func(render func(pageBytes int, send func([]byte))) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				pageBytes := 2 << 10
				if count.Add(1)%hugeEvery == 0 {
					pageBytes = o.SizeBytes
				}
				render(pageBytes, func(page []byte) {
					time.Sleep(o.Seconds(1)) // a slow client keeps its buffer in use
					fmt.Fprintln(w, len(page))
				})
			}
		}
		return &subject.Service{Handler: serve(leaking.render), Fixed: serve(fixed.renderBounded)}, nil
	},
}

type renderer struct {
	pool      sync.Pool
	keepBytes int
}

func (r *renderer) render(pageBytes int, send func([]byte)) {
	buffer := r.pool.Get().(*bytes.Buffer)
	defer r.pool.Put(buffer)
	buffer.Reset()
	buffer.Grow(pageBytes) // leak: allocates
	fill(buffer.AvailableBuffer()[:pageBytes], "page")
	send(buffer.AvailableBuffer()[:pageBytes])
}

// renderBounded gives back only buffers of an ordinary size.
func (r *renderer) renderBounded(pageBytes int, send func([]byte)) {
	buffer := r.pool.Get().(*bytes.Buffer)
	defer func() {
		if buffer.Cap() <= r.keepBytes {
			r.pool.Put(buffer)
		}
	}()
	buffer.Reset()
	buffer.Grow(pageBytes)
	fill(buffer.AvailableBuffer()[:pageBytes], "page")
	send(buffer.AvailableBuffer()[:pageBytes])
}
