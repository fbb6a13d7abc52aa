// Package generic has locks in code with type parameters.
package generic

import "sync"

type Number interface{ ~int | ~float64 }

type Box[T any] struct {
	mu    sync.Mutex
	value T
	after sync.Mutex
}

func (b *Box[T]) Set(v T, ok bool) {
	b.mu.Lock() // want `b.mu is locked here and still held at the return in line`
	if !ok {
		return
	}
	b.value = v
	b.mu.Unlock()
}

func (b *Box[T]) Get() T {
	b.after.Lock()
	defer b.after.Unlock()
	return b.value
}

func Sum[T Number](boxes ...*Box[T]) (sum T) {
	for _, b := range boxes {
		b.Set(b.Get(), true)
		sum += b.Get()
	}
	return sum
}

func Walk(seq func(yield func(int) bool), mu *sync.Mutex) {
	for n := range seq {
		mu.Lock()
		if n > 3 {
			mu.Unlock()
			return
		}
		mu.Unlock()
	}
}
