// Package library has a channel that only importers could receive from.
package library

import "context"

type Feed struct {
	out    chan int
	hidden chan int
}

func NewFeed(buffer int) *Feed {
	return &Feed{out: make(chan int, buffer), hidden: make(chan int)}
}

func (f *Feed) Out() <-chan int { return f.out }

func (f *Feed) Push(n int) { f.out <- n }

func (f *Feed) drop(n int) { f.hidden <- n }

func Wait(ctx context.Context, done chan struct{}) {
	select {
	case <-ctx.Done():
	case <-done:
	}
}
