package bank

import (
	"sync"

	"github.com/tidemark-go/tidemark/go/leaky/goroutine/suite"
)

type account struct {
	id      int
	owner   string
	mu      sync.Mutex
	balance int64
}

func transfer(from, to *account, amount int64, audit func()) {
	from.mu.Lock() // acquired: cycle-instances
	defer from.mu.Unlock()
	audit()
	to.mu.Lock() // victim: cycle-instances // holder: cycle-instances
	defer to.mu.Unlock()
	from.balance -= amount
	to.balance += amount
}

func leakTransfer() {
	a, b := &account{id: 1, owner: "ada"}, &account{id: 2, owner: "bob"}
	meet := suite.Meet(2)
	go transfer(a, b, 10, meet)
	go transfer(b, a, 20, meet)
}

type orderedAccount struct {
	id      int
	mu      sync.Mutex
	balance int64
}

func orderedTransfer(from, to *orderedAccount, amount int64) {
	first, second := from, to
	if second.id < first.id {
		first, second = second, first
	}
	first.mu.Lock()
	defer first.mu.Unlock()
	second.mu.Lock()
	defer second.mu.Unlock()
	from.balance -= amount
	to.balance += amount
}

func fixedTransfer() {
	a, b := &orderedAccount{id: 1}, &orderedAccount{id: 2}
	var wg sync.WaitGroup
	for i := 0; i < 200; i++ {
		wg.Add(2)
		go func() {
			defer wg.Done()
			orderedTransfer(a, b, 1)
		}()
		go func() {
			defer wg.Done()
			orderedTransfer(b, a, 1)
		}()
	}
	wg.Wait()
}
