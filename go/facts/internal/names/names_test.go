package names_test

import (
	"context"
	"go/ast"
	"go/types"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/tools/go/ssa"

	"github.com/tidemark-go/tidemark/go/facts/internal/load"
	"github.com/tidemark-go/tidemark/go/facts/internal/names"
)

// The program prints what the runtime calls its functions; every one of these
// names must be among those that are made from the source.
func TestRuntimeNames(t *testing.T) {
	run := exec.Command("go", "run", "-gcflags=example.com/prog.v2/...=-l", ".")
	run.Dir = "testdata/prog"
	out, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	packages, err := load.List(context.Background(), load.Request{Dir: "testdata/prog"})
	if err != nil {
		t.Fatal(err)
	}
	reader := load.NewReader(packages, "amd64")
	known := map[string]bool{}
	for _, p := range packages {
		if p.Standard {
			continue
		}
		unit, err := reader.Read(p)
		if err != nil {
			t.Fatal(err)
		}
		namer := names.NewNamer(unit.Fset, unit.Types, unit.Files)
		var visit func(fn *ssa.Function)
		visit = func(fn *ssa.Function) {
			known[names.Runtime(namer.Key(fn), unit.Path, unit.Name)] = true
			for _, anon := range fn.AnonFuncs {
				visit(anon)
			}
		}
		visit(unit.SSA.Func("init"))
		for _, file := range unit.Files {
			for _, decl := range file.Decls {
				if fn, ok := decl.(*ast.FuncDecl); ok {
					visit(unit.SSA.Prog.FuncValue(unit.Info.Defs[fn.Name].(*types.Func)))
				}
			}
		}
	}
	lines := strings.Fields(string(out))
	if len(lines) < 20 {
		t.Fatalf("the program printed only %d names: %s", len(lines), out)
	}
	for _, name := range lines {
		if !known[name] {
			t.Errorf("the runtime says %s, which was not made from the source", name)
		}
	}
	if t.Failed() {
		for name := range known {
			t.Log(name)
		}
	}
}

func TestMainIsMain(t *testing.T) {
	for key, want := range map[string]string{
		"example.com/cmd/a.run.func1": "main.run.func1",
		"example.com/cmd/a.(*T).M":    "main.(*T).M",
	} {
		if got := names.Runtime(key, "example.com/cmd/a", "main"); got != want {
			t.Errorf("Runtime(%s) = %s, want %s", key, got, want)
		}
	}
	if got := names.Runtime("gopkg.in/x%2ev1.F", "gopkg.in/x.v1", "main"); got != "main.F" {
		t.Errorf("dots in the path of a command: %s", got)
	}
}
