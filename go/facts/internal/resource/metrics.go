package resource

import (
	"go/types"
	"slices"
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
					deletes = deletes || deletesSeries(c.Common())
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
	x.labelled = map[*ssa.Function][]int{}
	for _, fn := range x.functions {
		instructions(fn, func(i ssa.Instruction) {
			call, ok := i.(*ssa.Call)
			if !ok {
				return
			}
			full := firstName(call.Common())
			switch {
			case strings.HasPrefix(full, otelMetric) && (strings.HasSuffix(full, ".Add") || strings.HasSuffix(full, ".Record")):
				x.attributes(fn, call)
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
	x.handedLabels()
}

func isSeries(full string) bool {
	switch full[strings.LastIndex(full, ".")+1:] {
	case "WithLabelValues", "GetMetricWithLabelValues", "With", "GetMetricWith", "CurryWith", "MustCurryWith":
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
	if deletes && deletesFrom(x.functions, call) {
		return
	}
	for _, arg := range call.Call.Args[min(1, len(call.Call.Args)-1):] {
		for _, v := range x.labelValues(arg) {
			if what, ok := x.grows(v, call, x.labelOf(call, v)); ok {
				x.reportLabel(fn, call, what)
				return
			}
			x.becomesLabel(fn, v)
		}
	}
}

// becomesLabel notes that an argument of a function is a label as it is.
func (x *extractor) becomesLabel(fn *ssa.Function, v ssa.Value) {
	for range 6 {
		switch t := origin(v).(type) {
		case *ssa.Parameter:
			if t.Parent() != fn || !isString(t.Type()) && !isError(t.Type()) {
				return
			}
			for n, p := range fn.Params {
				if p == t {
					x.labelled[fn] = appendNew(x.labelled[fn], n)
				}
			}
			return
		case *ssa.Convert:
			v = t.X
		case *ssa.Call:
			if !passOn[firstName(t.Common())] || len(t.Call.Args) == 0 {
				return
			}
			v = t.Call.Args[0]
		default:
			return
		}
	}
}

// handedLabels looks at calls of functions that make a label of what they are
// given: an argument handed on is one as well.
func (x *extractor) handedLabels() {
	each := func(do func(fn *ssa.Function, call *ssa.Call, n int)) {
		for _, fn := range x.functions {
			instructions(fn, func(i ssa.Instruction) {
				if call, ok := i.(*ssa.Call); ok {
					for _, n := range x.labelArguments(call) {
						do(fn, call, n)
					}
				}
			})
		}
	}
	for range maxHandedDepth {
		before := len(x.labelled)
		each(func(fn *ssa.Function, call *ssa.Call, n int) { x.becomesLabel(fn, call.Call.Args[n]) })
		if len(x.labelled) == before {
			break
		}
	}
	told := map[*ssa.Call]bool{}
	each(func(fn *ssa.Function, call *ssa.Call, n int) {
		if call.Call.StaticCallee().Pkg == x.unit.SSA || told[call] {
			return // in the package the function knows its arguments
		}
		if what, ok := x.grows(call.Call.Args[n], call, ""); ok {
			told[call] = true
			x.reportLabel(fn, call, what)
		}
	})
}

// labelArguments are the arguments of a call that become labels.
func (x *extractor) labelArguments(call *ssa.Call) []int {
	callee := call.Call.StaticCallee()
	if callee == nil {
		return nil
	}
	list := x.labelled[callee]
	if callee.Pkg != x.unit.SSA && callee.Parent() == nil {
		if s := x.known(callee); s != nil {
			list = s.Labels
		}
	}
	if len(list) > 0 && slices.Max(list) >= len(call.Call.Args) {
		return nil
	}
	return list
}

// labelValues are the values of labels that are written out in a call, or that
// a function of the package puts together.
func (x *extractor) labelValues(arg ssa.Value) (list []ssa.Value) {
	arg = origin(arg)
	if c, ok := arg.(*ssa.Call); ok && isMap(c.Type()) && c.Call.StaticCallee() != nil && c.Call.StaticCallee().Pkg == x.unit.SSA {
		for _, b := range c.Call.StaticCallee().Blocks {
			if r, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return); ok {
				list = append(list, elements(origin(r.Results[0]))...)
			}
		}
		return list
	}
	return elements(arg)
}

// grows says of the value of a label whether there is no bound to it, and what it is.
func (x *extractor) grows(v ssa.Value, call *ssa.Call, label string) (string, bool) {
	at := call.Block()
	if i, ok := v.(ssa.Instruction); ok && i.Parent() != call.Parent() {
		at = i.Block()
	}
	if what, ok := (&outside{x: x, busy: map[ssa.Value]bool{}}).from(v, at, 0); ok {
		return what, true
	}
	what, ok := identity(v, label)
	return what, ok && !x.finite.Is(v, at)
}

const (
	otelMetric    = "go.opentelemetry.io/otel/metric."
	otelAttribute = "go.opentelemetry.io/otel/attribute."
)

// attributes: a measurement with an attribute that has no bound.
func (x *extractor) attributes(fn *ssa.Function, call *ssa.Call) {
	queue := call.Call.Args[min(2, len(call.Call.Args)):]
	for n := 0; n < len(queue) && n < maxAttributes; n++ {
		for _, e := range elements(queue[n]) {
			made, ok := origin(e).(*ssa.Call)
			if !ok {
				if e != queue[n] {
					queue = append(queue, e)
				}
				continue
			}
			name := firstName(made.Common())
			switch {
			case strings.HasPrefix(name, otelMetric), name == otelAttribute+"NewSet":
				queue = append(queue, made.Call.Args...)
			case strings.HasPrefix(name, otelAttribute) && len(made.Call.Args) == 2:
				if what, ok := x.grows(made.Call.Args[1], made, constantText(made.Call.Args[0])); ok {
					x.reportLabel(fn, call, what)
					return
				}
			}
		}
	}
}

// Most parts of the options of a measurement.
const maxAttributes = 64

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
			if c, ok := i.(ssa.CallInstruction); ok && deletesSeries(c.Common()) {
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
	v := c.Args[0]
	if load, ok := v.(*ssa.UnOp); ok {
		if inner, ok := load.X.(*ssa.FieldAddr); ok && structOf(inner.X.Type()).Field(inner.Field).Embedded() {
			v = inner.X // a method of what the vector embeds
		}
	}
	return poolKey(v)
}

// deletesSeries: a call that deletes series of a vector, or keys of an expvar map.
func deletesSeries(c *ssa.CallCommon) bool {
	name, full := calleeName(c), firstName(c)
	return (strings.HasPrefix(name, "Delete") || name == "Reset") && strings.HasPrefix(full, prometheusPath) || full == "expvar.Map.Delete" || full == "expvar.Map.Init"
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
