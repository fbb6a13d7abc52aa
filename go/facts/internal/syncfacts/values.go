package syncfacts

import (
	"fmt"
	"go/constant"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/tidemark-go/tidemark/go/facts/internal/names"
)

// follows says whether values of a type are worth following: channels,
// functions, interfaces, pointers to sync objects, and containers of those.
// Structs are not: their fields are followed by field.
func (x *extractor) follows(t types.Type) bool {
	if known, ok := x.followed[t]; ok {
		return known
	}
	x.followed[t] = false // a recursive type is decided by its other parts
	result := false
	switch u := types.Unalias(t).Underlying().(type) {
	case *types.Chan, *types.Signature:
		result = true
	case *types.Interface:
		result = t.String() != "error"
	case *types.Pointer:
		result = objectKind(u.Elem()) != "" || x.follows(u.Elem())
	case *types.Slice:
		result = objectKind(u.Elem()) != "" || x.follows(u.Elem())
	case *types.Array:
		result = objectKind(u.Elem()) != "" || x.follows(u.Elem())
	case *types.Map:
		result = x.follows(u.Elem()) || x.follows(u.Key())
	}
	x.followed[t] = result
	return result
}

// shared says whether two places that hold a value of the type see each
// other's changes: containers and cells, but not the channel or pointer itself.
func shared(t types.Type) bool {
	switch u := types.Unalias(t).Underlying().(type) {
	case *types.Slice, *types.Map, *types.Array:
		return true
	case *types.Pointer:
		return objectKind(u.Elem()) == ""
	}
	return false
}

// objectKind names the kind of a sync object's struct type, or "".
func objectKind(t types.Type) string {
	switch names.Type(t) {
	case "sync.Mutex":
		return "mutex"
	case "sync.RWMutex":
		return "rwmutex"
	case "sync.WaitGroup":
		return "waitgroup"
	case "sync.Cond":
		return "cond"
	case "sync.Once":
		return "once"
	case "time.Timer":
		return "timer"
	case "time.Ticker":
		return "ticker"
	}
	return ""
}

func pointee(t types.Type) types.Type {
	if p, ok := types.Unalias(t).Underlying().(*types.Pointer); ok {
		return p.Elem()
	}
	return nil
}

// node names the place of a value, or "" where nothing worth following is.
func (x *extractor) node(fn *ssa.Function, v ssa.Value) string {
	switch v := v.(type) {
	case nil, *ssa.Const, *ssa.Builtin:
		return ""
	case *ssa.Function:
		key := x.names.Key(v)
		x.add("func "+key, "func "+key)
		return "func " + key
	case *ssa.Global:
		if objectKind(pointee(v.Type())) != "" {
			id := x.globalObject(v)
			x.add("addr "+id, id)
			return "addr " + id
		}
		if !x.follows(pointee(v.Type())) {
			return ""
		}
		node := "global " + globalKey(v)
		if x.isStandard(v.Pkg.Pkg.Path()) {
			x.add(node, unknown)
		}
		return node
	case *ssa.FieldAddr:
		if objectKind(pointee(v.X.Type())) == "cond" { // its L
			if id, ok := strings.CutPrefix(x.node(fn, v.X), "addr "); ok {
				return locker(id)
			}
			return "value " + x.names.Key(fn) + " " + v.Name()
		}
		field := x.field(v.X.Type(), v.Field)
		if objectKind(pointee(v.Type())) != "" {
			x.add("addr "+field, field)
			return "addr " + field
		}
		if !x.follows(pointee(v.Type())) {
			return ""
		}
		return x.fieldNode(field, v.X.Type())
	case *ssa.Field:
		if !x.follows(v.Type()) {
			return ""
		}
		return x.fieldNode(x.field(v.X.Type(), v.Field), v.X.Type())
	case *ssa.IndexAddr:
		if kind := objectKind(pointee(v.Type())); kind != "" {
			id := x.elementObject(fn, v, kind)
			x.add("addr "+id, id)
			return "addr " + id
		}
		return x.node(fn, v.X)
	case *ssa.Parameter:
		if !x.follows(v.Type()) {
			return ""
		}
		for i, p := range fn.Params {
			if p == v {
				return param(x.names.Key(fn), i)
			}
		}
	case *ssa.FreeVar:
		if !x.follows(v.Type()) {
			return ""
		}
		return "free " + x.names.Key(fn) + " " + v.Name()
	case *ssa.ChangeType:
		return x.node(fn, v.X)
	}
	if alloc, ok := v.(*ssa.Alloc); ok && objectKind(pointee(alloc.Type())) != "" {
		id := x.allocObject(fn, alloc)
		x.add("addr "+id, id)
		return "addr " + id
	}
	if !x.follows(v.Type()) {
		return ""
	}
	return "value " + x.names.Key(fn) + " " + v.Name()
}

// fieldNode is the place of a field; the standard library fills its own.
func (x *extractor) fieldNode(field string, owner types.Type) string {
	if p := pointee(owner); p != nil {
		owner = p
	}
	if named, ok := types.Unalias(owner).(*types.Named); ok && named.Obj().Pkg() != nil && x.isStandard(named.Obj().Pkg().Path()) {
		x.add("field "+field, unknown)
	}
	return "field " + field
}

// locker is the place of the lock of a condition.
func locker(cond string) string { return "L " + cond }

func param(key string, i int) string  { return fmt.Sprintf("param %s %d", key, i) }
func result(key string, i int) string { return fmt.Sprintf("result %s %d", key, i) }

func globalKey(v *ssa.Global) string { return v.Pkg.Pkg.Path() + "." + v.Name() }

// globalObject declares the sync object of a package variable.
func (x *extractor) globalObject(v *ssa.Global) string {
	id := globalKey(v)
	if v.Pkg == x.unit.SSA {
		x.object(Object{ID: id, Kind: objectKind(pointee(v.Type())), Name: v.Name(), Type: x.typeName(pointee(v.Type()))}, v.Pos(), "")
	}
	return id
}

// allocObject declares the sync object of a local variable or new.
func (x *extractor) allocObject(fn *ssa.Function, v *ssa.Alloc) string {
	name := v.Comment
	if name == "" || name == "new" || name == "complit" {
		name = x.nameAt(v.Pos(), names.Type(pointee(v.Type())))
	}
	pos := v.Pos()
	if !pos.IsValid() {
		pos = fn.Pos()
	}
	key := x.names.Key(fn)
	id := fmt.Sprintf("%s:%s@%d", key, name, x.line(pos))
	x.object(Object{ID: id, Kind: objectKind(pointee(v.Type())), Name: name, Type: x.typeName(pointee(v.Type())), Function: key}, pos, "")
	return id
}

// elementObject declares the sync objects in a slice or array as one.
func (x *extractor) elementObject(fn *ssa.Function, v *ssa.IndexAddr, kind string) string {
	container := v.X
	if load, ok := container.(*ssa.UnOp); ok && load.Op == token.MUL {
		container = load.X
	}
	o := Object{Kind: kind, Type: x.typeName(pointee(v.Type()))}
	switch c := container.(type) {
	case *ssa.FieldAddr:
		o.ID = x.field(c.X.Type(), c.Field) + "[]"
	case *ssa.Global:
		o.ID = globalKey(c) + "[]"
	default:
		o.Function = x.names.Key(fn)
		o.ID = o.Function + ":" + x.typeName(container.Type())
	}
	o.Name = o.ID[strings.LastIndex(o.ID, ".")+1:]
	if _, known := x.objects[o.ID]; !known {
		return x.object(o, v.Pos(), "")
	}
	return o.ID
}

// field names a field of a struct (or pointer to one) by its declaring type,
// and declares the sync object it may be.
func (x *extractor) field(t types.Type, index int) string {
	if p := pointee(t); p != nil {
		t = p
	}
	owner := t
	if named, ok := types.Unalias(t).(*types.Named); ok {
		owner = named.Origin()
	}
	st, ok := types.Unalias(owner).Underlying().(*types.Struct)
	if !ok || index >= st.NumFields() {
		return "struct.?"
	}
	f := st.Field(index)
	ownerName := names.Type(owner)
	if ownerName == "" {
		ownerName = fmt.Sprintf("%s.struct@%d", x.unit.Path, x.line(f.Pos()))
	}
	id := ownerName + "." + f.Name()
	if kind := objectKind(f.Type()); kind != "" && f.Pkg() == x.unit.Types {
		o := Object{ID: id, Kind: kind, Name: f.Name(), Type: x.typeName(f.Type()), Struct: ownerName}
		if offset, ok := x.offset(st, index); ok {
			o.Offset, o.Size = &offset, x.size(st)
		}
		x.object(o, f.Pos(), "")
	}
	return id
}

// offset is the place of a field in its struct in bytes. It is not known
// behind a field whose size depends on a type argument.
func (x *extractor) offset(st *types.Struct, index int) (offset int64, ok bool) {
	fields := make([]*types.Var, index+1)
	for i := range fields {
		fields[i] = st.Field(i)
		if i < index && !sized(fields[i].Type(), 0) {
			return 0, false
		}
	}
	// Only the alignment of the field itself may depend on a type argument.
	if !sized(fields[index].Type(), 0) {
		return 0, false
	}
	return x.unit.Sizes.Offsetsof(fields)[index], true
}

// size is the size of a type in bytes, 0 when it depends on a type argument.
func (x *extractor) size(t types.Type) int64 {
	if !sized(t, 0) {
		return 0
	}
	return x.unit.Sizes.Sizeof(t)
}

// sized says whether the size of a type is known without type arguments.
func sized(t types.Type, depth int) bool {
	if _, ok := types.Unalias(t).(*types.TypeParam); ok || depth > 32 {
		return false
	}
	switch u := types.Unalias(t).Underlying().(type) {
	case *types.Struct:
		for i := 0; i < u.NumFields(); i++ {
			if !sized(u.Field(i).Type(), depth+1) {
				return false
			}
		}
	case *types.Array:
		return sized(u.Elem(), depth+1)
	case *types.Tuple:
		return false
	}
	return true
}

// flow records how one instruction moves values that are followed.
func (x *extractor) flow(fn *ssa.Function, instr ssa.Instruction) {
	edge := func(from, to ssa.Value) { x.edge(x.node(fn, from), x.node(fn, to), from.Type()) }
	switch v := instr.(type) {
	case *ssa.Store:
		if objectKind(v.Val.Type()) == "cond" {
			x.copyCond(fn, v)
			return
		}
		x.edge(x.node(fn, v.Val), x.node(fn, v.Addr), v.Val.Type())
	case *ssa.UnOp:
		switch v.Op {
		case token.MUL:
			if timer := timerOf(v.X); timer != nil {
				x.add(x.node(fn, v), "tick "+x.node(fn, timer))
				return
			}
			if f, ok := v.X.(*ssa.FieldAddr); ok && objectKind(pointee(f.X.Type())) == "cond" && !strings.HasPrefix(x.node(fn, f.X), "addr ") {
				x.add(x.node(fn, v), "locker "+x.node(fn, f.X))
				return
			}
			edge2(x, fn, v.X, v)
		case token.ARROW:
			if !v.CommaOk {
				x.edge(content(x.node(fn, v.X)), x.node(fn, v), v.Type())
			}
		}
	case *ssa.Field:
		// node(v) is the field itself
	case *ssa.Phi:
		for _, e := range v.Edges {
			edge(e, v)
			if isNil(e) && isChan(v.Type()) {
				x.add(x.node(fn, v), "nil")
			}
		}
	case *ssa.ChangeInterface:
		edge(v.X, v)
	case *ssa.Convert:
		edge(v.X, v)
	case *ssa.MakeInterface:
		x.makeInterface(fn, v)
	case *ssa.TypeAssert:
		if !v.CommaOk {
			edge(v.X, v)
		}
	case *ssa.Slice:
		edge(v.X, v)
	case *ssa.Index:
		x.edge(x.node(fn, v.X), x.node(fn, v), v.X.Type())
	case *ssa.Lookup:
		if !v.CommaOk {
			x.edge(x.node(fn, v.X), x.node(fn, v), v.Type())
		}
	case *ssa.MapUpdate:
		x.edge(x.node(fn, v.Value), x.node(fn, v.Map), v.Value.Type())
		x.edge(x.node(fn, v.Key), x.node(fn, v.Map), v.Key.Type())
	case *ssa.Extract:
		x.extract(fn, v)
	case *ssa.Send:
		x.edge(x.node(fn, v.X), content(x.node(fn, v.Chan)), v.X.Type())
	case *ssa.Select:
		for _, s := range v.States {
			if s.Dir == types.SendOnly {
				x.edge(x.node(fn, s.Send), content(x.node(fn, s.Chan)), s.Send.Type())
			}
		}
	case *ssa.MakeChan:
		x.makeChan(fn, v)
	case *ssa.MakeClosure:
		x.makeClosure(fn, v)
	case *ssa.Return:
		key := x.names.Key(fn)
		for i, r := range v.Results {
			x.edge(x.node(fn, r), result(key, i), r.Type())
		}
	case ssa.CallInstruction:
		x.call(fn, v)
	}
}

// copyCond follows the lock of a condition that is written as a value.
func (x *extractor) copyCond(fn *ssa.Function, v *ssa.Store) {
	load, ok := v.Val.(*ssa.UnOp)
	if !ok || load.Op != token.MUL {
		return
	}
	from, ok1 := strings.CutPrefix(x.node(fn, load.X), "addr ")
	to, ok2 := strings.CutPrefix(x.node(fn, v.Addr), "addr ")
	if ok1 && ok2 {
		x.edge(locker(from), locker(to), types.Typ[types.Int])
	}
}

func isChan(t types.Type) bool {
	_, ok := types.Unalias(t).Underlying().(*types.Chan)
	return ok
}

// edge2 is a load: what is in the cell flows to the register.
func edge2(x *extractor, fn *ssa.Function, cell, to ssa.Value) {
	x.edge(x.node(fn, cell), x.node(fn, to), to.Type())
}

// content is the place of what was sent into a channel.
func content(node string) string {
	if node == "" {
		return ""
	}
	return "in " + node
}

// timerOf returns the timer of the field address &t.C.
func timerOf(v ssa.Value) ssa.Value {
	if f, ok := v.(*ssa.FieldAddr); ok && f.Field == 0 {
		if kind := objectKind(pointee(f.X.Type())); kind == "timer" || kind == "ticker" {
			return f.X
		}
	}
	return nil
}

func (x *extractor) extract(fn *ssa.Function, v *ssa.Extract) {
	to := x.node(fn, v)
	switch tuple := v.Tuple.(type) {
	case *ssa.UnOp: // v, ok := <-ch
		if v.Index == 0 {
			x.edge(content(x.node(fn, tuple.X)), to, v.Type())
		}
	case *ssa.TypeAssert:
		if v.Index == 0 {
			x.edge(x.node(fn, tuple.X), to, v.Type())
		}
	case *ssa.Lookup:
		if v.Index == 0 {
			x.edge(x.node(fn, tuple.X), to, v.Type())
		}
	case *ssa.Next:
		if r, ok := tuple.Iter.(*ssa.Range); ok && v.Index > 0 {
			x.edge(x.node(fn, r.X), to, v.Type())
		}
	case *ssa.Select:
		if i := v.Index - 2; i >= 0 {
			n := -1
			for _, s := range tuple.States {
				if s.Dir == types.RecvOnly {
					if n++; n == i {
						x.edge(content(x.node(fn, s.Chan)), to, v.Type())
					}
				}
			}
		}
	case *ssa.Call:
		if to != "" {
			x.edge(fmt.Sprintf("call %s %s %d", x.names.Key(fn), tuple.Name(), v.Index), to, v.Type())
		}
	}
}

func (x *extractor) makeChan(fn *ssa.Function, v *ssa.MakeChan) {
	name := x.nameAt(v.Pos(), "chan")
	key := x.names.Key(fn)
	o := Object{ID: fmt.Sprintf("%s:%s@%d", key, name, x.line(v.Pos())), Kind: "chan", Name: name, Type: x.typeName(v.Type()), Function: key}
	if fn.Synthetic != "" && fn.Name() == "init" {
		o.ID = x.unit.Path + "." + name
	}
	if c, ok := v.Size.(*ssa.Const); ok && c.Value != nil {
		if n, exact := constant.Int64Val(c.Value); exact {
			o.Capacity = &n
		}
	}
	o.ID = x.object(o, v.Pos(), v.Name())
	x.add(x.node(fn, v), o.ID)
}

func (x *extractor) makeClosure(fn *ssa.Function, v *ssa.MakeClosure) {
	target := v.Fn.(*ssa.Function)
	if target.Synthetic != "" && target.Parent() == nil && target.Object() != nil { // x.Method as a value
		if method, ok := target.Object().(*types.Func); ok {
			x.add(x.node(fn, v), "bound "+names.Func(method))
			x.edge(x.node(fn, v.Bindings[0]), param(names.Func(method), 0), v.Bindings[0].Type())
		}
		return
	}
	key := x.names.Key(target)
	x.add(x.node(fn, v), "func "+key)
	for i, b := range v.Bindings {
		to := "free " + key + " " + target.FreeVars[i].Name()
		from := x.node(fn, b)
		x.edge(from, to, b.Type())
	}
}

// makeInterface remembers the concrete type, so that calls through the
// interface find its methods, and the lock that an embedding type is.
func (x *extractor) makeInterface(fn *ssa.Function, v *ssa.MakeInterface) {
	to := x.node(fn, v)
	if to == "" {
		return
	}
	if from := x.node(fn, v.X); from != "" {
		x.edge(from, to, v.X.Type())
	}
	t := v.X.Type()
	prefix := ""
	if p := pointee(t); p != nil {
		t, prefix = p, "*"
	}
	name := names.Type(t)
	if name == "" {
		return
	}
	x.add(to, "type "+prefix+name)
	x.methods(v.X.Type(), prefix+name)
	if st, ok := types.Unalias(t).Underlying().(*types.Struct); ok && prefix == "*" {
		for i := 0; i < st.NumFields(); i++ {
			if f := st.Field(i); f.Embedded() && objectKind(f.Type()) != "" {
				x.add(to, x.field(t, i))
			}
		}
	}
}

// methods declares what a call of each method of the type reaches.
func (x *extractor) methods(t types.Type, key string) {
	if _, done := x.out.Methods[key]; done {
		return
	}
	table := map[string]string{}
	set := types.NewMethodSet(t)
	for i := 0; i < set.Len(); i++ {
		if fn, ok := set.At(i).Obj().(*types.Func); ok {
			table[fn.Name()] = names.Func(fn)
		}
	}
	x.out.Methods[key] = table
}
