package watch

import "time"

type lease struct {
	timer   *time.Timer
	expired bool
}

func (l *lease) watch() {
	<-l.timer.C // victim: timer-stopped
	l.expired = true
}

func (l *lease) renew() {
	l.timer.Stop() // holder: timer-stopped
}

func leakExpire() {
	l := &lease{timer: time.NewTimer(time.Hour)}
	go l.watch()
	l.renew()
}

type contract struct {
	timer   *time.Timer
	ended   chan struct{}
	expired bool
}

func (c *contract) watch() {
	select {
	case <-c.timer.C:
		c.expired = true
	case <-c.ended:
	}
}

func (c *contract) renew() {
	c.timer.Stop()
	close(c.ended)
}

func fixedExpire() {
	c := &contract{timer: time.NewTimer(time.Hour), ended: make(chan struct{})}
	go c.watch()
	c.renew()
}
