// Package guards takes locks.
package guards

import (
	"context"
	"errors"
	"sync"
	"time"
)

type account struct {
	mu      sync.Mutex
	rw      sync.RWMutex
	balance int
	log     []string
}

func (a *account) leakWithdraw(n int) error {
	a.mu.Lock() // want goroutine/holder-gone
	if n > a.balance {
		return errors.New("too little")
	}
	a.balance -= n
	a.mu.Unlock()
	return nil
}

func (a *account) cleanWithdraw(n int) error {
	a.mu.Lock()
	if n > a.balance {
		a.mu.Unlock()
		return errors.New("too little")
	}
	a.balance -= n
	a.mu.Unlock()
	return nil
}

func (a *account) leakReadLock(name string) (int, bool) {
	a.rw.RLock() // want goroutine/holder-gone
	for i, l := range a.log {
		if l == name {
			return i, true
		}
	}
	a.rw.RUnlock()
	return 0, false
}

func (a *account) cleanReadLock(name string) (int, bool) {
	a.rw.RLock()
	defer a.rw.RUnlock()
	for i, l := range a.log {
		if l == name {
			return i, true
		}
	}
	return 0, false
}

func (a *account) leakContinue(list []int) {
	for _, n := range list {
		a.mu.Lock() // want goroutine/holder-gone
		if n == 0 {
			continue
		}
		a.balance += n
		a.mu.Unlock()
	}
}

func (a *account) cleanContinue(list []int) {
	for _, n := range list {
		a.mu.Lock()
		if n == 0 {
			a.mu.Unlock()
			continue
		}
		a.balance += n
		a.mu.Unlock()
	}
}

func (a *account) leakSwitch(kind string, n int) error {
	a.mu.Lock() // want goroutine/holder-gone
	switch kind {
	case "in":
		a.balance += n
	case "out":
		a.balance -= n
	default:
		return errors.New(kind)
	}
	a.mu.Unlock()
	return nil
}

func (a *account) cleanUpgrade(name string) {
	a.rw.RLock()
	n := len(a.log)
	a.rw.RUnlock()
	if n > 100 {
		return
	}
	a.rw.Lock()
	defer a.rw.Unlock()
	a.log = append(a.log, name)
}

// The read lock is taken, the write lock is released.
func (a *account) leakWrongKind() int {
	a.rw.RLock() // want goroutine/holder-gone
	n := a.balance
	if n < 0 {
		n = 0
	}
	return n
}

// Both are for callers.
func (a *account) cleanLock()   { a.mu.Lock() }
func (a *account) cleanUnlock() { a.mu.Unlock() }

func (a *account) cleanWith(f func()) {
	a.cleanLock()
	defer a.cleanUnlock()
	f()
}

func (a *account) leakWithHelper(f func() error) error {
	a.cleanLock() // want goroutine/holder-gone
	if err := f(); err != nil {
		return err
	}
	a.cleanUnlock()
	return nil
}

func (a *account) cleanTryLock(f func()) bool {
	if !a.mu.TryLock() {
		return false
	}
	defer a.mu.Unlock()
	f()
	return true
}

func (a *account) leakTryLock(f func() error) error {
	if !a.mu.TryLock() { // want goroutine/holder-gone
		return errors.New("busy")
	}
	if err := f(); err != nil {
		return err
	}
	a.mu.Unlock()
	return nil
}

func (a *account) cleanConditional(locked bool) int {
	if !locked {
		a.mu.Lock()
		defer a.mu.Unlock()
	}
	return a.balance
}

func (a *account) cleanReturnsUnlock() func() {
	a.mu.Lock()
	return a.mu.Unlock
}

func (a *account) cleanWaitLoop(ctx context.Context) error {
	for {
		a.mu.Lock()
		if a.balance > 0 {
			a.mu.Unlock()
			return nil
		}
		a.mu.Unlock()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		time.Sleep(time.Millisecond)
	}
}

func (a *account) cleanUnlockAround(f func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.balance++
	a.mu.Unlock()
	f()
	a.mu.Lock()
	a.balance--
}

func (a *account) leakRelock(f func() error) error {
	a.mu.Lock()
	a.balance++
	a.mu.Unlock()
	if err := f(); err != nil {
		a.mu.Lock() // want goroutine/holder-gone
		a.balance--
		return err
	}
	return nil
}

var tableMu sync.Mutex

func cleanPanics(ok bool) {
	tableMu.Lock()
	if !ok {
		panic("not ok")
	}
	tableMu.Unlock()
}

type shards [16]struct {
	sync.Mutex
	m map[string]int
}

func (s *shards) cleanShard(i int, key string) int {
	sh := &s[i%16]
	sh.Lock()
	defer sh.Unlock()
	return sh.m[key]
}

func (s *shards) leakShard(i int, key string) (int, error) {
	sh := &s[i%16]
	sh.Lock() // want goroutine/holder-gone
	v, ok := sh.m[key]
	if !ok {
		return 0, errors.New("no " + key)
	}
	sh.Unlock()
	return v, nil
}
