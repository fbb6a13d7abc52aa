package resource

import (
	"fmt"

	"golang.org/x/tools/go/ssa"
)

const weighted = "golang.org/x/sync/semaphore.Weighted"

// weights: a function takes weight of a semaphore and gives it back, but not
// on every way. A function that never gives back does it for others.
func (x *extractor) weights(fn *ssa.Function) {
	instructions(fn, func(instr ssa.Instruction) {
		call, ok := instr.(*ssa.Call)
		if !ok {
			return
		}
		taken, n := isNil, firstName(call.Common())
		if n == weighted+".TryAcquire" {
			taken = notNil
		} else if n != weighted+".Acquire" {
			return
		}
		lock := &heldLock{path: pathOf(origin(call.Call.Args[0])), unlock: "Release", weight: true, handedOver: x.handedOver(call, "Release")}
		gives := false
		instructions(fn, func(i ssa.Instruction) {
			gives = gives || lock.step(x, i) == Released && (before(call, i) || reaches(call.Block(), i.Block(), nil))
		})
		if !gives {
			return
		}
		w := &walker{x: x, fn: fn, kind: &Kind{}, at: instr, lock: lock}
		out := w.run(map[ssa.Value]role{}, map[ssa.Value]fact{call: taken})
		if len(out.exits) == 0 || out.gaveUp || out.exits[0].panicked {
			return
		}
		at := out.exits[0]
		x.report(fn, "weight", Finding{Rule: "goroutine/holder-gone", Verdict: "leak", pos: call.Pos(),
			Message: fmt.Sprintf("the weight taken here is not given back on the way out in line %d", x.line(at.pos)),
			Cause:   "when the weight is used up, whoever wants some waits for ever",
			Fix:     "defer the Release right after the Acquire that had no error",
			Related: []Place{x.place(call.Pos(), "taken here"), x.place(at.pos, at.text)}})
	})
}

// stepWeight: a Release of the same semaphore, or anything that may call it.
func (l *heldLock) stepWeight(x *extractor, instr ssa.Instruction) Effect {
	switch i := instr.(type) {
	case ssa.CallInstruction:
		c := i.Common()
		if _, builtin := c.Value.(*ssa.Builtin); builtin {
			return Borrowed
		}
		n := firstName(c)
		if n == weighted+".Release" && pathOf(origin(c.Args[0])) == l.path {
			return Released
		}
		if n == weighted+".Acquire" || n == weighted+".TryAcquire" {
			return Borrowed
		}
		for _, a := range c.Args {
			if typeName(a.Type()) == weighted {
				return Released
			}
			if m, ok := a.(*ssa.MakeClosure); ok && x.givesWeight(m.Fn.(*ssa.Function)) {
				return Released
			}
		}
		if callee := x.ownCallee(c); callee != nil && x.givesWeight(callee) {
			return Released
		}
	case *ssa.MakeClosure:
		if x.givesWeight(i.Fn.(*ssa.Function)) {
			return Released
		}
	case *ssa.Store:
		if typeName(i.Val.Type()) == weighted {
			return Released
		}
	}
	return Borrowed
}

// givesWeight: the function, or what it calls of the package, releases.
func (x *extractor) givesWeight(fn *ssa.Function) bool {
	return anyOf(x.withCallees(fn), func(f *ssa.Function) (found bool) {
		if f.Object() != nil && f.Synthetic != "" && f.Name() == "Release$bound" {
			return true
		}
		instructions(f, func(i ssa.Instruction) {
			if c, ok := i.(ssa.CallInstruction); ok {
				found = found || calleeName(c.Common()) == "Release"
			}
		})
		return found
	})
}
