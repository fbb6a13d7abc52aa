package feed

import (
	"fmt"
	"strconv"
)

type sink struct {
	in    chan string
	total int
}

func (s *sink) consume() {
	defer func() {
		if r := recover(); r != nil {
			_ = fmt.Sprint("sink: ", r)
		}
	}()
	for text := range s.in {
		n, err := strconv.Atoi(text)
		if err != nil {
			panic(err) // holder: consumer-panicked
		}
		s.total += n
	}
}

func (s *sink) write(texts ...string) {
	for _, text := range texts {
		s.in <- text // victim: consumer-panicked
	}
}

func leakSink() {
	s := &sink{in: make(chan string)}
	go s.consume()
	go s.write("1", "two", "3")
}

type basin struct {
	in    chan string
	total int
}

func (b *basin) consume() {
	for text := range b.in {
		if n, err := strconv.Atoi(text); err == nil {
			b.total += n
		}
	}
}

func (b *basin) write(texts ...string) {
	for _, text := range texts {
		b.in <- text
	}
	close(b.in)
}

func fixedSink() {
	b := &basin{in: make(chan string)}
	go b.write("1", "two", "3")
	b.consume()
}
