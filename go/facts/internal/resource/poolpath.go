package resource

import (
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// putUncleared: this Put gives the value back with what was put into it, on a
// way that leaves out the cleaning which comes before another Put of the function.
func (x *extractor) putUncleared(put ssa.CallInstruction, typ types.Type) bool {
	if _, deferred := put.(*ssa.Defer); deferred || structOf(typ) == nil {
		return false
	}
	fn, value := put.Parent(), origin(put.Common().Args[1])
	var fills, cleans, puts []ssa.Instruction
	instructions(fn, func(i ssa.Instruction) {
		switch {
		case x.cleansValue(i, value):
			cleans = append(cleans, i)
		case fillsValue(i, value):
			fills = append(fills, i)
		default:
			if c, ok := i.(ssa.CallInstruction); ok && i != ssa.Instruction(put) && firstName(c.Common()) == "sync.Pool.Put" && origin(c.Common().Args[1]) == value {
				puts = append(puts, i)
			}
		}
	})
	anyBefore := func(list []ssa.Instruction, at ssa.Instruction) bool {
		return slices.ContainsFunc(list, func(i ssa.Instruction) bool { return before(i, at) })
	}
	if len(cleans) == 0 || anyBefore(cleans, put) || !slices.ContainsFunc(puts, func(p ssa.Instruction) bool { return anyBefore(cleans, p) }) {
		return false
	}
	for _, f := range fills {
		if anyBefore(cleans, f) {
			return false // cleaned when it is taken
		}
	}
	cleaned := map[*ssa.BasicBlock]bool{}
	for _, c := range cleans {
		cleaned[c.Block()] = true
	}
	return slices.ContainsFunc(fills, func(f ssa.Instruction) bool {
		return before(f, put) || reaches(f.Block(), put.Block(), func(b *ssa.BasicBlock) bool { return cleaned[b] })
	})
}

// cleansValue: the value, or a field of it, is emptied, here or by a method.
func (x *extractor) cleansValue(i ssa.Instruction, value ssa.Value) bool {
	switch i := i.(type) {
	case *ssa.Store:
		if f, ok := i.Addr.(*ssa.FieldAddr); ok && origin(f.X) == value {
			return isZeroValue(i.Val) && keepsAlive(deref(f.Type()))
		}
		return origin(i.Addr) == value
	case ssa.CallInstruction:
		c := i.Common()
		if b, ok := c.Value.(*ssa.Builtin); ok {
			return b.Name() == "clear" && loadedField(c.Args[0], value)
		}
		callee := c.StaticCallee()
		return callee != nil && callee.Pkg == x.unit.SSA && slices.ContainsFunc(c.Args, func(a ssa.Value) bool { return origin(a) == value }) && x.resetsSomething(callee)
	}
	return false
}

// fillsValue: something is put into the value.
func fillsValue(i ssa.Instruction, value ssa.Value) bool {
	switch i := i.(type) {
	case *ssa.MapUpdate:
		return loadedField(i.Map, value)
	case *ssa.Store:
		f, ok := i.Addr.(*ssa.FieldAddr)
		return ok && origin(f.X) == value && !isZeroValue(i.Val) && keepsAlive(deref(f.Type()))
	}
	return false
}

func loadedField(v, value ssa.Value) bool {
	load, ok := v.(*ssa.UnOp)
	if !ok {
		return false
	}
	f, ok := load.X.(*ssa.FieldAddr)
	return ok && origin(f.X) == value
}
