package resource

import (
	"fmt"
	"go/token"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// leftWaiting: a goroutine waits for a channel outside of any select, and the
// only other one that sends on it or closes it can return without.
func (x *extractor) leftWaiting(u *channelUse) {
	var waker, waiter *ssa.Function
	for fn, p := range u.parties {
		switch wakes := len(p.sends)+len(p.stops) > 0; {
		case wakes && (waker != nil || len(p.receives) > 0):
			return
		case wakes:
			waker = fn
		case len(p.receives) > 0 && (waiter != nil || !p.async || fn == u.owner || len(p.runs) != 1):
			return
		case len(p.receives) > 0:
			waiter = fn
		}
	}
	if waker == nil || waiter == nil {
		return
	}
	p, run := u.parties[waker], u.parties[waiter].runs[0]
	for _, r := range u.parties[waiter].receives {
		receive, plain := r.(*ssa.UnOp)
		if !plain {
			return
		}
		wakes := append([]ssa.Instruction{}, p.stops...)
		rule, what := "goroutine/no-close", "close it"
		switch {
		case !inLoop(receive.Block()):
			wakes = append(wakes, p.sends...)
			rule, what = "goroutine/no-sender", "send on it or close it"
		case !untilClosed(receive):
			return
		}
		at, leaves := u.leavesAsleep(waker, run, wakes)
		if !leaves || x.toldOf(u.made) {
			return
		}
		x.report(u.owner, "receive", Finding{Rule: rule, Verdict: "leak", pos: receive.Pos(),
			Message: fmt.Sprintf("a goroutine waits for the channel here, and line %d leaves the only one that could %s", x.line(at), what),
			Cause:   "the goroutine waits for ever, and whoever waits for it",
			Fix:     "defer close(ch) in the one that wakes it, or wait in a select with ctx.Done()",
			Related: []Place{x.place(u.made.Pos(), "the channel"), x.place(at, "leaves without")}})
		return
	}
}

// leavesAsleep: a way through the waker, from where the waiter is there, that
// passes none of what would wake it.
func (u *channelUse) leavesAsleep(waker *ssa.Function, run ssa.CallInstruction, wakes []ssa.Instruction) (token.Pos, bool) {
	p := u.parties[waker]
	if len(wakes) == 0 || waker == u.owner { // closeSkipped looks at the owner
		return token.NoPos, false
	}
	if !p.async || len(p.runs) != 1 || inLoop(p.runs[0].Block()) != inLoop(run.Block()) {
		return token.NoPos, false
	}
	return skips(waker, nil, func(i ssa.Instruction) bool { return slices.Contains(wakes, i) || hasClosure(i, u) })
}

// untilClosed: a receive in a loop that ends when the channel is closed, and
// not otherwise.
func untilClosed(receive *ssa.UnOp) bool {
	if !receive.CommaOk {
		return false
	}
	loop := loopOf(receive.Block())
	for from := range loop {
		for _, to := range from.Succs {
			if !loop[to] && !closedBranch(from, receive) {
				return false
			}
		}
	}
	return true
}
