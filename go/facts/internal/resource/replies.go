package resource

import (
	"fmt"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// leavesSenders: goroutines send on a channel with little room in loops, and
// the function that receives leaves its loop at something else than the end.
func (x *extractor) leavesSenders(u *channelUse) bool {
	room, constant := capacity(u.made)
	if !constant || x.toldOf(u.made) {
		return false
	}
	var send ssa.Instruction
	var start ssa.CallInstruction
	receiver := u.owner // or the one goroutine that receives
	for fn, p := range u.parties {
		switch {
		case fn == u.owner && len(p.sends) > 0 || len(p.sends) > 0 && len(p.receives) > 0:
			return false
		case fn == u.owner:
			continue
		case len(p.receives) > 0 && (len(u.party(u.owner).receives) > 0 || receiver != u.owner && receiver != fn || len(p.runs) != 1):
			return false
		case len(p.receives) > 0:
			receiver = fn
		}
		if len(p.sends) > 0 && !p.async {
			return false
		}
		for _, s := range p.sends {
			_, plain := s.(*ssa.Send)
			for _, r := range p.runs {
				often := runsOften(s.Block()) || runsOften(r.Block()) || room == 0 && (inLoop(s.Block()) || inLoop(r.Block()))
				if plain && often && (send == nil || s.Pos() < send.Pos()) {
					send, start = s, r
				}
			}
		}
	}
	if send == nil {
		return false
	}
	at, leaves := leavesEarly(receiver, func(v ssa.Value) bool { return u.values[v] })
	if !leaves && receiver == u.owner {
		at, leaves = u.takesFew()
	}
	if !leaves {
		return false
	}
	verdict := "leak"
	if room > 0 {
		verdict = "suspect"
	}
	if receiver != u.owner && hasDrain(receiver, u) || x.reportedAt("goroutine/no-receiver", start.Pos()) {
		return false
	}
	x.report(u.owner, "go", Finding{Rule: "goroutine/no-receiver", Verdict: verdict, pos: start.Pos(),
		Message: fmt.Sprintf("goroutines go on sending on the channel when line %d leaves without the rest", x.line(at)),
		Cause:   "the senders wait for ever when nobody receives any more",
		Fix:     "let them send in a select with ctx.Done(), and cancel when the function returns; or receive the rest",
		Related: []Place{x.place(u.made.Pos(), "the channel"), x.place(send.Pos(), "sends here"), x.place(at, "leaves without the rest")}})
	return true
}

// takesFew: the owner receives outside of any loop, and returns.
func (u *channelUse) takesFew() (token.Pos, bool) {
	own := u.party(u.owner)
	for _, r := range own.receives {
		if inLoop(r.Block()) {
			return token.NoPos, false
		}
	}
	if len(own.receives) == 0 {
		return token.NoPos, false
	}
	return skips(u.owner, own.receives[0], func(ssa.Instruction) bool { return false })
}

// hasDrain: a closure in the receiver has the channel: it may take the rest.
func hasDrain(fn *ssa.Function, u *channelUse) (found bool) {
	instructions(fn, func(i ssa.Instruction) { found = found || hasClosure(i, u) })
	return found
}

// futures looks for answer channels without room in a field of what a function
// returns: its goroutine sends one answer, and a method stops to wait for it.
func (x *extractor) futures() {
	for _, fn := range x.functions {
		instructions(fn, func(instr ssa.Instruction) {
			made, ok := instr.(*ssa.MakeChan)
			if !ok {
				return
			}
			if room, constant := capacity(made); !constant || room > 0 {
				return
			}
			f, _ := storedInField(made)
			send, start := sentOnceBy(fn, made)
			if f == nil || f.Exported() || send == nil || x.toldOf(made) {
				return
			}
			for _, waiter := range x.functions {
				at, leaves := stopsWaiting(waiter, nil, f)
				if !leaves || waiter == fn {
					continue
				}
				x.report(fn, "go", Finding{Rule: "goroutine/no-receiver", Verdict: "suspect", pos: start.Pos(),
					Message: fmt.Sprintf("the goroutine sends its answer on a channel without room, and line %d stops to wait for it", x.line(at)),
					Cause:   "the sender waits for ever when nobody receives any more",
					Fix:     "give the answer room: make(chan T, 1)",
					Related: []Place{x.place(made.Pos(), "the channel"), x.place(send.Pos(), "sends here"), x.place(at, "stops to wait")}})
				return
			}
		})
	}
}

// sentOnceBy is the plain send, not in a loop, of a goroutine that has the channel.
func sentOnceBy(fn *ssa.Function, made *ssa.MakeChan) (send *ssa.Send, start *ssa.Go) {
	instructions(fn, func(instr ssa.Instruction) {
		g, ok := instr.(*ssa.Go)
		if !ok || send != nil {
			return
		}
		callee := g.Call.StaticCallee()
		if callee == nil || len(callee.Blocks) == 0 {
			return
		}
		for n, b := range bindings(g.Call.Value) {
			if channelMadeHere(b) == made {
				if s := onlySend(callee, callee.FreeVars[n]); s != nil && !inLoop(s.Block()) {
					send, start = s, g
				}
			}
		}
		for n, a := range g.Call.Args {
			if n < len(callee.Params) && origin(a) == ssa.Value(made) {
				if s := onlySend(callee, callee.Params[n]); s != nil && !inLoop(s.Block()) {
					send, start = s, g
				}
			}
		}
	})
	return send, start
}

// replies looks for answer channels without room in a field of a request: who
// asked may stop to wait, and who answers sends outside of any select.
func (x *extractor) replies() {
	plain := map[*types.Var]*ssa.Send{} // sends on channels in fields
	for _, fn := range x.functions {
		instructions(fn, func(instr ssa.Instruction) {
			if s, ok := instr.(*ssa.Send); ok {
				if f := fieldRead(s.Chan); f != nil && plain[f] == nil {
					plain[f] = s
				}
			}
		})
	}
	if len(plain) == 0 {
		return
	}
	for _, fn := range x.functions {
		instructions(fn, func(instr ssa.Instruction) {
			made, ok := instr.(*ssa.MakeChan)
			if !ok {
				return
			}
			if room, constant := capacity(made); !constant || room > 0 {
				return
			}
			f, holder := storedInField(made)
			if f == nil || plain[f] == nil || plain[f].Parent() == fn || !sentAway(holder) {
				return
			}
			if at, leaves := stopsWaiting(fn, made, f); leaves {
				x.report(fn, "reply", Finding{Rule: "goroutine/no-receiver", Verdict: "suspect", pos: made.Pos(),
					Message: fmt.Sprintf("who answers sends on this channel without room, and line %d stops to wait for the answer", x.line(at)),
					Cause:   "the one that answers waits for ever, and answers nobody else any more",
					Fix:     "give the answer room: make(chan T, 1)",
					Related: []Place{x.place(plain[f].Pos(), "answers here"), x.place(at, "stops to wait")}})
			}
		})
	}
}

// fieldRead is the field that a channel was read from.
func fieldRead(v ssa.Value) *types.Var {
	switch t := v.(type) {
	case *ssa.Field:
		return anyField(t.X.Type(), t.Field)
	case *ssa.UnOp:
		if addr, ok := t.X.(*ssa.FieldAddr); ok && t.Op == token.MUL {
			return anyField(addr.X.Type(), addr.Field)
		}
	case *ssa.ChangeType:
		return fieldRead(t.X)
	}
	return nil
}

func anyField(t types.Type, index int) *types.Var {
	if s := structOf(t); s != nil && index < s.NumFields() {
		return s.Field(index)
	}
	return nil
}

// storedInField: the channel is put into a field of a struct that is made here.
func storedInField(made *ssa.MakeChan) (f *types.Var, holder *ssa.Alloc) {
	values, seen := []ssa.Value{made}, map[ssa.Value]bool{}
	for n := 0; n < len(values); n++ {
		if seen[values[n]] {
			continue
		}
		seen[values[n]] = true
		for _, r := range *values[n].Referrers() {
			switch i := r.(type) {
			case *ssa.ChangeType:
				values = append(values, i)
			case *ssa.Store:
				if addr, ok := i.Addr.(*ssa.FieldAddr); ok && i.Val == values[n] {
					if a, ok := addr.X.(*ssa.Alloc); ok {
						f, holder = anyField(addr.X.Type(), addr.Field), a
					}
				} else if a, ok := i.Addr.(*ssa.Alloc); ok && i.Val == values[n] {
					for _, r := range *a.Referrers() {
						if u, ok := r.(*ssa.UnOp); ok {
							values = append(values, u)
						}
					}
				}
			}
		}
	}
	return f, holder
}

// sentAway: the struct, or a pointer to it, is sent on a channel.
func sentAway(holder *ssa.Alloc) (found bool) {
	values := []ssa.Value{holder}
	for n := 0; n < len(values) && n < 16; n++ {
		for _, r := range *values[n].Referrers() {
			switch i := r.(type) {
			case *ssa.UnOp:
				values = append(values, i)
			case *ssa.MakeInterface:
				values = append(values, i)
			case *ssa.Store:
				if a, ok := i.Addr.(*ssa.Alloc); ok && i.Val == values[n] && a != holder {
					values = append(values, a)
				}
			case *ssa.Send:
				found = found || i.X == values[n]
			case *ssa.Select:
				for _, s := range i.States {
					found = found || s.Send == values[n]
				}
			}
		}
	}
	return found
}

// stopsWaiting: the function receives the answer in a select that another case leaves.
func stopsWaiting(fn *ssa.Function, made *ssa.MakeChan, f *types.Var) (at token.Pos, leaves bool) {
	is := func(v ssa.Value) bool {
		return v == ssa.Value(made) || origin(v) == ssa.Value(made) || fieldRead(v) == f
	}
	w := &receiveWalk{channel: made}
	instructions(fn, func(instr ssa.Instruction) {
		s, ok := instr.(*ssa.Select)
		if !ok || !s.Blocking || leaves {
			return
		}
		waits, others := false, false
		for _, state := range s.States {
			waits = waits || state.Dir == types.RecvOnly && is(state.Chan)
			others = others || !is(state.Chan)
		}
		if !waits || !others {
			return
		}

		seen := map[*ssa.BasicBlock]bool{s.Block(): true}
		for queue := []*ssa.BasicBlock{s.Block()}; len(queue) > 0; queue = queue[1:] {
			b := queue[0]
			for k, to := range b.Succs {
				if seen[to] || w.chosenBy(b, k, is) {
					continue
				}
				seen[to] = true
				received := false
				for _, i := range to.Instrs {
					u, ok := i.(*ssa.UnOp)
					received = received || ok && u.Op == token.ARROW && is(u.X)
					if r, ok := i.(*ssa.Return); ok && !received {
						at, leaves = exitPos(r), true
						return
					}
				}
				if !received {
					queue = append(queue, to)
				}
			}
		}
	})
	return at, leaves
}
