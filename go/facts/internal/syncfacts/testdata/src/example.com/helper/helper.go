// Package helper locks and unlocks for its callers.
package helper

import "sync"

type Guard struct {
	Mu sync.Mutex
	n  int
}

// Acquire returns with the lock held.
func (g *Guard) Acquire() { // want Acquire:"acquires p0.Mu"
	g.Mu.Lock()
	g.n++
}

// Release lets it go.
func (g *Guard) Release() { // want Release:"releases p0.Mu"
	g.n--
	g.Mu.Unlock()
}

// Maybe locks under a condition.
func (g *Guard) Maybe(really bool) {
	if really {
		g.Mu.Lock()
	}
}

// Pause lets the caller's lock go for a while.
func (g *Guard) Pause(work func()) {
	g.Mu.Unlock()
	work()
	g.Mu.Lock()
}

// Even and Odd call each other: a recursion ends the search, not the program.
func (g *Guard) Even(n int) {
	if n > 0 {
		g.Odd(n - 1)
	}
	g.Mu.Unlock()
}

func (g *Guard) Odd(n int) { // want Odd:"acquires p0.Mu"
	g.Mu.Lock()
	if n > 0 {
		g.Even(n - 1)
	}
}
