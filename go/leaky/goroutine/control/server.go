package control

import (
	"sync"
	"time"
)

// server waits for its handlers before it tells them to end.
type server struct {
	wg   sync.WaitGroup
	quit chan struct{}
}

func (s *server) handle() {
	defer s.wg.Done()
	<-s.quit // victim: stop-in-wrong-order
}

func (s *server) accept() {
	s.wg.Add(1)
	go s.handle()
}

func (s *server) stop() {
	s.wg.Wait() // victim: stop-in-wrong-order // holder: stop-in-wrong-order
	close(s.quit)
}

func leakServer() {
	s := &server{quit: make(chan struct{})}
	s.accept()
	s.accept()
	time.Sleep(10 * time.Millisecond)
	go s.stop()
}

type orderedServer struct {
	wg   sync.WaitGroup
	quit chan struct{}
}

func (s *orderedServer) handle() {
	defer s.wg.Done()
	<-s.quit
}

func (s *orderedServer) stop() {
	close(s.quit)
	s.wg.Wait()
}

func fixedServer() {
	s := &orderedServer{quit: make(chan struct{})}
	s.wg.Add(1)
	go s.handle()
	s.stop()
}
