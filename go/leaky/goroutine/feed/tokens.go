package feed

import "errors"

type limiter struct {
	tokens chan struct{}
}

func (l *limiter) acquire() {
	l.tokens <- struct{}{} // victim: semaphore-kept
}

func (l *limiter) release() { <-l.tokens }

func (l *limiter) do(job func() error) error {
	l.acquire()
	if err := job(); err != nil {
		return err // holder: semaphore-kept
	}
	l.release()
	return nil
}

func leakTokens() {
	l := &limiter{tokens: make(chan struct{}, 2)}
	bad := func() error { return errors.New("bad") }
	l.do(bad)
	l.do(bad)
	go l.do(bad)
}

type throttle struct {
	tokens chan struct{}
}

func (t *throttle) do(job func() error) error {
	t.tokens <- struct{}{}
	defer func() { <-t.tokens }()
	return job()
}

func fixedTokens() {
	t := &throttle{tokens: make(chan struct{}, 2)}
	for i := 0; i < 3; i++ {
		t.do(func() error { return errors.New("bad") })
	}
}
