package resource

import (
	"fmt"
	"go/token"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// madeResults are the channels that a function makes and answers with, by the
// number of the result.
func madeResults(fn *ssa.Function) map[int]*ssa.MakeChan {
	list := map[int]*ssa.MakeChan{}
	instructions(fn, func(i ssa.Instruction) {
		r, ok := i.(*ssa.Return)
		if !ok {
			return
		}
		for n, v := range r.Results {
			if made, ok := origin(v).(*ssa.MakeChan); ok {
				list[n] = made
			}
		}
	})
	return list
}

// answeredChannels says what callers of a function have to know of the channels that
// it answers with: which nobody ever closes though those who send end, which
// are sent on outside of any select and without room, and which so in a loop.
func (x *extractor) answeredChannels(fn *ssa.Function, s *Summary) {
	for n, made := range madeResults(fn) {
		l := &listener{x: x, sends: true, owner: fn}
		if known := l.only(made, 0); known && len(l.senders) > 0 {
			ends := true
			for sender := range l.senders {
				ends = ends && sender != fn && !neverReturns(sender)
			}
			if ends {
				s.Unclosed = append(s.Unclosed, n)
			}
		}
		if room, constant := capacity(made); !constant || room > 0 {
			continue
		}
		instructions(fn, func(i ssa.Instruction) {
			g, ok := i.(*ssa.Go)
			if !ok {
				return
			}
			if send := sentBy(g, made); send != nil {
				s.Sends = appendNew(s.Sends, n)
				if runsOften(send.Block()) {
					s.Floods = appendNew(s.Floods, n)
				}
			}
		})
	}
}

func appendNew[T comparable](list []T, one T) []T {
	if slices.Contains(list, one) {
		return list
	}
	return append(list, one)
}

// sentBy is the plain send on the channel of a function that is started, which
// does nothing else with it but to close it.
func sentBy(g *ssa.Go, made *ssa.MakeChan) *ssa.Send {
	callee := g.Call.StaticCallee()
	if callee == nil || len(callee.Blocks) == 0 {
		return nil
	}
	for n, b := range bindings(g.Call.Value) {
		if channelMadeHere(b) == made {
			return onlySend(callee, callee.FreeVars[n])
		}
	}
	for n, a := range g.Call.Args {
		if n < len(callee.Params) && origin(a) == ssa.Value(made) {
			return onlySend(callee, callee.Params[n])
		}
	}
	return nil
}

// generators looks at what a function does with the channels that others answer with.
func (x *extractor) generators(fn *ssa.Function) {
	instructions(fn, func(i ssa.Instruction) {
		call, ok := i.(*ssa.Call)
		if !ok {
			return
		}
		callee := call.Call.StaticCallee()
		if callee == nil {
			return
		}
		s := x.known(callee)
		if s == nil {
			return
		}
		for _, n := range s.Sends {
			if v, _ := result(call, n); v == nil || len(*v.Referrers()) == 0 {
				x.reportGenerator(fn, call, "goroutine/no-receiver", call.Pos(),
					fmt.Sprintf("%s starts a goroutine that sends on a channel, and the channel is dropped here", callee.Name()),
					"the sender waits for ever when nobody receives", "receive from it, or let the sender send in a select with ctx.Done()")
			}
		}
		for _, n := range s.Floods {
			v, _ := result(call, n)
			if v == nil || !onlyReceived(v) {
				continue
			}
			if at, few := takesFew(fn, v); few {
				x.reportGenerator(fn, call, "goroutine/no-receiver", at,
					fmt.Sprintf("the goroutine of %s sends in a loop, and only one value is received here", callee.Name()),
					"the sender waits for ever when nobody receives any more", "give the function a context, and let it send in a select with ctx.Done()")
			}
		}
		for _, n := range s.Unclosed {
			v, _ := result(call, n)
			if v == nil || v.Referrers() == nil {
				continue
			}
			for _, r := range *v.Referrers() {
				if receive, ok := r.(*ssa.UnOp); ok && receive.Op == token.ARROW && inLoop(receive.Block()) && untilClosed(receive) {
					x.reportGenerator(fn, call, "goroutine/no-close", call.Pos(),
						fmt.Sprintf("ranges over the channel that %s answers with, and nobody closes that channel when those who send have ended", callee.Name()),
						"the loop waits for the next value for ever after the last one", "close the channel when the last value was sent: wg.Wait and close(out) in a goroutine")
				}
			}
		}
	})
}

func (x *extractor) reportGenerator(fn *ssa.Function, call *ssa.Call, rule string, pos token.Pos, message, cause, fix string) {
	if x.reportedAt(rule, pos) {
		return
	}
	x.report(fn, call.Call.StaticCallee().Name(), Finding{Rule: rule, Verdict: "suspect", pos: pos,
		Message: message, Cause: cause, Fix: fix, Related: []Place{x.place(call.Pos(), "the channel")}})
}

// takesFew: what is received is received outside of loops, and the function
// returns then.
func takesFew(fn *ssa.Function, ch ssa.Value) (at token.Pos, few bool) {
	for _, r := range *ch.Referrers() {
		receive, ok := r.(*ssa.UnOp)
		if !ok || receive.Op != token.ARROW {
			if _, debug := r.(*ssa.DebugRef); !debug {
				return token.NoPos, false
			}
			continue
		}
		if inLoop(receive.Block()) {
			return token.NoPos, false
		}
		if at, few = receive.Pos(), true; !returns(receive.Block()) {
			return token.NoPos, false
		}
	}
	return at, few
}
