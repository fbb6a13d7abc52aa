package cache

import "sync"

// box guards one value of any type.
type box[T any] struct {
	mu    sync.Mutex
	value T
}

func (b *box[T]) get() T {
	b.mu.Lock() // victim: recursive-generic
	defer b.mu.Unlock()
	return b.value
}

func (b *box[T]) update(change func(T) T) {
	b.mu.Lock() // acquired: recursive-generic
	defer b.mu.Unlock()
	b.value = change(b.value) // holder: recursive-generic
}

func leakBox() {
	var total box[int]
	go total.update(func(n int) int {
		return total.get() + n
	})
}

type slotOf[T any] struct {
	mu    sync.Mutex
	value T
}

func (b *slotOf[T]) get() T {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.value
}

func (b *slotOf[T]) update(change func(T) T) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.value = change(b.value)
}

func fixedBox() {
	var total slotOf[int]
	total.update(func(n int) int { return n + 1 })
	total.get()
}
