package library

import (
	"sync"
	"testing"

	"example.com/library/helper"
)

func TestDrop(t *testing.T) {
	f := NewFeed(helper.Buffer(NewFeed))
	go f.drop(1)
	<-f.hidden
}

var state struct {
	count int
	mu    sync.Mutex
}

func TestFatal(t *testing.T) {
	state.mu.Lock()
	if state.count > 0 {
		t.Fatal("twice")
	}
	var tb testing.TB = t
	if state.count < 0 {
		tb.FailNow()
	}
	state.mu.Unlock()
}
