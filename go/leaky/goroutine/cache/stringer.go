package cache

import (
	"fmt"
	"io"
	"sync"
)

type session struct {
	sync.RWMutex
	user string
	hits int
}

func (s *session) String() string {
	s.RLock() // victim: recursive-stringer
	defer s.RUnlock()
	return s.user
}

func (s *session) touch(log io.Writer) {
	s.Lock() // acquired: recursive-stringer
	defer s.Unlock()
	s.hits++
	fmt.Fprintf(log, "touched %v\n", s) // holder: recursive-stringer
}

func leakStringer() {
	s := &session{user: "ada"}
	go s.touch(io.Discard)
}

type visit struct {
	sync.RWMutex
	user string
	hits int
}

func (v *visit) String() string {
	v.RLock()
	defer v.RUnlock()
	return v.user
}

func (v *visit) touch(log io.Writer) {
	v.Lock()
	v.hits++
	v.Unlock()
	fmt.Fprintf(log, "touched %v\n", v)
}

func fixedStringer() { (&visit{user: "ada"}).touch(io.Discard) }
