package tidemark

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestMarks(t *testing.T) {
	const mib = 1 << 20
	o := CaptureOptions{MinLiveBytes: 100 * mib, MinGoroutines: 1000, Share: .2, Cooldown: time.Minute}.withDefaults()
	start := time.Unix(1_700_000_000, 0)
	unknown := math.NaN()
	type step struct {
		seconds                            int
		live, goroutines, resident, charge float64
		want                               string
	}
	for what, steps := range map[string][]step{
		"below the first marks": {{0, 119 * mib, 1199, 0, unknown, ""}},
		"live heap": {{0, 120 * mib, 10, 0, unknown, "live-heap"}, {120, 143 * mib, 10, 0, unknown, ""}, {130, 144 * mib, 10, 0, unknown, "live-heap"},
			{300, 90 * mib, 10, 0, unknown, ""}, {400, 144 * mib, 10, 0, unknown, ""}},
		"goroutines":              {{0, unknown, 1200, 0, unknown, "goroutines"}},
		"nothing known":           {{0, unknown, unknown, unknown, unknown, ""}},
		"cool-down, then written": {{0, 120 * mib, 0, 0, unknown, "live-heap"}, {30, 200 * mib, 0, 0, unknown, ""}, {61, 200 * mib, 0, 0, unknown, "live-heap"}},
		"resident against the limit": {{0, 0, 0, 590 * mib, unknown, ""}, {1, 0, 0, 620 * mib, unknown, "resident"}, {2, 0, 0, 790 * mib, unknown, ""},
			{3, 0, 0, 830 * mib, unknown, "near-limit"}, {4, 0, 0, 850 * mib, unknown, ""}, {300, 0, 0, 960 * mib, unknown, ""}},
		"never with the last breath": {{0, 500 * mib, 5000, 970 * mib, unknown, ""}},
		"others in the group count":  {{0, 0, 0, 100 * mib, 850 * mib, "near-limit"}},
		"last call again":            {{0, 0, 0, 850 * mib, unknown, "near-limit"}, {9, 0, 0, 700 * mib, unknown, ""}, {18, 0, 0, 850 * mib, unknown, "near-limit"}},
	} {
		marks := newTidemarks(o)
		for i, s := range steps {
			l := look{at: start.Add(time.Duration(s.seconds) * time.Second), live: s.live, goroutines: s.goroutines, resident: s.resident, charge: s.charge, limit: 1024 * mib}
			got := marks.judge(l)
			if got != s.want {
				t.Errorf("%s, step %d: %q, want %q", what, i, got, s.want)
			}
			if got != "" {
				marks.captured(l)
			}
		}
	}
}

func setsIn(t *testing.T, dir string) (sets []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), setPrefix) {
			sets = append(sets, e.Name())
		}
	}
	return sets
}

// captureTest writes to dir only when the test says so: no mark is ever reached.
func captureTest(dir string) func(*Options) {
	return func(o *Options) {
		noServer(o)
		o.Captures = CaptureOptions{Dir: dir, Interval: time.Hour, MinLiveBytes: 1 << 50, MinGoroutines: 1 << 50, MemoryLimitBytes: 1 << 50}
	}
}

func TestSetsAreWholeAndBounded(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made", "here")
	a := startTest(t, func(o *Options) { captureTest(dir)(o); o.Captures.Keep, o.Addr = 3, "127.0.0.1:0" })
	foreign := filepath.Join(dir, "tidemark-of-someone-else")
	must(t, os.Mkdir(foreign, 0o755))
	bytes := int64(0)
	for i := 0; i < 5; i++ {
		set, err := a.Capture(fmt.Sprintf("../te st/%d", i))
		must(t, err)
		folder := filepath.Join(dir, set.Name)
		var meta CaptureSet
		b, err := os.ReadFile(filepath.Join(folder, "meta.json"))
		must(t, err)
		decode(t, b, &meta)
		for _, file := range meta.Files {
			info, err := os.Stat(filepath.Join(folder, file))
			if err != nil || info.Size() == 0 {
				t.Fatalf("%s: %v", file, err)
			}
			bytes += info.Size()
		}
		heap, err := os.ReadFile(filepath.Join(folder, "heap.pb.gz"))
		must(t, err)
		if _, err := parseProfile(heap, 16<<20); err != nil {
			t.Error(err)
		}
		if meta.Memory.PID != os.Getpid() || meta.Skipped["mutex.pb.gz"] == "" {
			t.Errorf("%+v", meta)
		}
	}
	sets := setsIn(t, dir)
	if len(sets) != 4 { // three and the foreign one
		t.Errorf("kept %v", sets)
	}
	if !strings.HasSuffix(sets[len(sets)-1], ".._te_st_4") {
		t.Errorf("the newest is not there: %v", sets)
	}
	text := string(get(t, a, "/debug/tidemark/metrics"))
	for _, line := range []string{"tidemark_captures_total 5\n", "tidemark_capture_errors_total 0\n",
		fmt.Sprintf("tidemark_capture_bytes_total %s\n", strconv.FormatFloat(float64(bytes), 'g', -1, 64))} {
		if !strings.Contains(text, line) {
			t.Errorf("no %q in the metrics:\n%s", line, text[strings.Index(text, "# HELP tidemark_captures"):])
		}
	}
	if strings.Contains(text, "tidemark_capture_seconds_total 0\n") {
		t.Error("five sets took no time")
	}
}

func TestSetsRespectTheirBytes(t *testing.T) {
	dir := t.TempDir()
	a := startTest(t, func(o *Options) { captureTest(dir)(o); o.Captures.MaxSetBytes = 600 })
	set, err := a.Capture("small")
	must(t, err)
	if set.Skipped["heap.pb.gz"] == "" {
		t.Errorf("%+v", set)
	}
	if _, err := os.Stat(filepath.Join(dir, set.Name, "heap.pb.gz")); !os.IsNotExist(err) {
		t.Errorf("half a file stayed: %v", err)
	}
	must(t, a.Close())
	a = startTest(t, func(o *Options) { captureTest(dir)(o); o.Limits.MaxGoroutines = 1 })
	if set, err = a.Capture("many"); err != nil || set.Skipped["goroutine-debug2.txt"] == "" {
		t.Errorf("%v %+v", err, set)
	}
}

func TestCapturesFail(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o644))
	if a, err := Start(Options{Addr: NoServer, Captures: CaptureOptions{Dir: file}}); err == nil {
		_ = a.Close()
		t.Error("a file was taken for a folder")
	}
	dir := t.TempDir()
	a := startTest(t, captureTest(dir))
	must(t, os.RemoveAll(dir))
	if _, err := a.Capture("gone"); err == nil || a.captures.failed.Load() != 1 {
		t.Errorf("a folder that is gone: %v", err)
	}
	must(t, a.Close())
	a = startTest(t, nil)
	if status, _, _ := request(t, a, "POST", "/debug/tidemark/capture", withToken); status != 409 {
		t.Errorf("capture without a folder: %d", status)
	}
	must(t, a.Close())
	a = startTest(t, func(o *Options) { captureTest(t.TempDir())(o); o.Addr = "127.0.0.1:0" })
	status, _, body := request(t, a, "POST", "/debug/tidemark/capture", withToken)
	var set CaptureSet
	decode(t, body, &set)
	if status != 200 || set.Reason != "request" || len(set.Files) < 3 {
		t.Errorf("%d %+v", status, set)
	}
}

// playGrowing is a process that keeps 8 MiB every few ms and dies like from an OOM kill at 250 MiB.
func playGrowing() {
	const mib = 1 << 20
	a, err := Start(Options{Addr: NoServer, Captures: CaptureOptions{Dir: os.Getenv("TIDEMARK_TEST_DIR"), MemoryLimitBytes: 250 * mib,
		Interval: 5 * time.Millisecond, Cooldown: time.Hour, MinLiveBytes: 32 * mib}})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	var kept [][]byte
	for {
		kept = append(kept, leakHere(8*mib))
		runtime.GC()
		time.Sleep(25 * time.Millisecond)
		if m := a.Memory(); m.RSS == nil || *m.RSS > 250*mib {
			p, _ := os.FindProcess(os.Getpid())
			_ = p.Kill()
			select {}
		}
		runtime.KeepAlive(kept)
	}
}

//go:noinline
func leakHere(size int) []byte {
	b := make([]byte, size)
	for i := 0; i < size; i += 4096 {
		b[i] = 1
	}
	return b
}

func TestEvidenceSurvivesTheKill(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs RSS")
	}
	dir := t.TempDir()
	play := exec.Command(os.Args[0])
	play.Env = append(os.Environ(), playVariable+"=growing", "TIDEMARK_TEST_DIR="+dir)
	if out, err := play.CombinedOutput(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Fatalf("the process was to be killed: %v %s", err, out)
	}
	reasons := map[string]bool{}
	for _, name := range setsIn(t, dir) {
		b, err := os.ReadFile(filepath.Join(dir, name, "meta.json"))
		must(t, err)
		var meta CaptureSet
		must(t, json.Unmarshal(b, &meta))
		reasons[meta.Reason] = true
		heap, err := os.ReadFile(filepath.Join(dir, name, "heap.pb.gz"))
		must(t, err)
		if v := symbolic(t, heap, "github.com/tidemark-go/tidemark/go/tidemark.leakHere"); len(v) != 4 || v[3] < 16<<20 {
			t.Errorf("%s: the leaking function holds %v", name, v)
		}
	}
	if !reasons["live-heap"] || !reasons["near-limit"] {
		t.Errorf("captured for %v, want live-heap early and near-limit at the end", reasons)
	}
}
