package subjects

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

var metricLabels = subject.Subject{
	Name:   "metric-labels",
	Title:  "a histogram is kept for every user id, because the id is a label",
	Kind:   subject.Leak,
	Signal: subject.Heap,
	Grows:  subject.Growth{Heap: 1},
	Sites:  []subject.Site{subject.At(subject.Allocates, (*histogramVec).with)},
	Loads:  leakLoads(10, 200, 4<<10),
	Path:   "/api",
	New: func(o subject.Options) (*subject.Service, error) {
		vec := &histogramVec{byLabel: map[string]*histogram{}, buckets: o.SizeBytes / 8}
		observe := func(label func(r *http.Request) string, with func(string) *histogram) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				start := time.Now()
				fmt.Fprintln(w, "ok")
				with(label(r)).observe(time.Since(start))
			}
		}
		return &subject.Service{
			Handler: observe(requestID, vec.with),
			Fixed:   observe(func(r *http.Request) string { return r.URL.Path }, vec.withRoute),
		}, nil
	},
}

// histogram has one counter a bucket; native histograms have hundreds of them.
type histogram struct {
	mu      sync.Mutex
	buckets []uint64
}

func (h *histogram) observe(took time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.buckets[min(int(took.Microseconds()), len(h.buckets)-1)]++
}

type histogramVec struct {
	mu      sync.Mutex
	byLabel map[string]*histogram
	buckets int
}

// with returns the histogram of a label's value, which the caller takes from the request.
func (v *histogramVec) with(label string) *histogram {
	v.mu.Lock()
	defer v.mu.Unlock()
	h, ok := v.byLabel[label]
	if !ok {
		h = &histogram{buckets: make([]uint64, v.buckets)} // leak: allocates
		v.byLabel[label] = h
	}
	return h
}

// withRoute is with, for values of which there are few.
func (v *histogramVec) withRoute(route string) *histogram {
	v.mu.Lock()
	defer v.mu.Unlock()
	h, ok := v.byLabel[route]
	if !ok {
		h = &histogram{buckets: make([]uint64, v.buckets)}
		v.byLabel[route] = h
	}
	return h
}
