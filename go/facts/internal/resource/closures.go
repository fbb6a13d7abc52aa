package resource

import (
	"fmt"
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// How long a timer has to be for what it keeps to be worth telling, in nanoseconds.
const longTimer = 60_000_000_000

// closures looks at functions that are kept for later: by timers and by the
// collector.
func (x *extractor) closures(fn *ssa.Function) {
	instructions(fn, func(instr ssa.Instruction) {
		call, ok := instr.(*ssa.Call)
		if !ok {
			return
		}
		for _, n := range calleeNames(call.Common()) {
			switch n {
			case "time.AfterFunc":
				x.longClosure(fn, call)
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
	if _, constant := call.Call.Args[0].(*ssa.Const); !ok || !constant || !longer(call.Call.Args[0], longTimer) || len(*call.Referrers()) > 0 {
		return
	}
	for _, b := range m.Bindings {
		whole, ok := bigInside(b, 0)
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
func bigInside(v ssa.Value, depth int) (string, bool) {
	if depth > 3 {
		return "", false
	}
	v = origin(v)
	if whole, ok := bigWhole(v, 0); ok {
		return whole, true
	}
	a, ok := v.(*ssa.Alloc)
	if !ok {
		return "", false
	}
	if only := onlyStore(a); only != nil {
		return bigInside(only, depth+1)
	}
	for _, r := range *a.Referrers() {
		field, ok := r.(*ssa.FieldAddr)
		if !ok {
			continue
		}
		for _, r := range *field.Referrers() {
			if s, ok := r.(*ssa.Store); ok && s.Addr == ssa.Value(field) {
				if whole, ok := bigInside(s.Val, depth+1); ok {
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
		if v := origin(o); v == object {
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
			if only := onlyStore(a); only != nil && origin(only) == object {
				return true
			}
		}
	}
	return false
}

// pointsBack: a field of the value, or of another that a field of it points to, is set to the object.
func pointsBack(v, object ssa.Value, depth int) bool {
	if depth > 3 || structOf(v.Type()) == nil {
		return false
	}
	for _, use := range named(v) {
		for _, r := range *use.Referrers() {
			field, ok := r.(*ssa.FieldAddr)
			if !ok || field.X != use {
				continue
			}
			for _, r := range *field.Referrers() {
				s, ok := r.(*ssa.Store)
				if !ok || s.Addr != ssa.Value(field) {
					continue
				}
				to := origin(s.Val)
				if to == object {
					return true
				}
				if _, pointer := to.Type().Underlying().(*types.Pointer); pointer && to != v && pointsBack(to, object, depth+1) {
					return true
				}
			}
		}
	}
	return false
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
		if a, ok := s.Addr.(*ssa.Alloc); ok && onlyStore(a) == v {
			for _, r := range *a.Referrers() {
				if u, ok := r.(*ssa.UnOp); ok {
					list = append(list, u)
				}
			}
		}
	}
	return list
}
