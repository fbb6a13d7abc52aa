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
	l := &listener{x: x}
	return l.only(made, 0) && l.receives > 0
}

// listener follows a channel to all who have it, and says whether they do
// nothing with it but to receive, or also to send.
type listener struct {
	x        *extractor
	sends    bool          // sending is allowed
	owner    *ssa.Function // may answer with the channel
	receives int
	senders  map[*ssa.Function]bool
}

func (l *listener) only(v ssa.Value, depth int) bool {
	if v.Referrers() == nil || depth > 2*maxSilentDepth {
		return false
	}
	for _, r := range *v.Referrers() {
		switch i := r.(type) {
		case *ssa.DebugRef:
		case *ssa.ChangeType:
			if receiveOnly(i.Type()) {
				l.receives++
			} else if !l.only(i, depth+1) {
				return false
			}
		case *ssa.UnOp:
			if i.Op == token.MUL && !l.only(i, depth+1) {
				return false
			}
			l.receives++
		case *ssa.Send:
			if !l.sent(i, i.X == v) {
				return false
			}
		case *ssa.Select:
			for _, s := range i.States {
				if s.Send == v || s.Chan == v && s.Dir != types.RecvOnly && !l.sent(i, false) {
					return false
				}
			}
			l.receives++
		case *ssa.Store:
			if !l.stored(i, v, depth) {
				return false
			}
		case *ssa.Return:
			if l.owner == nil || i.Parent() != l.owner {
				return false
			}
		case *ssa.MakeClosure:
			inner := i.Fn.(*ssa.Function)
			for n, b := range i.Bindings {
				if b == v && !l.only(inner.FreeVars[n], depth+1) {
					return false
				}
			}
		case ssa.CallInstruction:
			callee := i.Common().StaticCallee()
			if callee == nil || len(callee.Params) != len(i.Common().Args) || len(callee.Blocks) == 0 {
				return false
			}
			for n, a := range i.Common().Args {
				if a == v && !l.only(callee.Params[n], depth+1) {
					return false
				}
			}
			l.receives++
		default:
			return false
		}
	}
	return true
}

func (l *listener) sent(i ssa.Instruction, itself bool) bool {
	if l.senders == nil {
		l.senders = map[*ssa.Function]bool{}
	}
	l.senders[i.Parent()] = true
	return l.sends && !itself
}

func (l *listener) stored(s *ssa.Store, v ssa.Value, depth int) bool {
	if s.Val != v {
		return true // the variable is set
	}
	switch to := s.Addr.(type) {
	case *ssa.Alloc:
		return load.OnlyStore(to) == v && l.only(to, depth+1)
	case *ssa.FieldAddr:
		f, owner := fieldOf(to.X.Type(), to.Field)
		return !l.sends && f != nil && owner.Obj().Pkg() == l.x.unit.Types && l.x.silentField(f) != nil
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
	l := &listener{x: x}
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
				if !l.only(m, maxSilentDepth) {
					return false
				}
			case *ssa.UnOp:
				if !l.only(i, maxSilentDepth) {
					return false
				}
			default:
				return false
			}
		}
		return true
	})
	if !silent || l.receives == 0 {
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
