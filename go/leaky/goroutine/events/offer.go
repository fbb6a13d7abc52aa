package events

import (
	"context"
	"sync"
	"time"
)

type board struct {
	guard  sync.Locker
	high   chan int
	low    chan int
	posted int
}

func (b *board) post(n int) {
	b.guard.Lock() // acquired: held-during-select
	defer b.guard.Unlock()
	select { // holder: held-during-select
	case b.high <- n:
	case b.low <- n:
	}
	b.posted++
}

func (b *board) read() int {
	b.guard.Lock() // victim: held-during-select
	defer b.guard.Unlock()
	return b.posted
}

func leakOffer() {
	b := &board{guard: new(sync.Mutex), high: make(chan int), low: make(chan int)}
	go b.post(1)
	time.Sleep(100 * time.Millisecond)
	go b.read()
}

type wall struct {
	guard  sync.Locker
	high   chan int
	low    chan int
	posted int
}

func (w *wall) post(ctx context.Context, n int) {
	w.guard.Lock()
	defer w.guard.Unlock()
	select {
	case w.high <- n:
	case w.low <- n:
	case <-ctx.Done():
		return
	}
	w.posted++
}

func (w *wall) read() int {
	w.guard.Lock()
	defer w.guard.Unlock()
	return w.posted
}

func fixedOffer() {
	w := &wall{guard: new(sync.Mutex), high: make(chan int), low: make(chan int)}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	w.post(ctx, 1)
	w.read()
}
