package resource

import (
	"fmt"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/tidemark-go/tidemark/go/facts/internal/load"
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

// workersLeave: goroutines receive from a channel without room and may leave
// before its end, and the function that made it goes on to send, come what may.
func (x *extractor) workersLeave(fn *ssa.Function) {
	instructions(fn, func(instr ssa.Instruction) {
		made, ok := instr.(*ssa.MakeChan)
		if !ok || x.effectIn(fn, made, &Kind{}) != Borrowed {
			return
		}
		if room, constant := capacity(made); !constant || room > 0 {
			return
		}
		var send *ssa.Send
		var worker *ssa.Go
		var at token.Pos
		alone := true
		instructions(fn, func(i ssa.Instruction) {
			switch i := i.(type) {
			case *ssa.Send:
				if x.isChannel(i.Chan, made) && inLoop(i.Block()) {
					send = i
				}
			case *ssa.UnOp:
				alone = alone && !(i.Op == token.ARROW && x.isChannel(i.X, made))
			case *ssa.Select:
				for _, s := range i.States {
					alone = alone && !x.isChannel(s.Chan, made)
				}
			case *ssa.MakeClosure:
				callee := i.Fn.(*ssa.Function)
				for n, b := range i.Bindings {
					if channelMadeHere(b) != made {
						continue
					}
					g := startedBy(i)
					left, ok := leavesEarly(callee, freeChannel(callee.FreeVars[n]))
					if g == nil || !ok || !onlyReceivesIn(callee, callee.FreeVars[n]) {
						alone = false
						continue
					}
					worker, at = g, left
				}
			}
		})
		if send == nil || worker == nil || !alone {
			return
		}
		x.report(fn, "worker", Finding{Rule: "goroutine/no-receiver", Verdict: "suspect", pos: worker.Pos(),
			Message: fmt.Sprintf("the goroutine stops to receive in line %d, and line %d sends on", x.line(at), x.line(send.Pos())),
			Cause:   "when all that receive have left, the sender waits for ever, and whoever waits for it",
			Fix:     "send in a select with ctx.Done(), and cancel the context where the goroutine leaves; or let it receive the rest",
			Related: []Place{x.place(made.Pos(), "the channel, without room"), x.place(at, "leaves without the rest"), x.place(send.Pos(), "sends here")}})
	})
}

func (x *extractor) isChannel(v ssa.Value, made *ssa.MakeChan) bool {
	if origin(v) == ssa.Value(made) {
		return true
	}
	load, ok := v.(*ssa.UnOp)
	return ok && channelMadeHere(load.X) == made
}

// freeChannel recognises a captured channel, or the variable with it.
func freeChannel(free ssa.Value) func(ssa.Value) bool {
	return func(v ssa.Value) bool {
		if change, ok := v.(*ssa.ChangeType); ok {
			v = change.X
		}
		load, isLoad := v.(*ssa.UnOp)
		return v == free || isLoad && load.X == free
	}
}

// startedBy is the go statement that a closure is for, and nothing else.
func startedBy(m *ssa.MakeClosure) (started *ssa.Go) {
	for _, r := range *m.Referrers() {
		switch i := r.(type) {
		case *ssa.DebugRef:
		case *ssa.Go:
			started = i
		default:
			return nil
		}
	}
	return started
}

// onlyReceivesIn: the closure does nothing with the captured channel but receive.
func onlyReceivesIn(callee *ssa.Function, free ssa.Value) bool {
	is := freeChannel(free)
	only := true
	instructions(callee, func(i ssa.Instruction) {
		switch i := i.(type) {
		case *ssa.Send:
			only = only && !is(i.Chan)
		case *ssa.MakeClosure:
			for _, b := range i.Bindings {
				only = only && b != free
			}
		case ssa.CallInstruction:
			for _, a := range i.Common().Args {
				only = only && !is(a)
			}
		}
	})
	return only
}

// sendersLeft: a function that gives up when a context ends starts a goroutine
// that sends on a channel of others and cannot give up.
func (x *extractor) sendersLeft(fn *ssa.Function) {
	if !givesUp(fn) {
		return
	}
	instructions(fn, func(instr ssa.Instruction) {
		m, ok := instr.(*ssa.MakeClosure)
		if !ok || startedBy(m) == nil {
			return
		}
		callee := m.Fn.(*ssa.Function)
		for n, b := range m.Bindings {
			if !givenChannel(b) {
				continue
			}
			send := onlySend(callee, callee.FreeVars[n])
			if send == nil || inLoop(send.Block()) {
				continue
			}
			x.report(fn, "send", Finding{Rule: "goroutine/no-receiver", Verdict: "suspect", pos: send.Pos(),
				Message: "the goroutine sends on a channel of others, and does not give up when the function that started it does",
				Cause:   "when nobody receives any more, the goroutine waits for ever",
				Fix:     "send in a select with ctx.Done()",
				Related: []Place{x.place(startedBy(m).Pos(), "started here")}})
			return
		}
	})
}

// givenChannel: a channel that the function is given.
func givenChannel(v ssa.Value) bool {
	if alloc, ok := v.(*ssa.Alloc); ok {
		v = load.OnlyStore(alloc)
	}
	p, ok := v.(*ssa.Parameter)
	if !ok {
		return false
	}
	_, isChan := p.Type().Underlying().(*types.Chan)
	return isChan
}

// givesUp: a select leaves the function when a context ends.
func givesUp(fn *ssa.Function) (found bool) {
	instructions(fn, func(i ssa.Instruction) {
		s, ok := i.(*ssa.Select)
		if !ok || !s.Blocking {
			return
		}
		for _, state := range s.States {
			c, ok := origin(state.Chan).(*ssa.Call)
			found = found || ok && c.Call.IsInvoke() && c.Call.Method.FullName() == "(context.Context).Done"
		}
	})
	return found
}
