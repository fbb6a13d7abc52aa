package resource

import (
	"fmt"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/tidemark-go/tidemark/go/facts/internal/load"
)

// Analyzer reports, in one package with the summaries of those that it
// imports, what is taken and not given back and other shapes that leak.
var Analyzer = NewAnalyzer(nil)

// NewAnalyzer is Analyzer with rows of a user in its table of pairs.
func NewAnalyzer(pairs []Pair) *analysis.Analyzer {
	return &analysis.Analyzer{
		Name:      "resources",
		Doc:       "report resources that a path does not give back, goroutines without an exit, deferred calls in loops, pools and slices that keep too much",
		URL:       "https://github.com/tidemark-go/tidemark/blob/main/docs/commands/scan.md",
		Run:       func(pass *analysis.Pass) (any, error) { return run(pass, pairs) },
		FactTypes: []analysis.Fact{new(Handling)},
	}
}

// Handling is the summary of a function as a fact for importing packages.
type Handling struct{ Summary }

// AFact marks Handling as a fact.
func (*Handling) AFact() {}

// String is the fact as tests write it.
func (h *Handling) String() string {
	var parts []string
	for _, o := range h.Owns {
		if o.Closer {
			parts = append(parts, fmt.Sprintf("closes %s by result %d", o.Kind, o.Result))
			continue
		}
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

func run(pass *analysis.Pass, pairs []Pair) (any, error) {
	unit, err := load.FromPass(pass)
	if unit == nil {
		return nil, err
	}
	known := load.ImportedFacts[*Handling](pass)
	out, err := Extract(unit, Options{IsStandard: load.Standard(pass), Pairs: pairs, Summary: func(key string) *Summary {
		if h := known[key]; h != nil {
			return &h.Summary
		}
		return nil
	}})
	if err != nil {
		return nil, err
	}
	load.ExportFacts(pass, out.Summaries, func(s *Summary) analysis.Fact { return &Handling{*s} })
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
		if len(f.Edits) > 0 {
			fix := analysis.SuggestedFix{Message: f.Fix}
			for _, e := range f.Edits {
				fix.TextEdits = append(fix.TextEdits, analysis.TextEdit{Pos: e.pos, End: e.end, NewText: []byte(e.NewText)})
			}
			d.SuggestedFixes = append(d.SuggestedFixes, fix)
		}
		pass.Report(d)
	}
	return nil, nil
}
