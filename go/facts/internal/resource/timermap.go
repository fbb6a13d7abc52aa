package resource

import (
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// droppedTimers: a timer that will run a function leaves the map in which it is
// kept, and nothing stops it: the runtime keeps it, with what its function has
// captured, until it fires.
func (x *extractor) droppedTimers() {
	armed := map[string]bool{} // what gets timers: a map, or a field of what a map has
	fired := map[*ssa.Function]bool{}
	for _, fn := range x.functions {
		instructions(fn, func(i ssa.Instruction) {
			call, ok := i.(*ssa.Call)
			if !ok || firstName(call.Common()) != "time.AfterFunc" {
				return
			}
			for _, f := range calledBy(call.Call.Args[1]) {
				fired[f] = true
			}
			if !longer(x.constantOf(call.Call.Args[0]), longTimer) {
				return
			}
			for _, r := range *call.Referrers() {
				switch r := r.(type) {
				case *ssa.MapUpdate:
					armed[poolKey(r.Map)] = true
				case *ssa.Store:
					armed[poolKey(r.Addr)] = true
				}
			}
		})
	}
	delete(armed, "")
	stopped := map[string]bool{}
	for _, fn := range x.functions {
		instructions(fn, func(i ssa.Instruction) {
			c, ok := i.(ssa.CallInstruction)
			if !ok {
				return
			}
			for n, a := range c.Common().Args {
				if _, address := a.(*ssa.FieldAddr); address || n == 0 && strings.HasPrefix(firstName(c.Common()), "time.Timer.") {
					stopped[poolKey(origin(a))] = true // or by a helper that gets its address
				}
			}
		})
	}
	if len(armed) == 0 {
		return
	}
	for _, fn := range x.functions {
		if fired[fn] || fn.Parent() != nil && fired[fn.Parent()] || x.stopsTimer(fn) {
			continue
		}
		skip := false
		for _, caller := range x.callersOf(fn) {
			skip = skip || fired[caller] || stops(caller)
		}
		if skip {
			continue
		}
		instructions(fn, func(i ssa.Instruction) {
			key, _ := removesFrom(i)
			c, ok := i.(*ssa.Call)
			if !ok || !namesOne(key) {
				return
			}
			m, ok := c.Call.Args[0].Type().Underlying().(*types.Map)
			if !ok || !armed[key] && !holdsArmed(m.Elem(), armed, stopped) {
				return
			}
			x.report(fn, "timer", Finding{Rule: "heap/closure-retention", Verdict: "suspect", pos: i.Pos(),
				Message: "takes a timer out of " + key + " and does not stop it",
				Cause:   "the runtime keeps a timer, with its function and all that this has captured, until it fires",
				Fix:     "stop it before: if t, ok := m[k]; ok { t.Stop(); delete(m, k) }"})
		})
	}
}

// holdsArmed: a struct with a field that gets timers, which nothing ever stops.
func holdsArmed(t types.Type, armed, stopped map[string]bool) bool {
	s := structOf(t)
	for n := 0; s != nil && n < s.NumFields(); n++ {
		if key := typeName(t) + "." + s.Field(n).Name(); armed[key] && !stopped[key] {
			return true
		}
	}
	return false
}

func (x *extractor) stopsTimer(fn *ssa.Function) bool {
	return anyOf(x.withCallees(fn), stops)
}

func stops(fn *ssa.Function) (found bool) {
	instructions(fn, func(i ssa.Instruction) {
		if c, ok := i.(ssa.CallInstruction); ok {
			n := firstName(c.Common())
			found = found || n == "time.Timer.Stop" || n == "time.Timer.Reset"
		}
	})
	return found
}

// calledBy are the functions that a function value runs: itself, or the method
// of a method value.
func calledBy(v ssa.Value) []*ssa.Function {
	m, ok := origin(v).(*ssa.MakeClosure)
	if !ok {
		return nil
	}
	fn := m.Fn.(*ssa.Function)
	list := []*ssa.Function{fn}
	if obj, ok := fn.Object().(*types.Func); ok && fn.Synthetic != "" {
		if method := fn.Prog.FuncValue(obj); method != nil {
			list = append(list, method)
		}
	}
	return list
}
