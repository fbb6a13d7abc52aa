package command_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tidemark-go/tidemark/go/leaky/internal/command"
	"github.com/tidemark-go/tidemark/go/leaky/subjects"
)

// The test binary is the program too, so that signals and a closed standard input are real.
func TestMain(m *testing.M) {
	if args := os.Getenv("LEAKY_ARGS"); args != "" {
		os.Exit(program(os.Stdout, os.Stderr).Main(strings.Fields(args)))
	}
	os.Exit(m.Run())
}

func program(stdout, stderr io.Writer) command.Program {
	return command.Program{Name: "leaky", Subjects: subjects.All(), Sources: subjects.Sources, Dir: "subjects", Stdout: stdout, Stderr: stderr}
}

// started is a program under test.
type started struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser
	url   string
	// second line of the output, where there is one
	second string
	ended  chan error
}

func start(t *testing.T, args string) *started {
	t.Helper()
	p := &started{cmd: exec.Command(os.Args[0]), ended: make(chan error, 1)}
	p.cmd.Env = append(os.Environ(), "LEAKY_ARGS="+args)
	p.cmd.Stderr = os.Stderr
	p.stdin, _ = p.cmd.StdinPipe()
	stdout, _ := p.cmd.StdoutPipe()
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.cmd.Process.Kill() })
	lines := bufio.NewReader(stdout)
	line, err := lines.ReadString('\n')
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "listening ")
	if err != nil || !ok || !strings.HasPrefix(url, "http://127.0.0.1:") {
		t.Fatalf("first line %q, %v", line, err)
	}
	p.url = url
	if strings.Contains(args, "--sdk") {
		second, _ := lines.ReadString('\n')
		p.second = strings.TrimSpace(second)
	}
	go func() { p.ended <- p.cmd.Wait() }()
	return p
}

func (p *started) mustEnd(t *testing.T) {
	t.Helper()
	select {
	case err := <-p.ended:
		if err != nil {
			t.Errorf("it ended with %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("it did not end")
	}
}

func get(t *testing.T, url string, want int) []byte {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != want {
		t.Fatalf("%s: %s %v, want %d: %s", url, res.Status, err, want, body)
	}
	return body
}

func TestRunServesAndIsSwitched(t *testing.T) {
	p := start(t, "run map-cache --rate 50")
	if heap := get(t, p.url+"/debug/pprof/heap", 200); len(heap) < 2 || heap[0] != 0x1f || heap[1] != 0x8b {
		t.Error("the heap profile is not gzip")
	}
	var state struct {
		Leak          bool
		RatePerSecond float64
	}
	json.Unmarshal(get(t, p.url+"/control?leak=off&rate=5", 200), &state)
	if state.Leak || state.RatePerSecond != 5 {
		t.Errorf("after leak=off&rate=5: %+v", state)
	}
	get(t, p.url+"/control?leak=perhaps", 400)
	get(t, p.url+"/control?rate=NaN", 400)
	var vars struct {
		Leaky struct{ Sent int64 }
	}
	for deadline := time.Now().Add(10 * time.Second); vars.Leaky.Sent == 0 && time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		json.Unmarshal(get(t, p.url+"/debug/vars", 200), &vars)
	}
	if vars.Leaky.Sent == 0 {
		t.Error("the load generator sends nothing")
	}
	p.cmd.Process.Signal(syscall.SIGTERM)
	p.mustEnd(t)
}

func TestRunServesTheModuleForServicesToo(t *testing.T) {
	p := start(t, "run churn --sdk --duration 20s")
	sdk, ok := strings.CutPrefix(p.second, "tidemark ")
	if !ok {
		t.Fatalf("second line %q", p.second)
	}
	if text := string(get(t, sdk+"/debug/tidemark/metrics", 200)); !strings.Contains(text, "tidemark_goroutines ") {
		t.Errorf("no goroutines in %s", text)
	}
	get(t, p.url+"/debug/tidemark/metrics", 404)
	p.cmd.Process.Signal(syscall.SIGTERM)
	p.mustEnd(t)
}

func TestLoadDrivesAnotherProcess(t *testing.T) {
	p := start(t, "run lru-full --external-load --duration 20s")
	var out, errs bytes.Buffer
	if code := program(&out, &errs).Main([]string{"load", p.url, "--rate", "200", "--duration", "300ms"}); code != 0 {
		t.Fatalf("code %d: %s", code, errs.String())
	}
	if strings.HasPrefix(out.String(), "sent 0,") || !strings.HasPrefix(out.String(), "sent ") {
		t.Errorf("it said %q", out.String())
	}
	get(t, p.url+"/control?leak=on", 400) // a quiet subject has nothing to switch
	p.cmd.Process.Signal(os.Interrupt)
	p.mustEnd(t)
}

func TestRunEndsByItself(t *testing.T) {
	start(t, "run churn --duration 200ms").mustEnd(t)
	p := start(t, "run ttl-cache --parent-watch")
	p.stdin.Close()
	p.mustEnd(t)
	// A leak whose handlers never return must not hold up the end.
	p = start(t, "run lock-never-released --rate 50 --duration 1s")
	p.mustEnd(t)
}

func TestListTellsTheTruthAboutEverySubject(t *testing.T) {
	var out, errs bytes.Buffer
	if code := program(&out, &errs).Main([]string{"list", "--json"}); code != 0 {
		t.Fatalf("code %d: %s", code, errs.String())
	}
	var list struct {
		SchemaVersion int
		Subjects      []struct {
			Name, Kind, Signal string
			Sites              []struct {
				Role, Function, File string
				Line                 int
			}
			Loads []struct {
				Name                                                           string
				HeapBytesPerSecond, OffHeapBytesPerSecond, GoroutinesPerSecond float64
			}
		}
	}
	if err := json.Unmarshal(out.Bytes(), &list); err != nil {
		t.Fatal(err)
	}
	if list.SchemaVersion != 1 || len(list.Subjects) != len(subjects.All()) {
		t.Errorf("version %d, %d subjects", list.SchemaVersion, len(list.Subjects))
	}
	for _, s := range list.Subjects {
		if s.Kind == "quiet" {
			continue
		}
		for _, l := range s.Loads {
			perMinute := max(l.HeapBytesPerSecond*60/(16<<20), l.OffHeapBytesPerSecond*60/(16<<20), l.GoroutinesPerSecond*60/50)
			if l.Name == "default" && perMinute < 1.5 || l.Name == "small" && perMinute >= 1 {
				t.Errorf("%s at %s adds %.2f of the threshold in a minute", s.Name, l.Name, perMinute)
			}
		}
		for _, site := range s.Sites {
			if site.File == "" {
				continue
			}
			source, err := os.ReadFile(filepath.Join("../..", site.File))
			if err != nil {
				t.Fatal(err)
			}
			if line := strings.Split(string(source), "\n")[site.Line-1]; !strings.HasSuffix(line, "// leak: "+site.Role) {
				t.Errorf("%s:%d is %q", site.File, site.Line, line)
			}
		}
	}
}

func TestWrongUse(t *testing.T) {
	for _, args := range []string{"", "fly", "run", "run nothing", "run map-cache --load heavy", "run map-cache extra",
		"run map-cache --rate fast", "load http://192.0.2.1:80", "load ftp://127.0.0.1"} {
		var out, errs bytes.Buffer
		if code := program(&out, &errs).Main(strings.Fields(args)); code != 2 || out.Len() > 0 || errs.Len() == 0 {
			t.Errorf("%q: code %d, stdout %q, stderr %q", args, code, out.String(), errs.String())
		}
	}
	var out, errs bytes.Buffer
	if code := program(&out, &errs).Main([]string{"run", "map-cache", "--addr", "0.0.0.0:0"}); code != 1 {
		t.Errorf("an address beyond loopback: code %d", code)
	}
}
