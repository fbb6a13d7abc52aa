package tidemark

import (
	"bytes"
	"context"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"regexp"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestDefaultServeMuxStaysEmpty(t *testing.T) {
	startTest(t, nil)
	for _, path := range []string{"/debug/pprof/", "/debug/pprof/heap", "/debug/pprof/cmdline", "/healthz", "/debug/tidemark/memory", "/"} {
		if _, pattern := http.DefaultServeMux.Handler(httptest.NewRequest("GET", path, nil)); pattern != "" {
			t.Errorf("http.DefaultServeMux answers %s by %q", path, pattern)
		}
	}
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for _, p := range strings.Fields(string(out)) {
		if p == "net/http/pprof" || p == "expvar" {
			t.Errorf("%s is imported: it opens a handler on http.DefaultServeMux", p)
		}
	}
}

func TestStartRefuses(t *testing.T) {
	for what, o := range map[string]Options{
		"all addresses without a token": {Addr: "0.0.0.0:0"},
		"IPv6 any without a token":      {Addr: "[::]:0"},
		"no host without a token":       {Addr: ":0"},
		"a short token":                 {Addr: "127.0.0.1:0", Token: "short"},
		"RequireToken without one":      {Addr: "127.0.0.1:0", RequireToken: true},
		"a negative rate":               {Addr: "127.0.0.1:0", MemProfileRate: -2},
		"a negative Keep":               {Addr: "127.0.0.1:0", Captures: CaptureOptions{Keep: -1}},
		"a level unknown":               {Addr: "127.0.0.1:0", Locks: LockOptions{AfterFull: LockFull}},
		"no address":                    {Addr: "nowhere"},
	} {
		if a, err := Start(o); err == nil {
			_ = a.Close()
			t.Errorf("%s was taken", what)
		}
	}
	a := startTest(t, func(o *Options) { o.Addr = "0.0.0.0:0" })
	if _, err := Start(Options{Addr: NoServer}); err != errStarted {
		t.Errorf("a second agent: %v", err)
	}
	must(t, a.Close())
	must(t, a.Close())
	startTest(t, noServer) // after Close another may start
}

func TestAccess(t *testing.T) {
	a := startTest(t, nil)
	local := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 6060}
	away := &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1), Port: 6060}
	bad := "Bearer " + strings.Repeat("x", len(testToken))
	for what, c := range map[string]struct {
		method, path  string
		local         net.Addr
		remote, host  string
		header, value string
		want          int
	}{
		"loopback":              {"GET", "/healthz", local, "127.0.0.1:9", "localhost:6060", "", "", 200},
		"loopback, IPv6":        {"GET", "/healthz", &net.TCPAddr{IP: net.IPv6loopback}, "[::1]:9", "[::1]:6060", "", "", 200},
		"another machine":       {"GET", "/healthz", away, "10.0.0.2:9", "10.0.0.1", "", "", 401},
		"with a token":          {"GET", "/healthz", away, "10.0.0.2:9", "10.0.0.1", "Authorization", "Bearer " + testToken, 200},
		"scheme in small":       {"GET", "/healthz", away, "10.0.0.2:9", "10.0.0.1", "Authorization", "bearer " + testToken, 200},
		"wrong token":           {"GET", "/healthz", away, "10.0.0.2:9", "10.0.0.1", "Authorization", bad, 401},
		"longer token":          {"GET", "/healthz", away, "10.0.0.2:9", "10.0.0.1", "Authorization", "Bearer " + testToken + "x", 401},
		"empty token":           {"GET", "/healthz", away, "10.0.0.2:9", "10.0.0.1", "Authorization", "Bearer ", 401},
		"other scheme":          {"GET", "/healthz", away, "10.0.0.2:9", "10.0.0.1", "Authorization", testToken, 401},
		"no local address":      {"GET", "/healthz", nil, "127.0.0.1:9", "localhost", "", "", 401},
		"local end, far peer":   {"GET", "/healthz", local, "10.0.0.2:9", "localhost", "", "", 401},
		"rebound name":          {"GET", "/healthz", local, "127.0.0.1:9", "evil.example", "", "", 401},
		"proxied":               {"GET", "/healthz", local, "127.0.0.1:9", "localhost", "X-Forwarded-For", "1.2.3.4", 401},
		"a web page":            {"GET", "/debug/pprof/heap", local, "127.0.0.1:9", "localhost", "Sec-Fetch-Site", "cross-site", 401},
		"change without token":  {"POST", "/debug/tidemark/locks", local, "127.0.0.1:9", "localhost", "", "", 401},
		"change by wrong token": {"POST", "/debug/tidemark/locks", local, "127.0.0.1:9", "localhost", "Authorization", bad, 401},
		"capture by GET":        {"GET", "/debug/tidemark/capture", local, "127.0.0.1:9", "localhost", "Authorization", "Bearer " + testToken, 405},
		"profile by POST":       {"POST", "/debug/pprof/heap", local, "127.0.0.1:9", "localhost", "Authorization", "Bearer " + testToken, 405},
		"locks by DELETE":       {"DELETE", "/debug/tidemark/locks", local, "127.0.0.1:9", "localhost", "Authorization", "Bearer " + testToken, 405},
		"no such page":          {"GET", "/debug/none", local, "127.0.0.1:9", "localhost", "", "", 404},
		"no command line":       {"GET", "/debug/pprof/cmdline", local, "127.0.0.1:9", "localhost", "", "", 404},
	} {
		r := httptest.NewRequest(c.method, c.path, nil)
		r.RemoteAddr, r.Host = c.remote, c.host
		if c.local != nil {
			r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, c.local))
		}
		if c.header != "" {
			r.Header.Set(c.header, c.value)
		}
		w := httptest.NewRecorder()
		a.Handler().ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("%s: %d, want %d: %s", what, w.Code, c.want, w.Body)
		}
	}
	if a.LockState().Level != LockOff {
		t.Error("lock profiling was switched on by a refused request")
	}
}

func TestRequireTokenAndNoToken(t *testing.T) {
	a := startTest(t, func(o *Options) { o.RequireToken = true })
	if status, _, _ := request(t, a, "GET", "/healthz", nil); status != 401 {
		t.Errorf("loopback without the required token: %d", status)
	}
	if status, _, _ := request(t, a, "GET", "/healthz", withToken); status != 200 {
		t.Errorf("with it: %d", status)
	}
	must(t, a.Close())
	a = startTest(t, func(o *Options) { o.Token = "" })
	for _, header := range []map[string]string{nil, {"Authorization": "Bearer "}, withToken} {
		if status, _, _ := request(t, a, "POST", "/debug/tidemark/locks?level=full", header); status != 403 {
			t.Errorf("change where there is no token: %d", status)
		}
	}
}

func TestProfiles(t *testing.T) {
	a := startTest(t, nil)
	for _, path := range []string{"heap", "heap?gc=1", "allocs", "block", "mutex", "threadcreate", "goroutine", "goroutine?debug=0"} {
		if p, err := parseProfile(get(t, a, "/debug/pprof/"+path), 16<<20); err != nil || len(p.strings) < 2 {
			t.Errorf("%s: %v", path, err)
		}
	}
	for path, want := range map[string]string{
		"heap?debug=1": "heap profile: ", "goroutine?debug=1": "goroutine profile: total ", "goroutine?debug=2": "goroutine ",
		"mutex?debug=1": "--- mutex:", "block?debug=1": "--- contention:", "threadcreate?debug=1": "threadcreate profile: ", "": "<!doctype html>",
	} {
		if b := get(t, a, "/debug/pprof/"+path); !strings.HasPrefix(string(b), want) {
			t.Errorf("%s begins with %.40q, want %q", path, b, want)
		}
	}
	status, h, body := request(t, a, "GET", "/debug/pprof/goroutineleak", nil)
	if exists := pprof.Lookup("goroutineleak") != nil; exists != (status == 200) {
		t.Errorf("goroutineleak exists: %v, answered %d %s", exists, status, body)
	}
	if _, h, _ = request(t, a, "GET", "/debug/pprof/goroutine", nil); h.Get("Tidemark-Goroutines") == "" {
		t.Error("goroutine does not say how many there are")
	}
	if b := get(t, a, "/debug/pprof/profile?seconds=0.2"); len(b) < 50 {
		t.Errorf("CPU profile of %d bytes", len(b))
	}
	if b := get(t, a, "/debug/pprof/trace?seconds=0.1"); !bytes.HasPrefix(b, []byte("go 1.")) {
		t.Errorf("trace begins with %.20q", b)
	}
	before := a.Memory()
	get(t, a, "/debug/pprof/heap?gc=1")
	if after := a.Memory(); *after.ForcedGC <= *before.ForcedGC {
		t.Error("gc=1 collected nothing")
	}
}

func TestDeltaOverHTTP(t *testing.T) {
	a := startTest(t, nil)
	stop := make(chan struct{})
	defer close(stop)
	time.AfterFunc(100*time.Millisecond, func() {
		for i := 0; i < 4; i++ {
			go parkLater(stop)
		}
	})
	b := get(t, a, "/debug/pprof/goroutine?seconds=0.5")
	if v := symbolic(t, b, "github.com/tidemark-go/tidemark/go/tidemark.parkLater"); len(v) == 0 || v[0] != 4 {
		t.Errorf("goroutines that came within the window: %v, want 4", v)
	}
}

func TestHostileQueries(t *testing.T) {
	a := startTest(t, func(o *Options) { o.Limits.MaxGoroutines = 1; o.Limits.MaxSeconds = 2 })
	for path, want := range map[string]int{
		"profile?seconds=999999999999999999999": 400, "profile?seconds=1e308": 400, "profile?seconds=Inf": 400, "profile?seconds=NaN": 400,
		"profile?seconds=-1": 400, "profile?seconds=0": 400, "profile?seconds=2.01": 400, "trace?seconds=99": 400, "heap?seconds=x": 400,
		"heap?debug=9": 400, "heap?debug=-1": 400, "heap?gc=x": 400, "goroutineleak2": 404, "..%2f..%2fetc": 404,
		"goroutine?seconds=1&debug=1": 400, "goroutine?debug=2": 413, "goroutine?debug=2&force=1": 200,
	} {
		if status, _, body := request(t, a, "GET", "/debug/pprof/"+path, nil); status != want {
			t.Errorf("%s: %d, want %d: %.100s", path, status, want, body)
		}
	}
	must(t, a.Close())
	a = startTest(t, func(o *Options) { o.Limits.MaxSeconds = .2 })
	get(t, a, "/debug/pprof/profile") // its default of 30 s is bounded too
	must(t, a.Close())
	a = startTest(t, func(o *Options) { o.Limits.MaxProfileBytes = 64 })
	for _, path := range []string{"heap", "goroutine?seconds=0.01", "trace?seconds=1"} {
		if status, _, body := request(t, a, "GET", "/debug/pprof/"+path, nil); status != 507 {
			t.Errorf("%s beyond the bound: %d %.100s", path, status, body)
		}
	}
}

func TestOneCaptureAtATime(t *testing.T) {
	a := startTest(t, nil)
	codes := make(chan int, 20)
	var wg sync.WaitGroup
	for i := 0; i < cap(codes); i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			status, h, _, err := try(a, "GET", "/debug/pprof/profile?seconds=1.5", nil)
			if err != nil {
				t.Error(err)
				return
			}
			if n, _ := strconv.Atoi(h.Get("Retry-After")); status == 429 && (n < 1 || n > 2) {
				t.Errorf("Retry-After: %q", h.Get("Retry-After"))
			}
			codes <- status
		}()
	}
	wg.Wait()
	close(codes)
	count := map[int]int{}
	for c := range codes {
		count[c]++
	}
	if count[200] != 1 || count[429] != 19 {
		t.Errorf("answers %v, want one 200 and nineteen 429", count)
	}
	get(t, a, "/debug/pprof/heap") // the slot is free again
}

func TestOneAfterTheOther(t *testing.T) {
	a := startTest(t, nil)
	for i := 0; i < 200; i++ { // an answer that a client has whole never blocks its next question
		get(t, a, "/debug/pprof/threadcreate")
		get(t, a, "/debug/pprof/threadcreate?debug=1")
	}
}

func TestCPUProfileOfTheProgram(t *testing.T) {
	a := startTest(t, nil)
	must(t, pprof.StartCPUProfile(io.Discard))
	status, _, _ := request(t, a, "GET", "/debug/pprof/profile?seconds=0.1", nil)
	pprof.StopCPUProfile()
	if status != 409 {
		t.Errorf("while the program profiles itself: %d", status)
	}
	get(t, a, "/debug/pprof/profile?seconds=0.1")
}

func TestCloseEndsARunningCapture(t *testing.T) {
	a := startTest(t, nil)
	go func() { _, _, _, _ = try(a, "GET", "/debug/pprof/profile?seconds=60", nil) }()
	eventually(t, "the capture", func() bool { return a.slot.busy.Load() })
	must(t, a.Close())
	eventually(t, "its end", func() bool { return !a.slot.busy.Load() })
}

func TestMemoryDocument(t *testing.T) {
	a := startTest(t, func(o *Options) { o.MemProfileRate = 4096 })
	get(t, a, "/debug/pprof/heap?gc=1")
	for _, path := range []string{"/healthz", "/debug/tidemark/memory"} {
		var m Memory
		decode(t, get(t, a, path), &m)
		if m.SchemaVersion != 1 || m.Status != "ok" || *m.HeapAlloc <= 0 || *m.HeapSys < *m.HeapAlloc || *m.NumGC < 1 || *m.PauseTotalNs <= 0 {
			t.Errorf("%s: %s", path, describe(m))
		}
		if m.LiveHeap == nil && m.LiveHeapUnknown == "" {
			t.Errorf("live heap is null without a reason: %s", describe(m))
		}
		if *m.Goroutines < 1 || *m.Threads < 1 || m.PID == 0 || m.GoVersion == "" || m.StartTime.IsZero() || m.UptimeSeconds < 0 {
			t.Errorf("%s: %s", path, describe(m))
		}
		if m.MemProfileRate != 4096 || !strings.HasPrefix(m.MemProfileRateFrom, "tidemark.Start") {
			t.Errorf("rate %d from %q", m.MemProfileRate, m.MemProfileRateFrom)
		}
	}
	setMemProfileRate(512<<10, "a test")
}

func TestExposition(t *testing.T) {
	a := startTest(t, nil)
	body := string(get(t, a, "/debug/tidemark/metrics"))
	heads, values := map[string]bool{}, map[string]bool{}
	for _, line := range strings.Split(strings.TrimSuffix(body, "\n"), "\n") {
		if strings.HasPrefix(line, "#") {
			f := strings.Fields(line)
			if key := f[1] + f[2]; heads[key] {
				t.Errorf("%s twice", key)
			} else {
				heads[key] = true
			}
			continue
		}
		space := strings.LastIndexByte(line, ' ')
		name := line[:space]
		if v, err := strconv.ParseFloat(line[space+1:], 64); err != nil || math.IsNaN(v) || math.IsInf(v, 0) || values[name] {
			t.Errorf("bad or double line %q", line)
		}
		values[name] = true
		if bare := strings.SplitN(name, "{", 2)[0]; !heads["TYPE"+bare] {
			t.Errorf("%s has no TYPE", name)
		}
	}
	for _, name := range []string{heapAlloc, heapGoal, goroutineCount, gcCycles, gcPauses, "tidemark_lock_profiling", "tidemark_captures_total"} {
		if !values[name] {
			t.Errorf("%s is missing", name)
		}
	}
	if !strings.Contains(body, `tidemark_build_info{go_version="go`) {
		t.Error("no build info")
	}
}

// Readers of net/http/pprof find profiles by their links and take the number of goroutines from the cell before.
func TestIndexReadsLikeThatOfNetHTTPPprof(t *testing.T) {
	body := string(get(t, startTest(t, nil), "/debug/pprof/"))
	for _, want := range []string{`<td>\d+</td><td><a href='goroutine\?debug=1'>`, `<a href='heap\?debug=1'>`, `<a href='profile'>`} {
		if !regexp.MustCompile(want).MatchString(body) {
			t.Errorf("no %s in the index:\n%s", want, body)
		}
	}
}

func TestLabelled(t *testing.T) {
	in, out := make(chan struct{}), make(chan struct{})
	h := Labelled("/orders/{id}", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if v, ok := pprof.Label(r.Context(), "handler"); !ok || v != "/orders/{id}" {
			t.Errorf("label of the context: %q", v)
		}
		go func() { in <- struct{}{}; <-out }()
		<-in
	}))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/orders/7", nil))
	var b bytes.Buffer
	must(t, pprof.Lookup("goroutine").WriteTo(&b, 1))
	close(out)
	if !strings.Contains(b.String(), `"handler":"/orders/{id}"`) {
		t.Error("a goroutine that the handler started has no label")
	}
}
