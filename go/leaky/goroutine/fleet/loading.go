package fleet

import "sync"

// loading is a cache of anything; a miss loads with the lock held.
type loading[K comparable, V any] struct {
	mu     sync.RWMutex
	values map[K]V
	load   func(K) (V, error)
}

func (c *loading[K, V]) get(key K) (V, error) {
	c.mu.RLock() // victim: generic-load-error
	v, ok := c.values[key]
	c.mu.RUnlock()
	if ok {
		return v, nil
	}
	c.mu.Lock() // acquired: generic-load-error
	v, err := c.load(key)
	if err != nil {
		var none V
		return none, err // holder: generic-load-error
	}
	c.values[key] = v
	c.mu.Unlock()
	return v, nil
}

func leakLoading() {
	c := &loading[string, int]{values: map[string]int{}, load: func(k string) (int, error) {
		if k == "" {
			return 0, errBusy
		}
		return len(k), nil
	}}
	_, _ = c.get("")
	go c.get("pod")
}

type safeLoading[K comparable, V any] struct {
	mu     sync.RWMutex
	values map[K]V
	load   func(K) (V, error)
}

func (c *safeLoading[K, V]) get(key K) (V, error) {
	c.mu.RLock()
	v, ok := c.values[key]
	c.mu.RUnlock()
	if ok {
		return v, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	v, err := c.load(key)
	if err == nil {
		c.values[key] = v
	}
	return v, err
}

func fixedLoading() {
	c := &safeLoading[string, int]{values: map[string]int{}, load: func(k string) (int, error) {
		if k == "" {
			return 0, errBusy
		}
		return len(k), nil
	}}
	_, _ = c.get("")
	_, _ = c.get("pod")
}
