package build_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tidemark-go/tidemark/go/facts/internal/build"
	"github.com/tidemark-go/tidemark/go/facts/internal/escape"
	"github.com/tidemark-go/tidemark/go/facts/internal/load"
)

const heap = "../escape/testdata/heap"

func escapeSection(t *testing.T, o build.Options) (*build.Result, *escape.Section) {
	t.Helper()
	result, err := build.Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	s := new(escape.Section)
	if err := json.Unmarshal(result.File.Sections["escape"], s); err != nil {
		t.Fatal(err)
	}
	return result, s
}

// wants reads the want comments of a file: line → kind, and a piece of the reason.
func wants(t *testing.T, name string) map[int][2]string {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	list := map[int][2]string{}
	scanner := bufio.NewScanner(file)
	for n := 1; scanner.Scan(); n++ {
		if _, want, ok := strings.Cut(scanner.Text(), "// want "); ok {
			kind, why, _ := strings.Cut(want, ": ")
			list[n] = [2]string{kind, why}
		}
	}
	return list
}

func TestEveryLineThatAllocatesAndNoOther(t *testing.T) {
	_, section := escapeSection(t, build.Options{Request: load.Request{Dir: heap}, Escape: build.EscapeOwn})
	if section.Incomplete != "" {
		t.Errorf("incomplete: %s", section.Incomplete)
	}
	seen := 0
	for _, f := range section.Files {
		want := wants(t, filepath.Join(heap, strings.TrimPrefix(f.File, "example.com/heap/")))
		seen++
		found := map[int][]string{}
		for _, s := range f.Sites {
			w, ok := want[s.Line]
			if !ok {
				t.Errorf("%s:%d: nothing allocates there, but: %s %s", f.File, s.Line, s.Kind, s.What)
			}
			if s.Kind == w[0] && strings.Contains(s.Why, w[1]) {
				delete(want, s.Line)
			}
			found[s.Line] = append(found[s.Line], fmt.Sprintf("%s %s: %s", s.Kind, s.What, s.Why))
		}
		for line, w := range want {
			t.Errorf("%s:%d: want %s, have %v", f.File, line, w, found[line])
		}
	}
	if seen != 2 {
		t.Errorf("%d files, want 2", seen)
	}
}

func TestCompilerIsAskedAgainFromItsCache(t *testing.T) {
	o := build.Options{Request: load.Request{Dir: heap}, Escape: build.EscapeOwn}
	_, first := escapeSection(t, o)
	_, second := escapeSection(t, o)
	a, _ := json.Marshal(first)
	b, _ := json.Marshal(second)
	if string(a) != string(b) {
		t.Errorf("the second answer differs:\n%s\n%s", a, b)
	}
}

func TestEscapeOfABrokenBuildIsPartial(t *testing.T) {
	result, section := escapeSection(t, build.Options{Request: load.Request{Dir: "testdata/broken", Patterns: []string{"./..."}}, Escape: build.EscapeOwn})
	if result.Incomplete == "" || section.Incomplete == "" {
		t.Error("a package does not compile, and nothing says so")
	}
}
