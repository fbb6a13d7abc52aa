package fleet

import "sync"

// state is embedded by pointer, as its users want to call container.Lock().
type state struct {
	sync.Mutex
	running bool
}

func (s *state) isRunning() bool {
	s.Lock() // victim: embedded-relock
	res := s.running
	s.Unlock()
	return res
}

type container struct {
	*state
	id string
}

func (c *container) kill(signal int) bool {
	c.Lock() // acquired: embedded-relock
	defer c.Unlock()
	if !c.isRunning() { // holder: embedded-relock
		return false
	}
	c.running = signal != 9
	return true
}

func leakContainer() {
	c := &container{state: &state{running: true}, id: "c1"}
	go c.kill(9)
}

type calmState struct {
	sync.Mutex
	running bool
}

func (s *calmState) isRunning() bool {
	s.Lock()
	res := s.running
	s.Unlock()
	return res
}

type calmContainer struct {
	*calmState
	id string
}

func (c *calmContainer) kill(signal int) bool {
	if !c.isRunning() {
		return false
	}
	c.Lock()
	defer c.Unlock()
	c.running = signal != 9
	return true
}

func fixedContainer() {
	c := &calmContainer{calmState: &calmState{running: true}, id: "c1"}
	c.kill(9)
	c.kill(9)
}
