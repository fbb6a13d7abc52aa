// Package finite tells of a value in SSA form whether the source bounds how
// many different values it can ever have: a constant, a small type, a
// remainder, an index of a loop that ends, a member of an enumeration, or what
// the branches on the way let through. Keys of maps and labels of metrics
// that are finite in this sense do not grow with use.
package finite

import (
	"go/constant"
	"go/token"
	"go/types"
	"math"
	"regexp"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// Most is the number of values up to which something counts as finite.
const Most = 1 << 20

// Bounds of the search: of steps on one way, and of all steps for one value.
const (
	maxDepth = 12
	maxSteps = 400
)

// Is says whether a value that is used in a block can have few values only.
func (p *Package) Is(v ssa.Value, at *ssa.BasicBlock) bool {
	s := &search{Package: p, busy: map[ssa.Value]bool{}}
	return s.few(v, at, 0)
}

type search struct {
	*Package
	busy  map[ssa.Value]bool
	steps int
}

func (s *search) few(v ssa.Value, at *ssa.BasicBlock, depth int) bool {
	if s.steps++; v == nil || depth > maxDepth || s.steps > maxSteps {
		return false
	}
	if s.busy[v] {
		return true // a circle adds nothing: what comes into it decides
	}
	if _, isParameter := v.(*ssa.Parameter); byType(v.Type()) || isParameter && enumerated(v.Type()) || byName(v) || s.guarded(v, at, map[*ssa.BasicBlock]bool{}) {
		return true
	}
	s.busy[v] = true
	defer delete(s.busy, v)
	next := func(v ssa.Value) bool { return s.few(v, at, depth+1) }
	switch t := v.(type) {
	case *ssa.Const:
		return true
	case *ssa.ChangeInterface:
		return next(t.X)
	case *ssa.MakeInterface:
		return next(t.X)
	case *ssa.ChangeType:
		return next(t.X)
	case *ssa.TypeAssert:
		return next(t.X)
	case *ssa.Convert:
		return next(t.X)
	case *ssa.BinOp:
		return s.operation(t, at, depth)
	case *ssa.Phi:
		return s.phi(t, depth)
	case *ssa.UnOp:
		return s.loaded(t, at, depth)
	case *ssa.Field:
		return next(t.X)
	case *ssa.Slice: // a part of it
		return isString(t.Type()) && next(t.X)
	case *ssa.Lookup:
		return next(t.Index) && isBasic(t.Type()) || s.isTable(t.X) && isBasic(t.Type())
	case *ssa.Index:
		return next(t.Index)
	case *ssa.Extract:
		return s.extracted(t, at, depth)
	case *ssa.Call:
		return s.called(t, 0, at, depth)
	case *ssa.Parameter:
		return s.parameter(t, depth)
	}
	return enumerated(v.Type())
}

// operation: a remainder, a mask, or something made of few values only.
func (s *search) operation(t *ssa.BinOp, at *ssa.BasicBlock, depth int) bool {
	switch t.Op {
	case token.REM:
		n, constant := integer(t.Y)
		return !constant || n <= Most // a divisor that is no constant is a number of shards
	case token.AND:
		for _, side := range []ssa.Value{t.X, t.Y} {
			if n, ok := integer(side); ok && n >= 0 && n <= Most {
				return true
			}
			if c, ok := side.(*ssa.Convert); ok {
				side = c.X
			}
			if sub, ok := side.(*ssa.BinOp); ok && sub.Op == token.SUB { // h & (len(shards) - 1)
				if n, ok := integer(sub.Y); ok && n == 1 {
					return true
				}
			}
		}
	case token.SHR:
		if n, ok := integer(t.Y); ok && bits(t.X.Type())-n <= 20 {
			return true
		}
	case token.EQL, token.NEQ, token.LSS, token.LEQ, token.GTR, token.GEQ:
		return true
	}
	return s.few(t.X, at, depth+1) && s.few(t.Y, at, depth+1)
}

// phi: every way brings one of few values, or counts up to where a loop ends.
func (s *search) phi(t *ssa.Phi, depth int) bool {
	if isInteger(t.Type()) && counts(t) {
		return true
	}
	for n, e := range t.Edges {
		if step, ok := e.(*ssa.BinOp); ok && (step.X == ssa.Value(t) || step.Y == ssa.Value(t)) && step.Op != token.REM && step.Op != token.AND {
			return false // goes on from pass to pass
		}
		if !s.edgeGuarded(e, t.Block().Preds[n], t.Block(), map[*ssa.BasicBlock]bool{}) && !s.few(e, t.Block().Preds[n], depth+1) {
			return false
		}
	}
	return true
}

// counts: a loop variable that begins at a constant, goes in steps, and is
// compared with an end in the head of its loop.
func counts(t *ssa.Phi) bool {
	steps, begins := false, false
	for _, e := range t.Edges {
		if _, ok := e.(*ssa.Const); ok {
			begins = true
		} else if step, ok := e.(*ssa.BinOp); ok && step.X == ssa.Value(t) {
			_, constant := step.Y.(*ssa.Const)
			steps = steps || constant && (step.Op == token.ADD || step.Op == token.SUB)
			if ends(step) {
				return begins || hasConst(t)
			}
		}
	}
	return begins && steps && ends(t)
}

func hasConst(t *ssa.Phi) bool {
	for _, e := range t.Edges {
		if _, ok := e.(*ssa.Const); ok {
			return true
		}
	}
	return false
}

// ends: a branch on a comparison of the value leaves the loop. The end is
// there before the loop: a limit, a length.
func ends(v ssa.Value) bool {
	for _, r := range *v.Referrers() {
		op, ok := r.(*ssa.BinOp)
		if !ok || !isOrder(op.Op) {
			continue
		}
		for _, r := range *op.Referrers() {
			if _, ok := r.(*ssa.If); ok {
				return true
			}
		}
	}
	return false
}

func isOrder(op token.Token) bool {
	return op == token.LSS || op == token.LEQ || op == token.GTR || op == token.GEQ || op == token.NEQ
}

// loaded: a variable that only ever has few values, an element of a table, a
// struct of few values.
func (s *search) loaded(t *ssa.UnOp, at *ssa.BasicBlock, depth int) bool {
	if t.Op == token.NOT || t.Op == token.SUB || t.Op == token.XOR {
		return s.few(t.X, at, depth+1)
	}
	if t.Op != token.MUL {
		return false
	}
	switch a := t.X.(type) {
	case *ssa.Alloc:
		return s.variable(a, depth)
	case *ssa.FreeVar:
		if b, ok := binding(a).(*ssa.Alloc); ok {
			return s.variable(b, depth)
		}
	case *ssa.IndexAddr:
		if call, ok := a.X.(*ssa.Call); ok && startedWith(call) {
			return true
		}
		return s.isTable(a.X) || isBasic(t.Type()) && s.few(a.Index, at, depth+1) && isArray(a.X)
	case *ssa.FieldAddr:
		if table, ok := a.X.(*ssa.IndexAddr); ok && s.isTable(table.X) {
			return true
		}
		if local, ok := a.X.(*ssa.Alloc); ok && isBasic(t.Type()) {
			return s.field(local, a.Field, depth)
		}
	}
	return enumerated(t.Type())
}

// variable: everything that is stored in a local variable is one of few.
func (s *search) variable(a *ssa.Alloc, depth int) bool {
	stored := false
	for _, r := range *a.Referrers() {
		switch i := r.(type) {
		case *ssa.Store:
			if i.Addr != ssa.Value(a) || !s.few(i.Val, i.Block(), depth+1) || stepsFrom(i.Val, a) {
				return false
			}
			stored = true
		case *ssa.FieldAddr:
			for _, r := range *i.Referrers() {
				if st, ok := r.(*ssa.Store); ok {
					if st.Addr != ssa.Value(i) || !s.few(st.Val, st.Block(), depth+1) {
						return false
					}
					stored = true
				} else if _, ok := r.(*ssa.UnOp); !ok {
					return false
				}
			}
		case *ssa.IndexAddr:
			return false
		case *ssa.UnOp, *ssa.DebugRef:
		case *ssa.MakeClosure:
			if setInside(i, a) {
				return false
			}
		default:
			return false
		}
	}
	return stored
}

func stepsFrom(v ssa.Value, a *ssa.Alloc) bool {
	op, ok := v.(*ssa.BinOp)
	if !ok || op.Op == token.REM || op.Op == token.AND {
		return false
	}
	for _, side := range []ssa.Value{op.X, op.Y} {
		if load, ok := side.(*ssa.UnOp); ok && load.X == ssa.Value(a) {
			return true
		}
	}
	return false
}

// setInside: a closure changes the variable that it captures.
func setInside(m *ssa.MakeClosure, a *ssa.Alloc) bool {
	for n, b := range m.Bindings {
		if b != ssa.Value(a) {
			continue
		}
		for _, r := range *m.Fn.(*ssa.Function).FreeVars[n].Referrers() {
			if load, ok := r.(*ssa.UnOp); !ok || load.Op != token.MUL {
				return true
			}
		}
	}
	return false
}

// field: every value that the function puts into this field is one of few.
func (s *search) field(a *ssa.Alloc, field int, depth int) bool {
	stored := false
	for _, r := range *a.Referrers() {
		switch i := r.(type) {
		case *ssa.FieldAddr:
			if i.Field != field {
				continue
			}
			for _, r := range *i.Referrers() {
				if st, ok := r.(*ssa.Store); ok && st.Addr == ssa.Value(i) {
					if !s.few(st.Val, st.Block(), depth+1) {
						return false
					}
					stored = true
				}
			}
		case *ssa.Store:
			return false
		}
	}
	return stored
}

func (s *search) extracted(t *ssa.Extract, at *ssa.BasicBlock, depth int) bool {
	switch tuple := t.Tuple.(type) {
	case *ssa.Next: // a key or value of a table
		if r, ok := tuple.Iter.(*ssa.Range); ok && s.isTable(r.X) {
			return true
		}
	case *ssa.Lookup:
		return t.Index == 1 || s.isTable(tuple.X)
	case *ssa.TypeAssert:
		return t.Index == 1 || s.few(tuple.X, at, depth+1)
	case *ssa.Call:
		return s.called(tuple, t.Index, at, depth)
	}
	return enumerated(t.Type())
}

// pure are functions whose result is decided by their arguments alone, with
// the number of those that do.
var pure = map[string]bool{
	"strconv.Itoa": true, "strconv.FormatInt": true, "strconv.FormatUint": true, "strconv.FormatBool": true, "strconv.Quote": true,
	"strings.ToLower": true, "strings.Cut": true, "strings.CutPrefix": true, "strings.CutSuffix": true, "errors.New": true, "path.Base": true, "path.Ext": true, "path/filepath.Base": true, "path/filepath.Ext": true, "strings.ToUpper": true, "strings.TrimSpace": true, "strings.Clone": true, "strings.Title": true,
	"strings.TrimPrefix": true, "strings.TrimSuffix": true, "strings.Trim": true, "strings.ReplaceAll": true, "strings.Repeat": true,
	"fmt.Sprintf": true, "fmt.Sprint": true, "path.Join": true, "min": true, "max": true, "net/http.StatusText": true,
}

func (s *search) called(t *ssa.Call, result int, at *ssa.BasicBlock, depth int) bool {
	c := t.Common()
	if b, ok := c.Value.(*ssa.Builtin); ok {
		switch b.Name() {
		case "min": // one small argument bounds it
			for _, a := range c.Args {
				if n, ok := integer(a); ok && n <= Most {
					return true
				}
			}
		case "len", "cap":
			return isArray(c.Args[0])
		}
		return b.Name() == "max" && s.all(c.Args, at, depth)
	}
	callee := c.StaticCallee()
	if callee == nil {
		if c.IsInvoke() && len(c.Args) == 0 && isBasic(t.Type()) { // the name of a type, say
			return byType(c.Value.Type())
		}
		return enumerated(t.Type())
	}
	name := callee.Name()
	if callee.Object() != nil && callee.Object().Pkg() != nil {
		path := callee.Object().Pkg().Path()
		full := path + "." + name
		if full == "fmt.Sprintf" && isText(c.Args[0], "%T") {
			return true
		}
		if callee.Signature.Recv() == nil && pure[full] {
			return s.all(elements(c.Args), at, depth)
		}
		switch {
		case strings.HasPrefix(path, "math/rand") && (strings.HasPrefix(name, "Int") && strings.HasSuffix(strings.ToLower(name), "n") || strings.HasSuffix(name, "IntN")):
			n, constant := integer(c.Args[len(c.Args)-1])
			return !constant || n <= Most
		case path == "runtime" && (strings.HasPrefix(name, "Num") || name == "Caller" || name == "GOMAXPROCS" || name == "Name"), path == "os" && (name == "Getpid" || name == "Hostname" || name == "Getenv"):
			return true
		}
		if path == "time" { // of a clock: what comes back to where it was
			switch name {
			case "Hour", "Minute", "Second", "Weekday", "Month", "Day", "YearDay":
				return true
			}
		}
	}
	if callee.Signature.Recv() != nil && len(c.Args) == 1 && isBasic(t.Type()) && byType(c.Args[0].Type()) {
		return true // the name of a value of an enumeration
	}
	if len(callee.Blocks) > 0 && s.returns(callee, result, depth) {
		return true
	}
	return enumerated(t.Type())
}

// startedWith: what a process is started with does not grow.
func startedWith(c *ssa.Call) bool {
	callee := c.Call.StaticCallee()
	if callee == nil || callee.Pkg == nil {
		return false
	}
	switch callee.Pkg.Pkg.Path() + "." + callee.Name() {
	case "os.Environ", "flag.Args", "syscall.Environ":
		return true
	}
	return false
}

// smallRange are names of whole numbers of which there are few, whoever gives them.
var smallRange = regexp.MustCompile(`(?i)^(http)?(status|code|statusCode|level|priority|severity|shard|bucket|partition|hour|weekday|month)$`)

// byName: a parameter or field that the source calls a status, level, shard …
func byName(v ssa.Value) bool {
	if !isInteger(v.Type()) {
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

func isText(v ssa.Value, text string) bool {
	c, ok := v.(*ssa.Const)
	return ok && c.Value != nil && c.Value.Kind() == constant.String && constant.StringVal(c.Value) == text
}

func isString(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsString != 0
}

func (s *search) all(list []ssa.Value, at *ssa.BasicBlock, depth int) bool {
	for _, v := range list {
		if !s.few(v, at, depth+1) {
			return false
		}
	}
	return true
}

// returns: every return of the function gives one of few.
func (s *search) returns(fn *ssa.Function, result int, depth int) bool {
	found := false
	for _, b := range fn.Blocks {
		r, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return)
		if !ok {
			continue
		}
		if result >= len(r.Results) || !s.few(r.Results[result], b, depth+1) {
			return false
		}
		found = true
	}
	return found
}

func (s *search) parameter(p *ssa.Parameter, depth int) bool {
	list, all := s.Arguments(p)
	if !all || len(list) == 0 {
		return false
	}
	for _, a := range list {
		if !s.few(a.Value, a.Block, depth+1) {
			return false
		}
	}
	return true
}

// elements are the arguments, with those of a variadic call one by one.
func elements(args []ssa.Value) (list []ssa.Value) {
	for _, a := range args {
		cut, ok := a.(*ssa.Slice)
		if !ok {
			list = append(list, a)
			continue
		}
		literal, ok := cut.X.(*ssa.Alloc)
		if !ok {
			list = append(list, a)
			continue
		}
		for _, r := range *literal.Referrers() {
			if index, ok := r.(*ssa.IndexAddr); ok {
				for _, r := range *index.Referrers() {
					if st, ok := r.(*ssa.Store); ok {
						list = append(list, st.Val)
					}
				}
			}
		}
	}
	return list
}

// byType: the type has few values.
func byType(t types.Type) bool {
	if named, ok := types.Unalias(t).(*types.Named); ok && named.Obj().Pkg() != nil && types.IsInterface(named) {
		if name := named.Obj().Name(); strings.HasSuffix(name, "Type") || strings.HasSuffix(name, "Descriptor") {
			return true // reflect.Type, and what describes types elsewhere
		}
	}
	if _, isInteger := t.Underlying().(*types.Basic); isInteger && enumerated(t) {
		if b := t.Underlying().(*types.Basic); b.Info()&types.IsInteger != 0 {
			return true
		}
	}
	return size(t) <= 1<<16
}

// size is the number of values of a type; +Inf where there are many.
func size(t types.Type) float64 {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		switch u.Kind() {
		case types.Bool, types.UntypedBool:
			return 2
		case types.Int8, types.Uint8:
			return 1 << 8
		case types.Int16, types.Uint16:
			return 1 << 16
		}
	case *types.Array:
		return math.Pow(size(u.Elem()), float64(u.Len()))
	case *types.Struct:
		n := 1.0
		for i := range u.NumFields() {
			f := u.Field(i).Type()
			if enumerated(f) {
				n *= 16
			} else {
				n *= size(f)
			}
		}
		return n
	}
	return math.Inf(1)
}

// enumerated: a named type of numbers or texts that its package lists constants of.
func enumerated(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || named.Obj().Pkg() == nil {
		return false
	}
	b, ok := named.Underlying().(*types.Basic)
	if !ok || b.Info()&(types.IsInteger|types.IsString) == 0 || named.String() == "time.Duration" {
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

func integer(v ssa.Value) (int64, bool) {
	c, ok := v.(*ssa.Const)
	if !ok || c.Value == nil || c.Value.Kind() != constant.Int {
		return 0, false
	}
	n, exact := constant.Int64Val(c.Value)
	return n, exact
}

func bits(t types.Type) int64 {
	b, ok := t.Underlying().(*types.Basic)
	if !ok {
		return 64
	}
	switch b.Kind() {
	case types.Int32, types.Uint32:
		return 32
	case types.Int16, types.Uint16:
		return 16
	}
	return 64
}

func isBasic(t types.Type) bool {
	_, ok := t.Underlying().(*types.Basic)
	return ok
}

func isInteger(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsInteger != 0
}

func isArray(v ssa.Value) bool {
	t := v.Type().Underlying()
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem().Underlying()
	}
	_, ok := t.(*types.Array)
	return ok
}

// binding is what a captured variable is where its closure is made.
func binding(fv *ssa.FreeVar) ssa.Value {
	fn := fv.Parent()
	if fn.Parent() == nil {
		return nil
	}
	for n, v := range fn.FreeVars {
		if v != fv {
			continue
		}
		for _, b := range fn.Parent().Blocks {
			for _, i := range b.Instrs {
				if m, ok := i.(*ssa.MakeClosure); ok && m.Fn == ssa.Value(fn) {
					return m.Bindings[n]
				}
			}
		}
	}
	return nil
}
