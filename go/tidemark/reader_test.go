package tidemark

import (
	"math"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"
)

func readNow(r *reader) reading {
	var now reading
	r.read(&now)
	return now
}

func TestReadingsAgreeWithMemStats(t *testing.T) {
	runtime.GC()
	r := newReader()
	now := readNow(r)
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	near := func(what string, got float64, want uint64, share float64) {
		t.Helper()
		if !(math.Abs(got-float64(want)) <= share*float64(want)+64<<10) {
			t.Errorf("%s = %g, MemStats says %d", what, got, want)
		}
	}
	near("heap_alloc", now.get(heapAlloc), m.HeapAlloc, .1)
	near("heap_sys", now.get(heapSys), m.HeapSys, .05)
	near("heap_released", now.get(heapReleased), m.HeapReleased, .1)
	near("next goal", now.get(heapGoal), m.NextGC, .1)
	near("go memory", now.get(goTotal), m.Sys, .05)
	near("stacks", now.get(stacks), m.StackSys, .1)
	near("objects", now.get(heapObjects), m.HeapObjects, .1)
	if got := now.get(gcCycles); got < 1 || got > float64(m.NumGC) {
		t.Errorf("num_gc = %g, MemStats says %d", got, m.NumGC)
	}
	if got := now.get(gcPauses); !(got > 0 && got <= float64(m.PauseTotalNs)/1e9+1e-9) {
		t.Errorf("pauses = %g, MemStats says %d ns", got, m.PauseTotalNs)
	}
}

// The runtime counts its pauses that are not GC's from Go 1.22 on: a thousand reads must not add one.
func TestReadsDoNotStopTheWorld(t *testing.T) {
	const name = "/sched/pauses/total/other:seconds"
	count := func() (n uint64) {
		s := []metrics.Sample{{Name: name}}
		metrics.Read(s)
		if s[0].Value.Kind() != metrics.KindFloat64Histogram {
			t.Skipf("%s does not count pauses", runtime.Version())
		}
		for _, c := range s[0].Value.Float64Histogram().Counts {
			n += c
		}
		return n
	}
	a := startTest(t, func(o *Options) { o.Addr = NoServer })
	before := count()
	for i := 0; i < 1000; i++ {
		a.Memory()
		a.appendExposition(nil, readNow(a.reader))
	}
	if after := count(); after != before {
		t.Errorf("1000 reads stopped the world %d times", after-before)
	}
	var m runtime.MemStats // the control: this does stop it, and is seen
	runtime.ReadMemStats(&m)
	if count() != before+1 {
		t.Error("ReadMemStats was not seen to stop the world: this test proves nothing")
	}
}

func TestLiveHeapFollowsWhatIsKept(t *testing.T) {
	r := newReader()
	runtime.GC()
	before := readNow(r).get(heapLive)
	if math.IsNaN(before) {
		before = 0 // below the minimum goal the formula cannot tell
	}
	kept := make([][]byte, 64)
	for i := range kept {
		kept[i] = make([]byte, 1<<20)
	}
	runtime.GC()
	live := readNow(r).get(heapLive)
	runtime.KeepAlive(kept)
	if grew := live - before; grew < 58<<20 || grew > 72<<20 {
		t.Errorf("live heap rose by %.1f MiB (%g → %g) while 64 MiB were kept", grew/(1<<20), before, live)
	}
}

// Where the runtime tells the live heap, the formula for the versions that do not is held against it.
func TestFormulaAgreesWithTheRuntime(t *testing.T) {
	r := newReader()
	kept := make([]byte, 100<<20)
	for _, percent := range []int{50, 100, 300} {
		old := debug.SetGCPercent(percent)
		runtime.GC()
		now := readNow(r)
		debug.SetGCPercent(old)
		if r.plans[signalIndex[heapLive]].source.read != nil {
			t.Skipf("%s does not tell the live heap", runtime.Version())
		}
		got, why := liveFromGoal(liveInputs{cycles: 1, goal: now.get(heapGoal), stacks: now.get(heapStacks), gogcPercent: float64(percent), limit: math.NaN()})
		if want := now.get(heapLive); why != "" || math.Abs(got-want) > .03*want {
			t.Errorf("GOGC=%d: formula %g (%s), runtime %g", percent, got, why, want)
		}
	}
	runtime.KeepAlive(kept)
}

func TestFormulaSaysWhenItCannotTell(t *testing.T) {
	fine := liveInputs{cycles: 9, goal: 200 << 20, stacks: 1 << 20, gogcPercent: 100, limit: math.NaN(), mapped: 150 << 20, alloc: 120 << 20}
	for want, change := range map[string]func(*liveInputs){
		"":           func(*liveInputs) {},
		liveNoGC:     func(in *liveInputs) { in.cycles = 0 },
		liveGogcOff:  func(in *liveInputs) { in.gogcPercent = math.NaN() },
		liveNoValues: func(in *liveInputs) { in.goal = math.NaN() },
		liveMinimum:  func(in *liveInputs) { in.goal = 4 << 20 },
		liveLimited:  func(in *liveInputs) { in.limit = 230 << 20 },
	} {
		in := fine
		change(&in)
		if _, why := liveFromGoal(in); why != want {
			t.Errorf("said %q, want %q", why, want)
		}
	}
	in := fine
	in.limit = 1 << 30
	if live, why := liveFromGoal(in); why != "" || live != (200-1)/2.*(1<<20) {
		t.Errorf("far from the limit: %g %q", live, why)
	}
}

func TestOffIsNoValue(t *testing.T) {
	r := newReader()
	old := debug.SetGCPercent(-1)
	goal, gogc := readNow(r).get(heapGoal), readNow(r).get(gogcPercent)
	debug.SetGCPercent(old)
	if !math.IsNaN(goal) {
		t.Errorf("heap goal without GC is %g", goal)
	}
	if r.plans[signalIndex[gogcPercent]].source.read == nil && !math.IsNaN(gogc) {
		t.Errorf("GOGC=off is %g", gogc)
	}
	if l := readNow(r).get(memoryLimit); !math.IsNaN(l) && os.Getenv("GOMEMLIMIT") == "" {
		t.Errorf("no memory limit is %g", l)
	}
	oldLimit := debug.SetMemoryLimit(3 << 30)
	l := readNow(r).get(memoryLimit)
	debug.SetMemoryLimit(oldLimit)
	if l != 3<<30 {
		t.Errorf("memory limit %g, want 3 GiB", l)
	}
}

func TestStatusAndCgroups(t *testing.T) {
	dir := t.TempDir()
	write := func(path, content string) {
		t.Helper()
		must(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, path)), 0o755))
		must(t, os.WriteFile(filepath.Join(dir, path), []byte(content), 0o644))
	}
	write("v2", "0::/pod/app\n")
	write("fs/pod/app/memory.current", "104857600\n")
	write("fs/pod/app/memory.max", "268435456\n")
	write("fs/pod/app/memory.stat", "anon 5\nfile 7\ninactive_file 4096\nactive_file 9\n")
	c := findCgroup(filepath.Join(dir, "v2"), filepath.Join(dir, "fs"))
	if c == nil {
		t.Fatal("no v2 group found")
	}
	expect := func(what string, f func() (float64, bool), want float64, wantOK bool) {
		t.Helper()
		if v, ok := f(); ok != wantOK || (ok && v != want) {
			t.Errorf("%s = %g %v, want %g %v", what, v, ok, want, wantOK)
		}
	}
	expect("v2 usage", c.usage, 100<<20, true)
	expect("v2 limit", c.limit, 256<<20, true)
	expect("v2 inactive", c.inactiveFile, 4096, true)
	write("fs/pod/app/memory.max", "max\n")
	expect("v2 no limit", c.limit, 0, false)

	write("v1", "11:cpu,cpuacct:/x\n4:memory:/docker/abc\n")
	write("one/memory/memory.usage_in_bytes", "77\n") // a container sees its group as the root
	write("one/memory/memory.limit_in_bytes", "9223372036854771712\n")
	write("one/memory/memory.stat", "cache 1\ninactive_file 3\ntotal_inactive_file 12\n")
	c = findCgroup(filepath.Join(dir, "v1"), filepath.Join(dir, "one"))
	if c == nil {
		t.Fatal("no v1 group found")
	}
	expect("v1 usage", c.usage, 77, true)
	expect("v1 no limit", c.limit, 0, false)
	expect("v1 inactive", c.inactiveFile, 12, true)

	write("bad", "nonsense\n0::/../../../etc\n")
	if c := findCgroup(filepath.Join(dir, "bad"), filepath.Join(dir, "fs")); c != nil {
		t.Errorf("a group outside: %+v", c.usagePath)
	}
	write("status", "Name:\tx\nVmRSS:\t   2048 kB\nThreads:\t7\nRssAnon:\tmany\n")
	var s procStatus
	s.read(filepath.Join(dir, "status"))
	if v, ok := numberAfter(s.buffer[:s.length], statusRSS); !ok || v != 2048 {
		t.Errorf("VmRSS %g %v", v, ok)
	}
	if _, ok := numberAfter(s.buffer[:s.length], statusAnon); ok {
		t.Error("a word was read as a number")
	}
	s.read(filepath.Join(dir, "none"))
	if s.length != 0 {
		t.Error("a file that is not there kept the old content")
	}
}

func TestProcessFacts(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs /proc")
	}
	if age := time.Since(processStart); age < -2*time.Second || age > time.Hour {
		t.Errorf("the process is said to be %s old", age)
	}
	now := readNow(newReader())
	if rss := now.get(residentBytes); !(rss > 1<<20) {
		t.Errorf("RSS %g", rss)
	}
	if b := readBuild(runtime.Version()); b.GoBuildID == "" {
		t.Errorf("no Go build id: %+v", b)
	}
	if got := goBuildIDIn([]byte("MZ\x00\xff Go build ID: \"abc/def\"\n \xff")); got != "abc/def" {
		t.Errorf("build id %q", got)
	}
}
