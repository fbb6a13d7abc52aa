package resource

import (
	"fmt"
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// evicted looks for functions that remove an entry from a map in a field which
// has open things in it, and let go of the thing unclosed. Who removes what
// somebody else closes calls something that closes, or is called by it.
func (x *extractor) evicted() {
	type held struct {
		k   *kept
		key string
	}
	fields := map[*types.Var]*held{}
	for _, fn := range x.functions {
		instructions(fn, func(instr ssa.Instruction) {
			for _, t := range x.taken(instr) {
				if t.value == nil || t.inside || t.kind == "transport" || x.table.kind(t.kind).Before != "" {
					continue
				}
				c := collectionOf(t.value)
				if c == nil || x.givenBeside(fn, t, c.put, Returned) || x.callersClose(fn) {
					continue
				}
				load, ok := c.list.(*ssa.UnOp)
				if !ok {
					continue
				}
				addr, ok := load.X.(*ssa.FieldAddr)
				if !ok {
					continue
				}
				f, owner := fieldOf(addr.X.Type(), addr.Field)
				if f == nil || !isMap(f.Type()) || fields[f] != nil || owner.Obj().Pkg() != x.unit.Types {
					continue
				}
				fields[f] = &held{&kept{fn, instr, t, f, owner}, poolKey(c.list)}
			}
		})
	}
	for _, fn := range x.functions {
		instructions(fn, func(i ssa.Instruction) {
			key, all := removesFrom(i)
			if key == "" || all || fn.Parent() != nil {
				return
			}
			for _, h := range fields {
				if h.key != key || x.closesAnything(fn, 0) || x.callersClose(fn) || x.handsOutElement(fn, h.k.field) {
					continue
				}
				kind := x.table.kind(h.k.t.kind)
				if x.reported(kind.Rule, h.k.instr) {
					continue
				}
				x.report(h.k.fn, h.k.t.how, Finding{Rule: kind.Rule, Kind: h.k.t.kind, Verdict: "suspect", Cause: kind.WhenNot, pos: h.k.instr.Pos(),
					Message: fmt.Sprintf("the %s from %s is kept in field %s, and line %d removes it from there without giving it back", kind.Noun, h.k.t.how, h.k.field.Name(), x.line(i.Pos())),
					Fix:     "give it back where it is removed",
					Related: []Place{x.place(h.k.instr.Pos(), "taken here"), x.place(i.Pos(), "removed here")}})
			}
		})
	}
}

// closesAnything: the function, or what it calls in the package, gives
// something back or calls a function value.
func (x *extractor) closesAnything(fn *ssa.Function, depth int) (found bool) {
	instructions(fn, func(i ssa.Instruction) {
		c, ok := i.(ssa.CallInstruction)
		if !ok || found {
			return
		}
		if _, builtin := c.Common().Value.(*ssa.Builtin); builtin {
			return
		}
		name := ""
		callee := c.Common().StaticCallee()
		switch {
		case c.Common().IsInvoke():
			name = c.Common().Method.Name()
		case callee == nil:
			found = true
			return
		default:
			name = callee.Name()
		}
		found = soundsLikeRelease(name) || callee != nil && depth < 2 && callee.Pkg == x.unit.SSA && x.closesAnything(callee, depth+1)
	})
	for _, inner := range fn.AnonFuncs {
		found = found || x.closesAnything(inner, depth)
	}
	return found
}

func (x *extractor) callersClose(fn *ssa.Function) bool {
	for _, caller := range x.callersOf(fn) {
		if x.closesAnything(caller, 1) {
			return true
		}
	}
	return false
}

// handsOutElement: the function looks the entry up, and gives it to others.
func (x *extractor) handsOutElement(fn *ssa.Function, f *types.Var) (found bool) {
	instructions(fn, func(i ssa.Instruction) {
		l, ok := i.(*ssa.Lookup)
		if !ok || fieldRead(l.X) != f {
			return
		}
		found = found || x.effectIn(fn, l, anyKind) != Borrowed
	})
	return found
}
