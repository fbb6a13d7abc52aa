package resource

import (
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// ownPut judges a function that takes from a pool and puts back by itself: what
// other functions do with the same pool does not help its values. It says
// nothing where such a function, or one of the package that it calls, cleans up.
func (x *extractor) ownPut(put ssa.CallInstruction, key string, typ types.Type) (f Finding, found bool) {
	fn := put.Parent()
	if !takesFrom(fn, key) {
		return f, false
	}
	with := x.withCallees(fn)
	bound := anyOf(with, looksAtSize)
	if _, list := deref(typ).Underlying().(*types.Slice); list && !bound && pointsToOthers(deref(typ)) && cutsToNothing(fn) && !anyOf(with, clearsElements) {
		return Finding{Rule: "heap/pool-unreset",
			Message: "put into the pool cut to length 0, with all that it pointed to still behind that length",
			Cause:   "a slice that is cut keeps its elements in the array, and so all that they point to, until they are overwritten",
			Fix:     "clear(s) before s = s[:0]"}, true
	}
	if field := x.setAndLeft(put, with, typ); field != "" {
		return Finding{Rule: "heap/pool-unreset",
			Message: "put into the pool with what its field " + field + " points to: this function sets it and does not clear it, as others do",
			Cause:   "a request, writer or list that the value was used for stays reachable from the pool until the value is used again",
			Fix:     "clear it before Put, as the other users of " + key + " do"}, true
	}
	if x.putUncleared(put, typ) {
		return Finding{Rule: "heap/pool-unreset",
			Message: "put into the pool with what was put into it: this way leaves out the clearing that comes before the other Put",
			Cause:   "what its fields point to stays reachable from the pool, and the next user finds it there",
			Fix:     "clear it in one place: a function that clears and puts, deferred right after Get"}, true
	}
	if !bound && isGrowing(typ) && x.fillsWithoutLimit(fn) {
		return Finding{Rule: "heap/pool-oversized",
			Message: "put into the pool at any size, though what fills it here has no limit",
			Cause:   "one big use makes the buffer big for good, and in time all buffers of the pool are as big as the biggest use",
			Fix:     "do not put back what is too big: if buf.Cap() > limit { return }"}, true
	}
	return f, false
}

func takesFrom(fn *ssa.Function, key string) (found bool) {
	instructions(fn, func(i ssa.Instruction) {
		if c, ok := i.(*ssa.Call); ok && firstName(c.Common()) == "sync.Pool.Get" {
			found = found || poolKey(c.Call.Args[0]) == key
		}
	})
	return found
}

// withCallees is a function with its closures, and what they call of the package.
func (x *extractor) withCallees(fn *ssa.Function) []*ssa.Function {
	list, seen := []*ssa.Function{fn}, map[*ssa.Function]bool{fn: true}
	add := func(f *ssa.Function) {
		if !seen[f] && len(list) < 64 {
			seen[f] = true
			list = append(list, f)
		}
	}
	for n := 0; n < len(list); n++ {
		for _, anon := range list[n].AnonFuncs {
			add(anon)
		}
		instructions(list[n], func(i ssa.Instruction) {
			if c, ok := i.(ssa.CallInstruction); ok {
				if callee := x.ownCallee(c.Common()); callee != nil {
					add(callee)
				}
			}
		})
	}
	return list
}

// ownCallee is the function of this package, or closure, that a call names: of
// a generic one what the source says, nil for others.
func (x *extractor) ownCallee(c *ssa.CallCommon) *ssa.Function {
	callee := c.StaticCallee()
	if callee == nil {
		return nil
	}
	if origin := callee.Origin(); origin != nil {
		callee = origin
	}
	if callee.Pkg != x.unit.SSA && callee.Parent() == nil {
		return nil
	}
	return callee
}

func anyOf(list []*ssa.Function, is func(*ssa.Function) bool) bool {
	for _, fn := range list {
		if is(fn) {
			return true
		}
	}
	return false
}

func cutsToNothing(fn *ssa.Function) (found bool) {
	instructions(fn, func(i ssa.Instruction) {
		if s, ok := i.(*ssa.Slice); ok && s.High != nil && isNothing(s.High) {
			found = true
		}
	})
	return found
}

// setAndLeft is a field that the function sets, in the value that it puts back,
// to what a caller gave, and that nothing it calls clears.
func (x *extractor) setAndLeft(put ssa.CallInstruction, with []*ssa.Function, typ types.Type) string {
	s, name := structOf(typ), typeName(typ)
	named, ok := types.Unalias(deref(typ)).(*types.Named)
	if s == nil || !ok || named.Obj().Pkg() != x.unit.Types {
		return ""
	}
	value, set := origin(put.Common().Args[1]), map[int]bool{}
	instructions(put.Parent(), func(i ssa.Instruction) {
		store, ok := i.(*ssa.Store)
		if !ok {
			return
		}
		f, ok := store.Addr.(*ssa.FieldAddr)
		if _, given := origin(store.Val).(*ssa.Parameter); ok && given && origin(f.X) == value && keepsAlive(s.Field(f.Field).Type()) {
			set[f.Field] = true
		}
	})
	whole := false
	for _, fn := range with {
		instructions(fn, func(i ssa.Instruction) {
			switch t := i.(type) {
			case *ssa.Store:
				if types.Identical(deref(t.Addr.Type()), named) && !isLocal(t.Addr) {
					whole = true // *v = T{…}
				}
				if f, ok := t.Addr.(*ssa.FieldAddr); ok && typeName(f.X.Type()) == name {
					_, given := origin(t.Val).(*ssa.Parameter)
					if fn != put.Parent() || !given {
						delete(set, f.Field)
					}
				}
			case ssa.CallInstruction:
				if b, ok := t.Common().Value.(*ssa.Builtin); ok && b.Name() == "clear" {
					if f := loadedFrom(t.Common().Args[0], name); f != nil {
						delete(set, f.Field)
					}
				}
			}
		})
	}
	if whole {
		return ""
	}
	for n := range s.NumFields() {
		if set[n] {
			return s.Field(n).Name()
		}
	}
	return ""
}
