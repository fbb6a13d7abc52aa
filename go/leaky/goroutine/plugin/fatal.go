package plugin

import (
	"runtime"
	"sync"
)

type checker struct {
	failures []string
	mu       sync.Mutex
	seen     map[string]bool
}

// fatal ends the calling goroutine, as testing.T.Fatal does.
func (c *checker) fatal(why string) {
	c.failures = append(c.failures, why)
	runtime.Goexit()
}

func (c *checker) check(name string) {
	c.mu.Lock() // acquired: goexit-under-lock // victim: goexit-under-lock
	if c.seen[name] {
		c.fatal("twice: " + name) // holder: goexit-under-lock
	}
	c.seen[name] = true
	c.mu.Unlock()
}

func leakFatal() {
	c := &checker{seen: map[string]bool{"a": true}}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		c.check("a")
	}()
	<-ended
	go c.check("b")
}

type deferChecker struct {
	failures []string
	mu       sync.Mutex
	seen     map[string]bool
}

func (c *deferChecker) fatal(why string) {
	c.failures = append(c.failures, why)
	runtime.Goexit()
}

func (c *deferChecker) check(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.seen[name] {
		c.fatal("twice: " + name)
	}
	c.seen[name] = true
}

func fixedFatal() {
	c := &deferChecker{seen: map[string]bool{"a": true}}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		c.check("a")
	}()
	<-ended
	c.check("b")
}
