package resource

import (
	"fmt"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// entries looks at shared maps whose entries leave on one path of a function
// only, or under a key that is written in another way than that they came by.
func (x *extractor) entries() {
	adds, removes := map[string][]keyed{}, map[string][]keyed{}
	swept := map[string]bool{}
	for _, fn := range x.functions {
		instructions(fn, func(i ssa.Instruction) {
			if u, ok := i.(*ssa.MapUpdate); ok {
				if key := poolKey(u.Map); namesOne(key) && sharedRoot(u.Map) {
					adds[key] = append(adds[key], keyed{u, u.Key})
				}
				return
			}
			key, all := removesFrom(i)
			if key == "" {
				if s, ok := i.(*ssa.Store); ok && isMap(s.Val.Type()) && !isLocal(addressRoot(s.Addr)) {
					swept[poolKey(s.Addr)] = true
				}
				return
			}
			c := i.(ssa.CallInstruction).Common()
			if all || len(c.Args) < 2 {
				swept[key] = true
				return
			}
			removes[key] = append(removes[key], keyed{i, c.Args[1]})
		})
	}
	keys := make([]string, 0, len(adds))
	for key := range adds {
		if len(removes[key]) > 0 && !swept[key] {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	for _, key := range keys {
		if !x.otherKey(key, adds[key], removes[key]) {
			x.leftOnError(key, adds[key], removes[key])
		}
	}
}

// namesOne: the key of a variable, or of a field of a type that has a name.
func namesOne(key string) bool { return key != "" && key[0] != '.' }

// keyed is an operation on a map with the key that it has.
type keyed struct {
	at  ssa.Instruction
	key ssa.Value
}

// otherKey: everything is added under one writing of an argument and removed
// under another one of an argument with the same name.
func (x *extractor) otherKey(key string, adds, removes []keyed) bool {
	added, removed := map[string]bool{}, map[string]bool{}
	for _, a := range adds {
		if x.finite.Is(a.key, a.at.Block()) {
			continue
		}
		added[writtenAs(a.key, 0)] = true
	}
	for _, r := range removes {
		removed[writtenAs(r.key, 0)] = true
	}
	if len(added) != 1 || len(removed) != 1 || added[""] || removed[""] {
		return false
	}
	a, r := writtenAs(adds[0].key, 0), writtenAs(removes[0].key, 0)
	// One is the plain argument, the other is made of an argument of that name.
	plain, made := a, r
	if strings.Contains(a, "(") {
		plain, made = r, a
	}
	if a == r || strings.Contains(plain, "(") || !strings.Contains(made, "("+plain+",") && !strings.Contains(made, ","+plain+",") {
		return false
	}
	at := adds[0].at
	x.report(at.Parent(), "entry", Finding{Rule: "heap/holder-only-added", Verdict: "suspect", pos: posOf(at, adds[0].key),
		Message: fmt.Sprintf("adds to %s under one key, and what removes (line %d) asks for another: the entry is never found", key, x.line(removes[0].at.Pos())),
		Cause:   "a delete of a key that is not there does nothing, and the map keeps every entry that it ever got",
		Fix:     "make the key in one function, and use it to add, to look up and to remove",
		Related: []Place{x.place(removes[0].at.Pos(), "removes under another key")}})
	return true
}

// writtenAs is how a key is made of arguments: a name, or a function and what
// it gets; "" where that cannot be told.
func writtenAs(v ssa.Value, depth int) string {
	if depth > 4 {
		return ""
	}
	list := func(name string, args []ssa.Value) string {
		text := name + "("
		for _, a := range args {
			for _, e := range elements(a) {
				part := writtenAs(e, depth+1)
				if part == "" {
					return ""
				}
				text += part + ","
			}
		}
		return text + ")"
	}
	switch t := origin(v).(type) {
	case *ssa.Parameter:
		return t.Name()
	case *ssa.Const:
		if t.Value == nil {
			return ""
		}
		return t.Value.ExactString()
	case *ssa.Convert:
		return writtenAs(t.X, depth+1)
	case *ssa.BinOp:
		if t.Op == token.ADD && isString(t.Type()) {
			return list("+", []ssa.Value{t.X, t.Y})
		}
	case *ssa.Call:
		callee := t.Call.StaticCallee()
		if callee == nil {
			return ""
		}
		args := t.Call.Args
		if callee.Signature.Recv() != nil && len(args) > 0 { // of what has the map
			args = args[1:]
		}
		if name := fullName(callee); name != "strings.Clone" {
			return list(name, args)
		}
		return writtenAs(args[0], depth+1)
	}
	return ""
}

// leftOnError: one function adds and removes, nobody else removes, and a way
// out of it leaves the entry there.
func (x *extractor) leftOnError(key string, adds, removes []keyed) {
	for _, a := range adds {
		fn := a.at.Parent()
		if fn.Parent() != nil || fn.Signature.Results().Len() == 0 || inLoop(a.at.Block()) || x.finite.Is(a.key, a.at.Block()) {
			continue
		}
		mine := func(r keyed) bool { return r.at.Parent() == fn && comesAfter(r.at, a.at) }
		if !slices.ContainsFunc(removes, mine) || slices.ContainsFunc(removes, func(r keyed) bool { return r.at.Parent() != fn }) || x.removedLater(fn, key) {
			continue
		}
		at, left := skips(fn, a.at, func(i ssa.Instruction) bool { return x.removesEntry(i, key, 0) })
		if !left || !failsAt(fn, at) {
			continue
		}
		x.report(fn, "entry", Finding{Rule: "heap/holder-only-added", Verdict: "suspect", pos: posOf(a.at, a.key),
			Message: fmt.Sprintf("the entry stays in %s when the function returns in line %d", key, x.line(at)),
			Cause:   "it is only removed further down: every call that fails leaves one",
			Fix:     "defer the delete right after the entry is made",
			Related: []Place{x.place(at, "returns with the entry in the map")}})
	}
}

// comesAfter: a way leads from one instruction to the other.
func comesAfter(i, from ssa.Instruction) bool {
	if i.Block() == from.Block() {
		return slices.Index(i.Block().Instrs, from) < slices.Index(i.Block().Instrs, i)
	}
	return reaches(from.Block(), i.Block(), nil)
}

// failsAt: the return at a place gives an error that may not be nil, or false.
func failsAt(fn *ssa.Function, pos token.Pos) bool {
	for _, b := range fn.Blocks {
		r, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return)
		if !ok || r.Pos() != pos {
			continue
		}
		for _, v := range r.Results {
			c, constant := origin(v).(*ssa.Const)
			switch {
			case isError(v.Type()):
				return !constant || !c.IsNil()
			case types.Identical(v.Type(), types.Typ[types.Bool]):
				return constant && c.Value != nil && c.Value.ExactString() == "false"
			}
		}
	}
	return false
}
