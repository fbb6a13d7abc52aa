package workers

import (
	"sync"
	"time"
)

type latch struct {
	sync.Mutex
	done *sync.Cond
	left int
}

func newLatch(n int) *latch {
	l := &latch{left: n}
	l.done = sync.NewCond(l)
	return l
}

func (l *latch) await() {
	l.Lock()
	defer l.Unlock()
	for l.left > 0 {
		l.done.Wait() // victim: cond-signal-one
	}
}

func (l *latch) count() {
	l.Lock()
	l.left--
	last := l.left == 0
	l.Unlock()
	if last {
		l.done.Signal() // holder: cond-signal-one
	}
}

func leakBarrier() {
	l := newLatch(1)
	go l.await()
	go l.await()
	time.Sleep(100 * time.Millisecond)
	l.count()
}

type countdown struct {
	sync.Mutex
	done *sync.Cond
	left int
}

func (l *countdown) await() {
	l.Lock()
	defer l.Unlock()
	for l.left > 0 {
		l.done.Wait()
	}
}

func (l *countdown) count() {
	l.Lock()
	l.left--
	if l.left == 0 {
		l.done.Broadcast()
	}
	l.Unlock()
}

func fixedBarrier() {
	l := &countdown{left: 1}
	l.done = sync.NewCond(l)
	var wg sync.WaitGroup
	for i := 0; i < 2; i++ {
		wg.Add(1)
		go func() {
			l.await()
			wg.Done()
		}()
	}
	l.count()
	wg.Wait()
}
