package resource

import (
	"go/token"

	"golang.org/x/tools/go/ssa"
)

// isSentinel: a package-level error that is made where the package begins, as
// sql.ErrNoRows and io.EOF are. What equals it is not nil.
func isSentinel(v ssa.Value) bool {
	load, ok := v.(*ssa.UnOp)
	if !ok || load.Op != token.MUL || !isError(load.Type()) {
		return false
	}
	g, ok := load.X.(*ssa.Global)
	if !ok || g.Pkg == nil {
		return false
	}
	if g.Pkg != load.Parent().Pkg {
		return g.Object() != nil && g.Object().Exported()
	}
	begin, made := g.Pkg.Func("init"), false
	if begin == nil {
		return false
	}
	instructions(begin, func(i ssa.Instruction) {
		if s, ok := i.(*ssa.Store); ok && s.Addr == ssa.Value(g) {
			c, isConst := s.Val.(*ssa.Const)
			made = !isConst || !c.IsNil()
		}
	})
	return made
}
