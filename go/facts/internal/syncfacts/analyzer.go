package syncfacts

import (
	"fmt"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/tidemark-go/tidemark/go/facts/internal/load"
	"github.com/tidemark-go/tidemark/go/facts/internal/names"
)

// Analyzer reports locks that stay held and locks taken twice, in one package
// with the help of the summaries of those that it imports.
var Analyzer = &analysis.Analyzer{
	Name:      "locks",
	Doc:       "report locks that a return leaves held (goroutine/holder-gone) and locks taken twice (goroutine/recursive-lock)",
	URL:       "https://github.com/tidemark-go/tidemark/blob/main/docs/facts.md",
	Run:       run,
	FactTypes: []analysis.Fact{new(Effects)},
}

// Effects is the summary of a function as a fact for importing packages.
type Effects struct{ Summary }

// AFact marks Effects as a fact.
func (*Effects) AFact() {}

// String is the fact as tests write it.
func (e *Effects) String() string {
	var parts []string
	for _, l := range e.Acquires {
		parts = append(parts, "acquires "+l.Key)
	}
	for _, l := range e.Releases {
		parts = append(parts, "releases "+l.Key)
	}
	if e.Ends != "" {
		parts = append(parts, "ends in "+e.Ends)
	}
	if e.May != "" {
		parts = append(parts, "may "+e.May)
	}
	return strings.Join(parts, ", ")
}

func run(pass *analysis.Pass) (any, error) {
	standard := standardFor(pass)
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
			if e, ok := f.Fact.(*Effects); ok {
				known[names.Func(fn)] = &e.Summary
			}
		}
	}
	unit := &load.Unit{Path: pass.Pkg.Path(), Name: pass.Pkg.Name(), Fset: pass.Fset, Files: pass.Files, Types: pass.Pkg, Info: pass.TypesInfo, Sizes: pass.TypesSizes, SSA: ssaPkg}
	extracted, err := Extract(unit, Options{IsStandard: standard, Summary: func(key string) *Summary { return known[key] }})
	if err != nil {
		return nil, err
	}
	for _, obj := range pass.TypesInfo.Defs {
		if fn, ok := obj.(*types.Func); ok && fn.Pkg() == pass.Pkg {
			if s := extracted.Summaries[names.Func(fn)]; s != nil {
				pass.ExportObjectFact(fn, &Effects{*s})
			}
		}
	}
	for _, f := range extracted.Functions {
		for _, op := range f.Ops {
			switch op.Kind {
			case "lock", "rlock":
				leaks(pass, op)
				twice(pass, op)
			case "trylock", "tryrlock":
				leaks(pass, op)
			}
		}
	}
	return nil, nil
}

// standardFor tells packages of the standard library by their path: no dot in
// the first element, and not of the module at hand.
func standardFor(pass *analysis.Pass) func(string) bool {
	return func(path string) bool {
		if path == pass.Pkg.Path() && pass.Module != nil && pass.Module.Path != "" {
			return false
		}
		if m := pass.Module; m != nil && m.Path != "" && (path == m.Path || strings.HasPrefix(path, m.Path+"/")) {
			return false
		}
		first, _, _ := strings.Cut(path, "/")
		return !strings.Contains(first, ".") && path != "command-line-arguments"
	}
}

func leaks(pass *analysis.Pass, op *Op) {
	var exits []Exit
	for _, e := range op.LeaksOn {
		if !e.Possible && (e.Kind == "return" || e.Kind == "goexit") {
			exits = append(exits, e)
		}
	}
	if len(exits) == 0 {
		return
	}
	d := analysis.Diagnostic{Pos: op.pos, Category: "goroutine/holder-gone", Message: fmt.Sprintf("%s is locked here and still held at the %s in line %d", op.Path, exits[0].Kind, exits[0].Line)}
	if op.Callee != "" {
		d.Message = fmt.Sprintf("%s locks for its caller, and the lock is still held at the %s in line %d", op.Callee, exits[0].Kind, exits[0].Line)
	}
	for _, e := range exits {
		d.Related = append(d.Related, analysis.RelatedInformation{Pos: lineStart(pass, op.pos, e.Line), Message: e.Kind + " with the lock held"})
	}
	pass.Report(d)
}

func twice(pass *analysis.Pass, op *Op) {
	for _, h := range op.Held {
		if h.key != op.key || op.key == "" || h.Maybe || h.Mode == "rlock" && op.Kind == "rlock" || strings.Contains(op.key, "[v.") {
			continue
		}
		pass.Report(analysis.Diagnostic{Pos: op.pos, Category: "goroutine/recursive-lock", Message: fmt.Sprintf("%s is locked again here, held since line %d", op.Path, h.Line),
			Related: []analysis.RelatedInformation{{Pos: lineStart(pass, op.pos, h.Line), Message: "locked here"}}})
		return
	}
}

func lineStart(pass *analysis.Pass, near token.Pos, line int) token.Pos {
	file := pass.Fset.File(near)
	if file == nil || line < 1 || line > file.LineCount() {
		return near
	}
	return file.LineStart(line)
}
