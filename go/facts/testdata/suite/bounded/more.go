package bounded

import (
	"container/heap"
	"container/list"
	"fmt"
	"net/http"
	"reflect"
	"runtime"
	"slices"
	"sync"
	"time"
)

type entry struct {
	key   string
	value int
}

var recent = &lruCache{max: 100, byKey: map[string]*list.Element{}, order: list.New()}

type lruCache struct {
	mu    sync.Mutex
	max   int
	byKey map[string]*list.Element
	order *list.List
}

func (c *lruCache) cleanPut(k string, v int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.byKey[k] = c.order.PushFront(entry{k, v})
	c.evict()
}

func (c *lruCache) evict() {
	for c.order.Len() > c.max {
		e := c.order.Back()
		c.order.Remove(e)
		delete(c.byKey, e.Value.(entry).key)
	}
}

type generic[K comparable, V any] struct {
	mu sync.Mutex
	m  map[K]V
}

func (g *generic[K, V]) cleanSet(k K, v V) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.m[k] = v
}

func (g *generic[K, V]) drop(k K) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.m, k)
}

var genericUsers = &generic[string, int]{m: map[string]int{}}

func cleanGenericUser(name string, done <-chan struct{}) {
	genericUsers.cleanSet(name, 1)
	go func() {
		<-done
		genericUsers.drop(name)
	}()
}

var perStatus = map[int]int{}

func cleanStatusCode(resp *http.Response) { perStatus[resp.StatusCode]++ }

var perStatusParam sync.Map

func cleanStatusParam(status int) { perStatusParam.Store(status, time.Now()) }

var perTypeName = map[string]int{}

func cleanTypeName(v any) { perTypeName[reflect.TypeOf(v).String()]++ }

var perTypeVerb = map[string]int{}

func cleanTypeVerb(v any) { perTypeVerb[fmt.Sprintf("%T", v)]++ }

var perCaller = map[string]int{}

func cleanCaller() {
	_, file, line, _ := runtime.Caller(1)
	perCaller[fmt.Sprintf("%s:%d", file, line)]++
}

type queue []entry

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].value < q[j].value }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)        { *q = append(*q, x.(entry)) }
func (q *queue) Pop() any {
	old := *q
	e := old[len(old)-1]
	*q = old[:len(old)-1]
	return e
}

var pending queue

func cleanHeap(e entry) {
	pending = append(pending, e)
	heap.Fix(&pending, len(pending)-1)
}

func popPending() entry { return heap.Pop(&pending).(entry) }

var waiting []chan int

func cleanSlicesDelete(c chan int) {
	waiting = append(waiting, c)
}

func stopWaiting(c chan int) {
	if i := slices.Index(waiting, c); i >= 0 {
		waiting = slices.Delete(waiting, i, i+1)
	}
}

var handlers = map[string]http.Handler{}

type router struct{}

func (router) Handle(pattern string, h http.Handler) { handlers[pattern] = h }

var middleware []func(http.Handler) http.Handler

func Use(m func(http.Handler) http.Handler) { middleware = append(middleware, m) }

var busy sync.Map

func cleanLater(key string, later func(func(any))) {
	busy.Store(key, true)
	later(busy.Delete)
}

type reservoir struct {
	n       int
	samples []float64
}

var sample reservoir

func cleanReservoir(v float64, random func(int) int) {
	sample.n++
	if sample.n <= 1000 {
		sample.samples = append(sample.samples, v)
		return
	}
	if i := random(sample.n); i < 1000 {
		sample.samples[i] = v
	}
}

var (
	window      = map[string]int{}
	windowStart time.Time
)

func cleanWindow(key string, now time.Time) {
	if now.Sub(windowStart) > time.Minute {
		clearAll(window)
		windowStart = now
	}
	window[key]++
}

func clearAll(m map[string]int) {
	for k := range m {
		delete(m, k)
	}
}

var generations [2]map[string]int

func cleanGenerations(key string, tick int) {
	if generations[tick%2] == nil {
		generations[tick%2] = map[string]int{}
	}
	generations[tick%2][key]++
	generations[(tick+1)%2] = nil
}

var pool struct {
	sync.Mutex
	free [][]byte
}

func cleanFreeList(b []byte) {
	pool.Lock()
	if len(pool.free) < 64 {
		pool.free = append(pool.free, b)
	}
	pool.Unlock()
}

var parsed = map[string]*entry{}

func cleanDeferred(key string, do func(*entry)) {
	e := &entry{key: key}
	parsed[key] = e
	defer delete(parsed, key)
	do(e)
}

var started = map[string]func(){}

func cleanStartStop(key string, start func() (stop func())) (stop func()) {
	started[key] = start()
	return func() {
		started[key]()
		delete(started, key)
	}
}
