package load

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// Functions lists every function with a body in the package: what initialises
// its variables, then the declared ones in the order of the source, each
// closure after the function that it is in.
func Functions(unit *Unit) []*ssa.Function {
	var list []*ssa.Function
	var visit func(fn *ssa.Function)
	visit = func(fn *ssa.Function) {
		if fn == nil || fn.Blocks == nil {
			return
		}
		list = append(list, fn)
		for _, anon := range fn.AnonFuncs {
			visit(anon)
		}
	}
	visit(unit.SSA.Func("init"))
	for _, file := range unit.Files {
		for _, decl := range file.Decls {
			if decl, ok := decl.(*ast.FuncDecl); ok {
				if obj, ok := unit.Info.Defs[decl.Name].(*types.Func); ok {
					visit(unit.SSA.Prog.FuncValue(obj))
				}
			}
		}
	}
	return list
}
