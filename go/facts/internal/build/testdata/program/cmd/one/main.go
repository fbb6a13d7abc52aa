package main

import (
	"time"

	"example.com/program/bus"
)

type echo struct{ calls int }

func (e *echo) Handle(r bus.Request) {
	e.calls++
	r.Reply <- r.Query
}

func main() {
	b := bus.New()
	b.Register("a", &echo{})
	b.Ask("a")
	each(func(n int) { time.Sleep(time.Duration(n)) })
	b.Close()
}

func each(f func(int)) {
	results := make(chan int)
	for i := range 3 {
		go func() { results <- i }()
	}
	f(<-results)
}
