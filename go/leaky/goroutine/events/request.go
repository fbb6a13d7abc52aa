package events

import "sync"

type client struct {
	id      uint32
	mu      sync.Mutex
	pending map[uint32]chan string
	wire    chan uint32
}

func (c *client) do() string {
	c.mu.Lock() // acquired: held-during-receive
	defer c.mu.Unlock()
	c.id++
	reply := make(chan string, 1)
	c.pending[c.id] = reply
	c.wire <- c.id
	return <-reply // holder: held-during-receive
}

func (c *client) dispatch() {
	for id := range c.wire {
		c.mu.Lock() // victim: held-during-receive
		reply := c.pending[id]
		delete(c.pending, id)
		c.mu.Unlock()
		reply <- "ok"
	}
}

func leakRequest() {
	c := &client{pending: map[uint32]chan string{}, wire: make(chan uint32, 8)}
	go c.dispatch()
	go c.do()
}

type caller struct {
	id      uint32
	mu      sync.Mutex
	pending map[uint32]chan string
	wire    chan uint32
}

func (c *caller) do() string {
	reply := make(chan string, 1)
	c.mu.Lock()
	c.id++
	id := c.id
	c.pending[id] = reply
	c.mu.Unlock()
	c.wire <- id
	return <-reply
}

func (c *caller) dispatch() {
	for id := range c.wire {
		c.mu.Lock()
		reply := c.pending[id]
		delete(c.pending, id)
		c.mu.Unlock()
		reply <- "ok"
	}
}

func fixedRequest() {
	c := &caller{pending: map[uint32]chan string{}, wire: make(chan uint32, 8)}
	go c.dispatch()
	c.do()
	close(c.wire)
}
