package subjects

import (
	"container/list"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

var lruFull = lruSubject("lru-full", "an LRU cache that reaches its bound before a minute is over", 1000, []subject.Load{
	{Name: "low", RatePerSecond: 60, SizeBytes: 16 << 10},
	{Name: "mid", RatePerSecond: 100, SizeBytes: 32 << 10},
	{Name: "high", RatePerSecond: 200, SizeBytes: 64 << 10},
})

var lruFilling = lruSubject("lru-filling", "an LRU cache whose bound is so far off that it is still filling after a minute", 40000, []subject.Load{
	{Name: "low", RatePerSecond: 60, SizeBytes: 6 << 10, StillFilling: true},
	{Name: "mid", RatePerSecond: 100, SizeBytes: 8 << 10, StillFilling: true},
	{Name: "high", RatePerSecond: 200, SizeBytes: 8 << 10, StillFilling: true},
})

func lruSubject(name, title string, capacity int, loads []subject.Load) subject.Subject {
	return subject.Subject{
		Name:   name,
		Title:  title,
		Kind:   subject.Quiet,
		Signal: subject.Heap,
		Loads:  loads,
		Path:   "/thumbnails",
		// Half of the requests are for what was asked for lately.
		Key: func(rng *rand.Rand, n int) int {
			if rng.IntN(2) == 0 {
				return max(0, n-rng.IntN(200))
			}
			return n
		},
		New: func(o subject.Options) (*subject.Service, error) {
			cache := newLRU(capacity)
			return &subject.Service{Handler: func(w http.ResponseWriter, r *http.Request) {
				fmt.Fprintln(w, len(cache.thumbnail(requestID(r), o.SizeBytes)))
			}}, nil
		},
	}
}

type lru struct {
	capacity int
	mu       sync.Mutex
	byID     map[string]*list.Element
	recent   *list.List // of lruEntry, the latest in front
}

type lruEntry struct {
	id    string
	image []byte
}

func newLRU(capacity int) *lru {
	return &lru{capacity: capacity, byID: map[string]*list.Element{}, recent: list.New()}
}

func (c *lru) thumbnail(id string, imageBytes int) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	if element, ok := c.byID[id]; ok {
		c.recent.MoveToFront(element)
		return element.Value.(lruEntry).image
	}
	image := make([]byte, imageBytes)
	fill(image, id)
	c.byID[id] = c.recent.PushFront(lruEntry{id, image})
	if c.recent.Len() > c.capacity {
		oldest := c.recent.Back()
		delete(c.byID, oldest.Value.(lruEntry).id)
		c.recent.Remove(oldest)
	}
	return image
}
