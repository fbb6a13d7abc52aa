// Package bounded has holders that look as if they only grew: what bounds them
// is a key, a size, another function or their life.
package bounded

import (
	"container/list"
	"crypto/sha256"
	"errors"
	"expvar"
	"fmt"
	"hash/fnv"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Keys of a small set.

type Level uint8

var perLevel = map[Level]int{}

func cleanSmallInteger(l Level) { perLevel[l]++ }

var perByte = map[byte]int{}

func cleanByteKeys(text []byte) {
	for _, c := range text {
		perByte[c]++
	}
}

var perBool = map[bool]int{}

func cleanBoolKeys(ok bool) { perBool[ok]++ }

type pair struct{ ok, cached bool }

var perPair = map[pair]int{}

func cleanStructOfBools(ok, cached bool) { perPair[pair{ok, cached}]++ }

var perBucket = map[int]int{}

func cleanModulo(id int) { perBucket[id%64]++ }

var perShard = map[uint32]*sync.Mutex{}

func cleanHashModulo(key string) *sync.Mutex {
	h := fnv.New32a()
	h.Write([]byte(key))
	n := h.Sum32() % 32
	if m, ok := perShard[n]; ok {
		return m
	}
	m := new(sync.Mutex)
	perShard[n] = m
	return m
}

var perMask = map[uint64]int{}

func cleanMask(id uint64) { perMask[id&0xff]++ }

var perClass = map[string]int{}

func cleanStatusClass(code int) {
	class := "ok"
	switch {
	case code >= 500:
		class = "server"
	case code >= 400:
		class = "client"
	}
	perClass[class]++
}

func className(code int) string {
	if code >= 500 {
		return "server"
	}
	return "ok"
}

var byClassName = map[string]int{}

func cleanNamedByHelper(code int) { byClassName[className(code)]++ }

func (l Level) String() string {
	switch l {
	case 0:
		return "low"
	case 1:
		return "high"
	}
	return "other"
}

var byLevelName = map[string]int{}

func cleanNameOfEnum(l Level) { byLevelName[l.String()]++ }

var hours [24]map[string]int

var perWeekday = map[time.Weekday]int{}

func cleanWeekday(now time.Time) { perWeekday[now.Weekday()]++ }

var perHour = map[int]int{}

func cleanHour(now time.Time) { perHour[now.Hour()]++ }

var perStatusText = map[string]int{}

func cleanStatusText(code int) { perStatusText[http.StatusText(code)]++ }

var perCPU = map[int]int{}

func cleanCPU(id int) { perCPU[id%runtime.NumCPU()]++ }

// Only keys that are known already.

var allowed = map[string]bool{"a": true, "b": true}
var perAllowed = map[string]int{}

func cleanKnownKeys(key string) {
	if !allowed[key] {
		return
	}
	perAllowed[key]++
}

var perAllowedIn = map[string]int{}

func cleanKnownOrOther(key string) {
	if _, ok := allowed[key]; !ok {
		key = "other"
	}
	perAllowedIn[key]++
}

var counts = map[string]int{"get": 0, "put": 0}

func cleanOnlyExisting(key string) {
	if _, ok := counts[key]; ok {
		counts[key]++
	}
}

var perMethod = map[string]int{}

func cleanSwitch(method string) error {
	switch method {
	case http.MethodGet, http.MethodPost:
		perMethod[method]++
		return nil
	}
	return errors.New(method)
}

// What the program is configured with.

type route struct{ pattern string }

var routes []route

func cleanHandle(mux *http.ServeMux, pattern string, h http.Handler) {
	routes = append(routes, route{pattern})
	mux.Handle(pattern, h)
}

var settings = map[string]string{}

func cleanFromFlags() {
	for _, kv := range os.Environ() {
		k, v, _ := strings.Cut(kv, "=")
		settings[k] = v
	}
}

var (
	lazyOnce  sync.Once
	lazyTable = map[string]int{}
)

func cleanOnce(names []string) int {
	lazyOnce.Do(func() {
		for i, n := range names {
			lazyTable[n] = i
		}
	})
	return len(lazyTable)
}

var (
	loadOnce sync.Once
	loaded   = map[string]string{}
)

func load() {
	for _, n := range strings.Fields(os.Getenv("NAMES")) {
		loaded[n] = n
	}
}

func cleanOnceFunction() string {
	loadOnce.Do(load)
	return loaded["x"]
}

var valueOnce = sync.OnceValue(func() map[string]int {
	built["x"] = 1
	for i := range 10 {
		built[strconv.Itoa(i)] = i
	}
	return built
})

var built = map[string]int{}

func cleanOnceValue() int { return valueOnce()["x"] }

// What bounds the size.

var checked = map[string]int{}

func cleanSizeBefore(key string) error {
	if len(checked) >= maxEntries() {
		return errors.New("full")
	}
	checked[key]++
	return nil
}

func maxEntries() int { return 100 }

var helped = map[string]int{}

func full(m map[string]int) bool { return len(m) > 100 }

func cleanSizeByHelper(key string) {
	if full(helped) {
		return
	}
	helped[key] = 1
}

var (
	counted  sync.Map
	howMany  atomic.Int64
	limitMap = int64(1000)
)

func cleanCounted(key string) bool {
	if howMany.Load() >= limitMap {
		return false
	}
	if _, known := counted.LoadOrStore(key, true); !known {
		howMany.Add(1)
	}
	return true
}

var ring []string
var next int

func cleanRingOfIndices(s string) {
	if len(ring) < cap(ring) || cap(ring) == 0 {
		ring = append(ring, s)
		return
	}
	ring[next] = s
	next = (next + 1) % len(ring)
}

var fixedRing [16]map[string]int

func cleanSlots(key string, n uint) {
	slot := n % 16
	fixedRing[slot] = map[string]int{key: 1}
}

var slots = make([][]string, 8)

func cleanSlotReplaced(n int, s string) {
	slots[n%8] = []string{s}
}

// Who empties it is elsewhere.

var batch []string
var batchMu sync.Mutex

func cleanBatch(s string) {
	batchMu.Lock()
	batch = append(batch, s)
	batchMu.Unlock()
}

func flush(send func([]string)) {
	batchMu.Lock()
	out := batch
	batch = nil
	batchMu.Unlock()
	send(out)
}

var swapped = &table{m: map[string]int{}}

type table struct {
	mu sync.Mutex
	m  map[string]int
}

func cleanSwapped(key string) {
	swapped.mu.Lock()
	defer swapped.mu.Unlock()
	swapped.m[key]++
}

func drain() map[string]int {
	swapped.mu.Lock()
	defer swapped.mu.Unlock()
	old := swapped.m
	swapped.m = make(map[string]int, len(old))
	return old
}

type current struct{ seen sync.Map }

var now atomic.Pointer[current]

func cleanGeneration(key string) { now.Load().seen.Store(key, true) }

func rotate() { now.Store(new(current)) }

var atomicMap atomic.Pointer[map[string]int]

func cleanCopyOnWrite(key string) {
	for {
		old := atomicMap.Load()
		m := make(map[string]int, len(*old)+1)
		m[key] = 1
		if atomicMap.CompareAndSwap(old, &m) {
			return
		}
	}
}

var cleared sync.Map

func cleanClearedInBackground(key string) { cleared.Store(key, 1) }

func clearEvery(d time.Duration) {
	for range time.Tick(d) {
		cleared.Range(func(k, _ any) bool { cleared.Delete(k); return true })
	}
}

var ranged sync.Map

func cleanRangeDelete(key string) { ranged.Store(key, time.Now()) }

func sweep(max time.Duration) {
	ranged.Range(func(k, v any) bool {
		if time.Since(v.(time.Time)) > max {
			ranged.Delete(k)
		}
		return true
	})
}

var throughAlias = map[string]int{}

func cleanAlias(key string) { throughAlias[key]++ }

func forgetAlias(key string) {
	m := throughAlias
	delete(m, key)
}

var throughPointer = map[string]int{}

func cleanPointer(key string) { throughPointer[key]++ }

func resetPointer(p *map[string]int) { *p = map[string]int{} }

func resetAll() { resetPointer(&throughPointer) }

var throughFunc = map[string]int{}

func cleanMethodValue(key string, later func(func())) {
	throughFunc[key]++
	later(func() { delete(throughFunc, key) })
}

type cacheStore interface {
	put(k string, v int)
	drop(k string)
}

type memory struct{ m map[string]int }

func (s *memory) put(k string, v int) { s.m[k] = v }
func (s *memory) drop(k string)       { delete(s.m, k) }

var store cacheStore = &memory{m: map[string]int{}}

func cleanThroughInterface(k string) { store.put(k, 1) }

func expire(k string) { store.drop(k) }

var dropped = map[string]int{}

func cleanTimer(key string) {
	batchMu.Lock()
	defer batchMu.Unlock()
	dropped[key]++
	time.AfterFunc(time.Minute, func() {
		batchMu.Lock()
		defer batchMu.Unlock()
		delete(dropped, key)
	})
}

var heapOf []int

func cleanPushPop(n int) { heapOf = append(heapOf, n) }

func pop() int {
	n := heapOf[len(heapOf)-1]
	heapOf = heapOf[:len(heapOf)-1]
	return n
}

var stackOf = list.New()

func cleanListStack(n int) { stackOf.PushBack(n) }

func popList() (n int) {
	if e := stackOf.Back(); e != nil {
		n = stackOf.Remove(e).(int)
	}
	return n
}

var nested = map[string]map[string]int{}

func cleanNested(a, b string) {
	m := nested[a]
	if m == nil {
		m = map[string]int{}
		nested[a] = m
	}
	m[b]++
}

func endNested(a string) { delete(nested, a) }

// Whose life is short.

type request struct {
	seen map[string]bool
	tags []string
}

func (r *request) cleanPerRequest(key string) {
	r.seen[key] = true
	r.tags = append(r.tags, key)
}

func serve(w http.ResponseWriter, hr *http.Request) {
	r := &request{seen: map[string]bool{}}
	r.cleanPerRequest(hr.URL.Path)
	fmt.Fprint(w, len(r.seen))
}

type visitor struct {
	done map[string]bool
	all  sync.Map
}

func (v *visitor) cleanPerWalk(name string) {
	v.done[name] = true
	v.all.Store(name, true)
}

func walk(root string) int {
	v := &visitor{done: map[string]bool{}}
	filepath.WalkDir(root, func(path string, _ os.DirEntry, err error) error {
		v.cleanPerWalk(path)
		return err
	})
	return len(v.done)
}

// Values of a fixed number that are kept by name.

var published = map[string]*expvar.Int{}

func cleanCounters() {
	for _, n := range []string{"in", "out"} {
		published[n] = expvar.NewInt(n)
	}
}

var sums [2][]byte

func cleanSum(b []byte) {
	s := sha256.Sum256(b)
	sums[0] = append(sums[0][:0], s[:]...)
}

var scratch []byte

func cleanScratch(b []byte) int {
	scratch = append(scratch[:0], b...)
	return len(scratch)
}
