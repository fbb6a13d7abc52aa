package cache

import "sync"

type emitter struct {
	mu       sync.Mutex
	handlers map[string][]func(string)
}

func (e *emitter) on(name string, handler func(string)) {
	e.mu.Lock() // victim: recursive-callback
	e.handlers[name] = append(e.handlers[name], handler)
	e.mu.Unlock()
}

func (e *emitter) emit(name string) {
	e.mu.Lock() // acquired: recursive-callback
	defer e.mu.Unlock()
	for _, handler := range e.handlers[name] {
		handler(name) // holder: recursive-callback
	}
}

func leakEmit() {
	e := &emitter{handlers: map[string][]func(string){}}
	e.on("start", func(string) {
		e.on("stop", func(string) {})
	})
	go e.emit("start")
}

type copyEmitter struct {
	mu       sync.Mutex
	handlers map[string][]func(string)
}

func (e *copyEmitter) on(name string, handler func(string)) {
	e.mu.Lock()
	e.handlers[name] = append(e.handlers[name], handler)
	e.mu.Unlock()
}

func (e *copyEmitter) emit(name string) {
	e.mu.Lock()
	handlers := append([]func(string){}, e.handlers[name]...)
	e.mu.Unlock()
	for _, handler := range handlers {
		handler(name)
	}
}

func fixedEmit() {
	e := &copyEmitter{handlers: map[string][]func(string){}}
	e.on("start", func(string) {
		e.on("stop", func(string) {})
	})
	e.emit("start")
}
