// Keeps has containers that grow, each with the verdict it should get in the
// comment on its line.
package main

import (
	"container/list"
	"net/http"
	"sync"

	"example.com/keeps/util"
)

var sessions = map[string]*session{} // verdict: only-added
var visits = map[string]int{}        // verdict: removed
var routes = map[string]string{"/": "index"}
var byHelper = map[string]int{}               // verdict: only-added
var byHelperBoth = map[string]int{}           // verdict: removed
var generic = map[int]bool{}                  // verdict: only-added
var counters = map[string]int{}               // verdict: bounded
var listeners []func()                        // verdict: only-added
var ring []int                                // verdict: removed
var cache sync.Map                            // verdict: only-added
var pending sync.Map                          // verdict: removed
var history = list.New()                      // verdict: only-added
var nested = map[string]map[string]int{}      // verdict: only-added
var plugins = map[string]interface{ Run() }{} // verdict: unknown

type session struct {
	id    string
	log   []string       // verdict: only-added
	queue []int          // verdict: removed
	hits  map[string]int // verdict: removed
	top   map[int]string // verdict: bounded
	seen  map[string]bool
	tags  map[string]bool
}

func newSession(id string) *session {
	return &session{id: id, hits: map[string]int{}, top: map[int]string{}, tags: map[string]bool{"new": true}}
}

func (s *session) handle(line string, n int) {
	s.log = append(s.log, line)
	s.queue = append(s.queue, n)
	if len(s.queue) > 10 {
		s.queue = s.queue[1:]
		s.flush()
	}
	s.hits[line]++
	if len(s.top) < 100 {
		s.top[n] = line
	}
}

func (s *session) flush() { s.hits = make(map[string]int) }

func get(id string) *session {
	s, ok := sessions[id]
	if !ok {
		s = newSession(id)
		sessions[id] = s
	}
	return s
}

func work(id string, n int) {
	visits[id]++
	delete(visits, "old")
	util.Put(byHelper, id)
	util.Put(byHelperBoth, id)
	util.Drop(byHelperBoth, id)
	util.Spread(generic, n)
	counters["requests"]++
	listeners = append(listeners, func() {})
	ring = append(ring, n)
	ring = append(ring[:0], ring[1:]...)
	cache.Store(id, n)
	pending.Store(id, n)
	pending.Delete(id)
	history.PushBack(id)
	if nested[id] == nil {
		nested[id] = map[string]int{}
	}
	nested[id]["n"] = n
	plugins[id] = nil
	call(func(m map[string]interface{ Run() }) {})
}

func call(f func(map[string]interface{ Run() })) { f(plugins) }

func main() {
	perClient := map[string]int{} // verdict: only-added
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		perClient[r.RemoteAddr]++
		s := get(r.RemoteAddr)
		s.handle(r.URL.Path, len(r.URL.Path))
		work(s.id, len(routes))
	})
	local := map[string]bool{}
	local["x"] = true
}
