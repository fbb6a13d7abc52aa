package resource

import (
	"fmt"

	"golang.org/x/tools/go/ssa"
)

// waitsFirst: the function waits for the group of those who send before it
// receives, and the channel has no room: neither goes on.
func (x *extractor) waitsFirst(u *channelUse) {
	if room, constant := capacity(u.made); !constant || room > 0 || x.toldOf(u.made) {
		return
	}
	var send ssa.Instruction
	var run ssa.CallInstruction
	for fn, p := range u.parties {
		if fn == u.owner {
			if len(p.sends) > 0 || len(p.receives) == 0 {
				return
			}
			continue
		}
		if len(p.receives) > 0 {
			return
		}
		for _, s := range p.sends {
			if _, plain := s.(*ssa.Send); !plain || !p.async || len(p.runs) == 0 {
				return
			}
			send, run = s, p.runs[0]
		}
	}
	if send == nil {
		return
	}
	wait := x.waitFor(u.owner, run)
	if wait == nil {
		return
	}
	for _, r := range u.party(u.owner).receives {
		if !before(wait, r) {
			return
		}
	}
	x.report(u.owner, "go", Finding{Rule: "goroutine/no-receiver", Verdict: "leak", pos: run.Pos(),
		Message: fmt.Sprintf("line %d waits for those who send before anybody receives, and the channel has no room", x.line(wait.Pos())),
		Cause:   "the senders wait for the receiver and the receiver for them, for ever",
		Fix:     "wait and close the channel in a goroutine of its own, or give the channel room for all that is sent",
		Related: []Place{x.place(u.made.Pos(), "the channel"), x.place(send.Pos(), "sends here"), x.place(wait.Pos(), "waits here")}})
}

// waitFor is the call of Wait, of the function itself, on the group that what
// is run belongs to.
func (x *extractor) waitFor(fn *ssa.Function, run ssa.CallInstruction) (wait *ssa.Call) {
	instructions(fn, func(i ssa.Instruction) {
		c, ok := i.(*ssa.Call)
		if !ok || c.Call.StaticCallee() == nil || c.Call.StaticCallee().Name() != "Wait" || len(c.Call.Args) != 1 || wait != nil {
			return
		}
		group := c.Call.Args[0]
		started := run.Common()
		if len(started.Args) > 0 && origin(started.Args[0]) == origin(group) {
			wait = c // g.Go(…)
			return
		}
		for n, b := range bindings(started.Value) {
			if b == group && typeName(deref(group.Type())) == "sync.WaitGroup" && uses(started.StaticCallee(), started.StaticCallee().FreeVars[n], "Done") {
				wait = c
			}
		}
	})
	return wait
}
