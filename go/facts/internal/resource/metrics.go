package resource

import (
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"
)

const prometheusPath = "github.com/prometheus/client_golang/prometheus."

// metrics: series that whoever sends requests can make more of, and collectors
// that are registered for every instance and never taken back.
func (x *extractor) metrics() {
	deletes, unregisters := false, false
	for _, fn := range x.functions {
		instructions(fn, func(i ssa.Instruction) {
			if c, ok := i.(ssa.CallInstruction); ok {
				switch n := calleeName(c.Common()); {
				case strings.HasPrefix(n, "Delete") || n == "Reset" || n == "DeletePartialMatch":
					deletes = deletes || strings.HasPrefix(firstName(c.Common()), prometheusPath)
				case n == "Unregister":
					unregisters = true
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
			case !unregisters && strings.HasPrefix(full, prometheusPath) && strings.Contains(full, "Register"):
				x.collector(fn, call)
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
	for _, arg := range call.Call.Args[1:] {
		for _, v := range elements(arg) {
			what, ok := fromOutside(v, 0)
			if !ok {
				continue
			}
			x.report(fn, "label", Finding{Rule: "heap/label-unbounded", Verdict: "suspect", pos: call.Pos(),
				Message: "a series for every value of " + what + ", and whoever sends requests chooses it",
				Cause:   "a vector keeps every series that it was ever asked for, with all its labels",
				Fix:     "use what has few values: the route that matched, a class of status; or map what is not known to \"other\""})
			return
		}
	}
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

// fromOutside follows a string to what a client of the service chose.
func fromOutside(v ssa.Value, depth int) (string, bool) {
	if depth > 6 {
		return "", false
	}
	switch t := origin(v).(type) {
	case *ssa.UnOp:
		field, ok := t.X.(*ssa.FieldAddr)
		if !ok {
			return "", false
		}
		s := structOf(field.X.Type())
		name := s.Field(field.Field).Name()
		switch typeName(field.X.Type()) + "." + name {
		case "net/http.Request.RemoteAddr", "net/http.Request.RequestURI", "net/http.Request.Host", "net/url.URL.Path", "net/url.URL.RawQuery", "net/url.URL.RawPath":
			return "r." + name, true
		}
	case *ssa.BinOp:
		for _, side := range []ssa.Value{t.X, t.Y} {
			if what, ok := fromOutside(side, depth+1); ok {
				return what, true
			}
		}
	case *ssa.Phi:
		for _, e := range t.Edges {
			if what, ok := fromOutside(e, depth+1); ok && !comparedWithConstants(t, e) {
				return what, true
			}
		}
	case *ssa.Call:
		switch n := firstName(t.Common()); n {
		case "net/http.Header.Get", "net/http.Request.FormValue", "net/http.Request.PostFormValue", "net/http.Request.UserAgent",
			"net/http.Request.Referer", "net/http.Request.PathValue", "net/url.Values.Get", "net/url.URL.String", "net/url.URL.Query",
			"net/url.URL.EscapedPath", "net/url.URL.RequestURI":
			return shortName(n), true
		case "strings.ToLower", "strings.ToUpper", "strings.TrimSpace", "strings.Trim", "strings.TrimPrefix", "strings.TrimSuffix", "strings.TrimRight", "strings.TrimLeft", "fmt.Sprint", "fmt.Sprintf", "path.Clean", "strings.Clone", "strings.ReplaceAll":
			for _, a := range t.Call.Args {
				for _, e := range elements(a) {
					if what, ok := fromOutside(e, depth+1); ok {
						return what, true
					}
				}
			}
		}
	}
	return "", false
}

// comparedWithConstants: the value comes this way only when it is one of a few.
func comparedWithConstants(phi *ssa.Phi, v ssa.Value) bool {
	refs := v.Referrers()
	if refs == nil {
		return false
	}
	n := 0
	for _, r := range *refs {
		if l, ok := r.(*ssa.Lookup); ok && l.Index == v {
			return true // looked up among what is known
		}
		if op, ok := r.(*ssa.BinOp); ok {
			if c, ok := op.Y.(*ssa.Const); ok && c.Value != nil && c.Value.ExactString() != `""` {
				n++
			}
		}
	}
	return n > 1
}

// collector: one that this call makes, with a name or labels of its own, is
// registered, and the package takes none back.
func (x *extractor) collector(fn *ssa.Function, call *ssa.Call) {
	if x.oncePerProgram(fn) {
		return
	}
	for _, arg := range call.Call.Args {
		for _, v := range elements(arg) {
			made, ok := origin(v).(*ssa.Call)
			if !ok || !strings.HasPrefix(firstName(made.Common()), prometheusPath+"New") || len(made.Call.Args) == 0 || !ownName(made.Call.Args[0]) {
				continue
			}
			x.report(fn, "Register", Finding{Rule: "heap/collector-per-instance", Verdict: "suspect", pos: call.Pos(),
				Message: "registers a collector with a name of its own for each call, and nothing in the package unregisters one",
				Cause:   "the registry keeps every collector, with all its series, for as long as the program runs",
				Fix:     "one vector with a label for what differs, and DeleteLabelValues when it is gone; or Unregister when the instance ends"})
			return
		}
	}
}

// ownName: the options have a name or constant labels that a parameter decides.
func ownName(options ssa.Value) bool {
	load, ok := options.(*ssa.UnOp)
	if !ok {
		return false
	}
	a, ok := load.X.(*ssa.Alloc)
	if !ok {
		return false
	}
	s := structOf(a.Type())
	if s == nil {
		return false
	}
	for _, r := range *a.Referrers() {
		field, ok := r.(*ssa.FieldAddr)
		if !ok || s.Field(field.Field).Name() != "Name" {
			continue
		}
		for _, r := range *field.Referrers() {
			if store, ok := r.(*ssa.Store); ok && fromParameter(store.Val, 0) {
				return true
			}
		}
	}
	return false
}

func fromParameter(v ssa.Value, depth int) bool {
	if depth > 4 {
		return false
	}
	switch t := v.(type) {
	case *ssa.Parameter:
		_, isString := t.Type().Underlying().(*types.Basic)
		return isString
	case *ssa.BinOp:
		return fromParameter(t.X, depth+1) || fromParameter(t.Y, depth+1)
	case *ssa.Call:
		if firstName(t.Common()) == "fmt.Sprintf" {
			for _, a := range t.Call.Args {
				for _, e := range elements(a) {
					if fromParameter(origin(e), depth+1) {
						return true
					}
				}
			}
		}
	}
	return false
}
