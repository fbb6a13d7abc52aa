package scan_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"

	"github.com/tidemark-go/tidemark/go/facts/internal/build"
	"github.com/tidemark-go/tidemark/go/facts/internal/load"
	"github.com/tidemark-go/tidemark/go/facts/internal/resource"
	"github.com/tidemark-go/tidemark/go/facts/internal/scan"
)

// scanFolder scans the module in a folder.
func scanFolder(t *testing.T, dir string, patterns ...string) *scan.Document {
	t.Helper()
	return scanWith(t, build.Options{Request: load.Request{Dir: dir, Patterns: patterns}})
}

func scanWith(t *testing.T, options build.Options) *scan.Document {
	t.Helper()
	result, err := build.Run(context.Background(), options)
	if err != nil {
		t.Fatal(err)
	}
	section := new(resource.Section)
	if err := json.Unmarshal(result.File.Sections["resource"], section); err != nil {
		t.Fatal(err)
	}
	return scan.Make(result, section)
}

var wantComment = regexp.MustCompile(`// want ([a-z/ -]+)$`)

// wanted reads the comments "// want rule rule".
func wanted(t *testing.T, dir string) map[string]bool {
	t.Helper()
	list := map[string]bool{}
	err := filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") {
			return err
		}
		text, err := os.ReadFile(name)
		rel, _ := filepath.Rel(dir, name)
		for n, line := range strings.Split(string(text), "\n") {
			if m := wantComment.FindStringSubmatch(strings.TrimRight(line, " \r")); m != nil {
				for _, rule := range strings.Fields(m[1]) {
					list[fmt.Sprintf("%s:%d %s", filepath.ToSlash(rel), n+1, rule)] = true
				}
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// The labelled suite: every leak is found in its line, and nothing else is.
func TestSuite(t *testing.T) {
	dir := filepath.Join("..", "..", "testdata", "suite")
	d := scanFolder(t, dir, "./...")
	if len(d.Failed) > 0 {
		t.Fatalf("not read: %v", d.Failed)
	}
	want := wanted(t, dir)
	if len(want) < 300 {
		t.Fatalf("only %d labelled leaks", len(want))
	}
	var wrong []string
	for _, f := range d.Findings {
		key := fmt.Sprintf("%s:%d %s", f.RepoFile, f.Line, f.Rule)
		if !want[key] {
			wrong = append(wrong, "not wanted: "+key+" "+f.Message)
		}
		delete(want, key)
	}
	for key := range want {
		wrong = append(wrong, "not found: "+key)
	}
	sort.Strings(wrong)
	for _, w := range wrong {
		t.Error(w)
	}
}
