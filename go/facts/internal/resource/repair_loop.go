package resource

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// loopFix makes the body of a loop a function of its own, so that what it
// defers runs at the end of the pass.
type loopFix struct {
	*extractor
	body  *ast.BlockStmt
	thing types.Object // that the deferred call gives back
	// continues and returns are those that leave the pass.
	continues []*ast.BranchStmt
	returns   []*ast.ReturnStmt
	// ifs are, of a return, the if statements around it, innermost first.
	ifs map[*ast.ReturnStmt][]*ast.IfStmt
	// bad: there is something in it for which the change is not safe.
	bad bool
}

// repairDefer is nil where what is given back may be of use behind the pass,
// or where the pass is left in another way than by continue or by an error.
func (x *extractor) repairDefer(fn *ssa.Function, d *ssa.Defer) []Edit {
	file, path := x.pathTo(d.Pos())
	if file == nil || x.generated[x.unit.Fset.Position(file.FileStart).Filename] {
		return nil
	}
	f := &loopFix{extractor: x, ifs: map[*ast.ReturnStmt][]*ast.IfStmt{}}
	var deferred *ast.DeferStmt
	for n, node := range path {
		stmt, ok := node.(*ast.DeferStmt)
		if !ok {
			continue
		}
		deferred = stmt
		body, ok := path[n+1].(*ast.BlockStmt)
		if !ok {
			return nil
		}
		switch path[n+2].(type) {
		case *ast.ForStmt, *ast.RangeStmt:
		default:
			return nil
		}
		if _, labelled := path[n+3].(*ast.LabeledStmt); labelled {
			return nil
		}
		f.body = body
		break
	}
	if f.body == nil || len(deferred.Call.Args) > 0 {
		return nil
	}
	root := rootOf(deferred.Call.Fun)
	if root == nil {
		return nil
	}
	f.thing = x.unit.Info.Uses[root]
	if f.thing == nil || !f.inside(f.thing) || !x.takenInPass(fn, f) {
		return nil
	}
	f.look(deferred)
	if f.bad {
		return nil
	}
	return f.edits(fn)
}

// rootOf is the variable that a chain of fields begins with.
func rootOf(e ast.Expr) *ast.Ident {
	for {
		switch n := ast.Unparen(e).(type) {
		case *ast.Ident:
			return n
		case *ast.SelectorExpr:
			e = n.X
		default:
			return nil
		}
	}
}

// inside: declared in the body of the loop.
func (f *loopFix) inside(obj types.Object) bool {
	return obj.Pos() > f.body.Pos() && obj.Pos() < f.body.End()
}

// takenInPass: a call in the body takes the thing, and nobody else gets it.
func (x *extractor) takenInPass(fn *ssa.Function, f *loopFix) (found bool) {
	instructions(fn, func(i ssa.Instruction) {
		if i.Pos() < f.body.Pos() || i.Pos() > f.body.End() || found {
			return
		}
		for _, t := range x.taken(i) {
			if t.value == nil || t.inside || !x.namedBy(f, i.Pos()) {
				continue
			}
			kind := x.table.kind(t.kind)
			w := &walker{x: x, fn: fn, kind: kind, typ: t.typ, at: i}
			w.extract, _ = t.value.(*ssa.Extract)
			held := map[ssa.Value]role{}
			for v, r := range t.held {
				held[v] = r
			}
			out := w.run(held, map[ssa.Value]fact{})
			found = !out.kept && !out.gaveUp && len(out.owns) == 0 && !x.outlives(fn, t.value)
		}
	})
	return found
}

// namedBy: the call at this place is what the variable is set to.
func (x *extractor) namedBy(f *loopFix, pos token.Pos) (found bool) {
	ast.Inspect(f.body, func(n ast.Node) bool {
		if a, ok := n.(*ast.AssignStmt); ok && len(a.Rhs) == 1 && isCallAt(a.Rhs[0], pos) {
			for _, left := range a.Lhs {
				if id, ok := left.(*ast.Ident); ok && x.unit.Info.Defs[id] == f.thing {
					found = true
				}
			}
		}
		return !found
	})
	return found
}

// look walks over the statements of the pass. Loops, switches and selects in it
// have breaks of their own, and loops have continues.
func (f *loopFix) look(deferred *ast.DeferStmt) {
	var walk func(n ast.Node, ifs []*ast.IfStmt, breaks, loops int)
	walk = func(n ast.Node, ifs []*ast.IfStmt, breaks, loops int) {
		ast.Inspect(n, func(c ast.Node) bool {
			if c == n {
				return true
			}
			switch c := c.(type) {
			case *ast.FuncLit, *ast.GoStmt, *ast.LabeledStmt, *ast.SendStmt:
				f.bad = true
			case *ast.DeferStmt:
				f.bad = f.bad || c != deferred
			case *ast.IfStmt:
				walk(c, append([]*ast.IfStmt{c}, ifs...), breaks, loops)
				return false
			case *ast.ForStmt, *ast.RangeStmt:
				f.inner(c)
				walk(c, ifs, breaks+1, loops+1)
				return false
			case *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
				walk(c, ifs, breaks+1, loops)
				return false
			case *ast.BranchStmt:
				switch {
				case c.Label != nil || c.Tok == token.GOTO || c.Tok == token.BREAK && breaks == 0:
					f.bad = true
				case c.Tok == token.CONTINUE && loops == 0:
					f.continues = append(f.continues, c)
				}
			case *ast.ReturnStmt:
				f.returns = append(f.returns, c)
				f.ifs[c] = ifs
			case *ast.AssignStmt:
				f.assign(c)
			case *ast.CallExpr:
				f.call(c)
			}
			return !f.bad
		})
	}
	walk(f.body, nil, 0, 0)
}

// inner: a loop over variables that are declared elsewhere sets those.
func (f *loopFix) inner(n ast.Node) {
	if r, ok := n.(*ast.RangeStmt); ok && r.Tok == token.ASSIGN {
		f.bad = true
	}
}

// assign: what outlives the pass gets nothing that could refer to the thing.
func (f *loopFix) assign(a *ast.AssignStmt) {
	for _, left := range a.Lhs {
		if id, ok := left.(*ast.Ident); ok && (id.Name == "_" || f.unit.Info.Defs[id] != nil) {
			continue
		}
		root := rootOf(base(left))
		if root == nil {
			f.bad = true
			continue
		}
		if obj := f.unit.Info.ObjectOf(root); obj == nil || !f.inside(obj) || f.unit.Info.Uses[root] == f.thing {
			f.bad = f.bad || !plainType(f.unit.Info.TypeOf(left), plainDepth)
		}
	}
}

// base takes indices off: m[k].f[i] is of m.
func base(e ast.Expr) ast.Expr {
	for {
		switch n := ast.Unparen(e).(type) {
		case *ast.IndexExpr:
			e = n.X
		case *ast.StarExpr:
			e = n.X
		default:
			return n
		}
	}
}

const plainDepth = 4

// plainType: data that refers to nothing that is open.
func plainType(t types.Type, depth int) bool {
	if t == nil || depth == 0 {
		return false
	}
	if isError(t) {
		return true
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Kind() != types.UnsafePointer
	case *types.Slice:
		return plainType(u.Elem(), depth-1)
	case *types.Array:
		return plainType(u.Elem(), depth-1)
	case *types.Struct:
		for n := range u.NumFields() {
			if !plainType(u.Field(n).Type(), depth-1) {
				return false
			}
		}
		return true
	case *types.Map:
		return plainType(u.Key(), depth-1) && plainType(u.Elem(), depth-1)
	}
	return false
}

// call: what the pass makes is handed to functions of the standard library
// only, and to no method of what outlives the pass. The thing itself was followed.
func (f *loopFix) call(c *ast.CallExpr) {
	if tv := f.unit.Info.Types[c.Fun]; tv.IsType() || tv.IsBuiltin() {
		return
	}
	selector, _ := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	callee, _ := f.unit.Info.Uses[selected(c.Fun)].(*types.Func)
	library := callee != nil && callee.Pkg() != nil && f.isStandard(callee.Pkg().Path())
	if library && selector != nil && callee.Type().(*types.Signature).Recv() != nil {
		root := rootOf(base(selector.X))
		obj := f.unit.Info.ObjectOf(root)
		library = root != nil && obj != nil && f.inside(obj)
	}
	for _, arg := range c.Args {
		if plainType(f.unit.Info.TypeOf(arg), plainDepth) {
			continue
		}
		ast.Inspect(arg, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok {
				return true
			}
			obj, isVar := f.unit.Info.Uses[id].(*types.Var)
			if isVar && f.inside(obj) && types.Object(obj) != f.thing && !plainType(obj.Type(), plainDepth) && !library {
				f.bad = true
			}
			return true
		})
	}
}

// edits write the function. A pass that returns an error hands it on.
func (f *loopFix) edits(fn *ssa.Function) []Edit {
	next, head, tail := "return", "\nfunc() {", "}()\n"
	if len(f.returns) > 0 {
		leading, ok := f.sameResults(fn)
		if !ok {
			return nil
		}
		next, head = "return nil", "\nif err := func() error {"
		tail = "return nil\n}(); err != nil {\nreturn " + leading + "err\n}\n"
	}
	edits := []Edit{f.insertion(f.body.Lbrace+1, head), f.insertion(f.body.Rbrace, tail)}
	for _, c := range f.continues {
		edits = append(edits, f.change(c.Pos(), c.End(), next))
	}
	for _, r := range f.returns {
		last := r.Results[len(r.Results)-1]
		if len(r.Results) > 1 {
			edits = append(edits, f.change(r.Results[0].Pos(), last.Pos(), ""))
		}
	}
	return edits
}

// sameResults: every return of the pass has an error for its last result, and
// the same before it.
func (f *loopFix) sameResults(fn *ssa.Function) (leading string, ok bool) {
	results := fn.Signature.Results()
	if results.Len() == 0 || !isError(results.At(results.Len()-1).Type()) {
		return "", false
	}
	for n, r := range f.returns {
		if len(r.Results) != results.Len() {
			return "", false
		}
		var before strings.Builder
		for _, e := range r.Results[:results.Len()-1] {
			id, isName := e.(*ast.Ident)
			tv := f.unit.Info.Types[e]
			if !isName || id.Name == "err" || tv.Value == nil && !tv.IsNil() && (f.unit.Info.Uses[id] == nil || f.inside(f.unit.Info.Uses[id])) {
				if _, number := e.(*ast.BasicLit); !number {
					return "", false
				}
			}
			before.WriteString(types.ExprString(e) + ", ")
		}
		if n > 0 && before.String() != leading || !f.surelyError(r) {
			return "", false
		}
		leading = before.String()
	}
	return leading, true
}

// surelyError: the last result is made here, or was just found not to be nil.
func (f *loopFix) surelyError(r *ast.ReturnStmt) bool {
	switch e := ast.Unparen(r.Results[len(r.Results)-1]).(type) {
	case *ast.CallExpr:
		callee, _ := f.unit.Info.Uses[selected(e.Fun)].(*types.Func)
		return callee != nil && (callee.FullName() == "errors.New" || callee.FullName() == "fmt.Errorf")
	case *ast.Ident:
		around := f.ifs[r]
		if len(around) == 0 {
			return false
		}
		list := around[0].Body.List
		if len(list) == 0 || list[len(list)-1] != ast.Stmt(r) {
			return false
		}
		cond, ok := around[0].Cond.(*ast.BinaryExpr)
		if !ok || cond.Op != token.NEQ || !f.unit.Info.Types[cond.Y].IsNil() {
			return false
		}
		tested, ok := cond.X.(*ast.Ident)
		if !ok || f.unit.Info.Uses[tested] != f.unit.Info.Uses[e] {
			return false
		}
		set := false
		ast.Inspect(around[0].Body, func(n ast.Node) bool {
			if a, ok := n.(*ast.AssignStmt); ok {
				for _, left := range a.Lhs {
					id, ok := left.(*ast.Ident)
					set = set || ok && f.unit.Info.ObjectOf(id) == f.unit.Info.Uses[e]
				}
			}
			return !set
		})
		return !set
	}
	return false
}
