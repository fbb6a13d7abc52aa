// Package locks has locks that a return forgets: what a change repairs, and
// what it would break.
package locks

import (
	"errors"
	"fmt"
	"io"
	"sync"
)

type box struct {
	mu    sync.Mutex
	rw    sync.RWMutex
	items map[string]int
	inner *box
	ready chan struct{}
}

var errMissing = errors.New("missing")

func (b *box) Get(k string) (int, error) {
	b.mu.Lock()
	v, ok := b.items[k]
	if !ok {
		return 0, errMissing
	}
	b.mu.Unlock()
	return v, nil
}

func (b *box) Read(k string) int {
	b.rw.RLock()
	if v, ok := b.items[k]; ok {
		return v
	}
	b.rw.RUnlock()
	return 0
}

// The unlock is not the last that it does: only the return can be mended.
func (b *box) Store(r io.Reader) error {
	b.rw.Lock()
	data, err := io.ReadAll(r)
	if err != nil {
		return fmt.Errorf("storing: %w", err)
	}
	b.items[string(data)]++
	b.rw.Unlock()
	_, err = r.Read(data)
	return err
}

func (b *box) Each(keys []string) error {
	for _, k := range keys {
		b.mu.Lock()
		if b.items[k] < 0 {
			return errMissing
		}
		b.mu.Unlock()
	}
	return nil
}

func (b *box) Do(op string) {
	b.mu.Lock()
	switch op {
	case "clear":
		clear(b.items)
		return
	case "nop":
	}
	b.mu.Unlock()
}

func (b *box) Parts(a, z int) (int, int) {
	b.inner.mu.Lock()
	switch {
	case a > z:
		return z, a
	case a < 0:
		return 0, z
	default:
		b.inner.items[""]++
	}
	b.inner.mu.Unlock()
	<-b.ready
	return a, z
}

// Two ends, both of which unlock.
func (b *box) TwoEnds(k string) (err error) {
	b.mu.Lock()
	if k == "" {
		b.mu.Unlock()
		return nil
	}
	if _, ok := b.items[k]; !ok {
		err = errMissing
		return
	}
	b.mu.Unlock() // now others may
	return
}

// What it returns is read under the lock.
func (b *box) ReadsAtReturn(k string, wait func()) int {
	b.mu.Lock()
	if b.items[k] > 0 {
		return b.items[k]
	}
	b.mu.Unlock()
	wait()
	return 0
}

// Held or not: an unlock too many ends the program.
func (b *box) Sometimes(k string, lock bool) error {
	if lock {
		b.mu.Lock()
	}
	if _, ok := b.items[k]; !ok {
		return errMissing
	}
	if lock {
		b.mu.Unlock()
	}
	b.items = nil
	return nil
}

// A deferred call that wants the lock would wait for ever.
func (b *box) WithDefer(k string, done func()) (n int) {
	b.mu.Lock()
	defer done()
	if b.items[k] == 0 {
		return b.items[""]
	}
	b.mu.Unlock()
	return 1
}

// Another lock by the time it returns.
func (b *box) Walk(k string) error {
	b.mu.Lock()
	if _, ok := b.items[k]; !ok {
		b = b.inner
		return errMissing
	}
	b.mu.Unlock()
	return nil
}

// The variable of that name is another one there.
func (b *box) Shadowed(k string) error {
	b.mu.Lock()
	if b := b.items[k]; b == 0 {
		return errMissing
	}
	b.mu.Unlock()
	<-b.ready
	return nil
}
