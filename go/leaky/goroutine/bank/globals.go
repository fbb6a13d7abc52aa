package bank

import (
	"sync"

	"github.com/tidemark-go/tidemark/go/leaky/goroutine/suite"
)

var (
	usersMu  sync.Mutex
	users    = map[string]int{}
	ordersMu sync.Mutex
	orders   = map[int]string{}
)

func removeUser(name string, pause func()) {
	usersMu.Lock()
	pause()
	ordersMu.Lock() // victim: cycle-globals
	delete(orders, users[name])
	ordersMu.Unlock()
	delete(users, name)
	usersMu.Unlock()
}

func placeOrder(id int, name string, pause func()) {
	ordersMu.Lock() // acquired: cycle-globals
	defer ordersMu.Unlock()
	orders[id] = name
	pause()
	usersMu.Lock() // victim: cycle-globals // holder: cycle-globals
	users[name] = id
	usersMu.Unlock()
}

func leakGlobals() {
	meet := suite.Meet(2)
	go removeUser("ada", meet)
	go placeOrder(7, "ada", meet)
}

var (
	stockMu sync.Mutex
	stock   = map[string]int{}
	priceMu sync.Mutex
	price   = map[string]int{}
)

func restock(name string) {
	stockMu.Lock()
	priceMu.Lock()
	stock[name] += price[name]
	priceMu.Unlock()
	stockMu.Unlock()
}

func reprice(name string, to int) {
	priceMu.Lock()
	price[name] = to
	priceMu.Unlock()
	stockMu.Lock()
	stock[name]++
	stockMu.Unlock()
}

func fixedGlobals() {
	var wg sync.WaitGroup
	for i := 0; i < 100; i++ {
		wg.Add(2)
		go func() { restock("tea"); wg.Done() }()
		go func() { reprice("tea", 3); wg.Done() }()
	}
	wg.Wait()
}
