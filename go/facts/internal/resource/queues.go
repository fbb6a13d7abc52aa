package resource

import (
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// tails: an element leaves a list that lives on, by a new slice of the same
// array, and the array still points to it.
func (x *extractor) tails(fn *ssa.Function) {
	instructions(fn, func(i ssa.Instruction) {
		s, ok := i.(*ssa.Store)
		if !ok || !outlives(s.Addr) {
			return
		}
		list, ok := deref(s.Addr.Type()).Underlying().(*types.Slice)
		key := poolKey(s.Addr)
		if !ok || key == "" || !isMuch(list.Elem()) {
			return
		}
		how := leaves(s, key)
		if how == "" || letsGo(fn, s, key) {
			return
		}
		x.report(fn, "tail", Finding{Rule: "heap/subslice-retention", Verdict: "suspect", pos: s.Pos(),
			Message: how + " of " + key + " leaves the list, and the array still points to it",
			Cause:   "a slice of an array keeps all of the array, with what its other elements point to",
			Fix:     "set the element to nil before, or slices.Delete, which clears what it leaves behind"})
	})
}

// isMuch: elements that point to something with a size of its own.
func isMuch(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		return holdsMuch(u.Elem(), 0)
	case *types.Slice:
		b, ok := u.Elem().Underlying().(*types.Basic)
		return ok && b.Kind() == types.Uint8
	}
	return false
}

// leaves says which element a store to a list drops, "" for none.
func leaves(s *ssa.Store, key string) string {
	switch v := s.Val.(type) {
	case *ssa.Slice:
		if poolKey(v.X) != key {
			return ""
		}
		if low, ok := v.Low.(*ssa.Const); ok && v.High == nil && low.Int64() > 0 {
			return "the first element"
		}
		if sub, ok := v.High.(*ssa.BinOp); ok && v.Low == nil && sub.Op == token.SUB {
			if n, ok := sub.Y.(*ssa.Const); ok && n.Value != nil && n.Int64() == 1 {
				return "the last element"
			}
		}
	case *ssa.Call: // append(s[:i], s[i+1:]...)
		b, ok := v.Call.Value.(*ssa.Builtin)
		if !ok || b.Name() != "append" || len(v.Call.Args) != 2 {
			return ""
		}
		head, ok := v.Call.Args[0].(*ssa.Slice)
		rest, alsoOk := v.Call.Args[1].(*ssa.Slice)
		if ok && alsoOk && poolKey(head.X) == key && poolKey(rest.X) == key && head.High != nil && !isNothing(head.High) && rest.Low != nil {
			return "an element"
		}
	}
	return ""
}

// letsGo: the function clears an element of the list, moves the rest to a new
// array, or starts anew when it is empty.
func letsGo(fn *ssa.Function, at *ssa.Store, key string) (found bool) {
	instructions(fn, func(i ssa.Instruction) {
		switch i := i.(type) {
		case *ssa.Store:
			if index, ok := i.Addr.(*ssa.IndexAddr); ok && isZeroValue(i.Val) && (poolKey(index.X) == key || partOf(index.X, key)) {
				found = true
			}
			if i != at && poolKey(i.Addr) == key {
				switch v := i.Val.(type) {
				case *ssa.Slice:
					found = found || v.High != nil && isNothing(v.High)
				case *ssa.Call:
					b, ok := v.Call.Value.(*ssa.Builtin)
					found = found || !ok || b.Name() != "append" || poolKey(v.Call.Args[0]) != key
				default:
					found = true
				}
			}
		case *ssa.Call:
			b, ok := i.Call.Value.(*ssa.Builtin)
			found = found || ok && b.Name() == "clear" && (poolKey(i.Call.Args[0]) == key || partOf(i.Call.Args[0], key))
		}
	})
	return found
}

func partOf(v ssa.Value, key string) bool {
	s, ok := v.(*ssa.Slice)
	return ok && poolKey(s.X) == key
}
