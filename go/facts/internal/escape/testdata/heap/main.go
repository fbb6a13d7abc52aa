// Each line with a want comment allocates on the heap, of that kind and for
// that reason; no other line does.
package main

import "example.com/heap/sub"

type node struct{ next *node }

func (n *node) run() {}

type box[T any] struct{ v T }

//go:noinline
func mk[T any](v T) *box[T] {
	return &box[T]{v} // want literal: returned
}

var (
	nodes  []*node
	counts = make(map[string]int) // want make: assigned to counts
	queue  chan int
	boxes  *box[int]
	called func()
	kept   []byte
	keptAs any
	name   string
)

//go:noinline
func keep(p *[128]byte) { kept = p[:] }

func work(s string, b []byte, n int) {
	x := &node{}              // want literal: passed to append
	nodes = append(nodes, x)  // want append
	counts[s]++               // want map-assign
	counts[s] = n             // want map-assign
	queue = make(chan int, n) // want chan
	var large [128]byte       // want variable: its address is taken
	keep(&large)
	boxes = mk(n)
	called = func() { println(n) } // want closure: assigned to called
	called = x.run                 // want method: assigned to called
	go x.run()                     // want go
	kept = []byte(s)               // want convert: assigned to kept
	keptAs = n                     // want box: assigned to keptAs
	name = s + name                // want concat: assigned to name
	name += s                      // want concat-assign
	kept = make([]byte, n)         // want make
	keptAs = sub.New(n)            // want literal: assigned to keptAs
	for i := 0; i < n; i++ {
		defer x.run() // want defer
	}
}

// onStack does the same and keeps nothing.
func onStack(s string, n int) int {
	x := &node{}
	x.run()
	var small [128]byte
	for i := range small {
		small[i]++
	}
	f := func() int { return n }
	local := []int{1, 2, 3}
	local[0] = f()
	text := s + "x"          // want concat: longer than 32 bytes
	raw := []byte(s)         // want convert: longer than 32 bytes
	sized := make([]byte, n) // want make: not constant
	counts := map[string]int{"a": 1}
	if string(raw) == text || counts[string(sized)] > 0 {
		return 1
	}
	func() {
		defer x.run()
		run := x.run
		run()
	}()
	return len(text) + local[0] + n + len(raw)
}

func main() {
	work("a", nil, 3)
	println(onStack("b", 2))
}
