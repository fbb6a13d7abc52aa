package events

import (
	"sync"
	"time"
)

type crew struct {
	sync.Mutex
	running sync.WaitGroup
	done    int
}

func (c *crew) work() {
	defer c.running.Done()
	time.Sleep(100 * time.Millisecond)
	c.Lock() // victim: held-during-wait
	c.done++
	c.Unlock()
}

func (c *crew) start(n int) {
	for i := 0; i < n; i++ {
		c.running.Add(1)
		go c.work()
	}
}

func (c *crew) stop() int {
	c.Lock() // acquired: held-during-wait
	defer c.Unlock()
	c.running.Wait() // holder: held-during-wait
	return c.done
}

func leakStop() {
	c := &crew{}
	c.start(3)
	go c.stop()
}

type team struct {
	sync.Mutex
	running sync.WaitGroup
	done    int
}

func (c *team) work() {
	defer c.running.Done()
	c.Lock()
	c.done++
	c.Unlock()
}

func (c *team) stop() int {
	c.running.Wait()
	c.Lock()
	defer c.Unlock()
	return c.done
}

func fixedStop() {
	c := &team{}
	for i := 0; i < 3; i++ {
		c.running.Add(1)
		go c.work()
	}
	c.stop()
}
