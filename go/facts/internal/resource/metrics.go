package resource

import (
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"
)

const (
	prometheusPath = "github.com/prometheus/client_golang/prometheus."
	promautoPath   = "github.com/prometheus/client_golang/prometheus/promauto."
)

// metrics: series that whoever sends requests can make more of, and collectors
// that are registered for every instance and never taken back.
func (x *extractor) metrics() {
	deletes, unregistered := false, map[string]bool{}
	for _, fn := range x.functions {
		instructions(fn, func(i ssa.Instruction) {
			if c, ok := i.(ssa.CallInstruction); ok {
				switch n := calleeName(c.Common()); {
				case strings.HasPrefix(n, "Delete") || n == "Reset" || n == "DeletePartialMatch":
					deletes = deletes || strings.HasPrefix(firstName(c.Common()), prometheusPath)
				case n == "Unregister":
					for _, a := range c.Common().Args {
						if !types.IsInterface(a.Type()) || n == "Unregister" {
							unregistered[poolKey(origin(a))] = true // "": any
						}
					}
				}
			}
		})
	}
	for _, fn := range x.functions {
		instructions(fn, func(i ssa.Instruction) {
			call, ok := i.(*ssa.Call)
			if !ok {
				return
			}
			full := firstName(call.Common())
			switch {
			case full == "expvar.Map.Add" || full == "expvar.Map.AddFloat" || full == "expvar.Map.Set",
				strings.HasPrefix(full, prometheusPath) && isSeries(full):
				x.label(fn, call, deletes)
			case unregistered[""] || x.oncePerProgram(fn):
			case strings.HasPrefix(full, prometheusPath) && strings.Contains(full, "Register"):
				x.collector(fn, call, unregistered)
			case strings.HasPrefix(full, promautoPath) && len(call.Call.Args) > 0 && ownName(call.Call.Args[len(call.Call.Args)-1]):
				x.reportCollector(fn, call)
			}
		})
	}
}

func isSeries(full string) bool {
	switch full[strings.LastIndex(full, ".")+1:] {
	case "WithLabelValues", "GetMetricWithLabelValues", "With", "GetMetricWith":
		return true
	}
	return false
}

func firstName(c *ssa.CallCommon) string {
	if list := calleeNames(c); len(list) > 0 {
		return list[len(list)-1]
	}
	return ""
}

func calleeName(c *ssa.CallCommon) string {
	if c.IsInvoke() {
		return c.Method.Name()
	}
	if callee := c.StaticCallee(); callee != nil {
		return callee.Name()
	}
	return ""
}

func (x *extractor) label(fn *ssa.Function, call *ssa.Call, deletes bool) {
	if deletes && !strings.HasPrefix(firstName(call.Common()), "expvar.") && deletesFrom(x.functions, call) {
		return
	}
	o := &outside{x: x, busy: map[ssa.Value]bool{}}
	for _, arg := range call.Call.Args[min(1, len(call.Call.Args)-1):] {
		for _, v := range elements(arg) {
			what, ok := o.from(v, call.Block(), 0)
			if !ok {
				if what, ok = identity(v, x.labelOf(call, v)); ok && x.finite.Is(v, call.Block()) {
					ok = false
				}
			}
			if !ok {
				continue
			}
			x.reportLabel(fn, call, what)
			return
		}
	}
}

func (x *extractor) reportLabel(fn *ssa.Function, call *ssa.Call, what string) {
	x.report(fn, "label", Finding{Rule: "heap/label-unbounded", Verdict: "suspect", pos: call.Pos(),
		Message: "a series for every value of " + what + ", and the source sets no bound to them",
		Cause:   "a vector keeps every series that it was ever asked for, with all its labels",
		Fix:     "use what has few values: the route that matched, a class of status; or map what is not known to \"other\""})
}

// deletesFrom: series of the same vector are deleted somewhere.
func deletesFrom(functions []*ssa.Function, call *ssa.Call) (found bool) {
	vector := vectorOf(call.Common())
	for _, fn := range functions {
		instructions(fn, func(i ssa.Instruction) {
			if c, ok := i.(ssa.CallInstruction); ok && strings.HasPrefix(calleeName(c.Common()), "Delete") && strings.HasPrefix(firstName(c.Common()), prometheusPath) {
				found = found || vector != "" && vectorOf(c.Common()) == vector
			}
		})
	}
	return found
}

func vectorOf(c *ssa.CallCommon) string {
	if c.IsInvoke() || len(c.Args) == 0 {
		return ""
	}
	return poolKey(c.Args[0])
}

// elements are the values of a list that is written out, or the value itself.
func elements(v ssa.Value) (list []ssa.Value) {
	s, ok := v.(*ssa.Slice)
	if !ok {
		if m, ok := v.(*ssa.MakeMap); ok {
			for _, r := range *m.Referrers() {
				if u, ok := r.(*ssa.MapUpdate); ok {
					list = append(list, u.Value)
				}
			}
			return list
		}
		return []ssa.Value{v}
	}
	a, ok := s.X.(*ssa.Alloc)
	if !ok {
		return nil
	}
	for _, r := range *a.Referrers() {
		index, ok := r.(*ssa.IndexAddr)
		if !ok {
			continue
		}
		for _, r := range *index.Referrers() {
			if store, ok := r.(*ssa.Store); ok {
				list = append(list, store.Val)
			}
		}
	}
	return list
}
