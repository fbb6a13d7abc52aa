package codelines_test

import (
	"context"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/tidemark-go/tidemark/go/facts/internal/build"
	"github.com/tidemark-go/tidemark/go/facts/internal/load"
)

// place is a line of a file of the fixture.
type place struct {
	file string
	line string
}

var call = regexp.MustCompile(`^\s+(\S+):(\d+)\s+\S+\s+\S+\s+CALL (\S+?)\(SB\)`)

// What stands on no stack that is looked at: it panics, moves bytes or asks
// for a larger stack.
var unseen = regexp.MustCompile(`^runtime\.(gcWriteBarrier|morestack|panic|deferreturn|mem|wb|typedmem|duff|typeAssert|ifaceeq|efaceeq)`)

// TestCompilerCallsOnNoOtherLine compares with the machine code: every line
// from which it calls something is in the section.
func TestCompilerCallsOnNoOtherLine(t *testing.T) {
	const dir = "testdata/stands"
	result, err := build.Run(context.Background(), build.Options{Request: load.Request{Dir: dir}, NoSections: true})
	if err != nil {
		t.Fatal(err)
	}
	known, all := map[place]bool{}, 0
	for _, p := range result.LinesSection.Packages {
		for _, file := range p.Files {
			for _, fn := range file.Functions {
				line := 0
				for _, step := range fn.Lines {
					line += step
					known[place{file.File, strconv.Itoa(line)}] = true
					all++
				}
			}
		}
	}
	binary := filepath.Join(t.TempDir(), "stands")
	output(t, dir, "go", "build", "-o", binary, ".")
	called := map[place]string{}
	own := false
	for line := range strings.Lines(output(t, dir, "go", "tool", "objdump", "-s", `^(main\.|example\.com/)`, binary)) {
		if header, ok := strings.CutPrefix(line, "TEXT "); ok {
			own = strings.Contains(header, "/stands/")
			continue
		}
		m := call.FindStringSubmatch(line)
		if own && m != nil && (m[1] == "main.go" || m[1] == "kept.go") && !unseen.MatchString(m[3]) {
			called[place{m[1], m[2]}] = m[3]
		}
	}
	if len(called) < 30 {
		t.Fatalf("the machine code calls from %d lines only", len(called))
	}
	for at, callee := range called {
		if !known[at] {
			t.Errorf("%s:%s calls %s and is not listed", at.file, at.line, callee)
		}
	}
	if all > 3*len(called) {
		t.Errorf("%d lines are listed where the machine code calls from %d", all, len(called))
	}
}

func output(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
