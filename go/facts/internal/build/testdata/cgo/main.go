package main

// static int twice(int n) { return 2 * n; }
import "C"

import "sync"

type counter struct {
	id int8
	mu sync.Mutex
	n  int
}

func (c *counter) add() {
	c.mu.Lock()
	c.n += int(C.twice(1))
	c.mu.Unlock()
}

func main() { new(counter).add() }
