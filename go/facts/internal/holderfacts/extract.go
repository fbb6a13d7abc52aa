package holderfacts

import (
	"fmt"
	"go/token"
	"go/types"
	"sort"

	"golang.org/x/tools/go/ssa"

	"github.com/tidemark-go/tidemark/go/facts/internal/finite"
	"github.com/tidemark-go/tidemark/go/facts/internal/load"
	"github.com/tidemark-go/tidemark/go/facts/internal/names"
)

type extractor struct {
	unit       *load.Unit
	out        *Unit
	names      *names.Namer
	isStandard func(string) bool
	known      map[string]bool
	aliases    map[[2]string]bool
	bindings   map[*ssa.FreeVar]ssa.Value
	fn         *ssa.Function
	looping    map[*ssa.BasicBlock]bool
	places     map[ssa.Value]string
	finite     *finite.Package
	startOnly  map[*ssa.Function]bool
	perValue   map[*ssa.Function]bool
	passes     map[Pass]bool
	holdings   map[string]bool
	renewed    map[string]bool
	getters    map[getter]life
	again      map[*ssa.Function]bool
	fromMain   map[*ssa.Function]bool
	served     map[string]bool
	once       map[*ssa.Function]bool
	// registers and limited are what limits.go said of the function at hand and its blocks.
	registers bool
	limited   map[*ssa.BasicBlock]bool
}

// Extract reads the containers of one package. It fails only when the
// analysis itself panics, with the function's name.
func Extract(unit *load.Unit, isStandard func(path string) bool) (out *Unit, err error) {
	x := &extractor{unit: unit, out: &Unit{}, names: names.NewNamer(unit.Fset, unit.Types, unit.Files), isStandard: isStandard,
		known: map[string]bool{}, aliases: map[[2]string]bool{}, bindings: map[*ssa.FreeVar]ssa.Value{}, passes: map[Pass]bool{},
		holdings: map[string]bool{}, renewed: map[string]bool{}, getters: map[getter]life{}, again: map[*ssa.Function]bool{}, served: map[string]bool{}}
	defer func() {
		if r := recover(); r != nil {
			out, err = nil, fmt.Errorf("%s: analysis of holders failed in %s: %v", unit.Path, x.fn, r)
		}
	}()
	functions := load.Functions(unit)
	x.finite = finite.New(unit.SSA, functions)
	x.startOnly, x.perValue = startOnly(unit, functions), oncePerValue(functions)
	for _, fn := range functions {
		for _, b := range fn.Blocks {
			for _, instr := range b.Instrs {
				if c, ok := instr.(*ssa.MakeClosure); ok {
					target := c.Fn.(*ssa.Function)
					for i, fv := range target.FreeVars {
						x.bindings[fv] = c.Bindings[i]
					}
				}
			}
		}
	}
	x.once, x.fromMain = onceFunctions(functions), onceFromMain(unit, functions)
	for _, fn := range functions {
		x.fn, x.looping, x.places = fn, map[*ssa.BasicBlock]bool{}, map[ssa.Value]string{}
		x.registers, x.limited = registersToo(fn), map[*ssa.BasicBlock]bool{}
		for _, b := range fn.Blocks {
			for _, instr := range b.Instrs {
				x.instruction(instr)
				x.handsOn(instr)
				x.holds(instr)
			}
		}
	}
	x.handlers(functions)
	x.references(functions)
	for a := range x.aliases {
		x.out.Aliases = append(x.out.Aliases, a)
	}
	for r := range x.renewed {
		x.out.Replaced = append(x.out.Replaced, r)
	}
	sort.Strings(x.out.Replaced)
	sort.Slice(x.out.Aliases, func(i, j int) bool {
		a, b := x.out.Aliases[i], x.out.Aliases[j]
		return a[0] < b[0] || a[0] == b[0] && a[1] < b[1]
	})
	return x.out, nil
}

// kind names the kind of container that a type is, or "".
func kind(t types.Type) string {
	switch names.Type(t) {
	case "sync.Map":
		return "sync.Map"
	case "container/list.List":
		return "list"
	}
	switch u := types.Unalias(t).Underlying().(type) {
	case *types.Map:
		return "map"
	case *types.Slice:
		return "slice"
	case *types.Pointer:
		if k := names.Type(u.Elem()); k == "sync.Map" || k == "container/list.List" {
			return kind(u.Elem())
		}
	}
	return ""
}

func (x *extractor) declare(h Holder, pos token.Pos) {
	if x.known[h.ID] {
		return
	}
	x.known[h.ID] = true
	position := x.unit.Fset.Position(pos)
	h.File, h.Line = names.File(x.unit.Path, position.Filename), position.Line
	x.out.Holders = append(x.out.Holders, h)
}

func (x *extractor) typeName(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string { return p.Path() })
}

// cell names the variable at an address, if containers in it are kept track of.
func (x *extractor) cell(addr ssa.Value) string {
	switch v := addr.(type) {
	case *ssa.Global:
		t := v.Type().(*types.Pointer).Elem()
		if kind(t) == "" {
			return ""
		}
		id := v.Pkg.Pkg.Path() + "." + v.Name()
		if v.Pkg == x.unit.SSA {
			x.declare(Holder{ID: id, Kind: kind(t), Name: v.Name(), Type: x.typeName(t), Where: "global"}, v.Pos())
		}
		return id
	case *ssa.FieldAddr:
		if g, ok := v.X.(*ssa.Global); ok && names.Type(g.Type().(*types.Pointer).Elem()) == "" {
			return x.unnamedField(g, v.Field)
		}
		return x.field(v.X.Type(), v.Field)
	case *ssa.Alloc:
		t := v.Type().(*types.Pointer).Elem()
		if !v.Heap || kind(t) == "" || v.Comment == "" || v.Comment == "new" || v.Comment == "complit" {
			return ""
		}
		key := x.names.Key(v.Parent())
		id := fmt.Sprintf("%s:%s@%d", key, v.Comment, x.unit.Fset.Position(v.Pos()).Line)
		x.declare(Holder{ID: id, Kind: kind(t), Name: v.Comment, Type: x.typeName(t), Where: "local"}, v.Pos())
		return id
	case *ssa.Parameter:
		if pointsToContainer(v.Type()) {
			for i, p := range v.Parent().Params {
				if p == v {
					return fmt.Sprintf("param %s %d", x.names.Key(v.Parent()), i)
				}
			}
		}
	case *ssa.FreeVar:
		if bound := x.bindings[v]; bound != nil {
			return x.cell(bound)
		}
	case *ssa.IndexAddr:
		if inner := x.place(v.X); inner != "" {
			return inner + "[]"
		}
	}
	return ""
}

func (x *extractor) field(t types.Type, index int) string {
	if p, ok := types.Unalias(t).Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	if named, ok := types.Unalias(t).(*types.Named); ok {
		t = named.Origin()
	}
	st, ok := types.Unalias(t).Underlying().(*types.Struct)
	owner := names.Type(t)
	if !ok || owner == "" || index >= st.NumFields() || kind(st.Field(index).Type()) == "" {
		return ""
	}
	f := st.Field(index)
	id := owner + "." + f.Name()
	if f.Pkg() == x.unit.Types {
		x.declare(Holder{ID: id, Kind: kind(f.Type()), Name: f.Name(), Type: x.typeName(f.Type()), Where: "field", Struct: owner}, f.Pos())
	}
	return id
}

// unnamedField is a field of a package variable whose struct type has no name.
func (x *extractor) unnamedField(g *ssa.Global, index int) string {
	st, ok := g.Type().(*types.Pointer).Elem().Underlying().(*types.Struct)
	if !ok || kind(st.Field(index).Type()) == "" {
		return ""
	}
	f := st.Field(index)
	id := g.Pkg.Pkg.Path() + "." + g.Name() + "." + f.Name()
	if g.Pkg == x.unit.SSA {
		x.declare(Holder{ID: id, Kind: kind(f.Type()), Name: f.Name(), Type: x.typeName(f.Type()), Where: "global"}, f.Pos())
	}
	return id
}

// place names where a container value comes from: a variable, a parameter or
// the result of a call; "" when it is not kept track of. Every value is looked
// at once: phis make circles, and ways through them are many.
func (x *extractor) place(v ssa.Value) string {
	if known, ok := x.places[v]; ok {
		return known
	}
	x.places[v] = ""
	x.places[v] = x.origin(v)
	return x.places[v]
}

func (x *extractor) origin(v ssa.Value) string {
	switch v := v.(type) {
	case *ssa.UnOp:
		if v.Op == token.MUL {
			return x.cell(v.X)
		}
	case *ssa.Field:
		return x.field(v.X.Type(), v.Field)
	case *ssa.Parameter:
		for i, p := range v.Parent().Params {
			if p == v && (kind(v.Type()) != "") {
				return fmt.Sprintf("param %s %d", x.names.Key(v.Parent()), i)
			}
		}
	case *ssa.FieldAddr, *ssa.Global, *ssa.Alloc, *ssa.FreeVar: // sync.Map, list.List by address
		return x.cell(v)
	case *ssa.Phi:
		for _, e := range v.Edges {
			if p := x.place(e); p != "" {
				return p
			}
		}
	case *ssa.MakeMap:
		return x.ownMap(v)
	case *ssa.Slice:
		return x.place(v.X)
	case *ssa.ChangeType:
		return x.place(v.X)
	case *ssa.Lookup:
		if inner := x.place(v.X); inner != "" && kind(v.Type()) != "" {
			return inner + "[]"
		}
	case *ssa.Extract:
		switch tuple := v.Tuple.(type) {
		case *ssa.Lookup:
			if inner := x.place(tuple.X); inner != "" && v.Index == 0 && kind(v.Type()) != "" {
				return inner + "[]"
			}
		case *ssa.Call:
			return x.result(&tuple.Call, v.Index, v.Type())
		}
	case *ssa.Call:
		if b, ok := v.Call.Value.(*ssa.Builtin); ok && b.Name() == "append" {
			return x.place(v.Call.Args[0])
		}
		return x.result(&v.Call, 0, v.Type())
	}
	return ""
}

// ownMap names a map that a function makes before a loop that goes on, and that
// nobody else gets.
func (x *extractor) ownMap(m *ssa.MakeMap) string {
	if !m.Pos().IsValid() || x.inLoop(m.Block()) {
		return ""
	}
	grows := false
	for _, r := range *m.Referrers() {
		switch i := r.(type) {
		case *ssa.MapUpdate:
			if i.Map != ssa.Value(m) {
				return ""
			}
			grows = grows || goesOn(i.Block())
		case *ssa.Lookup, *ssa.Range, *ssa.DebugRef:
		case *ssa.Call:
			if _, builtin := i.Call.Value.(*ssa.Builtin); !builtin {
				return ""
			}
		default:
			return ""
		}
	}
	if !grows {
		return ""
	}
	id := fmt.Sprintf("%s:map@%d", x.names.Key(m.Parent()), x.unit.Fset.Position(m.Pos()).Line)
	x.declare(Holder{ID: id, Kind: "map", Name: "map", Type: x.typeName(m.Type()), Where: "local"}, m.Pos())
	return id
}

func (x *extractor) result(call *ssa.CallCommon, index int, t types.Type) string {
	callee := call.StaticCallee()
	if callee == nil || kind(t) == "" || x.standard(callee) {
		return ""
	}
	return fmt.Sprintf("result %s %d", x.names.Key(callee), index)
}

func (x *extractor) standard(fn *ssa.Function) bool {
	if origin := fn.Origin(); origin != nil {
		fn = origin
	}
	obj := fn.Object()
	return obj != nil && obj.Pkg() != nil && x.isStandard(obj.Pkg().Path())
}

// use records an operation on a place.
func (x *extractor) use(place, op, how string, instr ssa.Instruction) *Use {
	if place == "" || place == "[]" {
		return &Use{}
	}
	key := x.names.Key(x.fn)
	position := x.unit.Fset.Position(instr.Pos())
	u := Use{Place: place, Key: key, Function: names.Runtime(key, x.unit.Path, x.unit.Name), File: names.File(x.unit.Path, position.Filename), Line: position.Line, Op: op, How: how}
	u.Initial = x.once[x.fn] && endsSoon(instr.Block()) || isInit(x.fn) || x.startOnly[x.fn]
	if op == "add" {
		u.InLoop = x.inLoop(instr.Block())
		u.Initial = u.Initial || x.registers
		if x.underLimit(instr.Block()) {
			x.out.Uses = append(x.out.Uses, Use{Place: place, Key: key, Function: u.Function, File: u.File, Line: u.Line, Op: "bound", How: "a counter"})
		}
	}
	x.out.Uses = append(x.out.Uses, u)
	return &x.out.Uses[len(x.out.Uses)-1]
}

func (x *extractor) underLimit(b *ssa.BasicBlock) bool {
	known, ok := x.limited[b]
	if !ok {
		known = underLimit(b)
		x.limited[b] = known
	}
	return known
}

func (x *extractor) inLoop(b *ssa.BasicBlock) bool {
	if known, ok := x.looping[b]; ok {
		return known
	}
	seen := map[*ssa.BasicBlock]bool{}
	var visit func(at *ssa.BasicBlock) bool
	visit = func(at *ssa.BasicBlock) bool {
		for _, s := range at.Succs {
			if s == b {
				return true
			}
			if !seen[s] {
				seen[s] = true
				if visit(s) {
					return true
				}
			}
		}
		return false
	}
	x.looping[b] = visit(b)
	return x.looping[b]
}
