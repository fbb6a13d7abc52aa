// Package listeners has those who subscribe.
package listeners

import (
	"context"
	"slices"
	"sync"
)

type Event struct{ Name string }

type bus struct {
	mu   sync.Mutex
	subs []func(Event)
	byID map[int]chan Event
	next int
}

var global = &bus{byID: map[int]chan Event{}}

// Who subscribes stays.
func (b *bus) leakSubscribe(f func(Event)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.subs = append(b.subs, f) // want heap/holder-only-added
}

func (b *bus) Publish(e Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.subs {
		f(e)
	}
	for _, c := range b.byID {
		select {
		case c <- e:
		default:
		}
	}
}

func (b *bus) cleanSubscribeID(ctx context.Context) <-chan Event {
	b.mu.Lock()
	defer b.mu.Unlock()
	id := b.next
	b.next++
	c := make(chan Event, 8)
	b.byID[id] = c
	context.AfterFunc(ctx, func() {
		b.mu.Lock()
		delete(b.byID, id)
		b.mu.Unlock()
	})
	return c
}

type listener struct{ f func(Event) }

type hub struct {
	mu   sync.RWMutex
	list []*listener
}

var theHub hub

func (h *hub) cleanAdd(f func(Event)) (remove func()) {
	l := &listener{f}
	h.mu.Lock()
	h.list = append(h.list, l)
	h.mu.Unlock()
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.list = slices.DeleteFunc(h.list, func(o *listener) bool { return o == l })
	}
}

var changeHandlers = map[string][]func(){}

func leakOnChange(key string, f func()) {
	changeHandlers[key] = append(changeHandlers[key], f) // want heap/holder-only-added
}

func fire(key string) {
	for _, f := range changeHandlers[key] {
		f()
	}
}

var clients sync.Map

func leakConnected(id string, c chan Event) {
	clients.Store(id, c) // want heap/holder-only-added
}

var gone sync.Map

func cleanConnected(id string, c chan Event, serve func(chan Event)) {
	gone.Store(id, c)
	defer gone.Delete(id)
	serve(c)
}

type registry struct {
	mu    sync.Mutex
	conns map[*peer]struct{}
}

type peer struct{ name string }

var peers = registry{conns: make(map[*peer]struct{})}

func leakAttach(p *peer) {
	peers.mu.Lock()
	peers.conns[p] = struct{}{} // want heap/holder-only-added
	peers.mu.Unlock()
}

var attached = registry{conns: make(map[*peer]struct{})}

type other struct{ live map[*peer]struct{} }

var live = other{live: make(map[*peer]struct{})}

func cleanAttach(p *peer) {
	live.live[p] = struct{}{}
}

func cleanDetach(p *peer) {
	delete(live.live, p)
}

// Once at the start.
func cleanRegisterCodec(name string, f func()) { codecs[name] = f }

var codecs = map[string]func(){}

func main() {
	cleanRegisterCodec("json", func() {})
	cleanRegisterCodec("xml", func() {})
	global.Publish(Event{})
	fire("x")
}

type history struct {
	mu  sync.Mutex
	log []Event
}

var audit history

func leakHistory(e Event) {
	audit.mu.Lock()
	defer audit.mu.Unlock()
	audit.log = append(audit.log, e) // want heap/holder-only-added
}

type ring struct {
	log [128]Event
	n   int
}

var recent ring

func cleanRing(e Event) {
	recent.log[recent.n%len(recent.log)] = e
	recent.n++
}

var window []Event

func cleanWindow(e Event) {
	window = append(window, e)
	if len(window) > 1000 {
		window = slices.Clone(window[len(window)-500:])
	}
}

var generations = struct{ current, previous map[string]int }{map[string]int{}, nil}

func cleanTwoGenerations(key string, n int) {
	if len(generations.current) > 10_000 {
		generations.previous = generations.current
		generations.current = map[string]int{}
	}
	generations.current[key] = n
}
