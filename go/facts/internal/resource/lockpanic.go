package resource

import (
	"fmt"
	"go/token"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// heldAtPanic: an exported function panics at what its caller gave, with a lock
// that others want still held. Servers recover what a request panics, and go on
// with the lock taken. A panic that says that the program is wrong, and one at
// registration, which ends the program as it starts, do not count.
func (x *extractor) heldAtPanic(fn *ssa.Function, call *ssa.Call, known map[ssa.Value]fact) {
	handles := servesRequest(fn)
	if !handles && (fn.Object() == nil || !fn.Object().Exported() || strings.Contains(fn.Name(), "Register")) {
		return
	}
	key, unlock := call.Call.Args[0], unlockOf(call.Common())
	if fieldKey(key) == "" || !x.unlocks(fn) {
		return
	}
	if field, ok := key.(*ssa.FieldAddr); ok && isLocal(origin(field.X)) {
		return
	}
	lock, deferred := &heldLock{path: pathOf(key), unlock: unlock, atPanic: true, anyPanic: handles}, false
	instructions(fn, func(i ssa.Instruction) {
		if d, ok := i.(*ssa.Defer); ok && lock.step(x, d) == Released {
			deferred = true // before the lock, too
		}
	})
	if deferred {
		return
	}
	facts := map[ssa.Value]fact{}
	for v, f := range known {
		facts[v] = f
	}
	w := &walker{x: x, fn: fn, kind: &Kind{}, at: call, lock: lock}
	out := w.run(map[ssa.Value]role{call: thing}, facts)
	if len(out.exits) == 0 || out.gaveUp {
		return
	}
	at := out.exits[0]
	x.report(fn, "lock", Finding{Rule: "goroutine/holder-gone", Verdict: "suspect", pos: call.Pos(),
		Message: fmt.Sprintf("locked here, and still locked when the panic in line %d is recovered by a caller", x.line(at.pos)),
		Cause:   "everybody who wants the lock after that waits for ever", Fix: "defer the unlock right after the lock, or unlock before the panic",
		Related: []Place{x.place(call.Pos(), "locked here"), x.place(at.pos, at.text)}})
}

// servesRequest: net/http calls the function, and recovers what it panics.
func servesRequest(fn *ssa.Function) bool {
	params := fn.Signature.Params()
	return params.Len() == 2 && typeName(params.At(0).Type()) == "net/http.ResponseWriter" && typeName(params.At(1).Type()) == "net/http.Request"
}

// fromCaller: the branch that leads to the panic asks for an argument of the
// function, or whether a map has it.
func fromCaller(p *ssa.Panic) bool {
	from := p.Block().Idom()
	if from == nil {
		return false
	}
	branch, ok := from.Instrs[len(from.Instrs)-1].(*ssa.If)
	return ok && asksArgument(branch.Cond, 0)
}

func asksArgument(v ssa.Value, depth int) bool {
	if depth > 6 {
		return false
	}
	switch t := origin(v).(type) {
	case *ssa.Parameter:
		recv := t.Parent().Signature.Recv() != nil
		return !recv || t != t.Parent().Params[0]
	case *ssa.BinOp:
		return asksArgument(t.X, depth+1) || asksArgument(t.Y, depth+1)
	case *ssa.UnOp:
		return t.Op == token.NOT && asksArgument(t.X, depth+1)
	case *ssa.Extract:
		lookup, ok := t.Tuple.(*ssa.Lookup)
		return ok && asksArgument(lookup.Index, depth+1)
	case *ssa.Lookup:
		return asksArgument(t.Index, depth+1)
	}
	return false
}
