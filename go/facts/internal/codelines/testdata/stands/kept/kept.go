// Package kept has what is inlined, generic, or a closure that its caller takes over.
package kept

type Box[T any] struct{ items []T }

func (b *Box[T]) Put(v T) {
	b.items = append(b.items, v)
}

func (b *Box[T]) All() func(yield func(T) bool) {
	return func(yield func(T) bool) {
		for _, v := range b.items {
			if !yield(v) {
				return
			}
		}
	}
}

func Later(n int) func() []byte {
	return func() []byte {
		return make([]byte, n)
	}
}

type Named struct{ Name string }

func (n *Named) Hello() string {
	return "hello " + n.Name
}
