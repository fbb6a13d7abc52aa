package subjects

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

var ttlCache = subject.Subject{
	Name:   "ttl-cache",
	Title:  "a cache whose entries end after 12 s: it rises for that long, then what comes equals what goes",
	Kind:   subject.Quiet,
	Signal: subject.Heap,
	Loads:  quietLoads(30, 100, 200, 16<<10),
	Path:   "/tokens",
	New: func(o subject.Options) (*subject.Service, error) {
		cache := &tokenCache{ttl: o.Seconds(12), tokens: map[string]token{}, stop: make(chan struct{})}
		go cache.sweep(o.Seconds(1))
		return &subject.Service{
			Handler: func(w http.ResponseWriter, r *http.Request) {
				fmt.Fprintln(w, len(cache.get(requestID(r), o.SizeBytes).claims))
			},
			Close: func() { close(cache.stop) },
		}, nil
	},
}

type token struct {
	claims []byte
	until  time.Time
}

type tokenCache struct {
	ttl    time.Duration
	mu     sync.Mutex
	tokens map[string]token
	stop   chan struct{}
}

func (c *tokenCache) get(id string, claimsBytes int) token {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t, ok := c.tokens[id]; ok && time.Now().Before(t.until) {
		return t
	}
	t := token{claims: make([]byte, claimsBytes), until: time.Now().Add(c.ttl)}
	fill(t.claims, id)
	c.tokens[id] = t
	return t
}

// sweep drops what has ended.
func (c *tokenCache) sweep(every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-c.stop:
			return
		case now := <-ticker.C:
			c.mu.Lock()
			for id, t := range c.tokens {
				if now.After(t.until) {
					delete(c.tokens, id)
				}
			}
			c.mu.Unlock()
		}
	}
}
