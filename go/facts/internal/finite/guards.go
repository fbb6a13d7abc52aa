package finite

import (
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// guarded: on every way to the block a branch let the value through because it
// is small, or one of those that are known.
func (p *Package) guarded(v ssa.Value, at *ssa.BasicBlock, seen map[*ssa.BasicBlock]bool) bool {
	if seen[at] {
		return true
	}
	seen[at] = true
	if len(at.Preds) == 0 {
		return false
	}
	for _, from := range at.Preds {
		if !p.edgeGuarded(v, from, at, seen) {
			return false
		}
	}
	return true
}

// edgeGuarded: the way from one block to another, or a branch before it, lets
// only few values of v through.
func (p *Package) edgeGuarded(v ssa.Value, from, to *ssa.BasicBlock, seen map[*ssa.BasicBlock]bool) bool {
	if branch, ok := from.Instrs[len(from.Instrs)-1].(*ssa.If); ok && from.Succs[0] != from.Succs[1] && p.holds(v, branch.Cond, from.Succs[0] == to) {
		return true
	}
	return p.guarded(v, from, seen)
}

// holds: when the condition has this outcome, v is one of few.
func (p *Package) holds(v, cond ssa.Value, outcome bool) bool {
	switch c := cond.(type) {
	case *ssa.UnOp:
		return c.Op == token.NOT && p.holds(v, c.X, !outcome)
	case *ssa.BinOp:
		return compared(v, c, outcome)
	case *ssa.Lookup: // if known[v]
		return outcome && same(c.Index, v) && p.keeps(c.X)
	case *ssa.Extract: // if _, ok := known[v]; ok
		if l, ok := c.Tuple.(*ssa.Lookup); ok {
			return outcome && c.Index == 1 && same(l.Index, v) && p.keeps(l.X)
		}
	case *ssa.Call:
		callee := c.Call.StaticCallee()
		if callee == nil || !outcome {
			return false
		}
		if o := callee.Origin(); o != nil {
			callee = o
		}
		if callee.Name() == "Contains" && callee.Pkg != nil && callee.Pkg.Pkg.Path() == "slices" {
			return same(c.Call.Args[1], v)
		}
		// valid(v), v.Valid(), isKnown(v): a name that says what it is for.
		name := strings.ToLower(callee.Name())
		for _, word := range []string{"valid", "known", "allowed", "supported"} {
			if strings.Contains(name, word) {
				for _, a := range c.Call.Args {
					if same(a, v) {
						return true
					}
				}
			}
		}
	}
	return false
}

func compared(v ssa.Value, c *ssa.BinOp, outcome bool) bool {
	op, x, y := c.Op, c.X, c.Y
	if same(y, v) && !same(x, v) {
		x, y = y, x
		op = map[token.Token]token.Token{token.LSS: token.GTR, token.GTR: token.LSS, token.LEQ: token.GEQ, token.GEQ: token.LEQ, token.EQL: token.EQL, token.NEQ: token.NEQ}[op]
	}
	if !same(x, v) || !isEnd(y) {
		return false
	}
	switch op {
	case token.EQL:
		return outcome
	case token.NEQ:
		return !outcome
	case token.LSS, token.LEQ:
		return outcome && isInteger(v.Type())
	case token.GTR, token.GEQ:
		return !outcome && isInteger(v.Type())
	}
	return false
}

// isEnd: a constant, or the length of something.
func isEnd(v ssa.Value) bool {
	switch t := v.(type) {
	case *ssa.Const:
		n, ok := integer(t)
		return !ok || n <= Most
	case *ssa.Call:
		b, ok := t.Call.Value.(*ssa.Builtin)
		return ok && (b.Name() == "len" || b.Name() == "cap")
	case *ssa.Convert:
		return isEnd(t.X)
	}
	return false
}

// same: one value, or two loads of one variable.
func same(a, b ssa.Value) bool {
	if a == b {
		return true
	}
	if m, ok := a.(*ssa.Convert); ok {
		return same(m.X, b)
	}
	if m, ok := b.(*ssa.Convert); ok {
		return same(a, m.X)
	}
	x, ok := a.(*ssa.UnOp)
	y, alsoOk := b.(*ssa.UnOp)
	if !ok || !alsoOk || x.Op != token.MUL || y.Op != token.MUL {
		return false
	}
	if x.X == y.X {
		return true
	}
	f, ok := x.X.(*ssa.FieldAddr)
	g, alsoOk := y.X.(*ssa.FieldAddr)
	return ok && alsoOk && f.Field == g.Field && (f.X == g.X || same(f.X, g.X))
}

// keeps: a map from which nothing is removed. What is looked up there and found
// is one of its keys: if they grow, they do so there.
func (p *Package) keeps(v ssa.Value) bool {
	if constantKeys(v) {
		return true
	}
	if named, ok := types.Unalias(v.Type()).(*types.Named); ok && named.Obj().Pkg() != nil && strings.HasPrefix(named.Obj().Pkg().Path(), "net/") {
		return false // what a request brings with it
	}
	if _, given := v.(*ssa.Parameter); given {
		return true // the caller's allow list
	}
	key := containerOf(v)
	return key != "" && !p.removed[key]
}

// isTable: a container that is only filled where it is declared, where its
// owner is made, or in init functions: an allow list, the names of an
// enumeration, routes.
func (p *Package) isTable(v ssa.Value) bool {
	switch t := v.(type) {
	case *ssa.Slice:
		literal, ok := t.X.(*ssa.Alloc)
		return ok && t.Low == nil && t.High == nil && constantElements(literal)
	case *ssa.Alloc:
		return constantElements(t)
	}
	if constantKeys(v) {
		return true
	}
	if g, ok := v.(*ssa.Global); ok { // an array
		return g.Pkg == p.ssa && !p.written[g.Name()]
	}
	key := containerOf(v)
	return key != "" && !p.written[key] && !p.elsewhere(v)
}

// elsewhere: other packages can write to it.
func (p *Package) elsewhere(v ssa.Value) bool {
	load, ok := v.(*ssa.UnOp)
	if !ok {
		return true
	}
	g, ok := load.X.(*ssa.Global)
	return ok && g.Pkg != p.ssa
}

// constantKeys: a map of this function whose keys are written out.
func constantKeys(v ssa.Value) bool {
	m, ok := v.(*ssa.MakeMap)
	if !ok {
		return false
	}
	found := false
	for _, r := range *m.Referrers() {
		if u, ok := r.(*ssa.MapUpdate); ok {
			if _, constant := u.Key.(*ssa.Const); !constant {
				return false
			}
			found = true
		}
	}
	return found
}

// constantElements: a list that is written out in constants.
func constantElements(a *ssa.Alloc) bool {
	found := false
	for _, r := range *a.Referrers() {
		index, ok := r.(*ssa.IndexAddr)
		if !ok {
			continue
		}
		for _, r := range *index.Referrers() {
			if s, ok := r.(*ssa.Store); ok {
				if _, constant := s.Val.(*ssa.Const); !constant {
					return false
				}
				found = true
			}
		}
	}
	return found
}
