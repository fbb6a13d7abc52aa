// Package lib has names that are not simple.
package lib

import "runtime"

// Note is told the name of the caller.
var Note func(name string)

var early []func()

func init() { early = append(early, func() { here() }) }

func init() {
	early = append(early, func() { here() })
}

// Early runs what the init functions left.
func Early() {
	for _, f := range early {
		f()
	}
}

func here() {
	var pc [1]uintptr
	runtime.Callers(2, pc[:])
	frame, _ := runtime.CallersFrames(pc[:]).Next()
	Note(frame.Function)
}

type T struct{ n int }

//go:noinline
func (t T) Value() { here() }

//go:noinline
func (t *T) Pointer() {
	here()
	func() { here() }()
}

type G[K comparable, V any] struct{ m map[K]V }

//go:noinline
func (g *G[K, V]) Get(k K) V {
	here()
	return g.m[k]
}

//go:noinline
func Map[T any](list []T, f func(T)) {
	here()
	for _, v := range list {
		func() { here(); f(v) }()
	}
}

//go:noinline
func Nested() {
	a := func() { here() }
	b := func() {
		here()
		c := func() { here(); func() { here() }() }
		d := func() { here() }
		d()
		c()
	}
	b()
	a()
}

var atStart = func() int {
	defer func() { Start = func() { here() } }()
	return 1
}()

// Start is set by a package variable.
var Start func()

var Table = map[string]func(){
	"one": func() { here() },
	"two": func() { here() },
}

//go:noinline
func Range() {
	seq := func(yield func(int) bool) {
		here()
		_ = yield(1) && yield(2)
	}
	for n := range seq {
		here()
		if n == 1 {
			continue
		}
		func() { here() }()
	}
}

//go:noinline
func Goes() {
	done := make(chan bool)
	go func(n int) {
		here()
		defer close(done)
		defer func(m int) { here() }(n)
	}(1)
	<-done
}
