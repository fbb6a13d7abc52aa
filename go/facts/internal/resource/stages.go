package resource

import (
	"fmt"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// feeds are the results of a function that are channels with little room which a
// goroutine of it fills in a loop, come what may: who stops to receive before
// the end leaves that goroutine at its send.
func feeds(fn *ssa.Function) (list []int) {
	instructions(fn, func(instr ssa.Instruction) {
		r, ok := instr.(*ssa.Return)
		if !ok {
			return
		}
		for n, v := range r.Results {
			made, ok := origin(v).(*ssa.MakeChan)
			if !ok {
				continue
			}
			if _, constant := capacity(made); constant && filledInLoop(fn, made) {
				list = append(list, n)
			}
		}
	})
	return list
}

// filledInLoop: a goroutine that the function starts sends on the channel in a
// loop, outside of any select.
func filledInLoop(fn *ssa.Function, made *ssa.MakeChan) (found bool) {
	room, _ := capacity(made)
	instructions(fn, func(instr ssa.Instruction) {
		g, ok := instr.(*ssa.Go)
		if !ok {
			return
		}
		inside := map[ssa.Value]*ssa.Function{}
		if m, ok := g.Call.Value.(*ssa.MakeClosure); ok {
			callee := m.Fn.(*ssa.Function)
			for n, b := range m.Bindings {
				if channelMadeHere(b) == made {
					inside[callee.FreeVars[n]] = callee
				}
			}
		} else if callee := g.Call.StaticCallee(); callee != nil && len(callee.Params) == len(g.Call.Args) {
			for n, a := range g.Call.Args {
				if origin(a) == ssa.Value(made) {
					inside[callee.Params[n]] = callee
				}
			}
		}
		for v, callee := range inside {
			send := onlySend(callee, v)
			found = found || send != nil && inLoop(send.Block()) && (room == 0 || runsOften(send.Block()))
		}
	})
	return found
}

// leftStages: a function receives from such a channel and leaves before its end.
func (x *extractor) leftStages(fn *ssa.Function) {
	instructions(fn, func(instr ssa.Instruction) {
		call, ok := instr.(*ssa.Call)
		if !ok {
			return
		}
		callee := call.Common().StaticCallee()
		if callee == nil {
			return
		}
		s := x.known(callee)
		if s == nil {
			return
		}
		for _, n := range s.Feeds {
			v, _ := result(call, n)
			if v == nil || !onlyReceived(v) {
				continue
			}
			if at, ok := leavesEarly(fn, func(c ssa.Value) bool { return origin(c) == v }); ok {
				x.report(fn, callee.Name(), Finding{Rule: "goroutine/no-receiver", Verdict: "leak", pos: call.Pos(),
					Message: fmt.Sprintf("the goroutine of %s sends on the channel that it returned, and line %d stops to receive before the end", callee.Name(), x.line(at)),
					Cause:   "the sender waits for ever when nobody receives any more",
					Fix:     "give the function a context, and let it send in a select with ctx.Done()",
					Related: []Place{x.place(call.Pos(), "the channel"), x.place(at, "leaves without the rest")}})
			}
		}
	})
}

// onlyReceived: the channel goes nowhere else.
func onlyReceived(v ssa.Value) bool {
	for _, r := range *v.Referrers() {
		switch i := r.(type) {
		case *ssa.DebugRef, *ssa.Select:
		case *ssa.UnOp:
			if i.Op != token.ARROW {
				return false
			}
		case *ssa.ChangeType:
			if !onlyReceived(i) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// leavesEarly finds a way out of the loop that receives from a channel, other
// than that it was closed, behind which nothing more is received.
func leavesEarly(fn *ssa.Function, is func(ssa.Value) bool) (token.Pos, bool) {
	var receives []ssa.Value
	instructions(fn, func(instr ssa.Instruction) {
		switch i := instr.(type) {
		case *ssa.UnOp:
			if i.Op == token.ARROW && is(i.X) {
				receives = append(receives, i)
			}
		case *ssa.Select:
			for _, s := range i.States {
				if s.Dir == types.RecvOnly && is(s.Chan) {
					receives = append(receives, i)
				}
			}
		}
	})
	for _, r := range receives {
		b := r.(ssa.Instruction).Block()
		loop := loopOf(b)
		for from := range loop {
			if !b.Dominates(from) || closedBranch(from, r) || counted(from) {
				continue
			}
			for _, to := range from.Succs {
				if loop[to] || !returns(to) || receivesFrom(to, receives) {
					continue
				}
				return firstPos(to), true
			}
		}
	}
	return token.NoPos, false
}

// counted: the block asks whether a counted loop (for range n) is through.
func counted(b *ssa.BasicBlock) bool {
	branch, ok := b.Instrs[len(b.Instrs)-1].(*ssa.If)
	if !ok {
		return false
	}
	op, ok := branch.Cond.(*ssa.BinOp)
	if !ok || op.Op != token.LSS {
		return false
	}
	next, ok := op.X.(*ssa.BinOp)
	return ok && next.Op == token.ADD && next.Block() == b
}

// closedBranch: the block asks whether the channel was closed.
func closedBranch(b *ssa.BasicBlock, receive ssa.Value) bool {
	branch, ok := b.Instrs[len(b.Instrs)-1].(*ssa.If)
	if !ok {
		return false
	}
	cond := branch.Cond
	if not, ok := cond.(*ssa.UnOp); ok && not.Op == token.NOT {
		cond = not.X
	}
	e, ok := cond.(*ssa.Extract)
	return ok && e.Tuple == receive && e.Index == 1
}

func receivesFrom(b *ssa.BasicBlock, receives []ssa.Value) bool {
	for _, r := range receives {
		if to := r.(ssa.Instruction).Block(); to == b || reaches(b, to, nil) {
			return true
		}
	}
	return false
}

// closeSkipped: a goroutine receives until the channel is closed, and a return
// of the function leaves out the close.
func (x *extractor) closeSkipped(fn *ssa.Function) {
	instructions(fn, func(instr ssa.Instruction) {
		made, ok := instr.(*ssa.MakeChan)
		if !ok || x.effectIn(fn, made, &Kind{}) != Borrowed {
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
		var started, waiter *ssa.Go
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
			if g, ok := i.(*ssa.Go); ok {
				if started == nil && rangesOver(g, made) {
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
			return waiter != nil && (before(s, waiter) || reaches(s.Block(), waiter.Block(), nil))
		})
		if started == nil && waiter != nil && woken && !ready && !deferred && x.onlyWaiter(fn, made, waiter) {
			// A return that is also reached behind a close may have the same reason as the close.
			early := func(i ssa.Instruction) bool {
				r, ok := i.(*ssa.Return)
				return wakes(i) || ok && reachedFrom(fn, r.Block(), wakes)
			}
			if at, lost := skips(fn, waiter, early); lost {
				x.report(fn, "close", Finding{Rule: "goroutine/select-no-exit", Verdict: "leak", pos: waiter.Pos(),
					Message: fmt.Sprintf("only a channel of this function can end the goroutine, and the way out in line %d neither closes it nor sends to it", x.line(at)),
					Cause:   "the goroutine stays, with all that it refers to",
					Fix:     "defer close(done) right before the goroutine is started",
					Related: []Place{x.place(made.Pos(), "the channel"), x.place(at, "leaves it open")}})
			}
			return
		}
		if started == nil || closes == 0 || deferred || slices.ContainsFunc(closed, func(c ssa.Instruction) bool { return before(c, started) }) {
			return // closed before it starts: it takes what is in the channel
		}
		at, lost := skips(fn, started, isClose)
		if !lost {
			return
		}
		x.report(fn, "close", Finding{Rule: "goroutine/no-close", Verdict: "leak", pos: started.Pos(),
			Message: fmt.Sprintf("the goroutine receives until the channel is closed, and the way out in line %d does not close it", x.line(at)),
			Cause:   "the loop waits for the next value for ever",
			Fix:     "defer close(ch) right after the goroutine is started",
			Related: []Place{x.place(made.Pos(), "the channel"), x.place(at, "leaves it open")}})
	})
}

// reachedFrom: the block lies behind an instruction of that sort.
func reachedFrom(fn *ssa.Function, b *ssa.BasicBlock, is func(ssa.Instruction) bool) (found bool) {
	instructions(fn, func(i ssa.Instruction) {
		found = found || is(i) && (i.Block() == b || reaches(i.Block(), b, nil))
	})
	return found
}

// waitsOnlyFor: the goroutine never returns as long as the channel gives nothing.
func (x *extractor) waitsOnlyFor(g *ssa.Go, made *ssa.MakeChan) bool {
	callee := g.Call.StaticCallee()
	if callee == nil || len(callee.Blocks) == 0 {
		return false
	}
	e := &endless{x: x, dead: map[ssa.Value]bool{}}
	for n, b := range bindings(g.Call.Value) {
		if channelMadeHere(b) == made {
			e.dead[callee.FreeVars[n]] = true
		}
	}
	for n, a := range g.Call.Args {
		if n < len(callee.Params) && origin(a) == ssa.Value(made) {
			e.dead[callee.Params[n]] = true
		}
	}
	return len(e.dead) > 0 && e.runs(callee) && e.channel && (e.loops || e.parks) && !x.endsOtherwise(callee)
}

// onlyWaiter: no function other than this one and the goroutine has the channel.
func (x *extractor) onlyWaiter(fn *ssa.Function, made *ssa.MakeChan, waiter *ssa.Go) bool {
	only := true
	instructions(fn, func(i ssa.Instruction) {
		switch t := i.(type) {
		case *ssa.MakeClosure:
			for _, b := range t.Bindings {
				only = only && (channelMadeHere(b) != made || ssa.Value(t) == waiter.Call.Value)
			}
		case ssa.CallInstruction:
			if _, builtin := t.Common().Value.(*ssa.Builtin); builtin || i == ssa.Instruction(waiter) {
				return
			}
			for _, a := range t.Common().Args {
				only = only && origin(a) != ssa.Value(made)
			}
		}
	})
	return only
}

func rangesOver(g *ssa.Go, made *ssa.MakeChan) (found bool) {
	m, ok := g.Call.Value.(*ssa.MakeClosure)
	if !ok {
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

// tokens: a goroutine that holds a token of a semaphore (a channel of empty
// structs) returns on a path without giving it back.
func (x *extractor) tokens(fn *ssa.Function, g *ssa.Go) {
	m, ok := g.Call.Value.(*ssa.MakeClosure)
	if !ok {
		return
	}
	callee := m.Fn.(*ssa.Function)
	for n, b := range m.Bindings {
		made := channelMadeHere(b)
		if made == nil || n >= len(callee.FreeVars) {
			continue
		}
		elem, ok := made.Type().Underlying().(*types.Chan).Elem().Underlying().(*types.Struct)
		if room, constant := capacity(made); !ok || elem.NumFields() != 0 || constant && room == 0 {
			continue
		}
		var taken *ssa.Send
		instructions(fn, func(i ssa.Instruction) {
			if s, ok := i.(*ssa.Send); ok && origin(s.Chan) == ssa.Value(made) && s.Block().Dominates(g.Block()) {
				taken = s
			}
		})
		if taken == nil || !inLoop(taken.Block()) {
			continue
		}
		free := ssa.Value(callee.FreeVars[n])
		gives := func(i ssa.Instruction) bool {
			u, ok := i.(*ssa.UnOp)
			if !ok || u.Op != token.ARROW {
				return false
			}
			load, isLoad := u.X.(*ssa.UnOp)
			return u.X == free || isLoad && load.X == free
		}
		gave, deferred := false, false
		instructions(callee, func(i ssa.Instruction) {
			gave = gave || gives(i)
			if m, ok := i.(*ssa.MakeClosure); ok {
				for _, b := range m.Bindings {
					deferred = deferred || b == free
				}
			}
		})
		if !gave || deferred {
			continue
		}
		if at, lost := skips(callee, nil, gives); lost {
			x.report(fn, "token", Finding{Rule: "goroutine/no-receiver", Verdict: "leak", pos: taken.Pos(),
				Message: fmt.Sprintf("the goroutine can return in line %d without giving its token back", x.line(at)),
				Cause:   "when the tokens are used up, whoever wants one waits for ever",
				Fix:     "defer func() { <-sem }() as the first line of the goroutine",
				Related: []Place{x.place(taken.Pos(), "takes a token"), x.place(at, "returns with it")}})
		}
	}
}

// nilChannels: a goroutine waits for a channel variable that is never set.
func (x *extractor) nilChannels(fn *ssa.Function, g *ssa.Go) {
	m, ok := g.Call.Value.(*ssa.MakeClosure)
	if !ok {
		return
	}
	callee := m.Fn.(*ssa.Function)
	for n, b := range m.Bindings {
		alloc, ok := b.(*ssa.Alloc)
		if !ok || n >= len(callee.FreeVars) {
			continue
		}
		if _, isChan := deref(alloc.Type()).Underlying().(*types.Chan); !isChan || !onlyNil(alloc, m) {
			continue
		}
		instructions(callee, func(i ssa.Instruction) {
			var ch ssa.Value
			switch t := i.(type) {
			case *ssa.UnOp:
				if t.Op == token.ARROW {
					ch = t.X
				}
			case *ssa.Send:
				ch = t.Chan
			}
			if load, ok := ch.(*ssa.UnOp); ok && load.X == ssa.Value(callee.FreeVars[n]) {
				x.report(callee, "nil", Finding{Rule: "goroutine/nil-channel", Verdict: "leak", pos: i.Pos(),
					Message: "waits for a channel that is always nil", Cause: "nothing is ever sent on a nil channel, nor received from it",
					Fix: "make the channel before the goroutine is started", Related: []Place{x.place(alloc.Pos(), "never set to a channel")}})
			}
		})
	}
}

// onlyNil: nothing but nil is stored in the variable, and one closure alone has it.
func onlyNil(a *ssa.Alloc, m *ssa.MakeClosure) bool {
	for _, r := range *a.Referrers() {
		switch i := r.(type) {
		case *ssa.Store:
			c, ok := i.Val.(*ssa.Const)
			if i.Addr != ssa.Value(a) || !ok || !c.IsNil() {
				return false
			}
		case *ssa.MakeClosure:
			if i != m {
				return false
			}
			callee := m.Fn.(*ssa.Function)
			for n, b := range m.Bindings {
				if b != ssa.Value(a) {
					continue
				}
				for _, r := range *callee.FreeVars[n].Referrers() {
					if _, load := r.(*ssa.UnOp); !load {
						return false
					}
				}
			}
		case *ssa.UnOp, *ssa.DebugRef:
		default:
			return false
		}
	}
	return true
}
