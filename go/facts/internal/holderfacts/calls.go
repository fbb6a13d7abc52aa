package holderfacts

import (
	"fmt"
	"go/token"
	"go/types"
	"slices"
	"sort"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/tidemark-go/tidemark/go/facts/internal/names"
)

// Calls of functions as such: who refers to which, and which run for each
// request.

// references notes the functions that something in the package calls or has as
// a value, and the names of methods that are called through interfaces.
func (x *extractor) references(functions []*ssa.Function) {
	refs, invoked := map[string]bool{}, map[string]bool{}
	add := func(fn, by *ssa.Function) {
		if fn == nil || fn == by || fn.Parent() != nil || x.standard(fn) {
			return
		}
		if obj, ok := fn.Object().(*types.Func); ok {
			refs[names.Func(obj)] = true
		}
	}
	callers := map[*ssa.Function][]*ssa.Function{}
	for _, fn := range functions {
		for _, b := range fn.Blocks {
			for _, i := range b.Instrs {
				if c, ok := i.(ssa.CallInstruction); ok {
					if c.Common().IsInvoke() {
						invoked[c.Common().Method.Name()] = true
					} else if callee := c.Common().StaticCallee(); callee != nil {
						callers[callee] = append(callers[callee], fn)
					}
				}
				if m, ok := i.(*ssa.MakeInterface); ok {
					if iface, ok := types.Unalias(m.Type()).(*types.Named); ok && iface.Obj().Pkg() != nil && x.isStandard(iface.Obj().Pkg().Path()) {
						for _, method := range x.implements(m) { // the standard library calls it
							refs[names.Func(method)] = true
						}
					}
				}
				for _, op := range i.Operands(nil) {
					if f, ok := (*op).(*ssa.Function); ok {
						add(f, declared(fn))
					}
				}
			}
		}
	}
	x.out.Referred, x.out.Invoked = sorted(refs), sorted(invoked)
	working := workingForRequests(functions, callers)
	for _, fn := range functions {
		if !working[fn] {
			continue
		}
		for _, b := range fn.Blocks {
			for _, i := range b.Instrs {
				if c, ok := i.(*ssa.Call); ok {
					if callee := c.Call.StaticCallee(); callee != nil && callee.Parent() == nil && !x.standard(callee) {
						x.served[x.names.Key(callee)] = true
					}
				}
			}
		}
	}
	x.out.Served = sorted(x.served)
}

func sorted(set map[string]bool) (list []string) {
	for name := range set {
		list = append(list, name)
	}
	sort.Strings(list)
	return list
}

// Most calls between a function and the handler that it works for.
const maxServed = 3

// workingForRequests are the functions that serve a request, and those that
// they call, down to a few calls.
func workingForRequests(functions []*ssa.Function, callers map[*ssa.Function][]*ssa.Function) map[*ssa.Function]bool {
	working := map[*ssa.Function]bool{}
	for _, fn := range functions {
		if servesOne(fn) {
			working[fn] = true
		}
	}
	for range maxServed {
		var more []*ssa.Function
		for _, fn := range functions {
			if !working[fn] && !isInit(fn) && slices.ContainsFunc(callers[fn], func(by *ssa.Function) bool { return working[by] }) {
				more = append(more, fn)
			}
		}
		for _, fn := range more {
			working[fn] = true
		}
	}
	return working
}

// handed notes a map or slice that a function of the program is given: what it
// adds is added for this call.
func (x *extractor) handed(place string, arg ssa.Value, key string, n int, instr ssa.Instruction) {
	if kind(arg.Type()) == "" && !pointsToContainer(arg.Type()) {
		return
	}
	u := x.use(place, "handed", fmt.Sprintf("param %s %d", key, n), instr)
	x.livesLong(u, arg, instr)
}

// added says for places that are parameters whether something is added there,
// and whether the keys of all that is added are few.
type added struct {
	at    map[string][]Use // uses with these places
	known map[string]addedKind
}

type addedKind int

const (
	nothing addedKind = iota
	fewKeys
	manyKeys
)

func newAdded(units []*Unit) *added {
	a := &added{map[string][]Use{}, map[string]addedKind{}}
	for _, u := range units {
		for _, use := range u.Uses {
			if (use.Op == "add" || use.Op == "handed") && strings.HasPrefix(use.Place, "param ") {
				a.at[use.Place] = append(a.at[use.Place], use)
			}
		}
	}
	return a
}

func (a *added) to(place string) addedKind {
	if known, ok := a.known[place]; ok {
		return known
	}
	a.known[place] = nothing
	result := nothing
	for _, u := range a.at[place] {
		switch {
		case u.Op == "handed":
			result = max(result, a.to(u.How))
		case u.ConstKey:
			result = max(result, fewKeys)
		default:
			result = manyKeys
		}
	}
	a.known[place] = result
	return result
}

// grown says what a new value of a map's key does to what was there: a list
// that goes on growing is no bounded entry, one that is cut loses something.
func (x *extractor) grown(u *ssa.MapUpdate) (op string) {
	if _, ok := u.Value.Type().Underlying().(*types.Slice); !ok {
		return ""
	}
	switch v := u.Value.(type) {
	case *ssa.Call:
		b, ok := v.Call.Value.(*ssa.Builtin)
		if !ok || b.Name() != "append" {
			return ""
		}
		if cut, ok := v.Call.Args[0].(*ssa.Slice); ok && x.elementOf(cut.X, u) {
			return "remove"
		}
		if x.elementOf(v.Call.Args[0], u) {
			return "add"
		}
	case *ssa.Slice:
		if x.elementOf(v.X, u) {
			return "remove"
		}
	case *ssa.Const:
		return "remove"
	}
	return ""
}

// elementOf: the value was looked up in the map that is updated.
func (x *extractor) elementOf(v ssa.Value, u *ssa.MapUpdate) bool {
	if e, ok := v.(*ssa.Extract); ok {
		v = e.Tuple
	}
	l, ok := v.(*ssa.Lookup)
	return ok && (l.X == u.Map || x.place(l.X) != "" && x.place(l.X) == x.place(u.Map))
}

// copied: what is assigned is a copy of all that the variable has, with more.
func (x *extractor) copied(v ssa.Value, id string) bool {
	switch t := v.(type) {
	case *ssa.MakeMap:
		all, more := false, false
		for _, r := range *t.Referrers() {
			switch u := r.(type) {
			case *ssa.MapUpdate:
				if e, ok := u.Key.(*ssa.Extract); ok && x.rangesOver(e.Tuple, id) {
					if !strings.HasPrefix(u.Block().Comment, "rangeiter.body") {
						return false // not all of them
					}
					all = true
				} else {
					more = true
				}
			case *ssa.Call:
				if c := u.Common().StaticCallee(); c != nil && fullName(c) == "maps.Copy" && len(u.Call.Args) == 2 && x.place(u.Call.Args[1]) == id {
					all = true
				} else if b, ok := u.Call.Value.(*ssa.Builtin); ok && b.Name() == "delete" {
					return false
				}
			}
		}
		return all && more
	case *ssa.Call:
		if b, ok := t.Call.Value.(*ssa.Builtin); ok {
			if b.Name() != "append" {
				return false
			}
			return x.copyOf(t.Call.Args[0], id)
		}
		if !x.copyOf(t, id) {
			return false
		}
		for _, r := range *t.Referrers() {
			if _, ok := r.(*ssa.MapUpdate); ok {
				return true
			}
		}
	}
	return false
}

func (x *extractor) rangesOver(tuple ssa.Value, id string) bool {
	n, ok := tuple.(*ssa.Next)
	if !ok {
		return false
	}
	r, ok := n.Iter.(*ssa.Range)
	return ok && x.place(r.X) == id
}

// copyOf: a clone of what the variable has.
func (x *extractor) copyOf(v ssa.Value, id string) bool {
	c, ok := v.(*ssa.Call)
	if !ok {
		return false
	}
	if b, ok := c.Call.Value.(*ssa.Builtin); ok {
		return b.Name() == "append" && len(c.Call.Args) == 2 && x.isFreshList(c.Call.Args[0]) && x.place(c.Call.Args[1]) == id
	}
	callee := c.Call.StaticCallee()
	if callee == nil {
		return false
	}
	switch fullName(callee) {
	case "maps.Clone", "slices.Clone":
		return x.place(c.Call.Args[0]) == id
	}
	return false
}

func (x *extractor) isFreshList(v ssa.Value) bool {
	switch t := v.(type) {
	case *ssa.Const, *ssa.MakeSlice:
		return true
	case *ssa.Slice:
		_, made := t.X.(*ssa.Alloc)
		return made
	case *ssa.UnOp:
		return t.Op == token.MUL && x.place(t) == ""
	}
	return false
}
