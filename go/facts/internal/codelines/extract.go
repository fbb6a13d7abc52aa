package codelines

import (
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"sort"
	"strings"

	"github.com/tidemark-go/tidemark/go/facts/internal/load"
	"github.com/tidemark-go/tidemark/go/facts/internal/names"
)

const initialiser = "init"

// Extract lists the lines of one package.
func Extract(unit *load.Unit) *Unit {
	e := &extractor{unit, map[string]map[string]lines{}}
	for _, file := range unit.Files {
		for _, decl := range file.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				if obj, ok := unit.Info.Defs[decl.Name].(*types.Func); ok && decl.Body != nil {
					e.walk(nameOf(obj), decl, decl.Type, decl.Recv, decl.Body)
				}
			case *ast.GenDecl:
				if decl.Tok == token.VAR {
					e.walk(initialiser, decl, nil, nil, decl)
				}
			}
		}
	}
	return e.result()
}

// nameOf is the key of a function without the import path. Functions named
// init are numbered by the runtime, and one to a reader.
func nameOf(obj *types.Func) string {
	key := names.Func(obj)
	slash := strings.LastIndex(key, "/") + 1
	return key[slash+strings.Index(key[slash:], ".")+1:]
}

type lines map[int]bool

type extractor struct {
	unit   *load.Unit
	byFile map[string]map[string]lines // file, function
}

func (e *extractor) add(function string, pos token.Pos) {
	if !pos.IsValid() {
		return
	}
	at := e.unit.Fset.Position(pos)
	file := filepath.Base(at.Filename)
	if e.byFile[file] == nil {
		e.byFile[file] = map[string]lines{}
	}
	if e.byFile[file][function] == nil {
		e.byFile[file][function] = lines{}
	}
	e.byFile[file][function][at.Line] = true
}

// walk adds the lines of one declaration on which the compiler calls a
// function: one of the program, or of the runtime for what a statement does.
// The places of calls are those that it writes down: of the opening bracket,
// of an operator.
func (e *extractor) walk(function string, decl ast.Node, signature *ast.FuncType, receiver *ast.FieldList, body ast.Node) {
	w := &walker{extractor: e, function: function, shared: e.shared(decl), defers: defers(decl)}
	if signature != nil {
		w.enter(decl.Pos(), signature, receiver, body.(*ast.BlockStmt))
	}
	w.inspect(body)
}

type walker struct {
	*extractor
	function string
	// shared are variables that may be moved to the heap.
	shared map[types.Object]bool
	// defers: calls are deferred in it, and run at a return or at the end.
	defers bool
}

func (w *walker) at(places ...token.Pos) {
	for _, pos := range places {
		w.add(w.function, pos)
	}
}

// enter adds where a function begins (a goroutine that has not run yet stands
// there), its parameters that are moved to the heap, and its end where deferred
// calls run there.
func (w *walker) enter(start token.Pos, signature *ast.FuncType, receiver *ast.FieldList, body *ast.BlockStmt) {
	w.at(start, signature.Func)
	for _, list := range []*ast.FieldList{receiver, signature.Params, signature.Results} {
		if list == nil {
			continue
		}
		for _, field := range list.List {
			for _, name := range field.Names {
				w.declare(name)
			}
		}
	}
	if w.defers {
		w.at(body.Rbrace)
	}
}

func (w *walker) declare(e ast.Expr) {
	if id, ok := e.(*ast.Ident); ok && w.shared[w.unit.Info.Defs[id]] {
		w.at(id.Pos())
	}
}

func (w *walker) inspect(root ast.Node) {
	ast.Inspect(root, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			w.enter(n.Pos(), n.Type, nil, n.Body)
		case *ast.CallExpr:
			w.call(n)
		case *ast.CompositeLit:
			w.literal(n)
		case *ast.UnaryExpr:
			if n.Op == token.ARROW || n.Op == token.AND {
				w.at(n.OpPos)
			}
		case *ast.BinaryExpr:
			w.binary(n)
		case *ast.IndexExpr:
			if w.is(n.X, isMap) {
				w.at(n.Pos(), n.Lbrack)
			}
		case *ast.SelectorExpr:
			if s := w.unit.Info.Selections[n]; s != nil && s.Kind() == types.MethodVal {
				w.at(n.Sel.Pos())
			}
		case *ast.SendStmt:
			w.at(n.Pos(), n.Arrow)
		case *ast.SelectStmt:
			w.at(n.Select)
		case *ast.CommClause:
			w.at(n.Case)
		case *ast.RangeStmt:
			w.at(n.For, n.X.Pos())
			w.declare(n.Key)
			w.declare(n.Value)
		case *ast.GoStmt:
			w.at(n.Go)
		case *ast.DeferStmt:
			w.at(n.Defer)
		case *ast.ReturnStmt:
			if w.defers {
				w.at(n.Return)
			}
			for _, r := range n.Results {
				w.boxed(r)
				if w.is(r, isSlice) { // moved from the stack to the heap here
					w.at(n.Return, r.Pos())
				}
			}
		case *ast.AssignStmt:
			w.assign(n)
		case *ast.ValueSpec:
			for _, name := range n.Names {
				w.declare(name)
			}
			if n.Type != nil && w.is(n.Type, types.IsInterface) {
				for _, v := range n.Values {
					w.boxed(v)
				}
			}
		}
		return true
	})
}

func (w *walker) call(n *ast.CallExpr) {
	w.at(n.Lparen)
	t := w.unit.Info.TypeOf(n.Fun)
	if t == nil {
		return
	}
	signature, ok := t.Underlying().(*types.Signature)
	if !ok {
		return
	}
	for i, arg := range n.Args {
		if types.IsInterface(parameter(signature, i)) {
			w.boxed(arg)
		}
	}
}

// parameter is the type that the i-th argument is given as.
func parameter(s *types.Signature, i int) types.Type {
	last := s.Params().Len() - 1
	if s.Variadic() && i >= last {
		if slice, ok := s.Params().At(last).Type().Underlying().(*types.Slice); ok {
			return slice.Elem()
		}
	}
	if i > last {
		return types.Typ[types.Invalid]
	}
	return s.Params().At(i).Type()
}

// boxed adds the line of a value that may be copied for an interface.
func (w *walker) boxed(e ast.Expr) {
	if t := w.unit.Info.TypeOf(e); t != nil && !types.IsInterface(t) {
		w.at(e.Pos())
		if selector, ok := ast.Unparen(e).(*ast.SelectorExpr); ok {
			w.at(selector.Sel.Pos())
		}
	}
}

func (w *walker) literal(n *ast.CompositeLit) {
	w.at(n.Pos(), n.Lbrace)
	for _, element := range n.Elts {
		value := element
		if pair, ok := element.(*ast.KeyValueExpr); ok {
			value = pair.Value
			if w.is(n, isMap) {
				w.at(pair.Pos(), pair.Colon)
			}
			w.boxed(pair.Key)
		}
		w.boxed(value)
	}
}

func (w *walker) binary(n *ast.BinaryExpr) {
	if n.Op == token.ADD && w.is(n, isString) {
		w.at(n.Pos(), n.OpPos)
	}
}

func (w *walker) assign(n *ast.AssignStmt) {
	for i, left := range n.Lhs {
		w.declare(left)
		if n.Tok == token.ASSIGN && len(n.Rhs) == len(n.Lhs) && w.is(left, types.IsInterface) {
			w.boxed(n.Rhs[i])
		}
		if index, ok := left.(*ast.IndexExpr); ok && w.is(index.X, isMap) {
			w.at(n.TokPos)
		}
	}
	if n.Tok == token.ADD_ASSIGN && w.is(n.Lhs[0], isString) {
		w.at(n.TokPos)
	}
}

func (w *walker) is(e ast.Expr, what func(types.Type) bool) bool {
	t := w.unit.Info.TypeOf(e)
	return t != nil && what(t)
}

func isMap(t types.Type) bool {
	_, ok := t.Underlying().(*types.Map)
	return ok
}

func isSlice(t types.Type) bool {
	_, ok := t.Underlying().(*types.Slice)
	return ok
}

func isString(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsString != 0
}

func defers(decl ast.Node) (found bool) {
	ast.Inspect(decl, func(n ast.Node) bool {
		_, is := n.(*ast.DeferStmt)
		found = found || is
		return !found
	})
	return found
}

// shared lists the variables of a declaration whose address is taken, or that
// a closure uses: those that can be moved to the heap where they are declared.
func (e *extractor) shared(decl ast.Node) map[types.Object]bool {
	found := map[types.Object]bool{}
	var literals []*ast.FuncLit
	address := func(x ast.Expr) {
		if id := root(x); id != nil {
			if obj := e.unit.Info.Uses[id]; obj != nil {
				found[obj] = true
			}
		}
	}
	ast.PreorderStack(decl, nil, func(n ast.Node, stack []ast.Node) bool {
		literals = literals[:0]
		for _, outer := range stack {
			if lit, ok := outer.(*ast.FuncLit); ok {
				literals = append(literals, lit)
			}
		}
		switch n := n.(type) {
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				address(n.X)
			}
		case *ast.SliceExpr:
			address(n.X)
		case *ast.SelectorExpr:
			if s := e.unit.Info.Selections[n]; s != nil && s.Kind() == types.MethodVal {
				address(n.X)
			}
		case *ast.Ident:
			if obj := e.unit.Info.Uses[n]; obj != nil && len(literals) > 0 {
				inner := literals[len(literals)-1]
				if obj.Pos() < inner.Pos() || obj.Pos() > inner.End() {
					found[obj] = true
				}
			}
		}
		return true
	})
	return found
}

// root is the variable of which the expression is a part.
func root(e ast.Expr) *ast.Ident {
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.Ident:
			return x
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		default:
			return nil
		}
	}
}

func (e *extractor) result() *Unit {
	u := &Unit{Path: e.unit.Path, Main: e.unit.Name == "main", Files: []File{}}
	for name, functions := range e.byFile {
		file := File{File: name}
		for function, set := range functions {
			file.Functions = append(file.Functions, Function{function, steps(set)})
		}
		sort.Slice(file.Functions, func(i, j int) bool {
			a, b := file.Functions[i], file.Functions[j]
			return a.Lines[0] < b.Lines[0] || a.Lines[0] == b.Lines[0] && a.Name < b.Name
		})
		u.Files = append(u.Files, file)
	}
	sort.Slice(u.Files, func(i, j int) bool { return u.Files[i].File < u.Files[j].File })
	return u
}

// steps writes ascending lines as the first and the distances behind it.
func steps(set lines) []int {
	list := make([]int, 0, len(set))
	for line := range set {
		list = append(list, line)
	}
	sort.Ints(list)
	for i := len(list) - 1; i > 0; i-- {
		list[i] -= list[i-1]
	}
	return list
}
