package syncfacts

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"sort"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/tidemark-go/tidemark/go/facts/internal/load"
	"github.com/tidemark-go/tidemark/go/facts/internal/names"
)

// Options of Extract.
type Options struct {
	// IsStandard says whether an import path is of the standard library.
	IsStandard func(path string) bool
	// Summary returns what is known of a function of an imported package.
	Summary func(key string) *Summary
}

type extractor struct {
	unit       *load.Unit
	out        *Extracted
	names      *names.Namer
	isStandard func(string) bool
	imported   func(string) *Summary
	followed   map[types.Type]bool
	edges      map[[2]string]bool
	adds       map[[2]string]bool
	objects    map[string]token.Pos
	nameOf     map[token.Pos]string
	operand    map[token.Pos]string
	argument   map[token.Pos]string
	ranges     map[token.Pos]bool
	loops      []loopHead
	summaries  map[*ssa.Function]*Summary
	inProgress map[*ssa.Function]bool
	bodies     map[*ssa.Function]*body
}

// Extracted is a unit with the summaries that importing packages ask for.
type Extracted struct {
	Unit
	Summaries map[string]*Summary `json:"summaries,omitempty"`
	// Sources are the files on disk by the names that the facts use.
	Sources map[string]string `json:"sources"`
}

// Extract reads the facts of one package. It fails only when the analysis
// itself panics, with the function's name.
func Extract(unit *load.Unit, options Options) (out *Extracted, err error) {
	current := ""
	defer func() {
		if r := recover(); r != nil {
			out, err = nil, fmt.Errorf("%s: analysis failed in %s: %v", unit.Path, current, r)
		}
	}()
	x := &extractor{
		unit:       unit,
		out:        &Extracted{Unit: Unit{Path: unit.Path, Name: unit.Name, Methods: map[string]map[string]string{}}, Summaries: map[string]*Summary{}, Sources: map[string]string{}},
		names:      names.NewNamer(unit.Fset, unit.Types, unit.Files),
		isStandard: options.IsStandard, imported: options.Summary,
		followed: map[types.Type]bool{}, edges: map[[2]string]bool{}, adds: map[[2]string]bool{},
		objects: map[string]token.Pos{}, nameOf: map[token.Pos]string{}, operand: map[token.Pos]string{}, argument: map[token.Pos]string{}, ranges: map[token.Pos]bool{},
		summaries: map[*ssa.Function]*Summary{}, inProgress: map[*ssa.Function]bool{}, bodies: map[*ssa.Function]*body{},
	}
	if x.imported == nil {
		x.imported = func(string) *Summary { return nil }
	}
	x.readSyntax()
	functions := load.Functions(unit)
	for _, fn := range functions {
		current = fn.String()
		for _, block := range fn.Blocks {
			for _, instr := range block.Instrs {
				x.flow(fn, instr)
			}
		}
	}
	for _, fn := range functions {
		current = fn.String()
		x.function(fn)
	}
	x.finish()
	return x.out, nil
}

func (x *extractor) line(pos token.Pos) int { return x.unit.Fset.Position(pos).Line }

func (x *extractor) edge(from, to string, t types.Type) {
	if from == "" || to == "" || from == to {
		return
	}
	x.edges[[2]string{from, to}] = true
	if shared(t) {
		x.edges[[2]string{to, from}] = true
	}
	if ch := channelIn(t, 0); ch != nil && x.follows(ch.Elem()) {
		x.edges[[2]string{content(from), content(to)}] = true
		x.edges[[2]string{content(to), content(from)}] = true
	}
}

// channelIn is the channel type in a cell or container of channels.
func channelIn(t types.Type, depth int) *types.Chan {
	if depth > 8 {
		return nil
	}
	switch u := types.Unalias(t).Underlying().(type) {
	case *types.Chan:
		return u
	case *types.Pointer:
		return channelIn(u.Elem(), depth+1)
	case *types.Slice:
		return channelIn(u.Elem(), depth+1)
	case *types.Array:
		return channelIn(u.Elem(), depth+1)
	case *types.Map:
		return channelIn(u.Elem(), depth+1)
	}
	return nil
}

func (x *extractor) add(node, object string) {
	if node != "" {
		x.adds[[2]string{node, object}] = true
	}
}

// object declares an object once. Two that are made on one line and would
// have one id get a number; tag tells them apart.
func (x *extractor) object(o Object, pos token.Pos, tag string) string {
	for n := 1; ; n++ {
		id := o.ID
		if n > 1 {
			id = fmt.Sprintf("%s#%d", o.ID, n)
		}
		known, taken := x.objects[id]
		if taken && known != pos {
			continue
		}
		if !taken {
			x.objects[id] = pos
			position := x.unit.Fset.Position(pos)
			o.ID, o.Line = id, position.Line
			if position.IsValid() {
				o.File = names.File(x.unit.Path, position.Filename)
			}
			x.out.Objects = append(x.out.Objects, o)
		}
		return id
	}
}

func (x *extractor) typeName(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string { return p.Path() })
}

// nameAt is the name that the source gives to what is made at pos.
func (x *extractor) nameAt(pos token.Pos, otherwise string) string {
	if name := x.nameOf[pos]; name != "" {
		return name
	}
	if i := strings.LastIndex(otherwise, "."); i >= 0 {
		otherwise = otherwise[i+1:]
	}
	return otherwise
}

// readSyntax remembers what the SSA form has forgotten: the names of what is
// made, the operands as written, and which receives are ranges.
func (x *extractor) readSyntax() {
	for _, file := range x.unit.Files {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				for i, rhs := range n.Rhs {
					if i < len(n.Lhs) {
						x.nameMade(rhs, types.ExprString(n.Lhs[i]))
					}
				}
			case *ast.ValueSpec:
				for i, value := range n.Values {
					if i < len(n.Names) {
						x.nameMade(value, n.Names[i].Name)
					}
				}
			case *ast.KeyValueExpr:
				if key, ok := n.Key.(*ast.Ident); ok {
					x.nameMade(n.Value, key.Name)
				}
			case *ast.CallExpr:
				if len(n.Args) == 1 {
					x.argument[n.Lparen] = types.ExprString(n.Args[0])
				}
				if sel, ok := ast.Unparen(n.Fun).(*ast.SelectorExpr); ok {
					x.operand[n.Lparen] = types.ExprString(sel.X)
				} else if len(n.Args) == 1 {
					x.operand[n.Lparen] = types.ExprString(n.Args[0])
				}
			case *ast.SendStmt:
				x.operand[n.Arrow] = types.ExprString(n.Chan)
			case *ast.UnaryExpr:
				if n.Op == token.ARROW {
					x.operand[n.OpPos] = types.ExprString(n.X)
				}
			case *ast.ForStmt:
				head := "for"
				if n.Cond != nil {
					head = "for " + types.ExprString(n.Cond)
				}
				x.loops = append(x.loops, loopHead{n.Body.Pos(), n.Body.End(), head})
			case *ast.FuncLit: // a closure in a loop is not itself in the loop
				x.loops = append(x.loops, loopHead{n.Body.Pos(), n.Body.End(), ""})
			case *ast.RangeStmt:
				x.loops = append(x.loops, loopHead{n.Body.Pos(), n.Body.End(), "range " + types.ExprString(n.X)})
				if t := x.unit.Info.TypeOf(n.X); t != nil {
					if _, ok := t.Underlying().(*types.Chan); ok {
						x.ranges[n.For] = true
						x.operand[n.For] = types.ExprString(n.X)
					}
				}
			}
			return true
		})
	}
}

type loopHead struct {
	from, to token.Pos
	head     string
}

// loopOver is the head of the innermost loop around pos, as written.
func (x *extractor) loopOver(pos token.Pos) string {
	// The loops are in the order of the source, inner ones behind outer ones.
	i := sort.Search(len(x.loops), func(i int) bool { return x.loops[i].from > pos })
	for i--; i >= 0; i-- {
		if l := x.loops[i]; l.from <= pos && pos < l.to {
			return l.head
		}
	}
	return ""
}

// nameMade names a made value by the positions the SSA form may use for it.
func (x *extractor) nameMade(value ast.Expr, name string) {
	value = ast.Unparen(value)
	if u, ok := value.(*ast.UnaryExpr); ok && u.Op == token.AND {
		value = ast.Unparen(u.X)
	}
	switch v := value.(type) {
	case *ast.CallExpr:
		x.nameOf[v.Lparen], x.nameOf[v.Pos()] = name, name
	case *ast.CompositeLit:
		x.nameOf[v.Lbrace], x.nameOf[v.Pos()] = name, name
	}
}

func (x *extractor) function(fn *ssa.Function) {
	if fn.Synthetic != "" && fn.Name() != "init" && fn.Parent() == nil {
		return
	}
	b := x.body(fn)
	start, end := fn.Pos(), fn.Pos()
	if s := fn.Syntax(); s != nil {
		start, end = s.Pos(), s.End()
	}
	position := x.unit.Fset.Position(start)
	f := &Function{Key: x.names.Key(fn), Line: position.Line, EndLine: x.line(end), Ops: b.ops, Calls: b.calls, Leaves: b.leaves, Recovers: b.recovers, Callees: b.callees()}
	f.Name = names.Runtime(f.Key, x.unit.Path, x.unit.Name)
	if position.IsValid() {
		f.File = names.File(x.unit.Path, position.Filename)
		x.out.Sources[f.File] = position.Filename
		if m := x.unit.Module; m != nil && m.Main {
			if rel, err := filepath.Rel(m.Dir, position.Filename); err == nil && !strings.HasPrefix(rel, "..") {
				f.RepoFile = filepath.ToSlash(rel)
			}
		}
	}
	x.signature(fn, f)
	f.Helpers = b.helpers()
	x.out.Functions = append(x.out.Functions, f)
	if s := x.summary(fn); s != nil && !s.empty() && fn.Parent() == nil {
		x.out.Summaries[f.Key] = s
	}
	if obj, ok := fn.Object().(*types.Func); ok && obj.Exported() {
		for i, p := range fn.Params {
			if x.follows(p.Type()) {
				x.out.Exported = append(x.out.Exported, param(f.Key, i))
			}
		}
	}
}

func (x *extractor) signature(fn *ssa.Function, f *Function) {
	for i, p := range fn.Params {
		if i == 0 && fn.Signature.Recv() != nil {
			t := p.Type()
			r := &Receiver{Name: p.Name(), Type: names.Type(t)}
			if elem := pointee(t); elem != nil {
				r.Type, r.Pointer, t = names.Type(elem), true, elem
			}
			r.Size = x.size(t)
			f.Receiver = r
		}
		f.Params = append(f.Params, Param{p.Name(), x.typeName(p.Type()), wordOf(fn, i)})
	}
}

// wordOf is the index of a parameter's first word in what a traceback prints.
// Generic code has its dictionary before its parameters, behind the receiver.
func wordOf(fn *ssa.Function, index int) int {
	word := 0
	recv := fn.Signature.Recv()
	for i, p := range fn.Params {
		if i == 0 && recv == nil && fn.TypeParams().Len() > 0 || i == 1 && recv != nil && fn.Signature.RecvTypeParams().Len() > 0 {
			word++
		}
		if i == index {
			break
		}
		word += words(p.Type())
	}
	return word
}

// words is how many words a traceback prints for an argument.
func words(t types.Type) int {
	switch u := types.Unalias(t).Underlying().(type) {
	case *types.Basic:
		switch u.Kind() {
		case types.String:
			return 2
		case types.Complex64, types.Complex128:
			return 2
		}
	case *types.Slice:
		return 3
	case *types.Interface:
		return 2
	case *types.Struct:
		n := 0
		for i := 0; i < u.NumFields(); i++ {
			n += words(u.Field(i).Type())
		}
		return n
	case *types.Array:
		return int(u.Len()) * words(u.Elem())
	}
	return 1
}

// finish writes the sets in a fixed order.
func (x *extractor) finish() {
	pairs := func(set map[[2]string]bool) [][2]string {
		list := make([][2]string, 0, len(set))
		for p := range set {
			list = append(list, p)
		}
		sort.Slice(list, func(i, j int) bool {
			return list[i][0] < list[j][0] || list[i][0] == list[j][0] && list[i][1] < list[j][1]
		})
		return list
	}
	x.out.Edges, x.out.Adds = pairs(x.edges), pairs(x.adds)
	sort.Slice(x.out.Objects, func(i, j int) bool { return x.out.Objects[i].ID < x.out.Objects[j].ID })
}
