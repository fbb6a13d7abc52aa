package stream

// flusher tells by a closed channel that it is through; a panic that a wrapper
// swallows comes before the close.
type flusher struct {
	done  chan struct{}
	write func() error
}

func (f *flusher) loop() {
	if err := f.write(); err != nil {
		panic(err) // holder: done-after-panic
	}
	close(f.done)
}

func (f *flusher) wait() {
	<-f.done // victim: done-after-panic
}

func background(f func()) {
	go func() {
		defer func() { _ = recover() }()
		f()
	}()
}

func leakFlush() {
	f := &flusher{done: make(chan struct{}), write: func() error { return errPart }}
	background(f.loop)
	go f.wait()
}

type sureFlusher struct {
	done  chan struct{}
	write func() error
}

func (f *sureFlusher) loop() {
	defer close(f.done)
	if err := f.write(); err != nil {
		panic(err)
	}
}

func fixedFlush() {
	f := &sureFlusher{done: make(chan struct{}), write: func() error { return errPart }}
	background(f.loop)
	<-f.done
}
