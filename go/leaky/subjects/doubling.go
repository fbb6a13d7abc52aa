package subjects

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

// SizeBytes of these subjects is the largest size of their collection.
var sliceDoubles = subject.Subject{
	Name:   "slice-doubles",
	Title:  "a slice that is filled batch by batch and cut to length zero: its array doubles until it fits",
	Kind:   subject.Quiet,
	Signal: subject.Heap,
	Loads: []subject.Load{
		{Name: "low", RatePerSecond: 20, SizeBytes: 4 << 20},
		{Name: "mid", RatePerSecond: 50, SizeBytes: 16 << 20},
		{Name: "high", RatePerSecond: 100, SizeBytes: 48 << 20},
	},
	Path: "/collect",
	New: func(o subject.Options) (*subject.Service, error) {
		// A batch is full after 15 s, so that the watch sees the array grow and then no more.
		c := &collector{limit: o.SizeBytes / 64, step: max(1, int(float64(o.SizeBytes)/64/15/o.RatePerSecond))}
		return &subject.Service{Handler: func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintln(w, c.collect(requestID(r)))
		}}, nil
	},
}

type sampleRow struct{ fields [64]byte }

type collector struct {
	mu    sync.Mutex
	batch []sampleRow
	limit int
	step  int
}

// collect flushes a full batch and uses its array again.
func (c *collector) collect(id string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.batch)+c.step > c.limit {
		c.batch = c.batch[:0]
	}
	for range c.step {
		var row sampleRow
		copy(row.fields[:], id)
		c.batch = append(c.batch, row)
	}
	return len(c.batch)
}

var mapDoubles = subject.Subject{
	Name:   "map-doubles",
	Title:  "a map over a fixed set of keys: its tables double until all keys are in",
	Kind:   subject.Quiet,
	Signal: subject.Heap,
	Loads: []subject.Load{
		{Name: "low", RatePerSecond: 20, SizeBytes: 4 << 20},
		{Name: "mid", RatePerSecond: 50, SizeBytes: 16 << 20},
		{Name: "high", RatePerSecond: 100, SizeBytes: 48 << 20},
	},
	Path: "/count",
	New: func(o subject.Options) (*subject.Service, error) {
		keys := o.SizeBytes / counterBytes
		c := &counters{byKey: map[uint64]counter{}, keys: keys, rng: o.Rand()}
		// Twice as many draws as keys in 15 s: 86 % of the keys are in by then, 99.9 % after 52 s.
		draws := max(1, int(2*float64(keys)/15/o.RatePerSecond))
		return &subject.Service{Handler: func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintln(w, c.add(draws))
		}}, nil
	},
}

const counterBytes = 64

type counter struct{ counts [7]uint64 }

type counters struct {
	mu    sync.Mutex
	byKey map[uint64]counter
	keys  int
	rng   *rand.Rand
}

func (c *counters) add(draws int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	for range draws {
		key := c.rng.Uint64N(uint64(c.keys))
		value := c.byKey[key]
		value.counts[key%7]++
		c.byKey[key] = value
	}
	return len(c.byKey)
}
