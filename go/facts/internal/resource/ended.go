package resource

import (
	"go/token"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// endsWith: rows.Next() said false, which gives them back.
func (w *walker) endsWith(s *state, cond ssa.Value, truth fact) bool {
	if not, ok := cond.(*ssa.UnOp); ok && not.Op == token.NOT {
		return w.endsWith(s, not.X, opposite(truth))
	}
	if w.notTaken(cond, truth) || w.failed(s, cond, truth) || w.finished(s, cond, truth) || errorInside(s, cond, truth) {
		return true
	}
	call, ok := cond.(*ssa.Call)
	if !ok || w.kind.EndsWhenFalse == "" || truth != isNil {
		return false
	}
	c := call.Common()
	if c.IsInvoke() {
		return c.Method.Name() == w.kind.EndsWhenFalse && s.held[c.Value] != 0
	}
	callee := c.StaticCallee()
	return callee != nil && callee.Name() == w.kind.EndsWhenFalse && len(c.Args) > 0 && s.held[c.Args[0]] != 0
}

// notTaken: the call that takes it answered ok, and it was not.
func (w *walker) notTaken(cond ssa.Value, truth fact) bool {
	e, ok := cond.(*ssa.Extract)
	return ok && truth == isNil && w.lock == nil && e.Tuple == valueOf(w.at) && isBool(e)
}

// errorInside: the value that has the thing in it has an error instead.
func errorInside(s *state, cond ssa.Value, truth fact) bool {
	op, ok := cond.(*ssa.BinOp)
	if !ok || op.Op != token.EQL && op.Op != token.NEQ || !isError(op.X.Type()) || (op.Op == token.NEQ) != (truth == notNil) {
		return false
	}
	c, isConst := op.Y.(*ssa.Const)
	load, ok := op.X.(*ssa.UnOp)
	if !ok || !isConst || !c.IsNil() {
		return false
	}
	addr, ok := load.X.(*ssa.FieldAddr)
	return ok && s.held[addr.X] == container
}

// failed: the branch is taken when a method of the thing gave an error.
func (w *walker) failed(s *state, cond ssa.Value, truth fact) bool {
	if len(w.kind.FailedWhen) == 0 {
		return false
	}
	var err ssa.Value
	switch c := cond.(type) {
	case *ssa.BinOp: // err != nil, err == io.EOF
		k, isConst := c.Y.(*ssa.Const)
		isNilConst := isConst && k.IsNil()
		if c.Op != token.EQL && c.Op != token.NEQ || !isError(c.X.Type()) || ((c.Op == token.EQL) == (truth == notNil)) == isNilConst {
			return false
		}
		err = c.X
	case *ssa.Call: // errors.Is(err, io.EOF)
		names := calleeNames(c.Common())
		if len(names) == 0 || names[0] != "errors.Is" && names[0] != "errors.As" || truth != notNil {
			return false
		}
		err = c.Call.Args[0]
	default:
		return false
	}
	if e, ok := err.(*ssa.Extract); ok {
		err = e.Tuple
	}
	call, ok := err.(*ssa.Call)
	if !ok {
		return false
	}
	c := call.Common()
	if c.IsInvoke() {
		return slices.Contains(w.kind.FailedWhen, c.Method.Name()) && s.held[c.Value] != 0
	}
	callee := c.StaticCallee()
	if callee == nil || !slices.ContainsFunc(c.Args, func(a ssa.Value) bool { return s.held[a] != 0 || around(a, s) }) {
		return false
	}
	if callee.Name() == "Encode" && !isPlain(unboxed(c.Args[len(c.Args)-1]).Type()) {
		return false // it may be the value that cannot be encoded
	}
	return callee.Signature.Recv() != nil && slices.Contains(w.kind.FailedWhen, callee.Name()) || slices.Contains(w.kind.FailedWhen, fullName(callee))
}

// around: a writer or reader of the standard library that was made around the thing.
func around(v ssa.Value, s *state) bool {
	made, ok := origin(v).(*ssa.Call)
	return ok && isNew(made) && slices.ContainsFunc(made.Call.Args, func(a ssa.Value) bool { return s.held[a] != 0 })
}

// unboxed is the value that was put into an interface.
func unboxed(v ssa.Value) ssa.Value {
	if m, ok := v.(*ssa.MakeInterface); ok {
		return m.X
	}
	return v
}
