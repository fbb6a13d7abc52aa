// Package locks has locks and deferred calls in loops.
package locks

import (
	"errors"
	"io"
	"os"
	"sync"
)

type box struct {
	mu    sync.Mutex
	rw    sync.RWMutex
	items map[string]int
}

var errMissing = errors.New("missing")

func (b *box) leakEarlyReturn(k string) (int, error) {
	b.mu.Lock() // want goroutine/holder-gone
	v, ok := b.items[k]
	if !ok {
		return 0, errMissing
	}
	b.mu.Unlock()
	return v, nil
}

func (b *box) leakRead(k string) int {
	b.rw.RLock() // want goroutine/holder-gone
	if v, ok := b.items[k]; ok {
		return v
	}
	b.rw.RUnlock()
	return 0
}

func (b *box) leakLoop(keys []string) error {
	for _, k := range keys {
		b.mu.Lock() // want goroutine/holder-gone
		if b.items[k] < 0 {
			return errMissing
		}
		b.mu.Unlock()
	}
	return nil
}

func (b *box) leakSwitch(op string) {
	b.mu.Lock() // want goroutine/holder-gone
	switch op {
	case "clear":
		clear(b.items)
		return
	case "nop":
	}
	b.mu.Unlock()
}

func (b *box) leakErrorInMiddle(r io.Reader) error {
	b.rw.Lock() // want goroutine/holder-gone
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	b.items[string(data)]++
	b.rw.Unlock()
	return nil
}

func (b *box) leakTwice() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.items) == 0 {
		b.mu.Lock() // want goroutine/recursive-lock
		b.items = map[string]int{}
		b.mu.Unlock()
	}
}

func (b *box) cleanDefer(k string) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	v, ok := b.items[k]
	if !ok {
		return 0, errMissing
	}
	return v, nil
}

func (b *box) cleanEachPath(k string) (int, error) {
	b.mu.Lock()
	v, ok := b.items[k]
	if !ok {
		b.mu.Unlock()
		return 0, errMissing
	}
	b.mu.Unlock()
	return v, nil
}

func (b *box) cleanConditional(lock bool) int {
	if lock {
		b.mu.Lock()
	}
	n := len(b.items)
	if lock {
		b.mu.Unlock()
	}
	return n
}

func (b *box) cleanClosure(k string) error {
	b.mu.Lock()
	release := func() { b.mu.Unlock() }
	if _, ok := b.items[k]; !ok {
		release()
		return errMissing
	}
	release()
	return nil
}

func (b *box) lock() func() {
	b.mu.Lock()
	return b.mu.Unlock
}

func (b *box) cleanHelper() int {
	defer b.lock()()
	return len(b.items)
}

func (b *box) cleanUnlockHelper() { b.mu.Lock(); b.done() }

func (b *box) done() { b.mu.Unlock() }

func (b *box) cleanLoop(keys []string) int {
	n := 0
	for _, k := range keys {
		b.mu.Lock()
		n += b.items[k]
		b.mu.Unlock()
	}
	return n
}

func (b *box) cleanTry() bool {
	if !b.mu.TryLock() {
		return false
	}
	defer b.mu.Unlock()
	return true
}

func (b *box) cleanUpgrade(k string) int {
	b.rw.RLock()
	v, ok := b.items[k]
	b.rw.RUnlock()
	if ok {
		return v
	}
	b.rw.Lock()
	defer b.rw.Unlock()
	b.items[k] = 1
	return 1
}

func leakDeferInLoop(names []string) error {
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close() // want resource/defer-in-loop
		io.Copy(io.Discard, f)
	}
	return nil
}

func leakDeferForever(mu *sync.Mutex, next func() bool) {
	for next() {
		mu.Lock()
		defer mu.Unlock() // want resource/defer-in-loop
	}
}

func leakDeferClosureInLoop(names []string) {
	for _, name := range names {
		f, err := os.Create(name)
		if err != nil {
			continue
		}
		defer func() { _ = f.Close() }() // want resource/defer-in-loop
	}
}

func cleanDeferAndReturn(names []string) error {
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			continue
		}
		defer f.Close()
		_, err = io.Copy(io.Discard, f)
		return err
	}
	return errMissing
}

func cleanDeferInFunction(names []string) {
	for _, name := range names {
		func() {
			f, err := os.Open(name)
			if err != nil {
				return
			}
			defer f.Close()
			io.Copy(io.Discard, f)
		}()
	}
}

func cleanDeferAfterBreak(names []string) error {
	var f *os.File
	var err error
	for _, name := range names {
		if f, err = os.Open(name); err == nil {
			break
		}
	}
	if err != nil || f == nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

func cleanDeferOther(hooks []func(string)) {
	for _, h := range hooks {
		defer h("end")
	}
}
