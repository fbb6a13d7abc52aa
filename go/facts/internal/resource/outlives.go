package resource

import (
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// Bound of the calls that are followed into for what a function hands on.
const maxHandedDepth = 3

// outlives: something made from the value, a reader around it say, is handed
// on to where it is used when the function is over. What a call that is not
// seen makes of it counts as made from it, unless it is plain data.
func (x *extractor) outlives(fn *ssa.Function, start ssa.Value) bool {
	return x.handsOn(fn, start, 0)
}

func (x *extractor) handsOn(fn *ssa.Function, start ssa.Value, depth int) bool {
	from := map[ssa.Value]bool{start: true}
	for range maxRounds {
		before := len(from)
		for _, b := range fn.Blocks {
			for _, i := range b.Instrs {
				if x.handOn(i, from, depth) {
					return true
				}
			}
		}
		if len(from) == before {
			break
		}
	}
	return false
}

// handOn follows one instruction; true where something leaves the function.
func (x *extractor) handOn(i ssa.Instruction, from map[ssa.Value]bool, depth int) bool {
	uses := false
	for _, op := range i.Operands(nil) {
		uses = uses || *op != nil && from[*op]
	}
	if !uses {
		return false
	}
	made := func(v ssa.Value) { from[v] = from[v] || !plainType(v.Type(), plainDepth) }
	switch i := i.(type) {
	case *ssa.DebugRef, *ssa.Defer, *ssa.If:
	case *ssa.Return:
		for _, r := range i.Results {
			if from[r] && !isError(r.Type()) {
				return true
			}
		}
	case *ssa.Go, *ssa.Send:
		return true
	case *ssa.Store:
		return from[i.Val] && keepIn(i.Addr, from)
	case *ssa.MapUpdate:
		return (from[i.Value] || from[i.Key]) && keepIn(i.Map, from)
	case *ssa.Call:
		if !x.onlyReads(i.Common(), from, depth) {
			if t, ok := i.Type().(*types.Tuple); ok {
				from[i] = from[i] || t.Len() > 0
			} else {
				made(i)
			}
		}
	case ssa.Value:
		made(i)
	}
	return false
}

// keepIn: what is stored there is in a variable of the function, which is then
// followed; true where it is anywhere else.
func keepIn(addr ssa.Value, from map[ssa.Value]bool) bool {
	for {
		switch a := addr.(type) {
		case *ssa.FieldAddr:
			addr = a.X
			continue
		case *ssa.IndexAddr:
			addr = a.X
			continue
		case *ssa.Alloc, *ssa.MakeMap:
			from[a] = true
			return false
		}
		return true
	}
}

// onlyReads: a function whose code is at hand gives nothing back that is made
// from its arguments.
func (x *extractor) onlyReads(c *ssa.CallCommon, from map[ssa.Value]bool, depth int) bool {
	callee := c.StaticCallee()
	if callee == nil || len(callee.Blocks) == 0 || callee.Pkg != x.unit.SSA && callee.Parent() == nil || depth >= maxHandedDepth {
		return false
	}
	for n, arg := range c.Args {
		if from[arg] && (n >= len(callee.Params) || x.handsOn(callee, callee.Params[n], depth+1)) {
			return false
		}
	}
	return !from[c.Value]
}
