package resource

import (
	"go/types"
	"regexp"

	"golang.org/x/tools/go/ssa"
)

// pooledField is what the functions of a package do with a field of a pooled type.
type pooledField struct {
	sets   []*ssa.Store // to what a caller gave
	clears []ssa.Instruction
	cut    bool // its list is cut to nothing, and nothing clears the elements
	wiped  bool // its elements are cleared
}

// fieldLeft is a field of the pooled struct type that still points to what the
// value was used for when it goes back: it is set from an argument, and nothing
// clears it, or a path leaves the clearing out. "" where there is none.
func (x *extractor) fieldLeft(t types.Type) string {
	s, name := structOf(t), typeName(t)
	named, ok := types.Unalias(deref(t)).(*types.Named)
	if s == nil || !ok || named.Obj().Pkg() != x.unit.Types {
		return ""
	}
	uses := make([]pooledField, s.NumFields())
	whole := false
	for _, fn := range x.functions {
		instructions(fn, func(i ssa.Instruction) {
			switch i := i.(type) {
			case *ssa.Store:
				if typeName(i.Addr.Type()) == name && types.Identical(deref(i.Addr.Type()), named) && !isLocal(i.Addr) {
					whole = true // *v = T{…}
				}
				if f, ok := i.Addr.(*ssa.FieldAddr); ok && typeName(f.X.Type()) == name {
					uses[f.Field].store(x, fn, f, i)
				}
				if index, ok := i.Addr.(*ssa.IndexAddr); ok && isZeroValue(i.Val) {
					if f := loadedFrom(index.X, name); f != nil {
						uses[f.Field].wiped = true
					}
				}
			case ssa.CallInstruction:
				b, ok := i.Common().Value.(*ssa.Builtin)
				if ok && b.Name() == "clear" {
					if f := loadedFrom(i.Common().Args[0], name); f != nil {
						uses[f.Field].wiped = true
						if isMap(s.Field(f.Field).Type()) {
							uses[f.Field].clears = append(uses[f.Field].clears, i)
						}
					}
				}
			}
		})
	}
	if whole {
		return ""
	}
	for n, u := range uses {
		typ := s.Field(n).Type()
		if len(u.sets) > 0 && keepsAlive(typ) && u.leftOn() {
			return s.Field(n).Name()
		}
		if u.cut && !u.wiped && len(u.clears) == 0 && pointsToOthers(typ) {
			return s.Field(n).Name()
		}
	}
	return ""
}

func (u *pooledField) store(x *extractor, fn *ssa.Function, f *ssa.FieldAddr, s *ssa.Store) {
	if isZeroValue(s.Val) {
		u.clears = append(u.clears, s)
		return
	}
	if cut, ok := s.Val.(*ssa.Slice); ok {
		if cut.High != nil && isNothing(cut.High) {
			u.cut = true
		}
		return
	}
	if isLocal(f.X) || isLocal(origin(f.X)) {
		return // made here, as New does
	}
	switch v := origin(s.Val).(type) {
	case *ssa.Parameter:
		if x.getsNothing(v) {
			u.clears = append(u.clears, s) // v.reset(nil), v.reset(io.Discard)
			return
		}
		if fn.Signature.Recv() == nil || len(fn.Params) == 0 || v != fn.Params[0] {
			u.sets = append(u.sets, s)
		}
	case *ssa.MakeMap, *ssa.MakeClosure:
		u.sets = append(u.sets, s)
	case *ssa.Call, *ssa.UnOp: // r.Context(), r.URL
		if recv := fn.Signature.Recv(); (recv == nil || typeName(recv.Type()) != typeName(f.X.Type())) && ofUse(v, f.X, 0) {
			u.sets = append(u.sets, s)
		}
	}
}

// ofOneUse are types of which there is a value for each use of a program.
var ofOneUse = regexp.MustCompile(`(Request|Req|Response|ResponseWriter|Context|Conn|Message|Msg|Event|Session|Job|Task)$`)

// ofUse: the value is a part of an argument of the function, or made of one,
// and not of the pooled value itself.
func ofUse(v, pooled ssa.Value, depth int) bool {
	if v = origin(v); depth > 4 || v == origin(pooled) {
		return false
	}
	switch t := v.(type) {
	case *ssa.Parameter:
		return ofOneUse.MatchString(typeName(t.Type()))
	case *ssa.UnOp:
		f, ok := t.X.(*ssa.FieldAddr)
		return ok && ofUse(f.X, pooled, depth+1)
	case *ssa.Call:
		if t.Call.IsInvoke() {
			return ofUse(t.Call.Value, pooled, depth+1)
		}
		callee := t.Call.StaticCallee()
		return callee != nil && callee.Signature.Recv() != nil && len(t.Call.Args) == 1 && ofUse(t.Call.Args[0], pooled, depth+1)
	}
	return false
}

// getsNothing: a caller gives nil, or what stands for it.
func (x *extractor) getsNothing(p *ssa.Parameter) bool {
	list, _ := x.finite.Arguments(p)
	for _, a := range list {
		switch t := origin(a.Value).(type) {
		case *ssa.Const:
			return true
		case *ssa.UnOp:
			if _, global := t.X.(*ssa.Global); global {
				return true
			}
		}
	}
	return false
}

// leftOn: nothing clears the field, or what does is in the function that sets
// it, and a path leaves it out.
func (u *pooledField) leftOn() bool {
	if len(u.clears) == 0 {
		return true
	}
	for _, set := range u.sets {
		fn := set.Parent()
		for _, c := range u.clears {
			if c.Parent() != fn || c == ssa.Instruction(set) {
				return false
			}
		}
		if !usesPool(fn) {
			return false
		}
		if _, left := skips(fn, set, func(i ssa.Instruction) bool {
			for _, c := range u.clears {
				if i == c {
					return true
				}
			}
			return false
		}); left && putsDeferred(fn) {
			return true
		}
	}
	return false
}

// putsDeferred: the function gives back whatever path it leaves on.
func putsDeferred(fn *ssa.Function) (found bool) {
	instructions(fn, func(i ssa.Instruction) {
		if d, ok := i.(*ssa.Defer); ok {
			found = found || firstName(&d.Call) == "sync.Pool.Put"
		}
	})
	return found
}

func isLocal(v ssa.Value) bool {
	_, ok := v.(*ssa.Alloc)
	return ok
}

func isZeroValue(v ssa.Value) bool {
	c, ok := origin(v).(*ssa.Const)
	return ok && isZero(c)
}

// loadedFrom is the field that a list or map was loaded from, if it is one of the type.
func loadedFrom(v ssa.Value, name string) *ssa.FieldAddr {
	if cut, ok := v.(*ssa.Slice); ok {
		v = cut.X
	}
	load, ok := v.(*ssa.UnOp)
	if !ok {
		return nil
	}
	f, ok := load.X.(*ssa.FieldAddr)
	if !ok || typeName(f.X.Type()) != name {
		return nil
	}
	return f
}

// keepsAlive: a pointer, an interface, a function, or a map or list of such.
func keepsAlive(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Pointer, *types.Interface, *types.Signature, *types.Map:
		return true
	case *types.Slice:
		return pointsToOthers(u)
	}
	return false
}

// pointsToOthers: a list whose elements are pointers, interfaces or functions.
func pointsToOthers(t types.Type) bool {
	s, ok := t.Underlying().(*types.Slice)
	if !ok {
		return false
	}
	switch s.Elem().Underlying().(type) {
	case *types.Pointer, *types.Interface, *types.Signature:
		return true
	}
	return false
}
