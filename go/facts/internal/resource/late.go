package resource

import (
	"go/token"

	"golang.org/x/tools/go/ssa"
)

// late is a deferred closure that gives something back only where a variable of
// the function says so in the end: if err != nil, if !ok.
type late struct {
	variable *ssa.Alloc
	when     fact
}

// lateOf is nil for a closure that does it always, or under other conditions.
func lateOf(d *ssa.Defer) *late {
	m, ok := d.Call.Value.(*ssa.MakeClosure)
	if !ok {
		return nil
	}
	fn := m.Fn.(*ssa.Function)
	if len(fn.Blocks) == 0 {
		return nil
	}
	branch, ok := fn.Blocks[0].Instrs[len(fn.Blocks[0].Instrs)-1].(*ssa.If)
	if !ok {
		return nil
	}
	cond, when := branch.Cond, notNil
	if !allCallsUnder(branch.Block().Succs[0]) {
		when = isNil
		if !allCallsUnder(branch.Block().Succs[1]) {
			return nil
		}
	}
	if c, ok := cond.(*ssa.BinOp); ok {
		nothing, ok := c.Y.(*ssa.Const)
		if !ok || c.Op != token.NEQ || when != notNil || !nothing.IsNil() || !isError(c.X.Type()) {
			return nil
		}
		cond = c.X
	}
	load, ok := cond.(*ssa.UnOp)
	if !ok || load.Op != token.MUL {
		return nil
	}
	for n, free := range fn.FreeVars {
		if a, ok := m.Bindings[n].(*ssa.Alloc); ok && load.X == ssa.Value(free) && (isBool(load) || isResult(a)) && onlyReadIn(free) {
			return &late{a, when}
		}
	}
	return nil
}

// allCallsUnder: the function calls something only behind this block.
func allCallsUnder(then *ssa.BasicBlock) bool {
	for _, b := range then.Parent().Blocks {
		for _, i := range b.Instrs {
			if _, call := i.(ssa.CallInstruction); call && !then.Dominates(b) {
				return false
			}
		}
	}
	return true
}

// runs: it is not certain at this return that the condition fails.
func (l *late) runs(r *ssa.Return, known map[ssa.Value]fact) bool {
	if isError(deref(l.variable.Type())) {
		return failed(answered(r))
	}
	f := known[l.variable]
	return f == 0 || f == l.when
}

// isResult: the variable is the last result of its function.
func isResult(a *ssa.Alloc) bool {
	for _, b := range a.Parent().Blocks {
		r, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return)
		if !ok || len(r.Results) == 0 {
			continue
		}
		load, ok := r.Results[len(r.Results)-1].(*ssa.UnOp)
		return ok && load.X == ssa.Value(a)
	}
	return false
}

// onlyReadIn: the closure does not set the variable.
func onlyReadIn(free *ssa.FreeVar) bool {
	for _, r := range *free.Referrers() {
		if s, ok := r.(*ssa.Store); ok && s.Addr == ssa.Value(free) {
			return false
		}
	}
	return true
}
