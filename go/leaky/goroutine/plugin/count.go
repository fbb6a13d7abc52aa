package plugin

import "sync"

type counters struct {
	sync.Mutex
	byName map[string]int
}

func (c *counters) add(name string) {
	c.Lock()         // acquired: panic-nil-map // victim: panic-nil-map
	c.byName[name]++ // holder: panic-nil-map
	c.Unlock()
}

func attempt(f func()) {
	defer func() { _ = recover() }()
	f()
}

func leakCount() {
	c := new(counters)
	attempt(func() { c.add("a") })
	go attempt(func() {
		c.add("b")
	})
}

type safeCounters struct {
	sync.Mutex
	byName map[string]int
}

func (c *safeCounters) add(name string) {
	c.Lock()
	defer c.Unlock()
	c.byName[name]++
}

func fixedCount() {
	c := new(safeCounters)
	attempt(func() { c.add("a") })
	attempt(func() { c.add("b") })
}
