package build_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/tidemark-go/tidemark/go/facts/internal/build"
	"github.com/tidemark-go/tidemark/go/facts/internal/holderfacts"
	"github.com/tidemark-go/tidemark/go/facts/internal/load"
	"github.com/tidemark-go/tidemark/go/facts/internal/sourcelines"
)

var verdict = regexp.MustCompile(`// verdict: ([a-z-]+)`)

// The comments of the program say what each container is; what has none must
// not be told at all.
func TestHolders(t *testing.T) {
	dir := "../holderfacts/testdata/keeps"
	result, _ := run(t, build.Options{Request: load.Request{Dir: dir}})
	var s holderfacts.Section
	if err := json.Unmarshal(result.File.Sections["holder"], &s); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(dir + "/main.go")
	if err != nil {
		t.Fatal(err)
	}
	want := map[int]string{}
	for i, line := range strings.Split(string(text), "\n") {
		if m := verdict.FindStringSubmatch(line); m != nil {
			want[i+1] = m[1]
		}
	}
	for _, h := range s.Holders {
		if want[h.Line] != h.Verdict {
			t.Errorf("%s:%d is %q, want %q: %+v", h.ID, h.Line, h.Verdict, want[h.Line], h)
		}
		delete(want, h.Line)
	}
	for line, v := range want {
		t.Errorf("line %d: nothing is told, want %q", line, v)
	}
}

func TestSourceLines(t *testing.T) {
	dir := "../holderfacts/testdata/keeps"
	result, _ := run(t, build.Options{Request: load.Request{Dir: dir}})
	var s sourcelines.Section
	if err := json.Unmarshal(result.File.Sections["source"], &s); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(dir + "/main.go")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	kept := 0
	for _, f := range s.Files {
		if f.File != "example.com/keeps/main.go" {
			continue
		}
		for _, r := range f.Runs {
			for i, got := range r.Lines {
				kept++
				if want := strings.TrimRight(lines[r.Start-1+i], " \t"); got != want {
					t.Errorf("line %d is %q, want %q", r.Start+i, got, want)
				}
			}
		}
	}
	if kept < 40 || kept > len(lines) {
		t.Errorf("%d lines kept of %d", kept, len(lines))
	}
}
