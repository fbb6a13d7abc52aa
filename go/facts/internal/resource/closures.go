package resource

import (
	"fmt"
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/tidemark-go/tidemark/go/facts/internal/load"
)

// How long a timer has to be for what it keeps to be worth telling, in nanoseconds.
const longTimer = 60_000_000_000

// closures looks at functions that are kept for later: by timers and by the
// collector.
func (x *extractor) closures(fn *ssa.Function) {
	instructions(fn, func(instr ssa.Instruction) {
		if m, ok := instr.(*ssa.MakeClosure); ok {
			x.onlyLength(fn, m)
		}
		call, ok := instr.(*ssa.Call)
		if !ok {
			return
		}
		for _, n := range calleeNames(call.Common()) {
			switch n {
			case "time.AfterFunc":
				x.longClosure(fn, call)
			case "context.AfterFunc":
				x.neverUnbound(fn, call)
			case "runtime.SetFinalizer":
				x.finalizer(fn, call, call.Call.Args[0], call.Call.Args[1])
			case "runtime.AddCleanup":
				x.finalizer(fn, call, call.Call.Args[0], call.Call.Args[1], call.Call.Args[2])
			}
		}
	})
}

// longClosure: a timer of minutes keeps something big until it fires.
func (x *extractor) longClosure(fn *ssa.Function, call *ssa.Call) {
	m, ok := call.Call.Args[1].(*ssa.MakeClosure)
	delay := x.constantOf(call.Call.Args[0])
	if _, constant := delay.(*ssa.Const); !ok || !constant || !longer(delay, longTimer) || len(*call.Referrers()) > 0 {
		return
	}
	for n, b := range m.Bindings {
		whole, ok := x.bigInside(b, 0)
		if !ok {
			whole, ok = fewFieldsOfMuch(m, n)
		}
		if !ok {
			continue
		}
		x.report(fn, "AfterFunc", Finding{Rule: "heap/closure-retention", Verdict: "suspect", pos: call.Pos(),
			Message: fmt.Sprintf("the function captures %s, and the timer keeps it until it fires", whole),
			Cause:   "a closure keeps every variable that it names, whole, as long as the timer runs",
			Fix:     "copy what the function needs into a small variable, and capture that; or keep the timer and stop it"})
		return
	}
}

// bigInside: the value, or a field of the local struct that it points to, is
// something big as a whole.
func (x *extractor) bigInside(v ssa.Value, depth int) (string, bool) {
	if depth > 3 {
		return "", false
	}
	v = origin(v)
	if whole, ok := x.bigWhole(v, 0); ok {
		return whole, true
	}
	a, ok := v.(*ssa.Alloc)
	if !ok {
		return "", false
	}
	if only := load.OnlyStore(a); only != nil {
		return x.bigInside(only, depth+1)
	}
	for _, r := range *a.Referrers() {
		field, ok := r.(*ssa.FieldAddr)
		if !ok {
			continue
		}
		for _, r := range *field.Referrers() {
			if s, ok := r.(*ssa.Store); ok && s.Addr == ssa.Value(field) {
				if whole, ok := x.bigInside(s.Val, depth+1); ok {
					return whole, true
				}
			}
		}
	}
	return "", false
}

// finalizer: what the collector shall look after can be reached from itself,
// or from the function that is to run: it never becomes unreachable.
func (x *extractor) finalizer(fn *ssa.Function, call *ssa.Call, object ssa.Value, others ...ssa.Value) {
	object = origin(object)
	if object == nil || isConstNil(others[0]) {
		return
	}
	why := ""
	for _, o := range others {
		v := origin(o)
		if f, ok := v.(*ssa.FieldAddr); ok && origin(f.X) == object {
			v = object // a pointer into it
		}
		if v == object {
			why = "it is an argument of its own cleanup"
		} else if m, ok := v.(*ssa.MakeClosure); ok && captures(m, object) {
			why = "the function that is to run captures it"
		}
	}
	name := call.Call.StaticCallee().Name()
	if why == "" && name == "SetFinalizer" && pointsBack(object, object, 0) {
		why = "it can be reached from itself, and a cycle with a finalizer is never freed"
	}
	if why == "" {
		return
	}
	x.report(fn, name, Finding{Rule: "heap/finalizer-cycle", Verdict: "leak", pos: call.Pos(),
		Message: "this value is never freed: " + why,
		Cause:   "the collector runs the function only when nothing reaches the value any more",
		Fix:     "let the function have only what it needs (runtime.AddCleanup with that as its argument), and no way back to the value"})
}

func isConstNil(v ssa.Value) bool {
	c, ok := origin(v).(*ssa.Const)
	return ok && c.IsNil()
}

func captures(m *ssa.MakeClosure, object ssa.Value) bool {
	for _, b := range m.Bindings {
		if b == object || origin(b) == object {
			return true
		}
		if a, ok := b.(*ssa.Alloc); ok {
			if only := load.OnlyStore(a); only != nil && origin(only) == object {
				return true
			}
		}
	}
	return false
}

// pointsBack: a field of the value, or of another that a field of it points
// to, is set to the object, to a list or map that it is put into, or to a
// function that has it.
func pointsBack(v, object ssa.Value, depth int) bool {
	if depth > 3 || structOf(v.Type()) == nil {
		return false
	}
	if depth == 0 && tiedByCall(object) {
		return true
	}
	for _, use := range named(v) {
		for _, r := range *use.Referrers() {
			field, ok := r.(*ssa.FieldAddr)
			if !ok || field.X != use {
				continue
			}
			for _, r := range *field.Referrers() {
				switch i := r.(type) {
				case *ssa.Store:
					if i.Addr == ssa.Value(field) && leadsTo(i.Val, v, object, depth) {
						return true
					}
				case *ssa.UnOp: // v.children[key] = object
					for _, r := range *i.Referrers() {
						if u, ok := r.(*ssa.MapUpdate); ok && u.Map == ssa.Value(i) && (leadsTo(u.Value, v, object, depth) || origin(u.Key) == object) {
							return true
						}
					}
				}
			}
		}
	}
	return false
}

// tiedByCall: a function gets the object and another value, and puts each into
// a field of the other.
func tiedByCall(object ssa.Value) bool {
	for _, use := range named(object) {
		for _, r := range *use.Referrers() {
			c, ok := r.(ssa.CallInstruction)
			if !ok || c.Common().StaticCallee() == nil {
				continue
			}
			callee := c.Common().StaticCallee()
			for n, a := range c.Common().Args {
				if a != use || n >= len(callee.Params) {
					continue
				}
				for other := range callee.Params {
					if other != n && putsInto(callee, n, other) && putsInto(callee, other, n) {
						return true
					}
				}
			}
		}
	}
	return false
}

// putsInto: the function stores a parameter in a field of another one, or
// appends it to a list there.
func putsInto(fn *ssa.Function, what, into int) (found bool) {
	instructions(fn, func(i ssa.Instruction) {
		s, ok := i.(*ssa.Store)
		if !ok {
			return
		}
		f, ok := s.Addr.(*ssa.FieldAddr)
		if !ok || origin(f.X) != ssa.Value(fn.Params[into]) {
			return
		}
		stored := []ssa.Value{s.Val}
		if c, ok := s.Val.(*ssa.Call); ok && isAppend(c) && len(c.Call.Args) == 2 {
			stored = elements(c.Call.Args[1])
		}
		for _, v := range stored {
			found = found || origin(v) == ssa.Value(fn.Params[what])
		}
	})
	return found
}

// leadsTo: what is stored in a field of v is the object, or has it.
func leadsTo(stored, v, object ssa.Value, depth int) bool {
	to := origin(stored)
	if to == object {
		return true
	}
	switch t := to.(type) {
	case *ssa.MakeClosure:
		return captures(t, object)
	case *ssa.Slice: // []*T{object}
		for _, e := range elements(t) {
			if origin(e) == object {
				return true
			}
		}
		return false
	case *ssa.Call:
		if isAppend(t) && len(t.Call.Args) == 2 {
			for _, e := range elements(t.Call.Args[1]) {
				if to := origin(e); to == object || to != v && isPointer(to.Type()) && pointsBack(to, object, depth+1) {
					return true
				}
			}
			return false
		}
		if callee := t.Call.StaticCallee(); callee != nil { // newChild(object)
			for n, a := range t.Call.Args {
				if origin(a) == object && n < len(callee.Params) && keepsInResult(callee, callee.Params[n]) {
					return true
				}
			}
		}
	}
	return isPointer(to.Type()) && to != v && to.Referrers() != nil && pointsBack(to, object, depth+1)
}

func isPointer(t types.Type) bool {
	_, ok := t.Underlying().(*types.Pointer)
	return ok
}

// keepsInResult: the function returns a struct of its own with the argument in a field.
func keepsInResult(fn *ssa.Function, p *ssa.Parameter) (found bool) {
	instructions(fn, func(i ssa.Instruction) {
		r, ok := i.(*ssa.Return)
		if !ok || len(r.Results) == 0 {
			return
		}
		if made, ok := origin(r.Results[0]).(*ssa.Alloc); ok && structOf(made.Type()) != nil {
			for n := range structOf(made.Type()).NumFields() {
				for _, s := range storesTo(made, n) {
					found = found || origin(s.Val) == ssa.Value(p)
				}
			}
		}
	})
	return found
}

// named are the values that stand for v: itself, and loads of variables that only have it.
func named(v ssa.Value) []ssa.Value {
	list := []ssa.Value{v}
	if v.Referrers() == nil {
		return nil
	}
	for _, r := range *v.Referrers() {
		s, ok := r.(*ssa.Store)
		if !ok || s.Val != v {
			continue
		}
		if a, ok := s.Addr.(*ssa.Alloc); ok && load.OnlyStore(a) == v {
			for _, r := range *a.Referrers() {
				if u, ok := r.(*ssa.UnOp); ok {
					list = append(list, u)
				}
			}
		}
	}
	return list
}
