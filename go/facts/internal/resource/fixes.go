package resource

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ast/astutil"
	"golang.org/x/tools/go/ssa"
)

// Edit is a change of a file: the bytes from Offset to End become NewText.
type Edit struct {
	File     string `json:"file"`
	RepoFile string `json:"repoFile,omitempty"`
	Offset   int    `json:"offset"`
	End      int    `json:"end"`
	NewText  string `json:"newText"`

	pos, end token.Pos
}

// neverFixed are kinds whose release is more than a deferred call.
var neverFixed = map[string]bool{"sql-row": true, "process": true, "pipe-writer": true, "transport": true, "signal": true}

// suggest writes the deferred release for a thing that a statement of its own
// takes and that stays in the function. nil where that is not safe: in a loop,
// where the error is not checked right away, where the thing, or something made
// from it, is returned or kept.
func (x *extractor) suggest(fn *ssa.Function, instr ssa.Instruction, t taking, out outcome) []Edit {
	call, ok := instr.(*ssa.Call)
	if !ok || t.inside || out.shown || neverFixed[t.kind] || out.kept || len(out.owns) > 0 || t.value == nil || x.outlives(fn, t.value) {
		return nil
	}
	file, path := x.pathTo(call.Pos())
	if file == nil || x.generated[x.unit.Fset.Position(file.FileStart).Filename] {
		return nil
	}
	for n, node := range path {
		assign, ok := node.(*ast.AssignStmt)
		if !ok {
			continue
		}
		block, ok := path[n+1].(*ast.BlockStmt)
		if !ok || inLoopStatement(path[n+1:]) || len(assign.Rhs) != 1 || !isCallAt(assign.Rhs[0], call.Pos()) {
			return nil
		}
		return x.deferAfter(block, assign, t)
	}
	return nil
}

func (x *extractor) pathTo(pos token.Pos) (*ast.File, []ast.Node) {
	for _, file := range x.unit.Files {
		if file.FileStart <= pos && pos < file.FileEnd {
			path, _ := astutil.PathEnclosingInterval(file, pos, pos)
			return file, path
		}
	}
	return nil, nil
}

// inLoopStatement: a loop lies between the statement and the function around it.
func inLoopStatement(path []ast.Node) bool {
	for _, node := range path {
		switch node.(type) {
		case *ast.ForStmt, *ast.RangeStmt, *ast.CaseClause, *ast.CommClause, *ast.LabeledStmt:
			return true
		case *ast.FuncDecl, *ast.FuncLit:
			return false
		}
	}
	return true
}

func isCallAt(e ast.Expr, pos token.Pos) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	return ok && call.Lparen == pos
}

// deferAfter puts the release behind the statement, or behind the check of its error.
func (x *extractor) deferAfter(block *ast.BlockStmt, assign *ast.AssignStmt, t taking) []Edit {
	kind := x.table.kind(t.kind)
	at := slices.Index(block.List, ast.Stmt(assign))
	index := 0
	if e, ok := t.value.(*ssa.Extract); ok {
		index = e.Index
	}
	if at < 0 || index >= len(assign.Lhs) {
		return nil
	}
	name, ok := assign.Lhs[index].(*ast.Ident)
	if !ok || name.Name == "_" {
		return nil
	}
	release := x.releaseText(kind, name)
	if release == "" {
		return nil
	}
	behind := ast.Stmt(assign)
	if last, ok := assign.Lhs[len(assign.Lhs)-1].(*ast.Ident); ok && len(assign.Lhs) > 1 && x.unit.Info.TypeOf(last) != nil && isError(x.unit.Info.TypeOf(last)) {
		if at+1 >= len(block.List) || !checks(block.List[at+1], last.Name) {
			return nil
		}
		behind = block.List[at+1]
	} else if len(assign.Lhs) > 1 && last != nil && last.Name == "_" && !kind.Called {
		return nil // the error is dropped: the thing may be nil
	}
	return []Edit{x.insertion(behind.End(), "\ndefer "+release)}
}

// releaseText is the call that gives the variable back.
func (x *extractor) releaseText(kind *Kind, name *ast.Ident) string {
	if kind.Called {
		if s, ok := x.unit.Info.TypeOf(name).Underlying().(*types.Signature); ok && s.Params().Len() == 1 {
			return name.Name + "(nil)"
		}
		return name.Name + "()"
	}
	typ := x.unit.Info.TypeOf(name)
	text := name.Name
	if kind.Field != "" {
		s := structOf(typ)
		text += "." + kind.Field
		typ = nil
		for n := 0; s != nil && n < s.NumFields(); n++ {
			if s.Field(n).Name() == kind.Field {
				typ = s.Field(n).Type()
			}
		}
	}
	if typ == nil {
		return ""
	}
	list := kind.Release
	if list = slices.Clone(list); slices.Contains(list, "Rollback") {
		list = []string{"Rollback"} // never Commit what failed
	}
	for _, method := range list {
		obj, _, _ := types.LookupFieldOrMethod(typ, true, x.unit.Types, method)
		if f, ok := obj.(*types.Func); ok && f.Type().(*types.Signature).Params().Len() == 0 {
			return text + "." + method + "()"
		}
	}
	return ""
}

// checks: if err != nil { … return }.
func checks(s ast.Stmt, name string) bool {
	branch, ok := s.(*ast.IfStmt)
	if !ok || branch.Init != nil || branch.Else != nil || len(branch.Body.List) == 0 {
		return false
	}
	cond, ok := branch.Cond.(*ast.BinaryExpr)
	if !ok || cond.Op != token.NEQ {
		return false
	}
	v, ok := cond.X.(*ast.Ident)
	zero, isIdent := cond.Y.(*ast.Ident)
	if !ok || !isIdent || v.Name != name || zero.Name != "nil" {
		return false
	}
	switch last := branch.Body.List[len(branch.Body.List)-1].(type) {
	case *ast.ReturnStmt:
		return true
	case *ast.ExprStmt: // panic, log.Fatal: the types say no more
		call, ok := last.X.(*ast.CallExpr)
		if !ok {
			return false
		}
		f, ok := call.Fun.(*ast.Ident)
		return ok && f.Name == "panic"
	}
	return false
}

func (x *extractor) insertion(pos token.Pos, text string) Edit {
	p := x.unit.Fset.PositionFor(pos, false)
	place := x.place(pos, "")
	return Edit{File: place.File, RepoFile: place.RepoFile, Offset: p.Offset, End: p.Offset, NewText: text, pos: pos, end: pos}
}
