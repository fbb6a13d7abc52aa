package resource

import (
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/tidemark-go/tidemark/go/facts/internal/load"
)

// role is what a value is to the thing that is followed.
type role int8

const (
	thing     role = iota + 1 // the thing, or a variable with it
	part                      // the part of it that is released: resp.Body
	container                 // a value of the program that has it in a field or element
	closer                    // a function that gives it back
	derived                   // what a method of it answered: keeps it alive, and does not give it back
)

// flow knows which values of a function stand for the thing.
type flow struct {
	x    *extractor
	kind *Kind
	typ  types.Type // of the thing; nil: any
	held map[ssa.Value]role
	// only is the result that matters, of a call that has several.
	only *ssa.Extract
	// closers are results of the same call that give it back when they are called.
	closers []int
	// handsOut: a closure that gives it back may be handed out beside it.
	handsOut bool
}

// anyKind stands for what a parameter may be: whatever releases something does.
var anyKind = &Kind{Called: true, Release: []string{"Close", "CloseWithError", "Stop", "Release", "Commit", "Rollback", "Wait", "End", "Finish", "Shutdown", "Cancel",
	"CloseIdleConnections", "Disconnect", "Drain", "Unsubscribe", "GracefulStop", "Free", "Dispose", "Destroy", "Teardown", "Kill", "CloseNow"},
	ReleaseFuncs: []string{"os/signal.Stop"}}

// step says what one instruction does to the thing, and notes the values that
// stand for it from now on.
func (f *flow) step(instr ssa.Instruction) Effect {
	switch i := instr.(type) {
	case *ssa.Store:
		return f.store(i)
	case *ssa.UnOp:
		f.alias(i, i.X)
	case *ssa.ChangeType:
		f.alias(i, i.X)
	case *ssa.ChangeInterface:
		f.alias(i, i.X)
	case *ssa.MakeInterface:
		f.alias(i, i.X)
	case *ssa.TypeAssert:
		f.alias(i, i.X)
	case *ssa.Slice:
		f.alias(i, i.X)
	case *ssa.IndexAddr:
		f.alias(i, i.X)
	case *ssa.Index:
		f.alias(i, i.X)
	case *ssa.Extract:
		if f.held[i.Tuple] != 0 && slices.Contains(f.closers, i.Index) {
			f.held[i] = closer
			break
		}
		if f.only != nil && i.Tuple == f.only.Tuple && i.Index != f.only.Index {
			break
		}
		if f.held[i.Tuple] != 0 && !isError(i.Type()) && !isBasic(i.Type()) {
			if _, ok := i.Tuple.(*ssa.TypeAssert); ok || isCall(i.Tuple) {
				f.alias(i, i.Tuple)
			}
		}
	case *ssa.FieldAddr:
		f.field(i, i.X, i.Field)
	case *ssa.Field:
		f.field(i, i.X, i.Field)
	case *ssa.Phi:
		for _, e := range i.Edges {
			f.alias(i, e)
		}
	case *ssa.MakeClosure:
		return f.closure(i)
	case *ssa.MapUpdate:
		if f.held[i.Value] != 0 || f.held[i.Key] != 0 {
			return Kept
		}
	case *ssa.Send:
		if f.held[i.X] != 0 {
			return Kept
		}
	case *ssa.Select:
		for _, s := range i.States {
			if s.Send != nil && f.held[s.Send] != 0 {
				return Kept
			}
		}
	case *ssa.Return:
		effect := Borrowed
		for _, r := range i.Results {
			switch f.held[r] {
			case 0:
			case derived:
				effect = max(effect, Kept)
			default:
				return Returned
			}
		}
		return effect
	case *ssa.Call:
		return f.call(i, i.Common(), i)
	case *ssa.Defer:
		return f.call(i, &i.Call, nil)
	case *ssa.Go:
		return f.call(i, &i.Call, nil)
	case *ssa.Range, *ssa.Next, *ssa.Lookup:
		// Elements of a container of ours are handed out: nobody knows to whom.
		for _, op := range instr.Operands(nil) {
			if *op != nil && f.held[*op] == container {
				return Kept
			}
		}
	}
	return Borrowed
}

func (f *flow) alias(v, from ssa.Value) {
	if r := f.held[from]; r != 0 && !isBasic(v.Type()) && !(r == derived && isPlain(v.Type())) {
		f.held[v] = r
	}
}

// field: a part of the thing, or a field of a container that may be the thing.
func (f *flow) field(v, x ssa.Value, index int) {
	r := f.held[x]
	if r == 0 {
		return
	}
	s := structOf(x.Type())
	if s == nil || index >= s.NumFields() {
		return
	}
	field := s.Field(index)
	switch {
	case r == thing && f.kind.Field != "" && field.Name() == f.kind.Field:
		f.held[v] = part
	case r == thing && field.Embedded() && f.kind.Field == "":
		f.held[v] = thing // its methods are those of the thing
	case r == container && mayHold(field.Type(), f.typ):
		f.held[v] = container
	}
}

// mayHold says whether a field of this type can have the thing in it.
func mayHold(field, typ types.Type) bool {
	switch u := field.Underlying().(type) {
	case *types.Basic:
		return false
	case *types.Interface:
		return !isError(field)
	case *types.Signature:
		if typ == nil {
			return true
		}
		_, ok := typ.Underlying().(*types.Signature)
		return ok
	case *types.Pointer:
		if typ != nil && inStandard(u.Elem()) {
			return types.Identical(field, typ) || sameAfterPointer(u.Elem(), "net/http", "Client")
		}
	}
	return true
}

func (f *flow) store(i *ssa.Store) Effect {
	alloc, direct := i.Addr.(*ssa.Alloc)
	if f.held[i.Val] == 0 {
		itself := direct && f.typ != nil && types.Identical(f.typ, alloc.Type()) // w := Writer{…}: the variable is the thing
		if direct && f.held[alloc] != 0 && f.held[alloc] != container && !itself {
			delete(f.held, alloc)
		}
		return Borrowed
	}
	if direct {
		f.held[alloc] = f.held[i.Val]
		return Borrowed
	}
	root := addressRoot(i.Addr)
	if f.held[root] != 0 && f.held[root] != container {
		return Borrowed // a field of the thing itself
	}
	if local, ok := root.(*ssa.Alloc); ok && !f.x.reachable(local) {
		if f.held[i.Val] != derived {
			f.held[local] = container
		} else if f.held[local] == 0 {
			f.held[local] = derived
		}
		return Borrowed
	}
	if made, ok := root.(*ssa.Call); ok && isNew(made) && f.x.effectIn(made.Parent(), made, &Kind{}) == Borrowed {
		f.held[made] = container
		return Borrowed
	}
	return Kept
}

// isNew: a constructor of the standard library, whose result nobody else has.
func isNew(c *ssa.Call) bool {
	callee := c.Call.StaticCallee()
	return callee != nil && strings.HasPrefix(callee.Name(), "New") && callee.Pkg != nil && !strings.Contains(callee.Pkg.Pkg.Path(), ".")
}

// addressRoot follows an address to the variable that it lies in.
func addressRoot(v ssa.Value) ssa.Value {
	for {
		switch a := v.(type) {
		case *ssa.FieldAddr:
			v = a.X
		case *ssa.IndexAddr:
			v = a.X
		default:
			return v
		}
	}
}

// closure: what the closure does to the variables that it captures. One that
// is only called, deferred or started here acts there; any other may act at any
// time, so that what it releases or keeps is taken care of.
func (f *flow) closure(m *ssa.MakeClosure) Effect {
	has := false
	for _, b := range m.Bindings {
		has = has || f.held[b] != 0
	}
	if !has || onlyCalled(m) {
		return Borrowed
	}
	if f.captured(m) == Borrowed && onlyHandedOver(m) {
		return Borrowed // the callee decides: see call
	}
	if f.handsOut && m.Fn.(*ssa.Function).Signature.Params().Len() == 0 && (onlyReturned(m) || f.x.onlyPutInside(m)) && f.captured(m) == Released {
		f.held[m] = closer
		return Borrowed
	}
	return Kept
}

// onlyReturned: the function answers with the closure, and does nothing else with it.
func onlyReturned(m ssa.Value) bool {
	for _, r := range *m.Referrers() {
		switch r := r.(type) {
		case *ssa.Return, *ssa.DebugRef:
		case *ssa.Store: // a named result
			if a, ok := r.Addr.(*ssa.Alloc); !ok || load.OnlyStore(a) != m || !onlyLoaded(a) {
				return false
			}
		case *ssa.ChangeType:
			if !onlyReturned(r) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// onlyPutInside: the closure is nothing but a field of a value that this
// function makes, and that nobody else has yet.
func (x *extractor) onlyPutInside(m *ssa.MakeClosure) bool {
	for _, r := range *m.Referrers() {
		s, ok := r.(*ssa.Store)
		if !ok || s.Val != ssa.Value(m) {
			return false
		}
		field, ok := s.Addr.(*ssa.FieldAddr)
		if !ok {
			return false
		}
		if local, ok := addressRoot(field).(*ssa.Alloc); !ok || x.reachable(local) {
			return false
		}
	}
	return true
}

// onlyHandedOver: the closure is nothing but an argument of calls.
func onlyHandedOver(m ssa.Value) bool {
	for _, r := range *m.Referrers() {
		switch r := r.(type) {
		case ssa.CallInstruction, *ssa.DebugRef:
		case *ssa.ChangeType: // to a named type of functions
			if !onlyHandedOver(r) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// unnamed is a function value before it was given a named type.
func unnamed(v ssa.Value) ssa.Value {
	if change, ok := v.(*ssa.ChangeType); ok {
		return change.X
	}
	return v
}

// captured is the strongest effect of a closure on what is held.
func (f *flow) captured(m *ssa.MakeClosure) Effect {
	strongest := Borrowed
	for n, b := range m.Bindings {
		if f.held[b] != 0 {
			strongest = max(strongest, f.x.freeEffect(m.Fn.(*ssa.Function), n, f.kind))
		}
	}
	return strongest
}

// keptBy: a closure that has the thing is an argument of a call, and lives on
// after it, or does more than use the thing.
func (f *flow) keptBy(m *ssa.MakeClosure, c *ssa.CallCommon, n int) bool {
	has := false
	for _, b := range m.Bindings {
		has = has || f.held[b] != 0
	}
	return has && (f.captured(m) > Borrowed || f.x.argument(c, n, false) >= Returned)
}

func onlyCalled(m *ssa.MakeClosure) bool {
	refs := m.Referrers()
	if refs == nil {
		return false
	}
	for _, r := range *refs {
		switch c := r.(type) {
		case ssa.CallInstruction:
			if c.Common().Value != ssa.Value(m) {
				return false
			}
		case *ssa.DebugRef:
		default:
			return false
		}
	}
	return true
}

// call: a release, or what the callee does to its arguments.
func (f *flow) call(instr ssa.Instruction, c *ssa.CallCommon, result ssa.Value) Effect {
	if f.releases(c) {
		return Released
	}
	strongest := Borrowed
	if m, ok := c.Value.(*ssa.MakeClosure); ok {
		strongest = f.captured(m)
	}
	for n, arg := range c.Args {
		if f.held[arg] == 0 {
			if m, ok := unnamed(arg).(*ssa.MakeClosure); ok && f.keptBy(m, c, n) {
				strongest = max(strongest, Kept)
			}
			continue
		}
		if f.kind.PartBy != nil {
			if !f.readsPart(c, result) {
				return Released
			}
			continue
		}
		e := f.x.argument(c, n, f.held[arg] == container)
		if n == 0 && e >= Kept && f.foreignMethod(c) {
			if v, ok := result.(*ssa.Call); ok {
				f.derive(v)
			}
			continue
		}
		if e == Returned {
			if result != nil && f.held[result] == 0 {
				f.held[result] = f.held[arg]
				if f.held[arg] == part {
					f.held[result] = thing
				}
			}
			continue
		}
		strongest = max(strongest, e)
	}
	return strongest
}

func isCall(tuple ssa.Value) bool {
	_, ok := tuple.(*ssa.Call)
	return ok
}

// releases says whether a call gives the thing back.
func (f *flow) releases(c *ssa.CallCommon) bool {
	if !c.IsInvoke() && (f.kind.Called && f.held[c.Value] != 0 || f.held[c.Value] == closer || f.held[c.Value] == container && isCleanupType(c.Value.Type())) {
		return true
	}
	name := ""
	var receiver ssa.Value
	if c.IsInvoke() {
		name, receiver = c.Method.Name(), c.Value
		for _, full := range calleeNames(c) {
			if slices.Contains(f.kind.ReleaseFuncs, full) && slices.ContainsFunc(c.Args, func(a ssa.Value) bool { return f.held[a] != 0 }) {
				return true
			}
		}
	} else if callee := c.StaticCallee(); callee != nil {
		full := fullName(callee)
		for _, r := range f.kind.ReleaseFuncs {
			if full == r && slices.ContainsFunc(c.Args, func(a ssa.Value) bool { return f.held[a] != 0 }) {
				return true
			}
		}
		if callee.Signature.Recv() != nil && len(c.Args) > 0 {
			name, receiver = callee.Name(), c.Args[0]
		}
	}
	if receiver == nil || f.held[receiver] == 0 || f.held[receiver] == derived && f.kind.LivesOn() {
		return false
	}
	if f.held[receiver] == thing && f.kind.Field == "Body" {
		if _, isInterface := receiver.Type().Underlying().(*types.Interface); !isInterface {
			return false
		}
	}
	for _, r := range f.kind.Release {
		if r == name {
			return true
		}
	}
	if f.held[receiver] == container {
		for _, r := range anyKind.Release {
			if r == name {
				return true
			}
		}
	}
	if name == "Scan" && f.kind.Rule == kinds["sql-rows"].Rule && !f.x.hasRelease(receiver.Type()) {
		return true // a row that was made of rows: what it has is read by then
	}
	if f.kind == anyKind && name == "Scan" && sameAfterPointer(deref(receiver.Type()), "database/sql", "Row") {
		return true
	}
	return false
}
