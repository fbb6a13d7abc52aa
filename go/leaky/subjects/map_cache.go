package subjects

import (
	"fmt"
	"net/http"
	"sync"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

var mapCache = subject.Subject{
	Name:   "map-cache",
	Title:  "a map used as a cache, from which nothing is ever evicted",
	Kind:   subject.Leak,
	Signal: subject.Heap,
	Grows:  subject.Growth{Heap: 1},
	Sites:  []subject.Site{subject.At(subject.Allocates, (*userCache).remember)},
	Loads:  leakLoads(10, 200, 6<<10),
	Path:   "/users",
	New: func(o subject.Options) (*subject.Service, error) {
		cache := &userCache{byID: map[string]*user{}}
		bounded := &boundedUserCache{byID: map[string]*user{}, capacity: 100}
		return &subject.Service{
			Handler: func(w http.ResponseWriter, r *http.Request) {
				fmt.Fprintln(w, cache.remember(requestID(r), o.SizeBytes).id)
			},
			Fixed: func(w http.ResponseWriter, r *http.Request) {
				fmt.Fprintln(w, bounded.remember(requestID(r), o.SizeBytes).id)
			},
		}, nil
	},
}

type user struct {
	id      string
	profile []byte
}

type userCache struct {
	mu   sync.Mutex
	byID map[string]*user
}

// remember returns the user and keeps it for the next time, for ever.
func (c *userCache) remember(id string, profileBytes int) *user {
	c.mu.Lock()
	defer c.mu.Unlock()
	if u, ok := c.byID[id]; ok {
		return u
	}
	u := &user{id: id, profile: make([]byte, profileBytes)} // leak: allocates
	fill(u.profile, id)
	c.byID[id] = u
	return u
}

type boundedUserCache struct {
	mu       sync.Mutex
	byID     map[string]*user
	capacity int
}

// remember keeps the user in the place of any other when the cache is full.
func (c *boundedUserCache) remember(id string, profileBytes int) *user {
	c.mu.Lock()
	defer c.mu.Unlock()
	if u, ok := c.byID[id]; ok {
		return u
	}
	if len(c.byID) >= c.capacity {
		for victim := range c.byID {
			delete(c.byID, victim)
			break
		}
	}
	u := &user{id: id, profile: make([]byte, profileBytes)}
	fill(u.profile, id)
	c.byID[id] = u
	return u
}
