package resource

import (
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// neverSet says whether a condition asks for a flag in an unexported field, a
// bool or an atomic.Bool, that nothing in the package ever sets: it is false.
func (x *extractor) neverSet(cond ssa.Value) bool {
	var f *types.Var
	var owner *types.Named
	switch t := cond.(type) {
	case *ssa.UnOp:
		addr, ok := t.X.(*ssa.FieldAddr)
		if !ok || t.Op != token.MUL {
			return false
		}
		f, owner = fieldOf(addr.X.Type(), addr.Field)
	case *ssa.Call:
		names := calleeNames(t.Common())
		if len(names) == 0 || names[0] != "sync/atomic.Bool.Load" {
			return false
		}
		addr, ok := t.Call.Args[0].(*ssa.FieldAddr)
		if !ok {
			return false
		}
		f, owner = fieldOf(addr.X.Type(), addr.Field)
	}
	if f == nil || owner.Obj().Pkg() != x.unit.Types {
		return false
	}
	known, ok := x.flags[f]
	if !ok {
		known = !x.isSet(f)
		x.flags[f] = known
	}
	return known
}

// isSet: something may store to the field.
func (x *extractor) isSet(f *types.Var) (found bool) {
	for _, fn := range x.functions {
		instructions(fn, func(instr ssa.Instruction) {
			addr, ok := instr.(*ssa.FieldAddr)
			if !ok || found {
				return
			}
			if g, _ := fieldOf(addr.X.Type(), addr.Field); g != f {
				return
			}
			for _, r := range *addr.Referrers() {
				switch i := r.(type) {
				case *ssa.DebugRef, *ssa.UnOp:
				case *ssa.Call:
					names := calleeNames(i.Common())
					found = found || len(names) == 0 || names[0] != "sync/atomic.Bool.Load"
				default:
					found = true
				}
			}
		})
	}
	return found
}
