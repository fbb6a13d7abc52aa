package bank

import (
	"sync"

	"github.com/tidemark-go/tidemark/go/leaky/goroutine/suite"
)

type table struct {
	forks []sync.Mutex
	meals []int
}

func (t *table) eat(seat int, think func()) {
	left, right := seat, (seat+1)%len(t.forks)
	t.forks[left].Lock() // acquired: cycle-three
	think()
	t.forks[right].Lock() // victim: cycle-three // holder: cycle-three
	t.meals[seat]++
	t.forks[right].Unlock()
	t.forks[left].Unlock()
}

func leakThree() {
	t := &table{forks: make([]sync.Mutex, 3), meals: make([]int, 3)}
	meet := suite.Meet(3)
	for seat := range t.forks {
		go t.eat(seat, meet)
	}
}

type politeTable struct {
	forks []sync.Mutex
	meals []int
}

func (t *politeTable) eat(seat int) {
	low, high := seat, (seat+1)%len(t.forks)
	if high < low {
		low, high = high, low
	}
	t.forks[low].Lock()
	t.forks[high].Lock()
	t.meals[seat]++
	t.forks[high].Unlock()
	t.forks[low].Unlock()
}

func fixedThree() {
	t := &politeTable{forks: make([]sync.Mutex, 3), meals: make([]int, 3)}
	var wg sync.WaitGroup
	for seat := range t.forks {
		wg.Add(1)
		go func(seat int) {
			defer wg.Done()
			for i := 0; i < 100; i++ {
				t.eat(seat)
			}
		}(seat)
	}
	wg.Wait()
}
