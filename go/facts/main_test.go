package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// program is this program, built once.
var program string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "facts")
	if err != nil {
		panic(err)
	}
	program = filepath.Join(dir, "facts")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		panic(string(out))
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

func run(t *testing.T, name string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	return code, out.String(), errs.String()
}

func TestExitCodes(t *testing.T) {
	data := filepath.Join("internal", "build", "testdata")
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"no command":      {nil, 2, "usage"},
		"unknown command": {[]string{"bild"}, 2, "usage"},
		"unknown flag":    {[]string{"build", "-nope"}, 2, "nope"},
		"done":            {[]string{"build", "-escape", "own", "-cache", "", "-C", filepath.Join(data, "program"), "./cmd/two"}, 0, "1 packages read"},
		"partial":         {[]string{"build", "-escape", "own", "-cache", "", "-C", filepath.Join(data, "broken"), "./..."}, 3, "left out: example.com/broken/bad"},
		"nothing":         {[]string{"build", "-escape", "own", "-cache", "", "-C", filepath.Join(data, "broken"), "./bad"}, 2, "no package could be read"},
		"no folder":       {[]string{"build", "-C", filepath.Join(data, "nowhere")}, 2, "nowhere"},
		"no file":         {[]string{"show", "nowhere.json.gz"}, 2, "nowhere"},
		"no facts file":   {[]string{"show", "main.go"}, 2, "not a facts file"},
	} {
		code, _, stderr := run(t, program, c.args...)
		if code != c.code || !strings.Contains(stderr, c.says) {
			t.Errorf("%s: exit %d, want %d; it says %q, want %q", name, code, c.code, stderr, c.says)
		}
	}
}

func TestBuildThenShow(t *testing.T) {
	file := filepath.Join(t.TempDir(), "two.facts.json.gz")
	dir := filepath.Join("internal", "build", "testdata", "program")
	if code, _, stderr := run(t, program, "build", "-escape", "own", "-cache", "", "-C", dir, "-o", file, "./cmd/one"); code != 0 {
		t.Fatal(stderr)
	}
	code, stdout, stderr := run(t, program, "show", file, "holder")
	if code != 0 || !strings.Contains(stdout, `"example.com/program/bus.Bus.handlers"`) {
		t.Errorf("exit %d: %s %s", code, stdout, stderr)
	}
	if code, _, _ := run(t, program, "show", file, "nothing"); code != 2 {
		t.Errorf("a section that is not there: exit %d", code)
	}
}

func TestAsVetTool(t *testing.T) {
	dir := filepath.Join("internal", "build", "testdata", "broken")
	code, _, stderr := run(t, "go", "vet", "-C", dir, "-vettool="+program, "./good")
	if code != 1 || !strings.Contains(stderr, "good.go:8:9: mu is locked here and still held at the return in line 10") {
		t.Errorf("exit %d: %s", code, stderr)
	}
	code, _, stderr = run(t, "go", "vet", "-C", filepath.Join("internal", "build", "testdata", "program"), "-vettool="+program, "./...")
	// Three goroutines send and one of them is received: the one thing that this program forgets.
	if code != 1 || strings.Count(stderr, "(goroutine/no-receiver)") != 1 || strings.Contains(stderr, "is locked here") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}
