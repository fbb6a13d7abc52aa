package holderfacts

import (
	"fmt"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/tidemark-go/tidemark/go/facts/internal/load"
	"github.com/tidemark-go/tidemark/go/facts/internal/names"
)

// methods of the standard library that change a container: its first argument
// (the receiver, or the container itself).
var methods = map[string]string{
	"sync.(*Map).Store": "add", "sync.(*Map).LoadOrStore": "add", "sync.(*Map).Swap": "add",
	"sync.(*Map).Delete": "remove", "sync.(*Map).LoadAndDelete": "remove", "sync.(*Map).CompareAndDelete": "remove", "sync.(*Map).Clear": "remove",
	"container/list.(*List).PushBack": "add", "container/list.(*List).PushFront": "add", "container/list.(*List).InsertBefore": "add", "container/list.(*List).InsertAfter": "add",
	"container/list.(*List).PushBackList": "add", "container/list.(*List).PushFrontList": "add",
	"container/list.(*List).Remove": "remove", "container/list.(*List).Init": "reset",
	"maps.Copy[...]": "add", "maps.Insert[...]": "add", "maps.DeleteFunc[...]": "remove",
}

func (x *extractor) instruction(instr ssa.Instruction) {
	switch v := instr.(type) {
	case *ssa.MapUpdate:
		grown := x.grown(v)
		if grown == "remove" {
			x.use(x.place(v.Map), "remove", "an entry is cut", v)
			return
		}
		u := x.use(x.place(v.Map), "add", "m[k] = v", v)
		u.ConstKey = grown == "" && x.finite.Is(v.Key, v.Block())
		u.Initial = u.Initial || fresh(v.Map) && !goesOn(v.Block())
		x.livesLong(u, v.Map, v)
		x.stored(v.Value, v)
	case *ssa.Store:
		x.store(v)
	case *ssa.Return:
		for i, r := range v.Results {
			if p := x.place(r); p != "" && kind(r.Type()) != "" {
				x.alias(fmt.Sprintf("result %s %d", x.names.Key(x.fn), i), p)
			}
		}
	case *ssa.MakeInterface:
		if pointsToContainer(v.X.Type()) {
			x.use(x.cell(v.X), "exposed", "by its address", v)
		}
		if kind(v.X.Type()) == "map" || kind(v.X.Type()) == "slice" {
			for _, ref := range *v.Referrers() {
				if _, isCall := ref.(ssa.CallInstruction); !isCall {
					x.use(x.place(v.X), "exposed", "as an interface", v)
				}
			}
		}
	case *ssa.MakeClosure:
		if bound, ok := v.Fn.(*ssa.Function); ok && strings.HasPrefix(bound.Synthetic, "bound method") && len(v.Bindings) == 1 {
			if method, ok := bound.Object().(*types.Func); ok {
				if op := methods[names.Func(method)]; op == "remove" || op == "reset" {
					x.use(x.place(v.Bindings[0]), op, "as a function value: "+method.Name(), v)
				}
			}
		}
	case *ssa.Send:
		x.stored(v.X, v)
	case *ssa.BinOp:
		x.compared(v, v.X)
		x.compared(v, v.Y)
	case ssa.CallInstruction:
		x.call(v)
	}
}

// alias says that a parameter or result can be a container.
func (x *extractor) alias(from, to string) {
	if from != to {
		x.aliases[[2]string{from, to}] = true
	}
}

// pointsToContainer: *map[K]V, *[]T.
func pointsToContainer(t types.Type) bool {
	p, ok := types.Unalias(t).Underlying().(*types.Pointer)
	return ok && kind(p.Elem()) != ""
}

// stored notes a container that is put into another place, where it is not
// followed.
func (x *extractor) stored(v ssa.Value, instr ssa.Instruction) {
	if kind(v.Type()) == "map" {
		x.use(x.place(v), "exposed", "stored elsewhere", instr)
	}
}

// compared notes that the length of a container is compared with something.
func (x *extractor) compared(at *ssa.BinOp, v ssa.Value) {
	switch at.Op {
	case token.GTR, token.GEQ, token.LSS, token.LEQ, token.EQL:
	default:
		return
	}
	other := at.Y
	if other == v {
		other = at.X
	}
	if c, ok := other.(*ssa.Const); ok && c.Value != nil && c.Value.ExactString() == "0" {
		return // is it empty? sets no bound
	}
	call, ok := v.(*ssa.Call)
	if !ok {
		return
	}
	if b, ok := call.Call.Value.(*ssa.Builtin); ok && b.Name() == "len" {
		// A loop over the elements compares an index with the length; a bound
		// compares the length with a limit.
		if _, isIndex := other.(*ssa.Phi); isIndex || at.Block().Comment == "rangeindex.loop" {
			return
		}
		if b, ok := other.(*ssa.BinOp); ok && b.Op == token.ADD && at.Block().Comment == "rangeindex.loop" {
			return
		}
		x.use(x.place(call.Call.Args[0]), "bound", "len", at)
	}
}

// fresh says whether a container belongs to a value made in this function.
func fresh(v ssa.Value) bool {
	switch v := v.(type) {
	case *ssa.MakeMap, *ssa.MakeSlice:
		return true
	case *ssa.UnOp:
		return v.Op == token.MUL && fresh(v.X)
	case *ssa.FieldAddr:
		if inner, ok := v.X.(*ssa.FieldAddr); ok { // of a struct inside
			return fresh(inner)
		}
		alloc, ok := v.X.(*ssa.Alloc)
		if variable, isLoad := v.X.(*ssa.UnOp); isLoad { // behind a variable
			if a, isAlloc := variable.X.(*ssa.Alloc); isAlloc {
				alloc, ok = load.OnlyStore(a).(*ssa.Alloc)
			}
		}
		return ok && (alloc.Comment == "complit" || alloc.Comment == "new")
	}
	return false
}

func (x *extractor) store(v *ssa.Store) {
	if kind(v.Val.Type()) == "" {
		x.renews(v)
		if ofPackage(v.Addr) && !x.setsOnce(v) {
			x.replaced(v.Val.Type(), v)
		}
		return
	}
	id := x.cell(v.Addr)
	if id == "" {
		x.stored(v.Val, v)
		return
	}
	if x.copied(v.Val, id) {
		x.livesLong(x.use(id, "add", "copied with one more", v), v.Addr, v)
		return
	}
	from := x.place(v.Val)
	initial := fresh(v.Addr)
	if _, isAlloc := v.Addr.(*ssa.Alloc); isAlloc {
		initial = true
	}
	switch val := v.Val.(type) {
	case *ssa.Call:
		if b, ok := val.Call.Value.(*ssa.Builtin); ok && b.Name() == "append" {
			if from == id && resliced(val.Call.Args[0]) {
				x.use(id, "remove", "append of a part", v) // append(s[:i], s[i+1:]...)
				return
			}
			if from == id {
				u := x.use(id, "add", "append", val)
				u.Initial = u.Initial || initial
				x.livesLong(u, v.Addr, v)
				return
			}
		}
		for _, arg := range val.Call.Args {
			if x.place(arg) == id {
				x.use(id, "remove", "rewritten by a call", v)
				return
			}
		}
	case *ssa.Slice:
		if from == id {
			x.use(id, "remove", "resliced", v)
			return
		}
	case *ssa.Phi:
		if from == id {
			for _, e := range val.Edges {
				if call, ok := e.(*ssa.Call); ok {
					if b, ok := call.Call.Value.(*ssa.Builtin); ok && b.Name() == "append" {
						x.livesLong(x.use(id, "add", "append", call), v.Addr, v)
						return
					}
				}
			}
		}
	}
	if from != "" && from != id {
		x.use(from, "exposed", "stored elsewhere", v)
	}
	if !initial {
		x.use(id, "reset", "assigned anew", v)
	}
}

// renews: a field or variable gets another pointer, and not while its owner is made.
func (x *extractor) renews(v *ssa.Store) {
	if id := x.pointerCell(v.Addr, v.Val.Type()); id != "" && !fresh(v.Addr) && !x.setsOnce(v) && !isInit(x.fn) && !x.isMain(x.fn) {
		x.renewed[id] = true
	}
}

// replaced: a package variable gets another owner of containers.
func (x *extractor) replaced(t types.Type, at ssa.Instruction) {
	if p, ok := types.Unalias(t).Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	if st, ok := t.Underlying().(*types.Struct); ok && names.Type(t) != "" {
		for n := range st.NumFields() {
			x.use(x.field(t, n), "reset", "its owner is replaced", at)
		}
	}
}

// setsOnce: at the start, or where the variable is still nil.
func (x *extractor) setsOnce(v *ssa.Store) bool {
	if x.once[x.fn] || x.fn.Name() == "init" || strings.HasPrefix(x.fn.Name(), "init#") {
		return true
	}
	for b := v.Block(); b.Idom() != nil; b = b.Idom() {
		from := b.Idom()
		if branch, ok := from.Instrs[len(from.Instrs)-1].(*ssa.If); ok {
			if op, ok := branch.Cond.(*ssa.BinOp); ok {
				load, isLoad := op.X.(*ssa.UnOp)
				if c, isConst := op.Y.(*ssa.Const); isLoad && isConst && c.IsNil() && load.X == v.Addr {
					return true
				}
			}
		}
	}
	return false
}

func resliced(v ssa.Value) bool {
	_, ok := v.(*ssa.Slice)
	return ok
}

func (x *extractor) call(instr ssa.CallInstruction) {
	common := instr.Common()
	if b, ok := common.Value.(*ssa.Builtin); ok {
		switch b.Name() {
		case "delete", "clear":
			x.use(x.place(common.Args[0]), "remove", b.Name(), instr)
		}
		return
	}
	callee := common.StaticCallee()
	if callee == nil {
		for _, arg := range common.Args {
			if k := kind(arg.Type()); k == "map" || k == "list" || k == "sync.Map" {
				x.use(x.place(arg), "exposed", "handed to a function value or interface", instr)
			}
		}
		return
	}
	if x.standard(callee) {
		method, ok := callee.Object().(*types.Func)
		if !ok && callee.Origin() != nil {
			method, ok = callee.Origin().Object().(*types.Func)
		}
		if ok && len(common.Args) > 0 {
			if name := fullName(callee); strings.HasPrefix(name, "sync/atomic.Pointer") && (method.Name() == "Store" || method.Name() == "Swap") && !x.once[x.fn] {
				x.replaced(common.Args[1].Type(), instr)
			}
			if op := methods[names.Func(method)]; op != "" {
				u := x.use(x.place(common.Args[0]), op, method.Name(), instr)
				x.livesLong(u, common.Args[0], instr)
				if op == "add" && len(common.Args) > 1 {
					u.ConstKey = method.Name() != "PushBack" && method.Name() != "PushFront" && x.finite.Is(common.Args[1], instr.Block())
				}
			}
		}
		return
	}
	key := x.names.Key(callee)
	for i, arg := range common.Args {
		p := ""
		if kind(arg.Type()) != "" {
			p = x.place(arg)
		} else if pointsToContainer(arg.Type()) {
			p = x.cell(arg)
		}
		if p != "" {
			x.alias(fmt.Sprintf("param %s %d", key, i), p)
			x.handed(p, arg, key, i, instr)
		}
	}
}
