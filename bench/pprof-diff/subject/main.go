// Command subject does a bit of everything that profiles record (allocations of many sizes, inlined and recursive
// calls, generics, labels, contention, blocked goroutines) and writes its own profiles into a directory.
package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/pprof"
	"sort"
	"strings"
	"sync"
	"time"
)

var (
	keep  [][]byte
	cache = map[string][]string{}
	mu    sync.Mutex
	rw    sync.RWMutex
)

type pair[K comparable, V any] struct {
	key K
	val V
}

func grow[K comparable, V any](n int, k K, v V) []pair[K, V] {
	var out []pair[K, V]
	for i := 0; i < n; i++ {
		out = append(out, pair[K, V]{k, v})
	}
	return out
}

type tree struct {
	left, right *tree
	payload     []byte
}

func build(depth int) *tree {
	if depth == 0 {
		return nil
	}
	return &tree{build(depth - 1), build(depth - 1), make([]byte, 40)}
}

func hold(n int) { keep = append(keep, make([]byte, n)) }

func holdMany() {
	for _, size := range []int{1, 100, 4096, 70000, 300000} {
		for i := 0; i < 20; i++ {
			hold(size)
		}
	}
}

func churn() {
	for i := 0; i < 200; i++ {
		s := strings.Repeat("x", i*100)
		cache[fmt.Sprint(i%17)] = append(cache[fmt.Sprint(i%17)], s[:len(s)/2])
	}
	var doc any
	_ = json.Unmarshal([]byte(`{"a":[1,2,{"b":"c"}],"d":{"e":[1,2,3]}}`), &doc)
	b, _ := json.Marshal(doc)
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	_, _ = z.Write(bytes.Repeat(b, 200))
	_ = z.Close()
}

func spin(until time.Time) (n int) {
	re := regexp.MustCompile(`(a+)(b|c)*d`)
	for time.Now().Before(until) {
		words := strings.Fields(strings.Repeat("b a c aab abcd ", 300))
		sort.Strings(words)
		for _, w := range words {
			if re.MatchString(w) {
				n++
			}
		}
	}
	return n
}

func contend(wg *sync.WaitGroup) {
	defer wg.Done()
	for i := 0; i < 30; i++ {
		mu.Lock()
		time.Sleep(200 * time.Microsecond)
		mu.Unlock()
		rw.RLock()
		time.Sleep(50 * time.Microsecond)
		rw.RUnlock()
		rw.Lock()
		rw.Unlock() //nolint:staticcheck // only the contention counts
	}
}

func receiver(ch chan int) { <-ch }
func selector(a, b chan int) {
	select {
	case <-a:
	case <-b:
	}
}
func nested(n int, ch chan int) {
	if n > 0 {
		nested(n-1, ch)
		return
	}
	<-ch
}

func write(dir, name string, debug int) {
	f, err := os.Create(filepath.Join(dir, name))
	if err != nil {
		panic(err)
	}
	defer f.Close()
	kind := strings.SplitN(name, ".", 2)[0]
	kind = strings.TrimRight(kind, "0123456789")
	if err := pprof.Lookup(kind).WriteTo(f, debug); err != nil {
		panic(err)
	}
}

func main() {
	dir := os.Args[1]
	runtime.MemProfileRate = 4096
	runtime.SetBlockProfileRate(1)
	runtime.SetMutexProfileFraction(1)
	never := make(chan int)
	for i := 0; i < 40; i++ {
		go receiver(never)
		go pprof.Do(context.Background(), pprof.Labels("shard", fmt.Sprint(i%5), "tier", "gold"), func(context.Context) {
			selector(never, nil)
		})
		go nested(i%7, never)
	}
	for round := 1; round <= 3; round++ {
		cpu, err := os.Create(filepath.Join(dir, fmt.Sprintf("cpu%d.pb.gz", round)))
		if err != nil {
			panic(err)
		}
		if err := pprof.StartCPUProfile(cpu); err != nil {
			panic(err)
		}
		pprof.Do(context.Background(), pprof.Labels("phase", fmt.Sprint("round-", round)), func(context.Context) {
			spin(time.Now().Add(400 * time.Millisecond))
		})
		pprof.Do(context.Background(), pprof.Labels("phase", "rest", "quoted", `a "b" \c`), func(context.Context) {
			spin(time.Now().Add(150 * time.Millisecond))
		})
		pprof.StopCPUProfile()
		cpu.Close()
		holdMany()
		churn()
		keep = append(keep, build(9).payload)
		_ = grow(1000, "key", round)
		_ = grow(1000, round, 1.5)
		var wg sync.WaitGroup
		for i := 0; i < 4; i++ {
			wg.Add(1)
			go contend(&wg)
		}
		wg.Wait()
		runtime.GC()
		runtime.GC()
		for _, kind := range []string{"heap", "allocs", "goroutine", "block", "mutex", "threadcreate"} {
			write(dir, fmt.Sprintf("%s%d.pb.gz", kind, round), 0)
			write(dir, fmt.Sprintf("%s%d.txt", kind, round), 1)
		}
	}
}
