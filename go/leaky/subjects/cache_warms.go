package subjects

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

// tenantCount is the number of tenants there are: the cache cannot grow beyond it.
const tenantCount = 1200

var cacheWarms = subject.Subject{
	Name:   "cache-warms",
	Title:  "a cache without eviction over a fixed set of keys: it fills within half a minute and stays",
	Kind:   subject.Quiet,
	Signal: subject.Heap,
	// Each load fills 1 - exp(-20 s × rate / 1200) of it in 20 s: 93, 98 and 99.9 %.
	Loads: []subject.Load{
		{Name: "low", RatePerSecond: 160, SizeBytes: 8 << 10},
		{Name: "mid", RatePerSecond: 240, SizeBytes: 24 << 10},
		{Name: "high", RatePerSecond: 400, SizeBytes: 48 << 10},
	},
	Path: "/tenants",
	Key:  func(rng *rand.Rand, _ int) int { return rng.IntN(tenantCount) },
	New: func(o subject.Options) (*subject.Service, error) {
		cache := &tenantCache{settings: map[string][]byte{}}
		return &subject.Service{Handler: func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintln(w, len(cache.settingsOf(requestID(r), o.SizeBytes)))
		}}, nil
	},
}

type tenantCache struct {
	mu       sync.RWMutex
	settings map[string][]byte
}

func (c *tenantCache) settingsOf(tenant string, settingsBytes int) []byte {
	c.mu.RLock()
	settings, ok := c.settings[tenant]
	c.mu.RUnlock()
	if ok {
		return settings
	}
	settings = make([]byte, settingsBytes)
	fill(settings, tenant)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settings[tenant] = settings
	return settings
}
