package resource

import (
	"go/types"
	"regexp"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// collector: one that this call makes, with a name or labels of its own, is
// registered, and the package takes none such back. unregistered are the
// fields whose collectors it does take back.
func (x *extractor) collector(fn *ssa.Function, call *ssa.Call, unregistered map[string]bool) {
	wrapped := false
	if registerer := registererOf(call.Common()); registerer != nil {
		if w, ok := origin(registerer).(*ssa.Call); ok && strings.HasPrefix(firstName(w.Common()), prometheusPath+"WrapRegisterer") {
			wrapped = decidedByParameter(w.Call.Args[0])
		}
	}
	for _, arg := range call.Call.Args {
		for _, v := range elements(arg) {
			made := whatIsStored(origin(v))
			if takenBack(made, unregistered) || takenBack(origin(v), unregistered) {
				continue
			}
			own := false
			switch m := made.(type) {
			case *ssa.Call:
				own = strings.HasPrefix(firstName(m.Common()), prometheusPath+"New") && len(m.Call.Args) > 0 && (wrapped || ownName(m.Call.Args[0]))
			case *ssa.Alloc: // a collector of the program's own
				own = structOf(m.Type()) != nil && (wrapped || describesItself(m))
			}
			if own {
				x.reportCollector(fn, call)
				return
			}
		}
	}
}

func (x *extractor) reportCollector(fn *ssa.Function, call *ssa.Call) {
	x.report(fn, "Register", Finding{Rule: "heap/collector-per-instance", Verdict: "suspect", pos: call.Pos(),
		Message: "registers a collector with a name or labels of its own for each call, and nothing in the package unregisters it",
		Cause:   "the registry keeps every collector, with all its series, for as long as the program runs",
		Fix:     "one vector with a label for what differs, and DeleteLabelValues when it is gone; or Unregister when the instance ends"})
}

func registererOf(c *ssa.CallCommon) ssa.Value {
	if c.IsInvoke() {
		return c.Value
	}
	if callee := c.StaticCallee(); callee != nil && callee.Signature.Recv() != nil {
		return c.Args[0]
	}
	return nil
}

// whatIsStored: the value of a field of a local struct, where it is set once.
func whatIsStored(v ssa.Value) ssa.Value {
	load, ok := v.(*ssa.UnOp)
	if !ok {
		return v
	}
	f, ok := load.X.(*ssa.FieldAddr)
	if !ok {
		return v
	}
	local, ok := origin(f.X).(*ssa.Alloc)
	if !ok {
		return v
	}
	for _, root := range named(local) {
		for _, r := range *root.Referrers() {
			if g, ok := r.(*ssa.FieldAddr); ok && g.Field == f.Field {
				for _, r := range *g.Referrers() {
					if s, ok := r.(*ssa.Store); ok && s.Addr == ssa.Value(g) {
						return origin(s.Val)
					}
				}
			}
		}
	}
	return v
}

// takenBack: the value is in a field whose collector is unregistered.
func takenBack(v ssa.Value, unregistered map[string]bool) bool {
	if len(unregistered) == 0 {
		return false
	}
	if unregistered[poolKey(v)] {
		return true
	}
	if v.Referrers() == nil {
		return false
	}
	for _, r := range *v.Referrers() {
		switch i := r.(type) {
		case *ssa.Store:
			if i.Val == v && unregistered[poolKey(i.Addr)] {
				return true
			}
		case *ssa.MakeInterface:
			if takenBack(i, unregistered) {
				return true
			}
		}
	}
	return false
}

// describesItself: a field gets a description whose name or constant labels a
// parameter decides.
func describesItself(a *ssa.Alloc) bool {
	for n := range structOf(a.Type()).NumFields() {
		for _, s := range storesTo(a, n) {
			c, ok := origin(s.Val).(*ssa.Call)
			if ok && firstName(c.Common()) == prometheusPath+"NewDesc" && (decidedByParameter(c.Call.Args[0]) || decidedByParameter(c.Call.Args[len(c.Call.Args)-1])) {
				return true
			}
		}
	}
	return false
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
	for n := range s.NumFields() {
		if name := s.Field(n).Name(); name != "Name" && name != "ConstLabels" {
			if name == "Opts" || strings.HasSuffix(name, "Opts") { // options inside of options
				for _, st := range storesTo(a, n) {
					if ownName(st.Val) {
						return true
					}
				}
			}
			continue
		}
		for _, st := range storesTo(a, n) {
			if decidedByParameter(st.Val) {
				return true
			}
		}
	}
	return false
}

func decidedByParameter(v ssa.Value) bool {
	for _, e := range elements(origin(v)) {
		if fromParameter(e, 0) {
			return true
		}
	}
	return false
}

// Parameters that say which program this is, not which instance.
var ofProgram = regexp.MustCompile(`(?i)namespace|subsystem|prefix|service|app|version|component|build|env|region|cluster`)

// Fields of a parameter that say which instance it is.
var ofInstance = regexp.MustCompile(`(?i)^(id|.*(ID|Id|UUID)|addr|address|key|remote)$`)

func fromParameter(v ssa.Value, depth int) bool {
	if depth > 5 || v == nil {
		return false
	}
	switch t := origin(v).(type) {
	case *ssa.Parameter:
		_, basic := t.Type().Underlying().(*types.Basic)
		return basic && !ofProgram.MatchString(t.Name())
	case *ssa.UnOp:
		f, ok := t.X.(*ssa.FieldAddr)
		if !ok || !ofInstance.MatchString(structOf(f.X.Type()).Field(f.Field).Name()) {
			return false
		}
		if local, ok := f.X.(*ssa.Alloc); ok {
			for _, s := range storesTo(local, f.Field) {
				if fromParameter(s.Val, depth+1) {
					return true
				}
			}
			return false
		}
		_, parameter := origin(f.X).(*ssa.Parameter)
		return parameter
	case *ssa.BinOp:
		return fromParameter(t.X, depth+1) || fromParameter(t.Y, depth+1)
	case *ssa.Convert:
		return fromParameter(t.X, depth+1)
	case *ssa.Call:
		n := firstName(t.Common())
		if t.Call.IsInvoke() && n == "net.Addr.String" || strings.HasSuffix(n, "uuid.NewString") {
			return true
		}
		if passOn[n] {
			for _, a := range t.Call.Args {
				for _, e := range elements(a) {
					if fromParameter(e, depth+1) {
						return true
					}
				}
			}
		}
	}
	return false
}
