// Command stands grows on every kind of line on which a stack can stand, and
// waits on the others.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	_ "net/http/pprof"
	"runtime"
	"sort"
	"strings"
	"sync"

	"example.com/stands/kept"
)

var table = map[string][]byte{
	"first":  make([]byte, 100),
	"second": []byte(strings.Repeat("x", 200)),
}

var lazily = func() *kept.Named { return &kept.Named{Name: "lazily"} }

type store struct {
	kept.Named
	mu    sync.Mutex
	byKey map[string]any
	all   []fmt.Stringer
}

// Every allocation is in the profile.
func init() { runtime.MemProfileRate = 1 }

type word string

func (w word) String() string { return string(w) }

func (s *store) add(key string, value int) (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byKey[key] = value
	s.byKey[key+"."+
		key] = &value
	s.all = append(
		s.all,
		word(key+"!"),
	)
	defer func() {
		if recover() != nil {
			err = fmt.Errorf("adding %s", key)
		}
	}()

	return nil
}

func keys(s *store) []string {
	var list []string
	for key := range s.byKey {
		list = append(list, key)
	}
	sort.Slice(list, func(i, j int) bool {
		return strings.ToLower(list[i]) < strings.ToLower(list[j])
	})
	return list
}

func numbers(box *kept.Box[int]) (sum int) {
	for n := range box.All() {
		counter := n
		go func() { hold <- counter }()
		sum += n
	}
	return sum
}

var hold = make(chan int)

func wait(s *store, done <-chan struct{}) {
	select {
	case <-done:
	case n, ok := <-hold:
		if ok {
			s.add(fmt.Sprint(n), n)
		}
	}
}

func grow(s *store) {
	box := &kept.Box[int]{}
	words := &kept.Box[string]{}
	for i := range 40 {
		s.add(
			fmt.Sprintf("key %d", i),
			i,
		)
		box.Put(i)
		words.Put(strings.
			Repeat("y", i))
		table[s.Hello()+fmt.Sprint(i)] = kept.Later(i)()
	}
	hello := s.Named.Hello
	table[hello()] = []byte(lazily().Name)
	fmt.Fprint(io.Discard, numbers(box), keys(s))
}

func main() {
	s := &store{byKey: map[string]any{}}
	for range 20 {
		grow(s)
	}
	done := make(chan struct{})
	for range 3 {
		go wait(s, done)
		go s.forever()
		go func() {
			func() { select {} }()
		}()
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(listener.Addr())
	http.Serve(listener, nil)
}

func (s *store) forever() {
	s.mu.Lock()
	defer s.mu.Unlock()
	<-(chan int)(nil)
}
