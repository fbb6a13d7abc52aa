package escape

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/tidemark-go/tidemark/go/facts/internal/load"
	"github.com/tidemark-go/tidemark/go/facts/internal/names"
)

// FromSource names what the statements of a package have the runtime allocate.
func FromSource(unit *load.Unit) Unit {
	out := Unit{}
	for _, file := range unit.Files {
		w := &walker{unit: unit, out: out, called: map[ast.Expr]bool{}, lent: map[ast.Expr]bool{}}
		w.runtime = unit.Path == "runtime" || strings.HasPrefix(unit.Path, "internal/runtime/")
		ast.Inspect(file, w.node)
	}
	return out
}

type walker struct {
	unit    *load.Unit
	out     Unit
	runtime bool
	// called are operands of calls: no method values. lent are conversions whose
	// result is only looked at, for which the compiler makes no copy.
	called, lent map[ast.Expr]bool
}

func (w *walker) node(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.AssignStmt:
		for _, to := range n.Lhs {
			w.assigned(to)
		}
		if n.Tok == token.ADD_ASSIGN && isString(w.typeOf(n.Lhs[0])) {
			w.add(n.TokPos, ConcatAssign, types.ExprString(n.Lhs[0])+" += …")
		}
	case *ast.IncDecStmt:
		w.assigned(n.X)
	case *ast.RangeStmt:
		w.assigned(n.Key)
		w.assigned(n.Value)
		w.lend(n.X)
		w.defers(n.Body)
	case *ast.ForStmt:
		w.defers(n.Body)
	case *ast.GoStmt:
		w.add(n.Pos(), Go, "go "+types.ExprString(n.Call.Fun))
	case *ast.IndexExpr:
		w.lend(n.Index)
	case *ast.SwitchStmt:
		w.lend(n.Tag)
	case *ast.BinaryExpr:
		w.lend(n.X)
		w.lend(n.Y)
		if n.Op == token.ADD && isString(w.typeOf(n)) && w.unit.Info.Types[n].Value == nil {
			w.add(n.OpPos, Concat, types.ExprString(n))
		}
	case *ast.CallExpr:
		w.call(n)
	case *ast.SelectorExpr:
		if s := w.unit.Info.Selections[n]; s != nil && s.Kind() == types.MethodVal && !w.called[n] {
			w.add(n.Sel.Pos(), Method, types.ExprString(n))
		}
	}
	return true
}

// assigned notes an assignment to an entry of a map.
func (w *walker) assigned(to ast.Expr) {
	if to == nil {
		return
	}
	if index, ok := ast.Unparen(to).(*ast.IndexExpr); ok {
		if t := w.typeOf(index.X); t != nil {
			if _, ok := under(t).(*types.Map); ok {
				w.add(index.Lbrack, MapAssign, types.ExprString(index))
			}
		}
	}
}

func (w *walker) lend(e ast.Expr) {
	if e != nil {
		w.lent[ast.Unparen(e)] = true
	}
}

// defers notes deferred calls in a loop: their number is not known, so each
// has a record on the heap.
func (w *walker) defers(body *ast.BlockStmt) {
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit, *ast.ForStmt, *ast.RangeStmt:
			return false // a function, or a loop that is looked at itself
		case *ast.DeferStmt:
			w.add(n.Pos(), Defer, "defer "+types.ExprString(n.Call.Fun))
		}
		return true
	})
}

func (w *walker) call(n *ast.CallExpr) {
	fun := ast.Unparen(n.Fun)
	w.called[fun] = true
	if tv := w.unit.Info.Types[fun]; tv.IsType() && len(n.Args) == 1 {
		if !w.lent[n] && copies(w.typeOf(n.Args[0]), tv.Type) && w.unit.Info.Types[n].Value == nil {
			w.add(n.Lparen, Convert, types.ExprString(n))
		}
		return
	}
	id, ok := fun.(*ast.Ident)
	if !ok {
		return
	}
	switch obj := w.unit.Info.Uses[id].(type) {
	case *types.Builtin:
		switch {
		case id.Name == "append":
			w.add(n.Lparen, Append, types.ExprString(n))
		case id.Name == "make" && len(n.Args) > 0:
			w.made(n)
		}
	case *types.Func:
		// The runtime's own allocator, called for reflection, builders, maps …
		if w.runtime && allocators[obj.Name()] {
			w.add(n.Lparen, Runtime, types.ExprString(n))
		}
	}
}

// made notes channels, and slices and maps whose size is not known before.
func (w *walker) made(n *ast.CallExpr) {
	t := w.typeOf(n.Args[0])
	if t == nil {
		return
	}
	kind := Make
	switch under(t).(type) {
	case *types.Chan:
		kind = Channel
	case *types.Slice, *types.Map:
		variable := false
		for _, size := range n.Args[1:] {
			variable = variable || w.unit.Info.Types[size].Value == nil
		}
		if !variable {
			return
		}
	}
	w.add(n.Lparen, kind, types.ExprString(n))
}

var allocators = map[string]bool{"mallocgc": true, "newobject": true, "newarray": true, "rawbyteslice": true, "rawstring": true, "rawruneslice": true, "unsafe_New": true, "growslice": true}

func (w *walker) add(pos token.Pos, kind, what string) {
	p := w.unit.Fset.Position(pos)
	if !p.IsValid() {
		return
	}
	file := names.File(w.unit.Path, p.Filename)
	w.out[file] = append(w.out[file], Site{Line: p.Line, Column: p.Column, Kind: kind, What: clip(what)})
}

func (w *walker) typeOf(e ast.Expr) types.Type { return w.unit.Info.TypeOf(e) }

// under is the underlying type; of a type parameter that of its core.
func under(t types.Type) types.Type {
	if p, ok := types.Unalias(t).(*types.TypeParam); ok {
		if i, ok := p.Constraint().Underlying().(*types.Interface); ok && i.NumEmbeddeds() == 1 {
			if u, ok := i.EmbeddedType(0).(*types.Union); ok && u.Len() > 0 {
				return u.Term(0).Type().Underlying()
			}
			return i.EmbeddedType(0).Underlying()
		}
	}
	return t.Underlying()
}

func isString(t types.Type) bool {
	if t == nil {
		return false
	}
	b, ok := under(t).(*types.Basic)
	return ok && b.Info()&types.IsString != 0
}

// copies: a conversion between strings and slices of bytes or runes.
func copies(from, to types.Type) bool {
	return isString(from) && isText(to) || isText(from) && isString(to)
}

func isText(t types.Type) bool {
	if t == nil {
		return false
	}
	s, ok := under(t).(*types.Slice)
	if !ok {
		return false
	}
	b, ok := s.Elem().Underlying().(*types.Basic)
	return ok && (b.Kind() == types.Byte || b.Kind() == types.Rune)
}
