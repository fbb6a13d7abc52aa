package bank

import (
	"hash/fnv"
	"sync"

	"github.com/tidemark-go/tidemark/go/leaky/goroutine/suite"
)

type shard struct {
	sync.Mutex
	rows map[string]string
}

type sharded struct {
	shards [16]shard
	pause  func()
}

func slot(key string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(key))
	return h.Sum32() % 16
}

func (s *sharded) move(from, to string) {
	src, dst := &s.shards[slot(from)], &s.shards[slot(to)]
	src.Lock() // acquired: cycle-shards
	defer src.Unlock()
	s.pause()
	if src != dst {
		dst.Lock() // victim: cycle-shards // holder: cycle-shards
		defer dst.Unlock()
	}
	dst.rows[to] = src.rows[from]
	delete(src.rows, from)
}

func leakShards() {
	s := &sharded{pause: suite.Meet(2)}
	for i := range s.shards {
		s.shards[i].rows = map[string]string{}
	}
	go s.move("alpha", "omega")
	go s.move("omega", "alpha")
}

type cell struct {
	sync.Mutex
	rows map[string]string
}

type grid struct{ cells [16]cell }

func (g *grid) move(from, to string) {
	a, b := slot(from), slot(to)
	if b < a {
		a, b = b, a
	}
	g.cells[a].Lock()
	defer g.cells[a].Unlock()
	if a != b {
		g.cells[b].Lock()
		defer g.cells[b].Unlock()
	}
	src, dst := &g.cells[slot(from)], &g.cells[slot(to)]
	dst.rows[to] = src.rows[from]
	delete(src.rows, from)
}

func fixedShards() {
	g := &grid{}
	for i := range g.cells {
		g.cells[i].rows = map[string]string{}
	}
	var wg sync.WaitGroup
	for i := 0; i < 100; i++ {
		wg.Add(2)
		go func() { g.move("alpha", "omega"); wg.Done() }()
		go func() { g.move("omega", "alpha"); wg.Done() }()
	}
	wg.Wait()
}
