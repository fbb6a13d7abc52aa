package resource

import (
	"go/types"
	"regexp"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// removers are results of a function that alone take back what it put into a
// list or map of its receiver, or of a package variable: a function to call,
// or a handle with a method to call. Who drops them leaves the entry there.
func (x *extractor) removers(fn *ssa.Function) (list []Owned) {
	if fn.Parent() != nil || fn.Signature.Results().Len() == 0 {
		return nil
	}
	put := map[string][]ssa.Value{} // container -> what is put there
	instructions(fn, func(i ssa.Instruction) {
		if key, entry := entersShared(i); namesOne(key) {
			put[key] = append(put[key], entry...)
		}
	})
	if len(put) == 0 {
		return nil
	}
	for _, b := range fn.Blocks {
		r, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return)
		if !ok {
			continue
		}
		for n, v := range r.Results {
			for key, entries := range put {
				if kind := x.takesBack(fn, origin(v), key, entries); kind != "" {
					list = appendOwned(list, Owned{Result: n, Kind: kind})
				}
			}
		}
	}
	return list
}

// takesBack: the result is the only way to remove what was put into the container.
func (x *extractor) takesBack(fn *ssa.Function, v ssa.Value, key string, entries []ssa.Value) string {
	switch t := v.(type) {
	case *ssa.MakeClosure:
		closure := t.Fn.(*ssa.Function)
		if isCleanupType(t.Type()) && onlyReturned(t) && x.leavesEntry(closure, key) && !x.leftOtherwise(key, func(by *ssa.Function) bool { return by == closure || by.Parent() == closure }) {
			return "remover"
		}
	case *ssa.UnOp, *ssa.Call: // a key that was made here, by counting or at random
		if slices.ContainsFunc(entries, func(e ssa.Value) bool { return e == v || poolKey(e) != "" && poolKey(e) == poolKey(v) }) && isBasic(v.Type()) && x.removedByKey(key) {
			return "key"
		}
	case *ssa.Alloc:
		if structOf(t.Type()) == nil || !slices.Contains(entries, ssa.Value(t)) {
			return ""
		}
		name, own := typeName(t.Type()), false
		for _, m := range x.functions {
			if recv := m.Signature.Recv(); recv != nil && typeName(recv.Type()) == name && slices.Contains(x.table.kind("registration").Release, m.Name()) {
				own = own || x.leavesEntry(m, key)
			}
		}
		if own && !x.leftOtherwise(key, func(by *ssa.Function) bool {
			recv := declaredIn(by).Signature.Recv()
			return recv != nil && typeName(recv.Type()) == name
		}) {
			return "registration"
		}
	}
	return ""
}

func declaredIn(fn *ssa.Function) *ssa.Function {
	for fn.Parent() != nil {
		fn = fn.Parent()
	}
	return fn
}

func isCleanupType(t types.Type) bool {
	s, ok := t.Underlying().(*types.Signature)
	return ok && s.Params().Len() == 0
}

func onlyLoaded(a *ssa.Alloc) bool {
	for _, r := range *a.Referrers() {
		switch r := r.(type) {
		case *ssa.Store, *ssa.DebugRef:
		case *ssa.UnOp:
			for _, r := range *r.Referrers() {
				if _, ok := r.(*ssa.Return); !ok {
					return false
				}
			}
		default:
			return false
		}
	}
	return true
}

// leavesEntry: the function, or one of the package that it calls, removes from the container.
func (x *extractor) leavesEntry(fn *ssa.Function, key string) bool {
	for _, f := range x.withCallees(fn) {
		if x.removesSome(f, key) {
			return true
		}
	}
	return false
}

func (x *extractor) removesSome(fn *ssa.Function, key string) (found bool) {
	instructions(fn, func(i ssa.Instruction) {
		found = found || removedFrom(i) == key
	})
	return found
}

// removedByKey: entries leave the map only by a key that a caller gives.
func (x *extractor) removedByKey(key string) bool {
	given, other := false, false
	for _, fn := range x.functions {
		instructions(fn, func(i ssa.Instruction) {
			if removedFrom(i) != key || endsAll.MatchString(declaredIn(fn).Name()) {
				return
			}
			c, ok := i.(ssa.CallInstruction)
			if !ok || len(c.Common().Args) < 2 {
				other = true
				return
			}
			_, parameter := origin(c.Common().Args[1]).(*ssa.Parameter)
			given, other = given || parameter, other || !parameter
		})
	}
	return given && !other
}

// endsAll are names of methods that end the owner of a container.
var endsAll = regexp.MustCompile(`^(Close|Shutdown|Stop|Reset|close|shutdown|stop|reset)`)

// leftOtherwise: some other function takes entries away as well.
func (x *extractor) leftOtherwise(key string, own func(*ssa.Function) bool) bool {
	called := map[*ssa.Function]bool{}
	for _, fn := range x.functions {
		if own(fn) {
			for _, f := range x.withCallees(fn) {
				called[f] = true
			}
		}
	}
	for _, fn := range x.functions {
		if !called[fn] && !endsAll.MatchString(declaredIn(fn).Name()) && x.removesSome(fn, key) {
			return true
		}
	}
	return false
}

// entersShared is the container of a parameter or package variable that an
// instruction puts something into, and what.
func entersShared(i ssa.Instruction) (key string, entry []ssa.Value) {
	switch i := i.(type) {
	case *ssa.MapUpdate:
		m := innermost(i.Map)
		if sharedRoot(m) {
			return poolKey(m), []ssa.Value{origin(i.Value), origin(i.Key)}
		}
	case *ssa.Store:
		if c, ok := i.Val.(*ssa.Call); ok && isAppend(c) && len(c.Call.Args) == 2 && sharedRoot(i.Addr) && poolKey(c.Call.Args[0]) == poolKey(i.Addr) {
			for _, e := range elements(c.Call.Args[1]) {
				entry = append(entry, origin(e))
			}
			return poolKey(i.Addr), entry
		}
	case *ssa.Call:
		if n := firstName(i.Common()); (n == "sync.Map.Store" || n == "sync.Map.LoadOrStore") && sharedRoot(i.Call.Args[0]) {
			return poolKey(i.Call.Args[0]), []ssa.Value{origin(i.Call.Args[1]), origin(i.Call.Args[2])}
		}
	}
	return "", nil
}

// innermost is the variable that holds a map, or the map that holds it.
func innermost(m ssa.Value) ssa.Value {
	for range 4 {
		switch t := m.(type) {
		case *ssa.Lookup:
			m = t.X
		case *ssa.Extract:
			l, ok := t.Tuple.(*ssa.Lookup)
			if !ok {
				return m
			}
			m = l.X
		case *ssa.Phi:
			var outer ssa.Value
			for _, e := range t.Edges {
				switch e.(type) {
				case *ssa.Lookup, *ssa.Extract:
					outer = e
				}
			}
			if outer == nil {
				return m
			}
			m = outer
		default:
			return m
		}
	}
	return m
}

func sharedRoot(v ssa.Value) bool {
	if u, ok := v.(*ssa.UnOp); ok {
		v = u.X
	}
	switch root := addressRoot(v).(type) {
	case *ssa.Global:
		return true
	case *ssa.Parameter:
		return v != ssa.Value(root)
	case *ssa.UnOp:
		return behindParameter(root)
	}
	return false
}

// behindParameter: loaded from a field of a parameter, or a variable that only has one.
func behindParameter(load *ssa.UnOp) bool {
	for range 6 {
		switch t := addressRoot(load.X).(type) {
		case *ssa.Parameter, *ssa.Global:
			return true
		case *ssa.Alloc:
			p, ok := origin(load).(*ssa.Parameter)
			return ok && p != nil
		case *ssa.UnOp:
			load = t
		default:
			return false
		}
	}
	return false
}

// removedFrom is the container that an instruction takes an entry away from.
func removedFrom(i ssa.Instruction) string {
	switch i := i.(type) {
	case ssa.CallInstruction:
		c := i.Common()
		if len(c.Args) == 0 {
			return ""
		}
		if b, ok := c.Value.(*ssa.Builtin); ok && (b.Name() == "delete" || b.Name() == "clear") {
			return poolKey(innermost(c.Args[0]))
		}
		switch firstName(c) {
		case "sync.Map.Delete", "sync.Map.LoadAndDelete", "sync.Map.CompareAndDelete", "maps.DeleteFunc", "container/list.List.Remove":
			return poolKey(c.Args[0])
		}
	case *ssa.Store:
		key := poolKey(i.Addr)
		if key == "" || isLocal(addressRoot(i.Addr)) {
			return ""
		}
		switch v := i.Val.(type) {
		case *ssa.Slice:
			if poolKey(v.X) == key {
				return key
			}
		case *ssa.Call:
			for _, a := range v.Call.Args {
				cut, isCut := a.(*ssa.Slice)
				if isAppend(v) && !(isCut && poolKey(cut.X) == key) {
					return ""
				}
				if poolKey(a) == key || isCut && poolKey(cut.X) == key {
					return key
				}
			}
		case *ssa.Phi, *ssa.MakeSlice, *ssa.MakeMap: // rebuilt without it
			return key
		}
	}
	return ""
}

// mustTakeBack: the entry would stay: what it is in outlives the function, which
// runs again and again.
func (x *extractor) mustTakeBack(i *ssa.Call) bool {
	callee := i.Call.StaticCallee()
	if callee.Signature.Recv() != nil && len(i.Call.Args) > 0 {
		switch origin(i.Call.Args[0]).(type) {
		case *ssa.Alloc, *ssa.Call, *ssa.Extract:
			return false
		}
	}
	return x.perRequest(i.Parent())
}

// dropped: nothing is done with the result.
func dropped(v ssa.Value) bool {
	if v == nil {
		return true
	}
	for _, r := range *v.Referrers() {
		if _, debug := r.(*ssa.DebugRef); !debug {
			return false
		}
	}
	return true
}
