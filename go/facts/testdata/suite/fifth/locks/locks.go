// Package locks panics with locks.
package locks

import "sync"

// Registry has named numbers.
type Registry struct {
	mu    sync.RWMutex
	items map[string]int
	n     int
}

// LeakMustGet panics with the lock where the name is unknown.
func (r *Registry) LeakMustGet(name string) int {
	r.mu.RLock() // want goroutine/holder-gone
	n, ok := r.items[name]
	if !ok {
		panic("no such item: " + name)
	}
	r.mu.RUnlock()
	return n
}

// LeakSet panics with the lock at a bad argument.
func (r *Registry) LeakSet(name string, n int) {
	r.mu.Lock() // want goroutine/holder-gone
	if n < 0 {
		panic("negative")
	}
	r.items[name] = n
	r.mu.Unlock()
}

// CleanMustGet has it deferred.
func (r *Registry) CleanMustGet(name string) int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	n, ok := r.items[name]
	if !ok {
		panic("no such item: " + name)
	}
	return n
}

// CleanUnlocked unlocks first.
func (r *Registry) CleanUnlocked(name string) int {
	r.mu.RLock()
	n, ok := r.items[name]
	if !ok {
		r.mu.RUnlock()
		panic("no such item: " + name)
	}
	r.mu.RUnlock()
	return n
}

// CleanAfter asks after the unlock.
func (r *Registry) CleanAfter(name string) int {
	r.mu.RLock()
	n, ok := r.items[name]
	r.mu.RUnlock()
	if !ok {
		panic("no such item: " + name)
	}
	return n
}

// CleanClosure has the unlock in a deferred closure.
func (r *Registry) CleanClosure(name string, n int) {
	r.mu.Lock()
	defer func() {
		r.n++
		r.mu.Unlock()
	}()
	if n < 0 {
		panic("negative")
	}
	r.items[name] = n
}

// CleanInvariant says that the program itself is wrong.
func (r *Registry) CleanInvariant(name string) {
	r.mu.Lock()
	delete(r.items, name)
	r.n--
	if r.n < 0 {
		panic("counted wrong")
	}
	r.mu.Unlock()
}

// CleanRegister ends a program that is wrong as it starts.
func (r *Registry) CleanRegister(name string, n int) {
	r.mu.Lock()
	if _, ok := r.items[name]; ok {
		panic("registered twice: " + name)
	}
	r.items[name] = n
	r.mu.Unlock()
}

// CleanOwn has a lock that nobody else knows.
func CleanOwn(n int) int {
	var mu sync.Mutex
	mu.Lock()
	if n < 0 {
		panic("negative")
	}
	mu.Unlock()
	return n
}

// CleanBefore defers, before it locks, to unlock what is locked.
func (r *Registry) CleanBefore(name string, n int) {
	locked := false
	defer func() {
		if locked {
			r.mu.Unlock()
		}
	}()
	r.mu.Lock()
	locked = true
	if n < 0 {
		panic("negative")
	}
	r.items[name] = n
	r.mu.Unlock()
	locked = false
}
