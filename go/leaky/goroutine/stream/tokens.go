package stream

// pullSlots is a semaphore that starts full: a slot is received to start, and
// sent back in the end.
type pullSlots[T any] struct {
	slots chan struct{}
	pull  func(string) (T, error)
}

func newPullSlots[T any](n int, pull func(string) (T, error)) *pullSlots[T] {
	p := &pullSlots[T]{slots: make(chan struct{}, n), pull: pull}
	for i := 0; i < n; i++ {
		p.slots <- struct{}{}
	}
	return p
}

func (p *pullSlots[T]) get(image string) (T, error) {
	<-p.slots // victim: slot-kept
	layer, err := p.pull(image)
	if err != nil {
		return layer, err // holder: slot-kept
	}
	p.slots <- struct{}{}
	return layer, nil
}

func leakSlots() {
	p := newPullSlots(1, func(string) (int, error) { return 0, errPart })
	_, _ = p.get("a")
	go p.get("b")
}

type givenSlots[T any] struct {
	slots chan struct{}
	pull  func(string) (T, error)
}

func (g *givenSlots[T]) get(image string) (T, error) {
	<-g.slots
	defer func() { g.slots <- struct{}{} }()
	return g.pull(image)
}

func fixedSlots() {
	g := &givenSlots[int]{slots: make(chan struct{}, 1), pull: func(string) (int, error) { return 0, errPart }}
	g.slots <- struct{}{}
	_, _ = g.get("a")
	_, _ = g.get("b")
}
