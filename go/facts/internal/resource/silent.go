package resource

import (
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/tidemark-go/tidemark/go/facts/internal/load"
)

// Depth to which a channel is followed through calls and closures.
const maxSilentDepth = 4

// silent: whoever has the channel only receives from it: nobody can close it
// or send on it. Receive-only arguments say so by their type.
func (x *extractor) silent(made *ssa.MakeChan) bool {
	uses := 0
	return x.onlyListened(made, &uses, 0) && uses > 0
}

func (x *extractor) onlyListened(v ssa.Value, uses *int, depth int) bool {
	if v.Referrers() == nil || depth > 2*maxSilentDepth {
		return false
	}
	for _, r := range *v.Referrers() {
		switch i := r.(type) {
		case *ssa.DebugRef:
		case *ssa.ChangeType:
			if !receiveOnly(i.Type()) && !x.onlyListened(i, uses, depth+1) {
				return false
			}
			if receiveOnly(i.Type()) {
				*uses++
			}
		case *ssa.UnOp:
			if i.Op == token.MUL && !x.onlyListened(i, uses, depth+1) {
				return false
			}
			*uses++
		case *ssa.Select:
			for _, s := range i.States {
				if s.Chan == v && s.Dir != types.RecvOnly || s.Send == v {
					return false
				}
			}
			*uses++
		case *ssa.Store:
			if !x.listenedWhereStored(i, v, uses, depth) {
				return false
			}
		case *ssa.MakeClosure:
			inner := i.Fn.(*ssa.Function)
			for n, b := range i.Bindings {
				if b == v && !x.onlyListened(inner.FreeVars[n], uses, depth+1) {
					return false
				}
			}
		case ssa.CallInstruction:
			callee := i.Common().StaticCallee()
			if callee == nil || len(callee.Params) != len(i.Common().Args) || len(callee.Blocks) == 0 {
				return false
			}
			for n, a := range i.Common().Args {
				if a == v && !x.onlyListened(callee.Params[n], uses, depth+1) {
					return false
				}
			}
			*uses++
		default:
			return false
		}
	}
	return true
}

func (x *extractor) listenedWhereStored(s *ssa.Store, v ssa.Value, uses *int, depth int) bool {
	if s.Val != v {
		return true // the variable is set
	}
	switch to := s.Addr.(type) {
	case *ssa.Alloc:
		return load.OnlyStore(to) == v && x.onlyListened(to, uses, depth+1)
	case *ssa.FieldAddr:
		f, owner := fieldOf(to.X.Type(), to.Field)
		return f != nil && owner.Obj().Pkg() == x.unit.Types && x.silentField(f) != nil
	}
	return false
}

func receiveOnly(t types.Type) bool {
	ch, ok := t.Underlying().(*types.Chan)
	return ok && ch.Dir() == types.RecvOnly
}

// silentField is a channel that the package makes for a field, where all that
// is done with the channels in it is to receive from them; nil for others.
func (x *extractor) silentField(f *types.Var) *ssa.MakeChan {
	if known, ok := x.silentFields[f]; ok {
		return known
	}
	var found *ssa.MakeChan
	uses := 0
	silent := x.everyField(f, func(addr *ssa.FieldAddr) bool {
		for _, r := range *addr.Referrers() {
			switch i := r.(type) {
			case *ssa.DebugRef:
			case *ssa.Store:
				m, made := origin(i.Val).(*ssa.MakeChan)
				if i.Addr != ssa.Value(addr) || !made {
					return false
				}
				found = m
				x.silentFields[f] = m // where it comes back to itself, the rest decides
				if !x.onlyListened(m, &uses, maxSilentDepth) {
					return false
				}
			case *ssa.UnOp:
				if !x.onlyListened(i, &uses, maxSilentDepth) {
					return false
				}
			default:
				return false
			}
		}
		return true
	})
	if !silent || uses == 0 {
		found = nil
	}
	x.silentFields[f] = found
	return found
}

// everyField: the test holds for each place in the package that names the field.
func (x *extractor) everyField(f *types.Var, test func(*ssa.FieldAddr) bool) bool {
	for _, addr := range x.placesOf(f) {
		if !test(addr) {
			return false
		}
	}
	return true
}

// placesOf are the places in the package that name an unexported field.
func (x *extractor) placesOf(f *types.Var) []*ssa.FieldAddr {
	if x.fieldPlaces == nil {
		x.fieldPlaces = map[*types.Var][]*ssa.FieldAddr{}
		for _, fn := range x.functions {
			instructions(fn, func(i ssa.Instruction) {
				if addr, ok := i.(*ssa.FieldAddr); ok {
					if g, _ := fieldOf(addr.X.Type(), addr.Field); g != nil {
						x.fieldPlaces[g] = append(x.fieldPlaces[g], addr)
					}
				}
			})
		}
	}
	return x.fieldPlaces[f]
}

// endlessField: every context that the package puts into the field never ends.
func (x *extractor) endlessField(f *types.Var) bool {
	if known, ok := x.endlessFields[f]; ok {
		return known
	}
	x.endlessFields[f] = false
	stores := 0
	endlessOnly := x.everyField(f, func(addr *ssa.FieldAddr) bool {
		for _, r := range *addr.Referrers() {
			switch i := r.(type) {
			case *ssa.DebugRef, *ssa.UnOp:
			case *ssa.Store:
				if i.Addr != ssa.Value(addr) || !(&endless{x: x, outlives: true}).never(i.Val) {
					return false
				}
				stores++
			default:
				return false
			}
		}
		return true
	})
	x.endlessFields[f] = endlessOnly && stores > 0
	return x.endlessFields[f]
}

// endlessResults are the results of a function that are contexts which never end.
func (x *extractor) endlessResults(fn *ssa.Function) (list []int) {
	results := fn.Signature.Results()
	for n := range results.Len() {
		if !isContext(results.At(n).Type()) {
			continue
		}
		returns, all := 0, true
		instructions(fn, func(i ssa.Instruction) {
			if r, ok := i.(*ssa.Return); ok {
				returns++
				all = all && (&endless{x: x, outlives: true}).never(r.Results[n])
			}
		})
		if all && returns > 0 {
			list = append(list, n)
		}
	}
	return list
}
