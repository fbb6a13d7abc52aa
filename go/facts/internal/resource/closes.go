package resource

import (
	"fmt"
	"go/token"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// closeSkipped: a goroutine receives until the channel is closed, and a return
// of the function leaves out the close.
func (x *extractor) closeSkipped(fn *ssa.Function) {
	instructions(fn, func(instr ssa.Instruction) {
		made, ok := instr.(*ssa.MakeChan)
		if !ok || x.effectIn(fn, made, &Kind{}) != Borrowed && x.channelUseOf(made).unknown {
			return
		}
		closes, deferred, woken := 0, false, false
		isClose := func(i ssa.Instruction) bool {
			c, ok := i.(ssa.CallInstruction)
			if !ok {
				return false
			}
			b, ok := c.Common().Value.(*ssa.Builtin)
			return ok && b.Name() == "close" && origin(c.Common().Args[0]) == ssa.Value(made)
		}
		wakes := func(i ssa.Instruction) bool {
			s, ok := i.(*ssa.Send)
			return isClose(i) || ok && origin(s.Chan) == ssa.Value(made)
		}
		var started, waiter *goroutine
		var sends []*ssa.Send
		var closed []ssa.Instruction
		instructions(fn, func(i ssa.Instruction) {
			if isClose(i) {
				_, isDefer := i.(*ssa.Defer)
				deferred = deferred || isDefer
				closed = append(closed, i)
				closes++
			}
			woken = woken || wakes(i)
			if s, ok := i.(*ssa.Send); ok && wakes(s) {
				sends = append(sends, s)
			}
			if g := x.goroutineOf(i); g != nil {
				if started == nil && rangesOver(g.closure, made) {
					started = g
				} else if waiter == nil && x.waitsOnlyFor(g, made) {
					waiter = g
				}
			}
			if m, ok := i.(*ssa.MakeClosure); ok && closesCaptured(m, made) {
				deferred = true
			}
		})
		ready := slices.ContainsFunc(sends, func(s *ssa.Send) bool {
			return waiter != nil && (before(s, waiter.start) || reaches(s.Block(), waiter.start.Block(), nil))
		})
		if started == nil && waiter != nil && woken && !ready && !deferred && x.onlyWaiter(fn, made, waiter) {
			// A return that is also reached behind a close may have the same reason as the close.
			early := func(i ssa.Instruction) bool {
				r, ok := i.(*ssa.Return)
				return wakes(i) || ok && reachedFrom(fn, r.Block(), wakes)
			}
			if at, lost := skips(fn, waiter.start, early); lost {
				x.report(fn, "close", Finding{Rule: "goroutine/select-no-exit", Verdict: "leak", pos: waiter.start.Pos(),
					Message: fmt.Sprintf("only a channel of this function can end the goroutine, and the way out in line %d neither closes it nor sends to it", x.line(at)),
					Cause:   "the goroutine stays, with all that it refers to",
					Fix:     "defer close(done) right before the goroutine is started",
					Related: []Place{x.place(made.Pos(), "the channel"), x.place(at, "leaves it open")}})
			}
			return
		}
		if started == nil || closes == 0 || deferred || slices.ContainsFunc(closed, func(c ssa.Instruction) bool { return before(c, started.start) }) {
			return // closed before it starts: it takes what is in the channel
		}
		at, lost := skips(fn, started.start, isClose)
		if !lost {
			return
		}
		x.report(fn, "close", Finding{Rule: "goroutine/no-close", Verdict: "leak", pos: started.start.Pos(),
			Message: fmt.Sprintf("the goroutine receives until the channel is closed, and the way out in line %d does not close it", x.line(at)),
			Cause:   "the loop waits for the next value for ever",
			Fix:     "defer close(ch) right after the goroutine is started",
			Related: []Place{x.place(made.Pos(), "the channel"), x.place(at, "leaves it open")}})
	})
}

// goroutine is what an instruction starts: a go statement, or a closure that
// is handed to what runs it in a goroutine.
type goroutine struct {
	start          ssa.CallInstruction
	callee         *ssa.Function
	closure        *ssa.MakeClosure // nil where a declared function is started
	args, bindings []ssa.Value
}

func (x *extractor) goroutineOf(i ssa.Instruction) *goroutine {
	switch i := i.(type) {
	case *ssa.Go:
		m, _ := i.Call.Value.(*ssa.MakeClosure)
		return &goroutine{i, i.Call.StaticCallee(), m, i.Call.Args, bindings(i.Call.Value)}
	case *ssa.Call:
		for _, a := range i.Call.Args {
			if m, ok := unnamed(a).(*ssa.MakeClosure); ok && x.startsArgument(i.Common(), a) {
				return &goroutine{i, m.Fn.(*ssa.Function), m, nil, m.Bindings}
			}
		}
	}
	return nil
}

// reachedFrom: the block lies behind an instruction of that sort.
func reachedFrom(fn *ssa.Function, b *ssa.BasicBlock, is func(ssa.Instruction) bool) (found bool) {
	instructions(fn, func(i ssa.Instruction) {
		found = found || is(i) && (i.Block() == b || reaches(i.Block(), b, nil))
	})
	return found
}

// waitsOnlyFor: the goroutine never returns as long as the channel gives nothing.
func (x *extractor) waitsOnlyFor(g *goroutine, made *ssa.MakeChan) bool {
	callee := g.callee
	if callee == nil || len(callee.Blocks) == 0 {
		return false
	}
	e := &endless{x: x, dead: map[ssa.Value]bool{}}
	has := false
	for n, b := range g.bindings {
		if channelMadeHere(b) == made {
			e.dead[callee.FreeVars[n]], has = true, true
		}
	}
	for n, a := range g.args {
		if n >= len(callee.Params) {
			continue
		}
		if origin(a) == ssa.Value(made) {
			e.dead[callee.Params[n]], has = true, true
		} else if (&endless{x: x, outlives: true}).never(a) {
			e.dead[callee.Params[n]] = true
		}
	}
	return has && e.runs(callee) && e.channel && (e.loops || e.parks) && !x.endsOtherwise(callee)
}

// onlyWaiter: no function other than this one and the goroutine has the channel.
func (x *extractor) onlyWaiter(fn *ssa.Function, made *ssa.MakeChan, waiter *goroutine) bool {
	only := true
	instructions(fn, func(i ssa.Instruction) {
		switch t := i.(type) {
		case *ssa.MakeClosure:
			for _, b := range t.Bindings {
				only = only && (channelMadeHere(b) != made || t == waiter.closure)
			}
		case ssa.CallInstruction:
			if _, builtin := t.Common().Value.(*ssa.Builtin); builtin || i == ssa.Instruction(waiter.start) {
				return
			}
			for _, a := range t.Common().Args {
				only = only && origin(a) != ssa.Value(made)
			}
		}
	})
	return only
}

func rangesOver(m *ssa.MakeClosure, made *ssa.MakeChan) (found bool) {
	if m == nil {
		return false
	}
	callee := m.Fn.(*ssa.Function)
	for n, b := range m.Bindings {
		if channelMadeHere(b) != made {
			continue
		}
		free := ssa.Value(callee.FreeVars[n])
		instructions(callee, func(i ssa.Instruction) {
			u, ok := i.(*ssa.UnOp)
			if !ok || u.Op != token.ARROW || !u.CommaOk || !inLoop(u.Block()) {
				return
			}
			load, isLoad := u.X.(*ssa.UnOp)
			if u.X != free && !(isLoad && load.X == free) {
				return
			}
			for from := range loopOf(u.Block()) { // no other way out of the loop
				for _, to := range from.Succs {
					if !loopOf(u.Block())[to] && !closedBranch(from, u) {
						return
					}
				}
			}
			found = true
		})
	}
	return found
}

func closesCaptured(m *ssa.MakeClosure, made *ssa.MakeChan) (found bool) {
	callee := m.Fn.(*ssa.Function)
	for n, b := range m.Bindings {
		if channelMadeHere(b) != made {
			continue
		}
		instructions(callee, func(i ssa.Instruction) {
			switch t := i.(type) {
			case ssa.CallInstruction:
				if bi, ok := t.Common().Value.(*ssa.Builtin); ok && bi.Name() == "close" {
					v := t.Common().Args[0]
					load, isLoad := v.(*ssa.UnOp)
					found = found || v == ssa.Value(callee.FreeVars[n]) || isLoad && load.X == ssa.Value(callee.FreeVars[n])
				}
			case *ssa.MakeClosure:
				found = true // deeper: not followed
			}
		})
	}
	return found
}
