package events

import "sync"

type hub struct {
	mu   sync.Mutex
	subs map[int]chan string
}

func (h *hub) broadcast(texts ...string) {
	h.mu.Lock() // acquired: held-during-send
	defer h.mu.Unlock()
	for _, text := range texts {
		for _, ch := range h.subs {
			ch <- text // holder: held-during-send
		}
	}
}

func (h *hub) leave(id int) {
	h.mu.Lock() // victim: held-during-send
	defer h.mu.Unlock()
	delete(h.subs, id)
}

func (h *hub) follow(id int, messages chan string) {
	for text := range messages {
		if text == "bye" {
			h.leave(id)
			return
		}
	}
}

func leakBroadcast() {
	h := &hub{subs: map[int]chan string{}}
	ch := make(chan string)
	h.subs[1] = ch
	go h.follow(1, ch)
	go func() {
		h.broadcast("bye", "anyone?")
	}()
}

type calmHub struct {
	mu   sync.Mutex
	subs map[int]chan string
}

func (h *calmHub) broadcast(text string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, ch := range h.subs {
		select {
		case ch <- text:
		default:
		}
	}
}

func (h *calmHub) leave(id int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if ch, ok := h.subs[id]; ok {
		delete(h.subs, id)
		close(ch)
	}
}

func (h *calmHub) follow(id int) {
	for text := range h.subs[id] {
		if text == "bye" {
			h.leave(id)
		}
	}
}

func fixedBroadcast() {
	h := &calmHub{subs: map[int]chan string{1: make(chan string, 4)}}
	h.broadcast("bye")
	h.follow(1)
	h.broadcast("anyone?")
}
