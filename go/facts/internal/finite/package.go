package finite

import (
	"fmt"
	"go/token"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// Package knows who calls the functions of a package with what, and which of
// its variables change after the start.
type Package struct {
	ssa       *ssa.Package
	name      string
	arguments map[*ssa.Parameter][]Argument
	unseen    map[*ssa.Function]bool
	// Containers (see containerOf) that something is put into, or removed from,
	// after the start.
	written, removed map[string]bool
}

// Argument is what a call gives a parameter, and where.
type Argument struct {
	Value ssa.Value
	Block *ssa.BasicBlock
}

// New reads the functions of a package.
func New(pkg *ssa.Package, functions []*ssa.Function) *Package {
	p := &Package{ssa: pkg, name: pkg.Pkg.Name(), arguments: map[*ssa.Parameter][]Argument{}, unseen: map[*ssa.Function]bool{}, written: map[string]bool{}, removed: map[string]bool{}}
	invoked := map[string]bool{}
	for _, fn := range functions {
		start := fn.Name() == "init" || strings.HasPrefix(fn.Name(), "init#")
		for _, b := range fn.Blocks {
			for _, i := range b.Instrs {
				p.read(i, start, invoked)
			}
		}
	}
	for _, fn := range functions {
		obj := fn.Object()
		if obj != nil && obj.Exported() && p.name != "main" || fn.Signature.Recv() != nil && invoked[fn.Name()] {
			p.unseen[fn] = true
		}
	}
	return p
}

func (p *Package) read(i ssa.Instruction, start bool, invoked map[string]bool) {
	call, isCall := i.(ssa.CallInstruction)
	if isCall {
		c := call.Common()
		if c.IsInvoke() {
			invoked[c.Method.Name()] = true
		} else if callee := c.StaticCallee(); callee != nil {
			if o := callee.Origin(); o != nil {
				callee = o
			}
			for n, param := range callee.Params {
				if n < len(c.Args) {
					p.arguments[param] = append(p.arguments[param], Argument{c.Args[n], i.Block()})
				}
			}
		}
	}
	for _, op := range i.Operands(nil) {
		if fn, ok := (*op).(*ssa.Function); ok && !(isCall && *op == call.Common().Value) {
			p.unseen[fn] = true // called through a value
		}
	}
	if start {
		return
	}
	switch i := i.(type) {
	case *ssa.Store:
		if index, ok := i.Addr.(*ssa.IndexAddr); ok {
			p.changes(index.X)
		} else if !isNew(i.Addr) {
			p.changes(i.Addr)
		}
	case *ssa.MapUpdate:
		p.changes(i.Map)
	}
	if !isCall {
		return
	}
	b, builtin := call.Common().Value.(*ssa.Builtin)
	for _, a := range call.Common().Args {
		if g, ok := a.(*ssa.Global); ok { // its address leaves, as that of a sync.Map or a flag
			p.written[g.Name()] = true
		}
		if key := containerOf(a); builtin && (b.Name() == "delete" || b.Name() == "clear") && key != "" {
			p.removed[key], p.written[key] = true, true
		}
	}
}

func (p *Package) changes(v ssa.Value) {
	if key := containerOf(v); key != "" {
		p.written[key] = true
	}
}

// isNew: a field of something that this function makes.
func isNew(addr ssa.Value) bool {
	f, ok := addr.(*ssa.FieldAddr)
	if !ok {
		return false
	}
	_, local := f.X.(*ssa.Alloc)
	return local
}

// containerOf names the package variable or the field that a container, or the
// address of one, lies in; "" for others.
func containerOf(v ssa.Value) string {
	if load, ok := v.(*ssa.UnOp); ok && load.Op == token.MUL {
		v = load.X
	}
	switch t := v.(type) {
	case *ssa.Global:
		return t.Name()
	case *ssa.FieldAddr:
		owner := t.X.Type()
		if g, ok := t.X.(*ssa.Global); ok {
			return fmt.Sprintf("%s.%d", g.Name(), t.Field)
		}
		return fmt.Sprintf("%s.%d", owner, t.Field)
	}
	return ""
}

// Arguments are those that the calls in the package give a parameter; false
// when there may be calls that are not seen.
func (p *Package) Arguments(param *ssa.Parameter) ([]Argument, bool) {
	fn := param.Parent()
	if o := fn.Origin(); o != nil {
		for n, known := range fn.Params {
			if known == param && n < len(o.Params) {
				param = o.Params[n]
			}
		}
		fn = o
	}
	if m := closureOf(fn); m != nil {
		return p.arguments[param], onlyCalled(m)
	}
	return p.arguments[param], !p.unseen[fn]
}

// closureOf is where a closure is made, nil for declared functions.
func closureOf(fn *ssa.Function) *ssa.MakeClosure {
	if fn.Parent() == nil {
		return nil
	}
	for _, b := range fn.Parent().Blocks {
		for _, i := range b.Instrs {
			if m, ok := i.(*ssa.MakeClosure); ok && m.Fn == ssa.Value(fn) {
				return m
			}
		}
	}
	return nil
}

func onlyCalled(m *ssa.MakeClosure) bool {
	for _, r := range *m.Referrers() {
		if c, ok := r.(ssa.CallInstruction); !ok || c.Common().Value != ssa.Value(m) {
			return false
		}
	}
	return true
}
