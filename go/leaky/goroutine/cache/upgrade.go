package cache

import "sync"

type memo struct {
	lock   sync.RWMutex
	values map[int]int
}

func (m *memo) fib(n int) int {
	m.lock.RLock() // acquired: recursive-upgrade
	defer m.lock.RUnlock()
	v, ok := m.values[n]
	if !ok {
		v = n * n
		m.lock.Lock() // victim: recursive-upgrade // holder: recursive-upgrade
		m.values[n] = v
		m.lock.Unlock()
	}
	return v
}

func leakUpgrade() {
	m := &memo{values: map[int]int{}}
	go m.fib(4)
}

type doubleChecked struct {
	lock   sync.RWMutex
	values map[int]int
}

func (m *doubleChecked) fib(n int) int {
	m.lock.RLock()
	v, ok := m.values[n]
	m.lock.RUnlock()
	if ok {
		return v
	}
	m.lock.Lock()
	defer m.lock.Unlock()
	m.values[n] = n * n
	return n * n
}

func fixedUpgrade() {
	m := &doubleChecked{values: map[int]int{}}
	m.fib(4)
	m.fib(4)
}
