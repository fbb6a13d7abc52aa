package resource

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// Repair is a change that makes a finding of the rule in this line go away.
// The finding itself may be another package's.
type Repair struct {
	Rule  string `json:"rule"`
	File  string `json:"file"`
	Line  int    `json:"line"`
	Edits []Edit `json:"edits"`
}

func (x *extractor) repair(rule string, pos token.Pos, edits []Edit) {
	if len(edits) > 0 {
		p := x.place(pos, "")
		x.out.Repairs = append(x.out.Repairs, Repair{rule, p.File, p.Line, edits})
	}
}

// called is a call that is a statement of its own, on a variable or a field: mu.Lock().
type called struct {
	stmt *ast.ExprStmt
	// on is what the method is called on.
	on ast.Expr
	// around: the block, and what is around that, innermost first.
	around []ast.Node
}

// statementOf finds the statement that a call is, nil where it is none of
// this form or the file is generated.
func (x *extractor) statementOf(call ssa.CallInstruction) *called {
	file, path := x.pathTo(call.Pos())
	if file == nil || x.generated[x.unit.Fset.Position(file.FileStart).Filename] {
		return nil
	}
	for n, node := range path {
		stmt, ok := node.(*ast.ExprStmt)
		if !ok {
			continue
		}
		if !isCallAt(stmt.X, call.Pos()) || n+1 >= len(path) {
			return nil
		}
		selector, ok := ast.Unparen(ast.Unparen(stmt.X).(*ast.CallExpr).Fun).(*ast.SelectorExpr)
		if !ok {
			return nil
		}
		return &called{stmt, selector.X, path[n+1:]}
	}
	return nil
}

// body is the body of the function that the statement is in.
func (c *called) body() *ast.BlockStmt {
	for _, node := range c.around {
		switch fn := node.(type) {
		case *ast.FuncDecl:
			return fn.Body
		case *ast.FuncLit:
			return fn.Body
		}
	}
	return nil
}

// statements is the list that the statement is one of.
func (c *called) statements() []ast.Stmt {
	switch block := c.around[0].(type) {
	case *ast.BlockStmt:
		return block.List
	case *ast.CaseClause:
		return block.Body
	case *ast.CommClause:
		return block.Body
	}
	return nil
}

// atEnd: nothing happens behind the statement but a return that only hands over
// what is at hand.
func (x *extractor) atEnd(c *called) bool {
	list := c.statements()
	at := slices.Index(list, ast.Stmt(c.stmt))
	if at < 0 {
		return false
	}
	if at+1 < len(list) {
		back, ok := list[at+1].(*ast.ReturnStmt)
		return ok && x.allAtHand(back.Results)
	}
	return c.around[0] == ast.Node(c.body())
}

// removal deletes a statement with its line; false where other code shares the line before it.
func (x *extractor) removal(c *called) (Edit, bool) {
	list := c.statements()
	at := slices.Index(list, ast.Stmt(c.stmt))
	file := x.unit.Fset.File(c.stmt.Pos())
	line := file.PositionFor(c.stmt.Pos(), false).Line
	lineOf := func(pos token.Pos) int { return file.PositionFor(pos, false).Line }
	if at < 0 || at > 0 && lineOf(list[at-1].End()-1) == line || lineOf(c.stmt.End()) != line {
		return Edit{}, false
	}
	if at == 0 && lineOf(blockStart(c.around[0])) == line {
		return Edit{}, false
	}
	if at+1 < len(list) && lineOf(list[at+1].Pos()) == line {
		return x.change(c.stmt.Pos(), list[at+1].Pos(), ""), true
	}
	if line >= file.LineCount() || at+1 == len(list) && lineOf(c.around[0].End()-1) == line {
		return Edit{}, false
	}
	return x.change(file.LineStart(line), file.LineStart(line+1), ""), true
}

func blockStart(n ast.Node) token.Pos {
	switch n := n.(type) {
	case *ast.CaseClause:
		return n.Colon
	case *ast.CommClause:
		return n.Colon
	}
	return n.Pos()
}

func (x *extractor) change(pos, end token.Pos, text string) Edit {
	e := x.insertion(pos, text)
	e.End, e.end = x.unit.Fset.PositionFor(end, false).Offset, end
	return e
}

// steady is the variable at the root of a chain of fields, where the chain is
// the same thing all through the function: nothing in it is assigned anew.
func (x *extractor) steady(e ast.Expr, body *ast.BlockStmt) *types.Var {
	text := types.ExprString(e)
	at := e
	for {
		switch n := ast.Unparen(at).(type) {
		case *ast.SelectorExpr:
			at = n.X
			continue
		case *ast.Ident:
			v, ok := x.unit.Info.Uses[n].(*types.Var)
			if !ok || x.assigned(body, text, v) {
				return nil
			}
			return v
		}
		return nil
	}
}

// assigned: the body sets the variable, a field on the way to the thing, or
// hands out the variable's address.
func (x *extractor) assigned(body *ast.BlockStmt, text string, root *types.Var) (found bool) {
	hit := func(e ast.Expr) {
		name := types.ExprString(e)
		first, _, _ := strings.Cut(name, ".")
		if first == root.Name() && (name == text || strings.HasPrefix(text, name+".")) {
			found = true
		}
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, left := range n.Lhs {
				if id, ok := left.(*ast.Ident); ok && x.unit.Info.Defs[id] != nil {
					continue // another variable, or its declaration
				}
				hit(left)
			}
		case *ast.UnaryExpr:
			if n.Op == token.AND && types.ExprString(n.X) != text {
				hit(n.X)
			}
		case *ast.RangeStmt:
			if n.Tok == token.ASSIGN {
				for _, e := range []ast.Expr{n.Key, n.Value} {
					if e != nil {
						hit(e)
					}
				}
			}
		}
		return !found
	})
	return found
}

// means: the name stands for the variable at this place.
func (x *extractor) means(v *types.Var, at token.Pos) bool {
	scope := x.unit.Types.Scope().Innermost(at)
	if scope == nil {
		return false
	}
	_, obj := scope.LookupParent(v.Name(), at)
	return obj == types.Object(v)
}

// allAtHand: the expressions only read constants, variables of the function and
// errors of a package: it makes no difference whether a lock is held.
func (x *extractor) allAtHand(list []ast.Expr) bool {
	return !slices.ContainsFunc(list, func(e ast.Expr) bool { return !x.atHand(e) })
}

func (x *extractor) atHand(e ast.Expr) bool {
	if tv, ok := x.unit.Info.Types[e]; ok && (tv.Value != nil || tv.IsNil()) {
		return true
	}
	switch e := e.(type) {
	case *ast.ParenExpr:
		return x.atHand(e.X)
	case *ast.BasicLit, *ast.FuncLit:
		return true
	case *ast.Ident, *ast.SelectorExpr:
		return x.readsAtHand(e)
	case *ast.UnaryExpr:
		_, literal := e.X.(*ast.CompositeLit)
		return e.Op != token.ARROW && (e.Op != token.AND || literal) && x.atHand(e.X)
	case *ast.BinaryExpr:
		return x.atHand(e.X) && x.atHand(e.Y)
	case *ast.CompositeLit:
		return x.allAtHand(e.Elts)
	case *ast.KeyValueExpr:
		if key, ok := e.Key.(*ast.Ident); ok {
			if v, ok := x.unit.Info.Uses[key].(*types.Var); ok && v.IsField() {
				return x.atHand(e.Value)
			}
		}
		if !x.atHand(e.Key) {
			return false
		}
		return x.atHand(e.Value)
	case *ast.CallExpr:
		callee, _ := x.unit.Info.Uses[selected(e.Fun)].(*types.Func)
		if callee == nil || callee.FullName() != "errors.New" && callee.FullName() != "fmt.Errorf" {
			return false
		}
		return !slices.ContainsFunc(e.Args, func(a ast.Expr) bool {
			t := x.unit.Info.TypeOf(a)
			_, basic := t.Underlying().(*types.Basic)
			return !basic && !isError(t) || !x.atHand(a)
		})
	}
	return false
}

func (x *extractor) readsAtHand(e ast.Expr) bool {
	v, ok := x.unit.Info.Uses[selected(e)].(*types.Var)
	if !ok {
		return false
	}
	if v.Parent() != nil && v.Parent().Parent() == types.Universe {
		return isError(v.Type()) // of a package
	}
	id, ok := e.(*ast.Ident)
	return ok && !v.IsField() && x.ownVariable(v, id)
}

// ownVariable: of the function that reads it, and no closure's as well.
func (x *extractor) ownVariable(v *types.Var, at *ast.Ident) bool {
	_, path := x.pathTo(at.Pos())
	for _, node := range path {
		var body *ast.BlockStmt
		var from ast.Node
		switch fn := node.(type) {
		case *ast.FuncDecl:
			body, from = fn.Body, fn
		case *ast.FuncLit:
			body, from = fn.Body, fn.Type
		default:
			continue
		}
		if v.Pos() < from.Pos() || v.Pos() > body.End() {
			return false
		}
		own := true
		ast.Inspect(body, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit:
				ast.Inspect(n, func(inner ast.Node) bool {
					if id, ok := inner.(*ast.Ident); ok && x.unit.Info.Uses[id] == types.Object(v) {
						own = false
					}
					return own
				})
			case *ast.UnaryExpr:
				if id, ok := n.X.(*ast.Ident); ok && n.Op == token.AND && x.unit.Info.Uses[id] == types.Object(v) {
					own = false
				}
			}
			return own
		})
		return own
	}
	return false
}

// selected is the name that an expression ends with.
func selected(e ast.Expr) *ast.Ident {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return e
	case *ast.SelectorExpr:
		return e.Sel
	}
	return nil
}
