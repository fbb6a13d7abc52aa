package resource

import (
	"fmt"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/tidemark-go/tidemark/go/facts/internal/load"
	"github.com/tidemark-go/tidemark/go/facts/internal/names"
)

// Analyzer reports, in one package with the summaries of those that it
// imports, what is taken and not given back and other shapes that leak.
var Analyzer = &analysis.Analyzer{
	Name:      "resources",
	Doc:       "report resources that a path does not give back, goroutines without an exit, deferred calls in loops, pools and slices that keep too much",
	URL:       "https://github.com/tidemark-go/tidemark/blob/main/docs/commands/scan.md",
	Run:       run,
	FactTypes: []analysis.Fact{new(Handling)},
}

// Handling is the summary of a function as a fact for importing packages.
type Handling struct{ Summary }

// AFact marks Handling as a fact.
func (*Handling) AFact() {}

// String is the fact as tests write it.
func (h *Handling) String() string {
	var parts []string
	for _, o := range h.Owns {
		parts = append(parts, fmt.Sprintf("hands out %s in result %d", o.Kind, o.Result))
	}
	for n := range 16 {
		switch h.Params[n] {
		case Released:
			parts = append(parts, fmt.Sprintf("releases argument %d", n))
		case Kept:
			parts = append(parts, fmt.Sprintf("keeps argument %d", n))
		}
	}
	if len(parts) == 0 {
		return "only uses its arguments"
	}
	return strings.Join(parts, ", ")
}

func run(pass *analysis.Pass) (any, error) {
	standard := func(path string) bool {
		if m := pass.Module; m != nil && m.Path != "" && (path == m.Path || strings.HasPrefix(path, m.Path+"/")) {
			return false
		}
		first, _, _ := strings.Cut(path, "/")
		return !strings.Contains(first, ".") && path != "command-line-arguments"
	}
	if standard(pass.Pkg.Path()) {
		return nil, nil
	}
	ssaPkg, err := load.BuildSSA(pass.Fset, pass.Pkg, pass.Files, pass.TypesInfo)
	if err != nil {
		return nil, err
	}
	known := map[string]*Summary{}
	for _, f := range pass.AllObjectFacts() {
		if fn, ok := f.Object.(*types.Func); ok {
			if h, ok := f.Fact.(*Handling); ok {
				known[names.Func(fn)] = &h.Summary
			}
		}
	}
	unit := &load.Unit{Path: pass.Pkg.Path(), Name: pass.Pkg.Name(), Fset: pass.Fset, Files: pass.Files, Types: pass.Pkg, Info: pass.TypesInfo, Sizes: pass.TypesSizes, SSA: ssaPkg}
	out, err := Extract(unit, Options{IsStandard: standard, Summary: func(key string) *Summary { return known[key] }})
	if err != nil {
		return nil, err
	}
	for _, obj := range pass.TypesInfo.Defs {
		if fn, ok := obj.(*types.Func); ok && fn.Pkg() == pass.Pkg {
			if s := out.Summaries[names.Func(fn)]; s != nil {
				pass.ExportObjectFact(fn, &Handling{*s})
			}
		}
	}
	goLine := ""
	if pass.Module != nil {
		goLine = pass.Module.GoVersion // that of the package's own module: vet tells no other
	}
	for _, f := range Join([]*Unit{out}, true, goLine, out.OldTimers).Findings {
		if f.Ignored != "" {
			continue
		}
		d := analysis.Diagnostic{Pos: f.pos, Category: f.Rule, Message: f.Message + " (" + f.Rule + ")"}
		for _, p := range f.Related {
			d.Related = append(d.Related, analysis.RelatedInformation{Pos: p.pos, Message: p.Message})
		}
		pass.Report(d)
	}
	return nil, nil
}
