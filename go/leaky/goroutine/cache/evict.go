package cache

import "sync"

type lru struct {
	capacity int
	mu       sync.Mutex
	entries  map[string]string
	order    []string
}

func (c *lru) put(key, value string) {
	c.mu.Lock() // acquired: recursive-method
	defer c.mu.Unlock()
	if len(c.entries) >= c.capacity {
		c.evict() // holder: recursive-method
	}
	c.entries[key] = value
	c.order = append(c.order, key)
}

func (c *lru) evict() {
	c.mu.Lock() // victim: recursive-method
	defer c.mu.Unlock()
	delete(c.entries, c.order[0])
	c.order = c.order[1:]
}

func leakEvict() {
	c := &lru{capacity: 1, entries: map[string]string{}}
	go func() {
		c.put("a", "1")
		c.put("b", "2")
	}()
}

type safeLRU struct {
	capacity int
	mu       sync.Mutex
	entries  map[string]string
	order    []string
}

func (c *safeLRU) put(key, value string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.entries) >= c.capacity {
		c.evictLocked()
	}
	c.entries[key] = value
	c.order = append(c.order, key)
}

// evictLocked needs c.mu.
func (c *safeLRU) evictLocked() {
	delete(c.entries, c.order[0])
	c.order = c.order[1:]
}

func fixedEvict() {
	c := &safeLRU{capacity: 1, entries: map[string]string{}}
	c.put("a", "1")
	c.put("b", "2")
}
