package holderfacts

import (
	"go/constant"
	"go/token"
	"go/types"
	"regexp"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// Bounds of what is looked at for one key.
const (
	maxKeyDepth = 8
	maxMask     = 1 << 16
)

// keys decides for one addition whether the source, not its input, decides how
// many keys there can be.
type keys struct {
	x    *extractor
	seen map[ssa.Value]bool
}

// fewKeys: the key is a constant, of a type with few values, cut down by % or a
// mask, or one of those that another container, a list or a switch names.
func (x *extractor) fewKeys(key ssa.Value, at *ssa.BasicBlock) bool {
	k := &keys{x, map[ssa.Value]bool{}}
	return k.few(key, 0) || guarded(at, key, map[*ssa.BasicBlock]bool{})
}

func (k *keys) few(v ssa.Value, depth int) bool {
	if depth > maxKeyDepth {
		return false
	}
	if _, ok := v.(*ssa.Const); ok || fewValues(v.Type()) || fewByName(v) {
		return true
	}
	if k.seen[v] {
		return true // around a loop: the other ways decide
	}
	k.seen[v] = true
	switch t := v.(type) {
	case *ssa.ChangeInterface:
		return k.few(t.X, depth+1)
	case *ssa.MakeInterface:
		return k.few(t.X, depth+1)
	case *ssa.ChangeType:
		return k.few(t.X, depth+1)
	case *ssa.Convert:
		return k.few(t.X, depth+1)
	case *ssa.Slice:
		return k.few(t.X, depth+1)
	case *ssa.Phi:
		for n, e := range t.Edges {
			if !k.few(e, depth+1) && !guardedEdge(t.Block().Preds[n], t.Block(), e, map[*ssa.BasicBlock]bool{}) {
				return false
			}
		}
		return true
	case *ssa.BinOp:
		return k.operation(t, depth)
	case *ssa.Lookup:
		return isTable(t.X) // no more than that has
	case *ssa.UnOp:
		return t.Op == token.MUL && k.loaded(t.X, depth)
	case *ssa.Extract:
		switch tuple := t.Tuple.(type) {
		case *ssa.Call:
			return k.call(tuple, t.Index, depth)
		case *ssa.Lookup:
			return isTable(tuple.X)
		case *ssa.Next:
			r, ok := tuple.Iter.(*ssa.Range)
			return ok && isTable(r.X)
		}
	case *ssa.Call:
		return k.call(t, 0, depth)
	}
	return false
}

// smallRange are names of whole numbers of which there are few, whoever gives them.
var smallRange = regexp.MustCompile(`(?i)^(http)?(status|code|statusCode|level|priority|severity|shard|bucket|partition|hour|weekday|month)$`)

// fewByName: a parameter or field that the source calls a status, level, shard …
func fewByName(v ssa.Value) bool {
	if b, ok := v.Type().Underlying().(*types.Basic); !ok || b.Info()&types.IsInteger == 0 {
		return false
	}
	switch t := v.(type) {
	case *ssa.Parameter:
		return smallRange.MatchString(t.Name())
	case *ssa.UnOp:
		if f, ok := t.X.(*ssa.FieldAddr); ok && t.Op == token.MUL {
			if st, ok := f.X.Type().Underlying().(*types.Pointer).Elem().Underlying().(*types.Struct); ok {
				return smallRange.MatchString(st.Field(f.Field).Name())
			}
		}
	}
	return false
}

// isTable: a package variable, which is a holder of its own where it grows.
func isTable(v ssa.Value) bool {
	load, ok := v.(*ssa.UnOp)
	if !ok || load.Op != token.MUL {
		return false
	}
	_, ok = load.X.(*ssa.Global)
	return ok
}

func (k *keys) operation(op *ssa.BinOp, depth int) bool {
	switch op.Op {
	case token.REM:
		return true
	case token.AND:
		return smallConstant(op.X) || smallConstant(op.Y)
	case token.EQL, token.NEQ, token.LSS, token.LEQ, token.GTR, token.GEQ:
		return true
	}
	return k.few(op.X, depth+1) && k.few(op.Y, depth+1) && !k.counts(op)
}

// counts: a sum with a value of the pass before is a counter, not a choice.
func (k *keys) counts(op *ssa.BinOp) bool {
	for _, v := range []ssa.Value{op.X, op.Y} {
		if _, phi := v.(*ssa.Phi); phi {
			return true
		}
	}
	return false
}

func isText(v ssa.Value, text string) bool {
	c, ok := v.(*ssa.Const)
	return ok && c.Value != nil && c.Value.Kind() == constant.String && constant.StringVal(c.Value) == text
}

func smallConstant(v ssa.Value) bool {
	c, ok := v.(*ssa.Const)
	if !ok || c.Value == nil || c.Value.Kind() != constant.Int {
		return false
	}
	n, exact := constant.Int64Val(c.Value)
	return exact && n >= 0 && n <= maxMask
}

// loaded: an element of a package's table, or of a list that is written out or
// that the process was started with.
func (k *keys) loaded(addr ssa.Value, depth int) bool {
	index, ok := addr.(*ssa.IndexAddr)
	if !ok {
		return false
	}
	switch list := index.X.(type) {
	case *ssa.Global:
		return true
	case *ssa.UnOp:
		return isTable(list)
	case *ssa.Slice:
		if array, ok := list.X.(*ssa.Alloc); ok {
			return k.writtenOut(array, depth)
		}
	case *ssa.Alloc:
		return k.writtenOut(list, depth)
	case *ssa.Call:
		callee := list.Call.StaticCallee()
		return callee != nil && callee.Object() != nil && startedWith[fullName(callee)]
	}
	return false
}

func (k *keys) writtenOut(array *ssa.Alloc, depth int) bool {
	if _, ok := array.Type().Underlying().(*types.Pointer).Elem().Underlying().(*types.Array); !ok {
		return false
	}
	for _, r := range *array.Referrers() {
		index, ok := r.(*ssa.IndexAddr)
		if !ok {
			continue
		}
		for _, r := range *index.Referrers() {
			if s, ok := r.(*ssa.Store); ok && s.Addr == ssa.Value(index) && !k.few(s.Val, depth+1) {
				return false
			}
		}
	}
	return true
}

// startedWith: what a process is started with does not grow.
var startedWith = map[string]bool{"os.Environ": true, "flag.Args": true, "syscall.Environ": true}

// keep are functions that answer with no more different values than they are given.
var keep = regexp.MustCompile(`^(strings\.(ToLower|ToUpper|Trim\w*|Cut\w*|Clone|Title|ReplaceAll)|strconv\.(Itoa|Format\w+|Quote)|fmt\.Sprint(f|ln)?|path(/filepath)?\.(Base|Ext|Clean)|errors\.New)$`)

// rangeOf are functions with few different answers.
var rangeOf = regexp.MustCompile(`^(time\.Time\.(Hour|Minute|Second|Day|YearDay|Weekday|Month)|net/http\.StatusText|runtime\.(NumCPU|GOMAXPROCS|Caller|Func\.Name)|math/rand(/v2)?\.(Intn|IntN|N|Int31n|Int63n))$`)

func (k *keys) call(c *ssa.Call, result, depth int) bool {
	callee := c.Call.StaticCallee()
	if callee == nil {
		if c.Call.IsInvoke() { // the name of a type
			return len(c.Call.Args) == 0 && fewValues(c.Call.Value.Type())
		}
		b, ok := c.Call.Value.(*ssa.Builtin)
		return ok && b.Name() == "min" && (smallConstant(c.Call.Args[0]) || len(c.Call.Args) > 1 && smallConstant(c.Call.Args[1]))
	}
	name := fullName(callee)
	switch {
	case rangeOf.MatchString(name):
		return true
	case name == "fmt.Sprintf" && isText(c.Call.Args[0], "%T"):
		return true
	case keep.MatchString(name):
		for _, arg := range c.Call.Args {
			if !k.few(arg, depth+1) && !k.fewArguments(arg, depth) {
				return false
			}
		}
		return true
	}
	if callee.Signature.Recv() != nil && len(c.Call.Args) == 1 && fewValues(c.Call.Args[0].Type()) {
		return true // the name of a value of an enumeration
	}
	if len(callee.Blocks) == 0 || depth >= maxKeyDepth/2 {
		return false
	}
	inner := &keys{k.x, map[ssa.Value]bool{}}
	for _, b := range callee.Blocks {
		if back, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return); ok && (result >= len(back.Results) ||
			!inner.few(back.Results[result], depth+2) && !guarded(b, back.Results[result], map[*ssa.BasicBlock]bool{})) {
			return false
		}
	}
	return true
}

// fewArguments: the slice of the arguments of a call with ... has few values.
func (k *keys) fewArguments(v ssa.Value, depth int) bool {
	s, ok := v.(*ssa.Slice)
	if !ok {
		return false
	}
	array, ok := s.X.(*ssa.Alloc)
	return ok && k.writtenOut(array, depth+1)
}

// fullName is path.Type.Method or path.Function.
func fullName(fn *ssa.Function) string {
	if origin := fn.Origin(); origin != nil {
		fn = origin
	}
	obj, ok := fn.Object().(*types.Func)
	if !ok {
		return fn.Name()
	}
	return strings.NewReplacer("(", "", ")", "", "*", "").Replace(obj.FullName())
}

// fewValues: the type has few values: truth, a byte, an enumeration of the
// program, what describes types, or a struct of such.
func fewValues(t types.Type) bool {
	if named, ok := types.Unalias(t).(*types.Named); ok && named.Obj().Pkg() != nil {
		if name := named.Obj().Name(); types.IsInterface(named) && (strings.HasSuffix(name, "Type") || strings.HasSuffix(name, "Descriptor")) {
			return true // reflect.Type, and what describes types elsewhere
		}
		if enumeration(named) {
			return true
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Kind() == types.Bool || u.Kind() == types.Uint8 || u.Kind() == types.Int8
	case *types.Array:
		return u.Len() <= 2 && fewValues(u.Elem())
	case *types.Struct:
		for n := range u.NumFields() {
			if !fewValues(u.Field(n).Type()) {
				return false
			}
		}
		return true
	}
	return false
}

func enumeration(named *types.Named) bool {
	b, ok := named.Underlying().(*types.Basic)
	if !ok || b.Info()&types.IsInteger == 0 {
		return false
	}
	scope, constants := named.Obj().Pkg().Scope(), 0
	for _, name := range scope.Names() {
		if c, ok := scope.Lookup(name).(*types.Const); ok && types.Identical(c.Type(), named) {
			constants++
		}
	}
	return constants > 2
}

// guarded: on every way to the block the value was found in a container, a
// list or among constants.
func guarded(b *ssa.BasicBlock, v ssa.Value, seen map[*ssa.BasicBlock]bool) bool {
	if seen[b] {
		return true
	}
	seen[b] = true
	if len(b.Preds) == 0 {
		return false
	}
	for _, p := range b.Preds {
		if !guardedEdge(p, b, v, seen) {
			return false
		}
	}
	return true
}

func guardedEdge(from, to *ssa.BasicBlock, v ssa.Value, seen map[*ssa.BasicBlock]bool) bool {
	if branch, ok := from.Instrs[len(from.Instrs)-1].(*ssa.If); ok && from.Succs[0] != from.Succs[1] {
		if found, on := foundBy(branch.Cond, v); found && from.Succs[on] == to {
			return true
		}
	}
	return guarded(from, v, seen)
}

// foundBy: the condition says that the value is one of a known set; on is the
// branch on which it is.
func foundBy(cond, v ssa.Value) (found bool, on int) {
	for {
		not, ok := cond.(*ssa.UnOp)
		if !ok || not.Op != token.NOT {
			break
		}
		cond, on = not.X, 1-on
	}
	switch c := cond.(type) {
	case *ssa.Lookup:
		return same(c.Index, v) && longLived(c.X), on
	case *ssa.Extract:
		lookup, ok := c.Tuple.(*ssa.Lookup)
		return ok && c.Index == 1 && same(lookup.Index, v) && longLived(lookup.X), on
	case *ssa.BinOp:
		_, left := c.X.(*ssa.Const)
		_, right := c.Y.(*ssa.Const)
		is := left && same(c.Y, v) || right && same(c.X, v)
		if c.Op == token.NEQ {
			on = 1 - on
		}
		return is && (c.Op == token.EQL || c.Op == token.NEQ), on
	case *ssa.Call:
		callee := c.Call.StaticCallee()
		return callee != nil && len(c.Call.Args) == 2 && fullName(callee) == "slices.Contains" && same(c.Call.Args[1], v), on
	}
	return false, 0
}

// longLived: a map that is there before and after the call, not what a request
// brings with it.
func longLived(m ssa.Value) bool {
	if named, ok := types.Unalias(m.Type()).(*types.Named); ok && named.Obj().Pkg() != nil && strings.HasPrefix(named.Obj().Pkg().Path(), "net/") {
		return false
	}
	switch t := m.(type) {
	case *ssa.UnOp:
		switch addr := t.X.(type) {
		case *ssa.Global, *ssa.FreeVar:
			return true
		case *ssa.FieldAddr:
			_, made := addr.X.(*ssa.Alloc)
			return !made
		}
	case *ssa.Parameter, *ssa.FreeVar:
		return true
	}
	return false
}

// same: one value, or the same variable read twice.
func same(a, b ssa.Value) bool {
	if a == b {
		return true
	}
	x, ok := a.(*ssa.UnOp)
	y, ok2 := b.(*ssa.UnOp)
	return ok && ok2 && x.Op == token.MUL && y.Op == token.MUL && x.X == y.X
}
