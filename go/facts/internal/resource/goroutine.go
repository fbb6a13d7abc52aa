package resource

import (
	"fmt"
	"go/constant"
	"go/token"

	"golang.org/x/tools/go/ssa"
)

// goroutines looks at what a function starts: loops that nothing ends, and
// senders that the function leaves alone on an unbuffered channel.
func (x *extractor) goroutines(fn *ssa.Function) {
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			if call, ok := instr.(*ssa.Call); ok {
				x.startedByHelper(fn, call)
			}
			g, ok := instr.(*ssa.Go)
			if !ok {
				continue
			}
			x.noExit(fn, started{g.Pos(), g.Call.StaticCallee(), g.Call.Args, bindings(g.Call.Value)})
			x.neverStopped(fn, g)
			x.leftAlone(fn, g)
			x.tokens(fn, g)
			x.stoppedRange(fn, g)
			x.nilChannels(fn, g)
		}
	}
}

// underOnce: the function is handed to (*sync.Once).Do or sync.OnceFunc, and
// nothing of the package calls it otherwise.
func (x *extractor) underOnce(fn *ssa.Function) bool {
	if x.once != nil {
		return x.once[fn]
	}
	x.once = map[*ssa.Function]bool{}
	called := map[*ssa.Function]bool{}
	for _, in := range x.functions {
		instructions(in, func(instr ssa.Instruction) {
			c, ok := instr.(ssa.CallInstruction)
			if !ok {
				return
			}
			called[c.Common().StaticCallee()] = true
			switch firstName(c.Common()) {
			case "sync.Once.Do", "sync.OnceFunc", "sync.OnceValue", "sync.OnceValues":
				for _, a := range c.Common().Args {
					switch f := a.(type) {
					case *ssa.Function:
						x.once[f] = true
					case *ssa.MakeClosure:
						x.once[f.Fn.(*ssa.Function)] = true
					}
				}
			}
		})
	}
	for f := range called {
		delete(x.once, f)
	}
	return x.once[fn]
}

// leftAlone: a goroutine sends once on an unbuffered channel of this function,
// and the function can return without receiving.
func (x *extractor) leftAlone(fn *ssa.Function, g *ssa.Go) {
	if m, ok := g.Call.Value.(*ssa.MakeClosure); ok {
		closure := m.Fn.(*ssa.Function)
		for n, binding := range m.Bindings {
			if n < len(closure.FreeVars) && x.senderAlone(fn, g, binding, closure, closure.FreeVars[n]) {
				return // one finding a goroutine
			}
		}
		return
	}
	callee := g.Call.StaticCallee()
	if callee == nil || len(callee.Blocks) == 0 || len(callee.Params) != len(g.Call.Args) {
		return
	}
	for n, arg := range g.Call.Args {
		if direction, ok := arg.(*ssa.ChangeType); ok {
			arg = direction.X
		}
		if load, ok := arg.(*ssa.UnOp); ok && load.Op == token.MUL {
			arg = load.X
		}
		if x.senderAlone(fn, g, arg, callee, callee.Params[n]) {
			return
		}
	}
}

// senderAlone: binding is the channel, or the variable with it, in fn; in the
// function that the goroutine runs it is called inside.
func (x *extractor) senderAlone(fn *ssa.Function, g *ssa.Go, binding ssa.Value, callee *ssa.Function, inside ssa.Value) bool {
	made := channelMadeHere(binding)
	if made == nil {
		return false
	}
	send := onlySend(callee, inside)
	if send == nil || !x.onlyHere(binding, made) {
		return false
	}
	room, constant := capacity(made)
	if !constant || room > 0 && !runsOften(send.Block()) {
		return false // how many are sent is not known
	}
	w := &receiveWalk{channel: made, variable: binding}
	at, lost := token.NoPos, false
	switch {
	case room > 0:
	case inLoop(g.Block()):
		at, lost = w.lostOfMany(fn)
	default:
		at, lost = w.lost(g)
	}
	if !lost && inLoop(send.Block()) {
		at, lost = leavesEarly(fn, w.is)
	}
	if !lost {
		return false
	}
	verdict, which := "leak", "an unbuffered channel"
	if room > 0 {
		verdict, which = "suspect", fmt.Sprintf("a channel with room for %d", room)
	}
	x.report(fn, "go", Finding{Rule: "goroutine/no-receiver", Verdict: verdict, pos: g.Pos(),
		Message: fmt.Sprintf("the goroutine sends on %s, and the function can leave in line %d without receiving", which, x.line(at)),
		Cause:   "the sender waits for ever when nobody receives any more",
		Fix:     "make the channel with room for what is sent (make(chan T, 1)), or send in a select with ctx.Done()",
		Related: []Place{x.place(made.Pos(), "the channel"), x.place(send.Pos(), "sends here"), x.place(at, "leaves without receiving")}})
	return true
}

// channelMadeHere follows a captured variable to the one make that fills it.
func channelMadeHere(v ssa.Value) *ssa.MakeChan {
	switch t := v.(type) {
	case *ssa.MakeChan:
		return t
	case *ssa.Alloc:
		var made *ssa.MakeChan
		for _, r := range *t.Referrers() {
			if s, ok := r.(*ssa.Store); ok && s.Addr == ssa.Value(t) {
				m, ok := s.Val.(*ssa.MakeChan)
				if !ok || made != nil {
					return nil
				}
				made = m
			}
		}
		return made
	}
	return nil
}

func capacity(m *ssa.MakeChan) (int64, bool) {
	c, ok := m.Size.(*ssa.Const)
	if !ok || c.Value == nil {
		return 0, false
	}
	n, exact := constant.Int64Val(c.Value)
	return n, exact
}

// onlySend is the send of a closure on a captured channel, when it does nothing
// else with it but close it.
func onlySend(closure *ssa.Function, free ssa.Value) *ssa.Send {
	var send *ssa.Send
	ok := true
	channel := func(v ssa.Value) bool {
		if v == free {
			return true
		}
		u, isLoad := v.(*ssa.UnOp)
		return isLoad && u.X == free && u.Op == token.MUL
	}
	for _, b := range closure.Blocks {
		for _, instr := range b.Instrs {
			switch i := instr.(type) {
			case *ssa.Send:
				if channel(i.Chan) {
					send = i
				}
			case *ssa.Select:
				for _, s := range i.States {
					if channel(s.Chan) {
						ok = false
					}
				}
			case *ssa.MakeClosure:
				for _, b := range i.Bindings {
					if channel(b) {
						ok = false
					}
				}
			case *ssa.UnOp:
				if i.Op == token.ARROW && channel(i.X) {
					ok = false
				}
			case ssa.CallInstruction:
				for _, a := range i.Common().Args {
					if _, builtin := i.Common().Value.(*ssa.Builtin); !builtin && channel(a) {
						ok = false
					}
				}
			}
		}
	}
	if !ok {
		return nil
	}
	return send
}

// onlyHere: nobody but this function and goroutines that send has the channel.
func (x *extractor) onlyHere(binding ssa.Value, made *ssa.MakeChan) bool {
	values := []ssa.Value{made}
	if binding != ssa.Value(made) {
		values = append(values, binding)
		for _, r := range *binding.Referrers() {
			if u, ok := r.(*ssa.UnOp); ok {
				values = append(values, u)
			}
		}
	}
	for n := 0; n < len(values); n++ {
		v := values[n]
		for _, r := range *v.Referrers() {
			switch i := r.(type) {
			case *ssa.UnOp, *ssa.Select, *ssa.DebugRef:
			case *ssa.ChangeType:
				values = append(values, i)
			case *ssa.Send:
				if i.X == v {
					return false
				}
			case *ssa.Store:
				if i.Val == v && i.Addr != binding {
					return false
				}
			case *ssa.MakeClosure:
				closure := i.Fn.(*ssa.Function)
				for n, b := range i.Bindings {
					if b == v && onlySend(closure, closure.FreeVars[n]) == nil {
						return false
					}
				}
			case *ssa.Go:
				callee := i.Call.StaticCallee()
				for n, a := range i.Call.Args {
					if a == v && (callee == nil || n >= len(callee.Params) || onlySend(callee, callee.Params[n]) == nil) {
						return false
					}
				}
			case *ssa.Call:
				if _, builtin := i.Call.Value.(*ssa.Builtin); !builtin {
					return false
				}
			default:
				return false
			}
		}
	}
	return true
}

// receiveWalk looks for a way from the go statement out of the function that
// receives nothing.
type receiveWalk struct {
	channel  *ssa.MakeChan
	variable ssa.Value
}

func (w *receiveWalk) is(v ssa.Value) bool {
	if v == ssa.Value(w.channel) {
		return true
	}
	u, ok := v.(*ssa.UnOp)
	return ok && u.Op == token.MUL && u.X == w.variable
}

func (w *receiveWalk) lost(g *ssa.Go) (token.Pos, bool) {
	seen := map[*ssa.BasicBlock]bool{}
	type entry struct {
		b    *ssa.BasicBlock
		from int
	}
	start := 0
	for n, i := range g.Block().Instrs {
		if i == ssa.Instruction(g) {
			start = n + 1
		}
	}
	queue := []entry{{g.Block(), start}}
	for len(queue) > 0 {
		e := queue[0]
		queue = queue[1:]
		received := false
		for _, instr := range e.b.Instrs[e.from:] {
			switch i := instr.(type) {
			case *ssa.UnOp:
				if i.Op == token.ARROW && w.is(i.X) {
					received = true
				}
			case *ssa.Select:
				all := len(i.States) > 0 && i.Blocking
				for _, s := range i.States {
					all = all && w.is(s.Chan)
				}
				received = received || all
			case *ssa.Call:
				if endsProgram(i.Common()) {
					received = true
				}
			case *ssa.Panic:
				received = true
			case *ssa.Return:
				if !received {
					pos := i.Pos()
					if !pos.IsValid() {
						pos = lastPos(e.b)
					}
					if !pos.IsValid() {
						pos = g.Parent().Syntax().End() - 1
					}
					return pos, true
				}
			}
			if received {
				break
			}
		}
		if received {
			continue
		}
		for n, s := range e.b.Succs {
			if w.chosen(e.b, n) || seen[s] || w.passesOnce(e.b, n) {
				continue
			}
			seen[s] = true
			queue = append(queue, entry{s, 0})
		}
	}
	return token.NoPos, false
}

// passesOnce: the way out of a loop with a constant number of passes, each of
// which receives: it is not taken before the first pass.
func (w *receiveWalk) passesOnce(h *ssa.BasicBlock, succ int) bool {
	if succ != 1 || !fewTimes(h) || !inLoop(h) {
		return false
	}
	for b := range loopOf(h) {
		for _, instr := range b.Instrs {
			if u, ok := instr.(*ssa.UnOp); ok && u.Op == token.ARROW && w.is(u.X) && h.Dominates(b) {
				return true
			}
		}
	}
	return false
}

// lostOfMany: many goroutines send, and the function receives only once, or
// stops to receive at what one of them sent or at another case of its select.
func (w *receiveWalk) lostOfMany(fn *ssa.Function) (token.Pos, bool) {
	var once ssa.Instruction
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			var value ssa.Value
			switch i := instr.(type) {
			case *ssa.UnOp:
				if i.Op == token.ARROW && w.is(i.X) {
					value = i
				}
			case *ssa.Select:
				for _, s := range i.States {
					if w.is(s.Chan) {
						value = i
					}
				}
			}
			if value == nil {
				continue
			}
			if !inLoop(b) {
				once = instr
				continue
			}
			if at, ok := leavesOn(b, value, false); ok {
				return at, true
			}
			return token.NoPos, false
		}
	}
	if once == nil || once.Parent() != fn {
		return token.NoPos, false
	}
	return once.Pos(), true
}

// leavesOn: a branch that depends on a value leads out of the loop around a
// block, and to a return; with open, not since the channel was closed.
func leavesOn(b *ssa.BasicBlock, value ssa.Value, open bool) (token.Pos, bool) {
	for _, from := range b.Parent().Blocks {
		branch, ok := from.Instrs[len(from.Instrs)-1].(*ssa.If)
		if !ok || from != b && !(reaches(b, from, nil) && reaches(from, b, nil)) || !dependsOn(branch.Cond, value, 0) || open && closedBranch(from, value) {
			continue
		}
		for _, to := range from.Succs {
			if to != b && !reaches(to, b, nil) && returns(to) {
				return firstPos(to), true
			}
		}
	}
	return token.NoPos, false
}

func returns(b *ssa.BasicBlock) bool {
	is := func(b *ssa.BasicBlock) bool { _, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return); return ok }
	if is(b) {
		return true
	}
	for _, other := range b.Parent().Blocks {
		if is(other) && reaches(b, other, nil) {
			return true
		}
	}
	return false
}

func dependsOn(v, on ssa.Value, depth int) bool {
	if v == on {
		return true
	}
	instr, ok := v.(ssa.Instruction)
	if !ok || depth > 4 {
		return false
	}
	if _, phi := v.(*ssa.Phi); phi {
		return false
	}
	for _, op := range instr.Operands(nil) {
		if *op != nil && dependsOn(*op, on, depth+1) {
			return true
		}
	}
	if u, ok := v.(*ssa.UnOp); ok { // a struct that was received is kept in a variable
		if root, ok := addressRoot(u.X).(*ssa.Alloc); ok {
			for _, r := range *root.Referrers() {
				if s, ok := r.(*ssa.Store); ok && s.Addr == ssa.Value(root) && dependsOn(s.Val, on, depth+1) {
					return true
				}
			}
		}
	}
	return false
}

// chosen: the branch is the case of a select that received from the channel.
func (w *receiveWalk) chosen(b *ssa.BasicBlock, succ int) bool { return w.chosenBy(b, succ, w.is) }

func (w *receiveWalk) chosenBy(b *ssa.BasicBlock, succ int, is func(ssa.Value) bool) bool {
	branch, ok := b.Instrs[len(b.Instrs)-1].(*ssa.If)
	if !ok || succ != 0 {
		return false
	}
	op, ok := branch.Cond.(*ssa.BinOp)
	if !ok || op.Op != token.EQL {
		return false
	}
	extract, ok := op.X.(*ssa.Extract)
	if !ok {
		return false
	}
	sel, ok := extract.Tuple.(*ssa.Select)
	index, isConst := op.Y.(*ssa.Const)
	if !ok || !isConst || extract.Index != 0 {
		return false
	}
	n := int(index.Int64())
	return n >= 0 && n < len(sel.States) && is(sel.States[n].Chan)
}
