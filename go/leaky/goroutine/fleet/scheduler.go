package fleet

import "sync"

type task interface{ cost(load []int) int }

type bySlot struct{ slot int }

func (b bySlot) cost(load []int) int { return load[b.slot] }

// queueOf plans tasks; a task that looks past the end panics under the lock.
type queueOf[T task] struct {
	state struct {
		sync.Mutex
		load []int
	}
}

func (q *queueOf[T]) plan(t T) (cost int) {
	q.state.Lock()              // acquired: panic-in-generic // victim: panic-in-generic
	cost = t.cost(q.state.load) // holder: panic-in-generic
	q.state.Unlock()
	return cost
}

func try(f func()) {
	defer func() { _ = recover() }()
	f()
}

func leakQueue() {
	q := &queueOf[bySlot]{}
	q.state.load = []int{1, 2}
	try(func() { q.plan(bySlot{5}) })
	go try(func() { q.plan(bySlot{0}) })
}

type safeQueueOf[T task] struct {
	state struct {
		sync.Mutex
		load []int
	}
}

func (q *safeQueueOf[T]) plan(t T) int {
	q.state.Lock()
	defer q.state.Unlock()
	return t.cost(q.state.load)
}

func fixedQueue() {
	q := &safeQueueOf[bySlot]{}
	q.state.load = []int{1, 2}
	try(func() { q.plan(bySlot{5}) })
	try(func() { q.plan(bySlot{0}) })
}
