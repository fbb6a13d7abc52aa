package load

import (
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/tidemark-go/tidemark/go/facts/internal/names"
)

// FromPass makes a unit of the package that a vet tool is asked for; nil for a
// package of the standard library.
func FromPass(pass *analysis.Pass) (*Unit, error) {
	if Standard(pass)(pass.Pkg.Path()) {
		return nil, nil
	}
	ssaPkg, err := BuildSSA(pass.Fset, pass.Pkg, pass.Files, pass.TypesInfo)
	if err != nil {
		return nil, err
	}
	return &Unit{Path: pass.Pkg.Path(), Name: pass.Pkg.Name(), Fset: pass.Fset, Files: pass.Files, Types: pass.Pkg, Info: pass.TypesInfo, Sizes: pass.TypesSizes, SSA: ssaPkg}, nil
}

// Standard tells packages of the standard library by their path: no dot in the
// first element, and not of the module at hand.
func Standard(pass *analysis.Pass) func(path string) bool {
	return func(path string) bool {
		if m := pass.Module; m != nil && m.Path != "" && (path == pass.Pkg.Path() || path == m.Path || strings.HasPrefix(path, m.Path+"/")) {
			return false
		}
		first, _, _ := strings.Cut(path, "/")
		return !strings.Contains(first, ".") && path != "command-line-arguments"
	}
}

// ImportedFacts are the facts of one type about functions of imported
// packages, by function key.
func ImportedFacts[F analysis.Fact](pass *analysis.Pass) map[string]F {
	known := map[string]F{}
	for _, f := range pass.AllObjectFacts() {
		if fn, ok := f.Object.(*types.Func); ok {
			if fact, ok := f.Fact.(F); ok {
				known[names.Func(fn)] = fact
			}
		}
	}
	return known
}

// ExportFacts hands facts about the package's functions, by function key, to
// the packages that import it.
func ExportFacts[S any](pass *analysis.Pass, byKey map[string]*S, fact func(*S) analysis.Fact) {
	for _, obj := range pass.TypesInfo.Defs {
		if fn, ok := obj.(*types.Func); ok && fn.Pkg() == pass.Pkg {
			if s := byKey[names.Func(fn)]; s != nil {
				pass.ExportObjectFact(fn, fact(s))
			}
		}
	}
}
