package workers

import (
	"errors"
	"sync"
)

type server struct {
	active   sync.WaitGroup
	handlers map[string]func() error
}

func (s *server) handle(name string) {
	s.active.Add(1)
	go func() {
		if err := s.handlers[name](); err == nil {
			s.active.Done()
		}
	}() // holder: wg-field-closure
}

func (s *server) shutdown() {
	s.active.Wait() // victim: wg-field-closure
}

func leakDrain() {
	s := &server{handlers: map[string]func() error{
		"ok":  func() error { return nil },
		"bad": func() error { return errors.New("bad") },
	}}
	s.handle("ok")
	s.handle("bad")
	go s.shutdown()
}

type drained struct {
	active   sync.WaitGroup
	handlers map[string]func() error
}

func (s *drained) handle(name string) {
	s.active.Add(1)
	go func() {
		defer s.active.Done()
		_ = s.handlers[name]()
	}()
}

func fixedDrain() {
	s := &drained{handlers: map[string]func() error{
		"ok":  func() error { return nil },
		"bad": func() error { return errors.New("bad") },
	}}
	s.handle("ok")
	s.handle("bad")
	s.active.Wait()
}
