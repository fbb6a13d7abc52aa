// Package bus hands channels, functions and contexts between packages.
package bus

import (
	"context"
	"sync"
)

type Request struct {
	Query string
	Reply chan string
}

type Handler interface{ Handle(r Request) }

type Bus struct {
	mu       sync.Mutex
	requests chan Request
	handlers map[string]Handler
	stop     context.CancelFunc
}

func New() *Bus {
	ctx, cancel := context.WithCancel(context.Background())
	b := &Bus{requests: make(chan Request, 4), handlers: map[string]Handler{}, stop: cancel}
	go b.loop(ctx)
	return b
}

func (b *Bus) Register(name string, h Handler) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.handlers[name] = h
}

func (b *Bus) Ask(query string) string {
	reply := make(chan string)
	b.requests <- Request{query, reply}
	return <-reply
}

func (b *Bus) loop(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case r := <-b.requests:
			b.mu.Lock()
			h := b.handlers[r.Query]
			b.mu.Unlock()
			h.Handle(r)
		}
	}
}

func (b *Bus) Close() { b.stop() }
