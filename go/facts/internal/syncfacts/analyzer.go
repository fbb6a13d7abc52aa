package syncfacts

import (
	"fmt"
	"go/token"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/tidemark-go/tidemark/go/facts/internal/load"
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
	unit, err := load.FromPass(pass)
	if unit == nil {
		return nil, err
	}
	known := load.ImportedFacts[*Effects](pass)
	extracted, err := Extract(unit, Options{IsStandard: load.Standard(pass), Summary: func(key string) *Summary {
		if e := known[key]; e != nil {
			return &e.Summary
		}
		return nil
	}})
	if err != nil {
		return nil, err
	}
	load.ExportFacts(pass, extracted.Summaries, func(s *Summary) analysis.Fact { return &Effects{*s} })
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
