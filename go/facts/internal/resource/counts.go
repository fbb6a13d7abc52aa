package resource

import (
	"go/constant"
	"go/token"

	"golang.org/x/tools/go/ssa"
)

// amount is a number as a constant and values that are added: len(list) by the
// list, other values by themselves.
type amount struct {
	constant int64
	values   map[ssa.Value]int64
}

func (a *amount) add(v ssa.Value, sign int64, depth int) bool {
	if depth > 4 {
		return false
	}
	switch t := v.(type) {
	case *ssa.Const:
		n, exact := constant.Int64Val(t.Value)
		a.constant += sign * n
		return exact
	case *ssa.BinOp:
		switch t.Op {
		case token.ADD:
			return a.add(t.X, sign, depth+1) && a.add(t.Y, sign, depth+1)
		case token.SUB:
			return a.add(t.X, sign, depth+1) && a.add(t.Y, -sign, depth+1)
		}
		return false
	case *ssa.Call:
		if b, ok := t.Call.Value.(*ssa.Builtin); ok && b.Name() == "len" {
			a.values[origin(t.Call.Args[0])] += sign
			return true
		}
		return false
	case *ssa.Parameter:
		a.values[t] += sign
		return true
	}
	return false
}

// moreThanStarted: one Add counts more than the loops and statements start
// that count down, whatever the lists are.
func (g *group) moreThanStarted() bool {
	if len(g.adds) != 1 || inLoop(g.adds[0].Block()) {
		return false
	}
	a := &amount{values: map[ssa.Value]int64{}}
	if !a.add(g.adds[0].Call.Args[1], 1, 0) || len(a.values) == 0 {
		return false
	}
	for s := range g.starts {
		heads := headers(s.Block())
		switch {
		case len(heads) == 0:
			a.constant--
		case len(heads) > 1 || bound(heads[0]) == nil:
			return false
		default:
			if c, ok := bound(heads[0]).(*ssa.Const); ok {
				a.constant -= c.Int64()
			} else {
				a.values[bound(heads[0])]--
			}
		}
	}
	more := a.constant > 0
	for _, n := range a.values {
		if n < 0 {
			return false
		}
		more = more || n > 0
	}
	return more && a.constant >= 0
}
