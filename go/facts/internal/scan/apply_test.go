package scan_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tidemark-go/tidemark/go/facts/internal/resource"
	"github.com/tidemark-go/tidemark/go/facts/internal/scan"
)

var update = flag.Bool("u", false, "write the golden files anew")

// unsafe are functions of the fixture in which something is found, and no change is safe.
var unsafe = []string{
	"cases.Loop", "cases.Handed", "cases.Unchecked", "cases.Wrapper",
	"locks.(*box).ReadsAtReturn", "locks.(*box).Sometimes", "locks.(*box).WithDefer", "locks.(*box).Walk", "locks.(*box).Shadowed",
	"groups.GoesOn.func1", "groups.Deferred.func1",
	"loops.Scanners", "loops.LockAll", "loops.Find", "loops.First", "loops.Serve",
}

// The fixes change what they may, the result compiles, and what was fixed is quiet.
func TestApply(t *testing.T) {
	dir := t.TempDir()
	source := filepath.Join("testdata", "fix")
	if err := os.CopyFS(dir, os.DirFS(source)); err != nil {
		t.Fatal(err)
	}
	before := scanFolder(t, dir, "./...")
	files, fixed, err := scan.Apply(dir, before.Findings)
	all := []string{"cases/cases.go", "groups/groups.go", "locks/locks.go", "loops/loops.go"}
	if err != nil || !slices.Equal(files, all) {
		t.Fatalf("changed %v: %v", files, err)
	}
	for _, name := range all {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		golden := filepath.Join(source, name+".golden")
		if *update {
			if err := os.WriteFile(golden, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil || string(got) != string(want) {
			t.Errorf("not as in %s (%v):\n%s", golden, err, got)
		}
	}
	after := scanFolder(t, dir, "./...")
	if len(after.Failed) > 0 {
		t.Fatalf("does not compile any more: %v", after.Failed)
	}
	if len(fixed) < 19 || len(after.Findings) != len(before.Findings)-len(fixed) {
		t.Errorf("%d findings, %d fixed, %d left: %v", len(before.Findings), len(fixed), len(after.Findings), after.Findings)
	}
	left := map[string]bool{}
	for _, f := range after.Findings {
		left[f.Function[strings.LastIndex(f.Function, "/")+1:]] = true
		if len(f.Edits) > 0 {
			t.Errorf("still to fix: %s:%d %s", f.File, f.Line, f.Rule)
		}
	}
	for _, name := range unsafe {
		if !left[name] {
			t.Errorf("%s is not found any more", name)
		}
	}
}

// A file name from elsewhere, or places outside of the file, change nothing.
func TestApplyRefuses(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.go"), []byte("package a\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, e := range []resource.Edit{
		{RepoFile: "../a.go", NewText: "x"}, {RepoFile: "", NewText: "x"}, {RepoFile: "a.go", Offset: 99, End: 99, NewText: "x"}, {RepoFile: "a.go", Offset: 3, End: 1, NewText: "x"},
	} {
		files, fixed, err := scan.Apply(dir, []resource.Finding{{Edits: []resource.Edit{e}}})
		if len(files) > 0 && len(fixed) > 0 || err != nil {
			t.Errorf("%+v: changed %v, %v", e, files, err)
		}
	}
	if _, _, err := scan.Apply(dir, []resource.Finding{{Edits: []resource.Edit{{RepoFile: "a.go", NewText: "}"}}}}); err == nil {
		t.Error("text that is no Go was written")
	}
	if text, _ := os.ReadFile(filepath.Join(dir, "a.go")); string(text) != "package a\n" {
		t.Errorf("changed to %q", text)
	}
}
