package plugin

import (
	"fmt"
	"sync"
)

type host struct {
	mu      sync.Mutex
	plugins map[string]func(string) string
	calls   int
}

func (h *host) call(name, arg string) string {
	h.mu.Lock() // acquired: panic-recovered // victim: panic-recovered
	h.calls++
	out := h.plugins[name](arg) // holder: panic-recovered
	h.mu.Unlock()
	return out
}

func (h *host) safely(name, arg string) (out string, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("plugin %s: %v", name, r)
		}
	}()
	return h.call(name, arg), nil
}

func leakCall() {
	h := &host{plugins: map[string]func(string) string{
		"echo": func(s string) string { return s },
		"bad":  func(s string) string { panic("no " + s) },
	}}
	h.safely("bad", "x")
	go h.safely("echo", "x")
}

type deferHost struct {
	mu      sync.Mutex
	plugins map[string]func(string) string
	calls   int
}

func (h *deferHost) call(name, arg string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.calls++
	return h.plugins[name](arg)
}

func (h *deferHost) safely(name, arg string) (out string, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("plugin %s: %v", name, r)
		}
	}()
	return h.call(name, arg), nil
}

func fixedCall() {
	h := &deferHost{plugins: map[string]func(string) string{
		"echo": func(s string) string { return s },
		"bad":  func(s string) string { panic("no " + s) },
	}}
	h.safely("bad", "x")
	h.safely("echo", "x")
}
