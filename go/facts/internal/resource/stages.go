package resource

import (
	"fmt"
	"go/token"
	"go/types"

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
