package watch

import (
	"context"
	"time"
)

type poller struct {
	ctx    context.Context
	cancel context.CancelFunc
	polls  int
}

func newPoller(parent context.Context) *poller {
	p := &poller{}
	p.ctx, p.cancel = context.WithCancel(parent)
	go p.run()
	return p
}

func (p *poller) run() {
	ticker := time.NewTicker(time.Hour)
	defer ticker.Stop()
	for {
		select { // victim: context-kept
		case <-ticker.C:
			p.polls++
		case <-p.ctx.Done():
			return
		}
	}
}

func (p *poller) Stop() { p.polls = 0 }

func leakPoll() {
	p := newPoller(context.Background())
	p.Stop()
}

type calmPoller struct {
	ctx    context.Context
	cancel context.CancelFunc
	polls  int
}

func (p *calmPoller) run() {
	ticker := time.NewTicker(time.Hour)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			p.polls++
		case <-p.ctx.Done():
			return
		}
	}
}

func (p *calmPoller) Stop() { p.cancel() }

func fixedPoll() {
	p := &calmPoller{}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	go p.run()
	p.Stop()
}
