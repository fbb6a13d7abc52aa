package resource

import (
	"golang.org/x/tools/go/ssa"
)

// panicSkipsDone: what is started calls a function of others and then Done, and
// when that function panics, something recovers and Done is left out.
func panicSkipsDone(start ssa.CallInstruction, body *ssa.Function, group ssa.Value) *leftDone {
	recovered := recovers(body) || recoversArgument(start, body)
	if !recovered || deferredUse(body, group) {
		return nil
	}
	var left *leftDone
	instructions(body, func(i ssa.Instruction) {
		call, ok := i.(*ssa.Call)
		if !ok || left != nil || !callsOthers(call) {
			return
		}
		if recovers(body) && !recoveredBefore(body, call) {
			return
		}
		instructions(body, func(i ssa.Instruction) {
			done, ok := i.(*ssa.Call)
			if ok && method(done.Common(), group) == "Done" && before(call, done) {
				left = &leftDone{start: start, at: call.Pos(), panics: true}
			}
		})
	})
	return left
}

// callsOthers: a function value that the function did not make, or a handler.
func callsOthers(call *ssa.Call) bool {
	if call.Call.IsInvoke() {
		return call.Call.Method.Name() == "ServeHTTP"
	}
	if call.Call.StaticCallee() != nil {
		return false
	}
	_, builtin := call.Call.Value.(*ssa.Builtin)
	return !builtin
}

// recovers: a deferred function of it calls recover.
func recovers(fn *ssa.Function) (found bool) {
	instructions(fn, func(i ssa.Instruction) {
		d, ok := i.(*ssa.Defer)
		found = found || ok && isRecovery(d)
	})
	return found
}

// isRecovery: the deferred function recovers, and does not panic again.
func isRecovery(d *ssa.Defer) bool {
	callee := d.Call.StaticCallee()
	if callee == nil {
		return false
	}
	found, again := false, false
	instructions(callee, func(i ssa.Instruction) {
		_, panics := i.(*ssa.Panic)
		again = again || panics
		c, ok := i.(*ssa.Call)
		if !ok {
			return
		}
		b, ok := c.Call.Value.(*ssa.Builtin)
		found = found || ok && b.Name() == "recover"
	})
	return found && !again
}

// recoveredBefore: a recovery is deferred on every way to the call.
func recoveredBefore(fn *ssa.Function, call *ssa.Call) (found bool) {
	instructions(fn, func(i ssa.Instruction) {
		d, ok := i.(*ssa.Defer)
		found = found || ok && isRecovery(d) && before(d, call)
	})
	return found
}

// recoversArgument: the function is an argument of one that calls it and recovers.
func recoversArgument(start ssa.CallInstruction, body *ssa.Function) (found bool) {
	c := start.Common()
	callee := c.StaticCallee()
	if callee == nil || callee == body || !recovers(callee) {
		return false
	}
	for n, a := range c.Args {
		m, ok := unnamed(a).(*ssa.MakeClosure)
		if !ok || m.Fn != ssa.Value(body) || n >= len(callee.Params) {
			continue
		}
		instructions(callee, func(i ssa.Instruction) {
			call, ok := i.(*ssa.Call)
			found = found || ok && call.Call.Value == ssa.Value(callee.Params[n])
		})
	}
	return found
}

// deferredUse: something deferred has the group: it may count down.
func deferredUse(fn *ssa.Function, group ssa.Value) (found bool) {
	instructions(fn, func(i ssa.Instruction) {
		d, ok := i.(*ssa.Defer)
		if !ok {
			return
		}
		for _, a := range d.Call.Args {
			found = found || a == group
		}
		for _, b := range bindings(d.Call.Value) {
			found = found || b == group
		}
	})
	return found
}
