package build_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/tidemark-go/tidemark/go/facts/internal/build"
	"github.com/tidemark-go/tidemark/go/facts/internal/container"
	"github.com/tidemark-go/tidemark/go/facts/internal/load"
	"github.com/tidemark-go/tidemark/go/facts/internal/syncfacts"
)

func run(t *testing.T, o build.Options) (*build.Result, *syncfacts.Section) {
	t.Helper()
	result, err := build.Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	section := new(syncfacts.Section)
	if err := json.Unmarshal(result.File.Sections["sync"], section); err != nil {
		t.Fatal(err)
	}
	return result, section
}

func in(dir string, patterns ...string) build.Options {
	return build.Options{Request: load.Request{Dir: filepath.Join("testdata", dir), Patterns: patterns}}
}

func object(t *testing.T, s *syncfacts.Section, id string) *syncfacts.Answer {
	t.Helper()
	for _, o := range s.Objects {
		if o.ID == id {
			return o
		}
	}
	for _, o := range s.Objects {
		t.Log(o.ID)
	}
	t.Fatalf("no object %s", id)
	return nil
}

func places(uses []*syncfacts.Use) string {
	var list []string
	for _, u := range uses {
		list = append(list, u.Function)
	}
	return strings.Join(list, " ")
}

func TestProgram(t *testing.T) {
	_, s := run(t, in("program", "./cmd/one"))
	if s.ImportersNotSeen {
		t.Error("a program has no importers")
	}
	reply := object(t, s, "example.com/program/bus.(*Bus).Ask:reply@37")
	if got := places(reply.Uses["senders"]); got != "main.(*echo).Handle" {
		t.Errorf("the reply goes through a struct, a channel and an interface; senders: %q", got)
	}
	if got := places(reply.Uses["receivers"]); got != "example.com/program/bus.(*Bus).Ask" {
		t.Errorf("receivers: %q", got)
	}
	if got := reply.Uses["senders"][0].Goroutines; len(got) != 1 || got[0] != "example.com/program/bus.(*Bus).loop" {
		t.Errorf("the sender runs in %q", got)
	}
	if reply.Capacity == nil || *reply.Capacity != 0 {
		t.Errorf("capacity %v", reply.Capacity)
	}
	ctx := object(t, s, "example.com/program/bus.New:ctx@24")
	if got := places(ctx.Uses["cancels"]); got != "example.com/program/bus.(*Bus).Close" {
		t.Errorf("cancels: %q", got)
	}
	if len(ctx.ParentObjects) != 1 || ctx.ParentObjects[0] != "context.Background" {
		t.Errorf("parents: %q", ctx.ParentObjects)
	}
	mu := object(t, s, "example.com/program/bus.Bus.mu")
	if mu.Offset == nil || *mu.Offset != 0 || mu.Size != 32 {
		t.Errorf("mu at %v in %d bytes", mu.Offset, mu.Size)
	}
	results := object(t, s, "example.com/program/cmd/one.each:results@25")
	if u := results.Uses["senders"]; len(u) != 1 || u[0].Function != "main.each.func1" {
		t.Errorf("senders of results: %q", places(u))
	}
}

func TestTwoCommandsKeepApart(t *testing.T) {
	_, s := run(t, in("program", "./cmd/..."))
	keys := map[string]bool{}
	for _, f := range s.Functions {
		if keys[f.Key] {
			t.Errorf("key %s twice", f.Key)
		}
		keys[f.Key] = true
	}
	if !keys["example.com/program/cmd/one.each"] {
		t.Error("one.each is missing")
	}
}

func TestLibrary(t *testing.T) {
	_, s := run(t, in("library"))
	if !s.ImportersNotSeen {
		t.Error("nothing says that importers are not seen")
	}
	out := object(t, s, "example.com/library.NewFeed:out@12")
	if len(out.Uses["receivers"]) != 0 || len(out.Uses["senders"]) != 1 {
		t.Errorf("uses: %v", out.Uses)
	}
	if out.Capacity != nil {
		t.Errorf("the capacity is an argument, not %d", *out.Capacity)
	}
	for _, f := range s.Functions {
		for _, op := range f.Ops {
			if op.Kind == "ctx-wait" && strings.Join(op.Objects, " ") != "unknown" {
				t.Errorf("a context from an importer: %q", op.Objects)
			}
			if f.Name == "example.com/library.Wait" && op.Kind == "receive" && strings.Join(op.Objects, " ") != "unknown" {
				t.Errorf("a channel from an importer: %q", op.Objects)
			}
		}
	}
}

func TestBrokenPackageIsLeftOut(t *testing.T) {
	result, s := run(t, in("broken", "./..."))
	if len(result.Failed) != 2 {
		t.Fatalf("failed: %v", result.Failed)
	}
	for _, p := range s.Packages {
		if bad := strings.HasSuffix(p.Path, "/bad") || strings.HasSuffix(p.Path, "/user"); bad != (p.Error != "") {
			t.Errorf("%s: error %q", p.Path, p.Error)
		}
	}
	for _, p := range result.Failed {
		if strings.Contains(p.Error, string(filepath.Separator)+"testdata") {
			t.Errorf("the error names a folder of this machine: %s", p.Error)
		}
	}
	mu := object(t, s, "example.com/broken/good.mu")
	if l := mu.Uses["lockers"]; len(l) != 1 || len(l[0].LeaksOn) != 1 || l[0].LeaksOn[0].Line != 10 {
		t.Errorf("lockers: %+v", l)
	}
}

func TestWithTests(t *testing.T) {
	o := in("library")
	o.Test = true
	_, s := run(t, o)
	if s.ImportersNotSeen {
		t.Error("a test binary has a main")
	}
	out := object(t, s, "example.com/library.NewFeed:out@12")
	if got := places(out.Uses["receivers"]); got != "example.com/library_test.TestFeed" {
		t.Errorf("receivers: %q", got)
	}
	hidden := object(t, s, "example.com/library.NewFeed:hidden@12")
	if got := places(hidden.Uses["receivers"]); got != "example.com/library.TestDrop" {
		t.Errorf("receivers of hidden: %q", got)
	}
}

func TestFatalUnderLock(t *testing.T) {
	o := in("library")
	o.Test = true
	_, s := run(t, o)
	for _, f := range s.Functions {
		if f.Name != "example.com/library.TestFatal" {
			continue
		}
		for _, op := range f.Ops {
			if op.Kind != "lock" {
				continue
			}
			if op.Static != "example.com/library.state.mu" {
				t.Errorf("static %q", op.Static)
			}
			if len(op.LeaksOn) != 2 || op.LeaksOn[0].Kind != "goexit" || op.LeaksOn[0].Line != 24 || op.LeaksOn[1].Line != 28 {
				t.Errorf("leaks on %+v", op.LeaksOn)
			}
			return
		}
	}
	t.Error("no lock in TestFatal")
}

func TestNoPackageAtAll(t *testing.T) {
	if _, err := build.Run(context.Background(), in("broken", "./bad")); err == nil || !strings.Contains(err.Error(), "no package could be read") {
		t.Errorf("error %v", err)
	}
	if _, err := build.Run(context.Background(), in("broken", "./nowhere")); err == nil {
		t.Error("a folder that does not exist gives facts")
	}
	empty := build.Options{Request: load.Request{Dir: t.TempDir()}}
	if _, err := build.Run(context.Background(), empty); err == nil {
		t.Error("a folder without a module gives facts")
	}
}

func TestCgo(t *testing.T) {
	if out, err := exec.Command("go", "env", "CGO_ENABLED", "CC").Output(); err != nil || !strings.HasPrefix(string(out), "1") {
		t.Skip("cgo is off")
	}
	_, s := run(t, in("cgo"))
	mu := object(t, s, "example.com/cgo.counter.mu")
	if *mu.Offset != 4 {
		t.Errorf("offset %d", *mu.Offset)
	}
	if l := mu.Uses["lockers"]; len(l) != 1 || l[0].Line != 15 || l[0].File != "example.com/cgo/main.go" {
		t.Errorf("lockers: %+v", l[0])
	}
}

func TestCacheGivesTheSame(t *testing.T) {
	o := in("program", "./cmd/one")
	o.Cache = t.TempDir()
	first, _ := run(t, o)
	second, _ := run(t, o)
	if first.Read != 2 || second.Read != 0 || second.Cached != 2 {
		t.Errorf("read %d then %d, cached %d", first.Read, second.Read, second.Cached)
	}
	var a, b bytes.Buffer
	if err := container.Encode(&a, first.File); err != nil {
		t.Fatal(err)
	}
	if err := container.Encode(&b, second.File); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("the cache changes the facts")
	}
	files, _ := filepath.Glob(filepath.Join(o.Cache, "*.json"))
	for _, name := range files { // damaged entries are read anew
		if err := os.WriteFile(name, []byte(`{"path": 7`), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if third, _ := run(t, o); third.Read != 2 {
		t.Errorf("a damaged cache was used: read %d", third.Read)
	}
}

// A package that has nothing but tests has no build id, and nothing to read.
func TestOnlyTestsAreNotReadAgain(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module example.com/m\n\ngo 1.24\n", "m.go": "package m\n",
		"only/only_test.go": "package only\n", "outside/outside_test.go": "package outside_test\n",
	} {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	o := build.Options{Request: load.Request{Dir: dir, Patterns: []string{"./..."}}, Cache: t.TempDir()}
	first, _ := run(t, o)
	second, _ := run(t, o)
	if first.Read != 1 || second.Read != 0 || second.Cached != 1 || len(second.Failed) > 0 {
		t.Errorf("read %d then %d, cached %d, failed %v", first.Read, second.Read, second.Cached, second.Failed)
	}
	o.Patterns = []string{"./only"}
	if alone, _ := run(t, o); alone.Read != 0 || len(alone.Failed) > 0 {
		t.Errorf("alone: read %d, failed %v", alone.Read, alone.Failed)
	}
}

func TestBinary(t *testing.T) {
	name := filepath.Join(t.TempDir(), "one")
	cmd := exec.Command("go", "build", "-tags=blue", "-ldflags=-B gobuildid", "-o", name, "./cmd/one")
	cmd.Dir = "testdata/program"
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	o := in("program")
	o.Binary = name
	result, _ := run(t, o)
	b := result.File.Build
	if b.Main != "example.com/program/cmd/one" || b.Tags != "blue" || b.GOARCH != runtime.GOARCH || len(b.GNUBuildID) != 40 || strings.Count(b.GoBuildID, "/") != 3 {
		t.Errorf("build %+v", b)
	}
	o.Binary = "build_test.go"
	if _, err := build.Run(context.Background(), o); err == nil {
		t.Error("a text file is taken for a program")
	}
}
