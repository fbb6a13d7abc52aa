package feed

import (
	"sync"
	"time"
)

type loop struct {
	quit chan struct{}
	work chan int
	sum  int
}

func (l *loop) run() {
	for {
		select {
		case n := <-l.work:
			if n < 0 {
				return // holder: stop-after-end
			}
			l.sum += n
		case <-l.quit:
			return
		}
	}
}

func (l *loop) Close() error {
	l.quit <- struct{}{} // victim: stop-after-end
	return nil
}

func leakLoop() {
	l := &loop{quit: make(chan struct{}), work: make(chan int)}
	go l.run()
	l.work <- -1
	go l.Close()
}

type closer struct {
	once sync.Once
	quit chan struct{}
	work chan int
	sum  int
}

func (c *closer) run() {
	for {
		select {
		case n := <-c.work:
			if n < 0 {
				return
			}
			c.sum += n
		case <-c.quit:
			return
		}
	}
}

func (c *closer) Close() error {
	c.once.Do(func() { close(c.quit) })
	return nil
}

func fixedLoop() {
	c := &closer{quit: make(chan struct{}), work: make(chan int)}
	go c.run()
	c.work <- -1
	c.Close()
	time.Sleep(10 * time.Millisecond)
}
