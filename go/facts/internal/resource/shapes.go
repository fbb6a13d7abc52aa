package resource

import (
	"fmt"
	"go/constant"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// deferInLoop: a deferred call in a loop runs only when the function ends, so
// every pass adds one. A defer behind which the loop is left does not count:
// its block cannot be reached again.
func (x *extractor) deferInLoop(fn *ssa.Function) {
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			d, ok := instr.(*ssa.Defer)
			if !ok || !runsOften(b) || !givesBack(&d.Call) || onlyFirst(b) || ofEarlier(d) || usedTogether(d) {
				continue
			}
			x.report(fn, "defer", Finding{Rule: "resource/defer-in-loop", Verdict: "suspect", pos: d.Pos(),
				Message: "deferred in a loop: it runs when the function ends, not when the pass does",
				Cause:   "every pass leaves one more open, and one more deferred call in memory, until the function returns",
				Fix:     "move the body of the loop into a function of its own, or release at the end of the pass",
				Edits:   x.repairDefer(fn, d),
			})
		}
	}
}

// onlyFirst: the block runs where a variable is still nil, which it then sets.
func onlyFirst(b *ssa.BasicBlock) bool {
	for at := b; at.Idom() != nil; at = at.Idom() {
		from := at.Idom()
		branch, ok := from.Instrs[len(from.Instrs)-1].(*ssa.If)
		if !ok || !loopOf(b)[from] {
			continue
		}
		op, ok := branch.Cond.(*ssa.BinOp)
		if !ok || op.Op != token.EQL || from.Succs[0] != at {
			continue
		}
		if c, ok := op.Y.(*ssa.Const); ok && c.IsNil() && !isError(op.X.Type()) {
			return true
		}
	}
	return false
}

// givesBack: the deferred call closes, unlocks, stops or cancels something.
func givesBack(c *ssa.CallCommon) bool {
	if c.IsInvoke() {
		return isReleaseName(c.Method.Name())
	}
	callee := c.StaticCallee()
	if callee == nil {
		// A function value without arguments or results: cancel().
		sig := c.Signature()
		return sig.Params().Len() == 0 && sig.Results().Len() == 0
	}
	if isReleaseName(callee.Name()) {
		return true
	}
	if callee.Parent() == nil {
		return false
	}
	for _, b := range callee.Blocks {
		for _, instr := range b.Instrs {
			if call, ok := instr.(ssa.CallInstruction); ok && givesBack(call.Common()) {
				if _, builtin := call.Common().Value.(*ssa.Builtin); !builtin {
					return true
				}
			}
		}
	}
	return false
}

func isReleaseName(name string) bool {
	switch name {
	case "Unlock", "RUnlock":
		return true
	case "Wait", "End":
		return false
	}
	return slices.Contains(anyKind.Release, name)
}

// oldTimers: what only leaks where the main module is older than Go 1.23.
func (x *extractor) oldTimers(fn *ssa.Function) {
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			call, ok := instr.(*ssa.Call)
			if !ok {
				continue
			}
			for _, n := range calleeNames(call.Common()) {
				switch {
				case n == "time.After" && inLoop(b):
					if !longer(call.Common().Args[0], 1_000_000_000) {
						continue
					}
					x.report(fn, "time.After", Finding{Rule: "resource/ticker", Kind: "timer", Verdict: "suspect", Before: "1.23", pos: call.Pos(),
						Message: "time.After in a loop: every pass leaves a timer until it fires",
						Cause:   "before Go 1.23 (the go line of the main module) the runtime keeps each timer until it fires",
						Fix:     "one time.NewTimer before the loop, with Reset in it"})
				case n == "time.Tick" && !x.oncePerProgram(fn) && !neverReturns(fn):
					x.report(fn, "time.Tick", Finding{Rule: "resource/ticker", Kind: "ticker", Verdict: "suspect", Before: "1.23", pos: call.Pos(),
						Message: "time.Tick in a function that returns: its ticker can never be stopped",
						Cause:   "before Go 1.23 (the go line of the main module) the runtime keeps the ticker for ever",
						Fix:     "time.NewTicker with defer ticker.Stop()"})
				}
			}
		}
	}
}

// longer: not a constant, or at least so many nanoseconds.
func longer(v ssa.Value, nanoseconds int64) bool {
	c, ok := v.(*ssa.Const)
	if !ok || c.Value == nil {
		return true
	}
	n, exact := constant.Int64Val(c.Value)
	return !exact || n >= nanoseconds
}

// hasDisabledKeepAlives: the transport keeps no idle connections.
func hasDisabledKeepAlives(a *ssa.Alloc) bool {
	for _, r := range *a.Referrers() {
		field, ok := r.(*ssa.FieldAddr)
		if !ok {
			continue
		}
		s := structOf(a.Type())
		if s == nil || s.Field(field.Field).Name() != "DisableKeepAlives" {
			continue
		}
		return true
	}
	return false
}

// capturedAnywhere: a closure or a started goroutine has the value.
func capturedAnywhere(v ssa.Value) bool {
	list := []ssa.Value{v}
	if u, ok := v.(*ssa.UnOp); ok {
		list = append(list, u.X)
	}
	for _, v := range list {
		for _, r := range *v.Referrers() {
			switch i := r.(type) {
			case *ssa.MakeClosure, *ssa.Go:
				return true
			case *ssa.ChangeType:
				for _, r := range *i.Referrers() {
					if _, ok := r.(*ssa.Go); ok {
						return true
					}
				}
			case *ssa.Store:
				if alloc, ok := i.Addr.(*ssa.Alloc); ok && i.Val == v {
					for _, r := range *alloc.Referrers() {
						if _, ok := r.(*ssa.MakeClosure); ok {
							return true
						}
					}
				}
			}
		}
	}
	return false
}

func width(t types.Type) int64 { return types.SizesFor("gc", "amd64").Sizeof(t) }

// localChannels notes the channels that do not leave their function.
func (x *extractor) localChannels(fn *ssa.Function) {
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			m, ok := instr.(*ssa.MakeChan)
			if !ok {
				continue
			}
			p := x.place(m.Pos(), "")
			if x.effectIn(fn, m, &Kind{}) != Borrowed {
				if !x.oncePerProgram(fn) && inUnexportedField(m) {
					x.out.FieldChannels = append(x.out.FieldChannels, fmt.Sprintf("%s:%d", p.File, p.Line))
				}
				continue
			}
			x.out.LocalChannels = append(x.out.LocalChannels, fmt.Sprintf("%s:%d", p.File, p.Line))
		}
	}
}

// inUnexportedField: the channel goes nowhere but into a field that only its
// package can name.
func inUnexportedField(m *ssa.MakeChan) bool {
	fields := 0
	for _, r := range *m.Referrers() {
		switch i := r.(type) {
		case *ssa.Store:
			field, ok := i.Addr.(*ssa.FieldAddr)
			if !ok || structOf(field.X.Type()) == nil || structOf(field.X.Type()).Field(field.Field).Exported() {
				return false
			}
			fields++
		case *ssa.DebugRef:
		default:
			return false
		}
	}
	return fields == 1
}
