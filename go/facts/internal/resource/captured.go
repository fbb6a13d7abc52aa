package resource

import (
	"fmt"
	"go/types"
	"regexp"

	"golang.org/x/tools/go/ssa"

	"github.com/tidemark-go/tidemark/go/facts/internal/load"
)

// constantOf is the value of a package variable that is set where it is
// declared and nowhere else, or the value itself.
func (x *extractor) constantOf(v ssa.Value) ssa.Value {
	load, ok := v.(*ssa.UnOp)
	if !ok {
		return v
	}
	g, ok := load.X.(*ssa.Global)
	if !ok {
		return v
	}
	var only ssa.Value
	for _, fn := range x.functions {
		instructions(fn, func(i ssa.Instruction) {
			if s, ok := i.(*ssa.Store); ok && s.Addr == ssa.Value(g) {
				if only != nil || fn.Name() != "init" {
					only = v // set anew
					return
				}
				only = s.Val
			}
		})
	}
	if only == nil {
		return v
	}
	return only
}

// fewFieldsOfMuch: the n-th variable that a closure captures points to a struct
// with buffers, and the closure reads only numbers and texts beside them.
func fewFieldsOfMuch(m *ssa.MakeClosure, n int) (string, bool) {
	fv := m.Fn.(*ssa.Function).FreeVars[n]
	t := deref(fv.Type())
	if structOf(t) == nil || !holdsMuch(t, 0) || fv.Referrers() == nil {
		return "", false
	}
	reads := 0
	for _, r := range *fv.Referrers() {
		base := []ssa.Instruction{r}
		if load, ok := r.(*ssa.UnOp); ok { // the variable is a pointer
			base = *load.Referrers()
		}
		for _, r := range base {
			f, ok := r.(*ssa.FieldAddr)
			if !ok {
				if _, debug := r.(*ssa.DebugRef); debug {
					continue
				}
				return "", false
			}
			if !isBasic(deref(f.Type())) {
				return "", false
			}
			reads++
		}
	}
	return "all of " + fv.Name() + " (" + shortName(types.TypeString(deref(t), nil)) + ", which has buffers)", reads > 0
}

// Smallest struct that holds much by itself, in bytes.
const bigStruct = 4 << 10

// holdsMuch: a struct that is big, or has a byte slice or buffer of its own.
func holdsMuch(t types.Type, depth int) bool {
	switch n := typeName(t); n {
	case "bytes.Buffer", "bufio.Reader", "bufio.Writer", "net/http.Request", "net/http.Response":
		return true
	}
	s := structOf(t)
	if s == nil || depth > 2 {
		return false
	}
	if !hasTypeParameter(s) && width(s) >= bigStruct {
		return true
	}
	for n := range s.NumFields() {
		f := s.Field(n).Type()
		if list, ok := f.Underlying().(*types.Slice); ok {
			if b, ok := list.Elem().Underlying().(*types.Basic); ok && b.Kind() == types.Uint8 {
				return true
			}
		}
		if typeName(f) == "bytes.Buffer" {
			return true
		}
		if _, nested := f.Underlying().(*types.Struct); nested && holdsMuch(f, depth+1) {
			return true
		}
	}
	return false
}

func hasTypeParameter(s *types.Struct) bool {
	for n := range s.NumFields() {
		t := s.Field(n).Type()
		if a, ok := t.Underlying().(*types.Array); ok {
			t = a.Elem()
		}
		if _, ok := types.Unalias(t).(*types.TypeParam); ok {
			return true
		}
		if inner, ok := t.Underlying().(*types.Struct); ok && inner != s && hasTypeParameter(inner) {
			return true
		}
	}
	return false
}

// onlyLength: a closure that is kept captures a text or a list, and asks for
// nothing but its length.
func (x *extractor) onlyLength(fn *ssa.Function, m *ssa.MakeClosure) {
	inner := m.Fn.(*ssa.Function)
	if inner.Synthetic != "" || !isKept(m) {
		return
	}
	for n, fv := range inner.FreeVars {
		t := deref(fv.Type())
		list, ok := t.Underlying().(*types.Slice)
		if !isString(t) && !(ok && isBasic(list.Elem())) || !asksOnlyLength(fv) {
			continue
		}
		if a, ok := m.Bindings[n].(*ssa.Alloc); ok {
			if only := load.OnlyStore(a); only != nil && isSmall(only) {
				continue
			}
		}
		x.report(fn, "closure", Finding{Rule: "heap/closure-retention", Verdict: "suspect", pos: inner.Pos(),
			Message: fmt.Sprintf("the function captures %s, asks only for its length, and is kept", fv.Name()),
			Cause:   "a closure keeps every variable that it names, whole, as long as it is there itself",
			Fix:     fmt.Sprintf("n := len(%s) before, and capture n", fv.Name())})
		return
	}
}

func isSmall(v ssa.Value) bool {
	_, constant := origin(v).(*ssa.Const)
	return constant
}

func asksOnlyLength(fv *ssa.FreeVar) bool {
	lengths := 0
	for _, r := range *fv.Referrers() {
		load, ok := r.(*ssa.UnOp)
		if !ok {
			return false
		}
		for _, r := range *load.Referrers() {
			if _, debug := r.(*ssa.DebugRef); debug {
				continue
			}
			c, ok := r.(*ssa.Call)
			if !ok {
				return false
			}
			if b, ok := c.Call.Value.(*ssa.Builtin); !ok || b.Name() != "len" && b.Name() != "cap" {
				return false
			}
			lengths++
		}
	}
	return lengths > 0
}

// isKept: the closure is put into a field, a map, a list or a variable of the package.
func isKept(v ssa.Value) bool {
	for _, r := range *v.Referrers() {
		switch i := r.(type) {
		case *ssa.Store:
			switch a := i.Addr.(type) {
			case *ssa.Global, *ssa.FieldAddr:
				return i.Val == v
			case *ssa.IndexAddr: // the list of an append, not of a call
				return i.Val == v && isAppended(a)
			}
		case *ssa.MapUpdate:
			return i.Value == v
		case *ssa.ChangeType:
			if isKept(i) {
				return true
			}
		case *ssa.MakeInterface:
			for _, r := range *i.Referrers() {
				if c, ok := r.(*ssa.Call); ok && storesValue[firstName(c.Common())] {
					return true
				}
			}
		}
	}
	return false
}

var storesValue = map[string]bool{
	"sync.Map.Store": true, "sync.Map.LoadOrStore": true, "sync.Map.Swap": true, "container/list.List.PushBack": true,
	"container/list.List.PushFront": true, "sync/atomic.Value.Store": true,
}

func isAppended(a *ssa.IndexAddr) bool {
	list, ok := a.X.(*ssa.Alloc)
	if !ok {
		return true
	}
	for _, r := range *list.Referrers() {
		if s, ok := r.(*ssa.Slice); ok {
			for _, r := range *s.Referrers() {
				if c, ok := r.(*ssa.Call); ok {
					return isAppend(c)
				}
			}
		}
	}
	return false
}

// Names of contexts that live as long as a server.
var livesLong = regexp.MustCompile(`(?i)^(server|base|root|app|parent|global|process|main|daemon|service|shutdown|lifetime|life|stop|quit|background)(ctx|context)?$|^(ctx|context)(server|base|root|app|global)$`)

// Names of functions that run once for a server.
var runsOnce = regexp.MustCompile(`^(New|new|Start|start|Run|run|Open|open|Init|init|Setup|setup|Listen|Main|main)`)

// neverUnbound: a function is bound to the end of a context that outlives the
// call, and nobody keeps what unbinds it.
func (x *extractor) neverUnbound(fn *ssa.Function, call *ssa.Call) {
	if !dropped(call) || x.oncePerProgram(fn) || runsOnce.MatchString(fn.Name()) {
		return
	}
	name := ""
	switch t := origin(call.Call.Args[0]).(type) {
	case *ssa.Parameter:
		if livesLong.MatchString(t.Name()) {
			name = t.Name()
		}
	case *ssa.UnOp:
		switch a := t.X.(type) {
		case *ssa.Global:
			name = a.Name()
		case *ssa.FieldAddr:
			name = structOf(a.X.Type()).Field(a.Field).Name()
			if _, ofParameter := origin(a.X).(*ssa.Parameter); !ofParameter {
				return
			}
		case *ssa.FreeVar:
			if livesLong.MatchString(a.Name()) {
				name = a.Name()
			}
		}
	}
	if name == "" {
		return
	}
	x.report(fn, "AfterFunc", Finding{Rule: "heap/closure-retention", Verdict: "suspect", pos: call.Pos(),
		Message: fmt.Sprintf("each call binds one more function to %s, and the stop function is dropped", name),
		Cause:   "the context keeps the function, with all that it has captured, until the context ends",
		Fix:     "stop := context.AfterFunc(…); defer stop()"})
}
