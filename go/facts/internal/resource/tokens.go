package resource

import (
	"fmt"
	"go/token"
	"go/types"
	"slices"
	"sync"

	"golang.org/x/tools/go/ssa"
)

// heldTokens: a function takes a token of a semaphore of others (a channel of
// empty structs) and gives it back, but not on every way.
func (x *extractor) heldTokens(fn *ssa.Function) {
	instructions(fn, func(instr ssa.Instruction) {
		switch t := instr.(type) {
		case *ssa.Send:
			x.heldToken(fn, t, t.Chan, t.Pos(), map[ssa.Value]fact{})
		case *ssa.Select:
			chosen, isCase := casesOf(t)
			for n, state := range t.States {
				if state.Dir != types.SendOnly || isCase[n] == nil {
					continue
				}
				known := map[ssa.Value]fact{}
				for other, is := range isCase {
					known[is] = isNil
					if other == n {
						known[is] = notNil
					}
				}
				x.heldToken(fn, chosen, state.Chan, state.Pos, known)
			}
		}
	})
}

// casesOf is where a select tells which case was taken, and the comparisons
// that ask for one, by its number.
func casesOf(s *ssa.Select) (chosen *ssa.Extract, isCase map[int]*ssa.BinOp) {
	isCase = map[int]*ssa.BinOp{}
	for _, r := range *s.Referrers() {
		e, ok := r.(*ssa.Extract)
		if !ok || e.Index != 0 {
			continue
		}
		chosen = e
		for _, r := range *e.Referrers() {
			if op, ok := r.(*ssa.BinOp); ok && op.Op == token.EQL {
				if c, ok := op.Y.(*ssa.Const); ok {
					isCase[int(c.Int64())] = op
				}
			}
		}
	}
	return chosen, isCase
}

// heldToken: at an instruction a token of the channel is taken.
func (x *extractor) heldToken(fn *ssa.Function, at ssa.Instruction, ch ssa.Value, pos token.Pos, known map[ssa.Value]fact) {
	if !isToken(ch.Type()) {
		return
	}
	if _, local := origin(ch).(*ssa.MakeChan); local {
		return // see exchanges
	}
	same := func(v ssa.Value) bool { return sameChannel(v, ch) }
	if !anyOf(append([]*ssa.Function{fn}, fn.AnonFuncs...), func(in *ssa.Function) (gives bool) {
		instructions(in, func(i ssa.Instruction) {
			u, ok := i.(*ssa.UnOp)
			gives = gives || ok && u.Op == token.ARROW && (same(u.X) && (before(at, u) || reaches(at.Block(), u.Block(), nil)) || in != fn && sameFieldName(u.X, ch))
		})
		return gives
	}) {
		return // somebody else does
	}
	gone := func(i ssa.Instruction) bool {
		switch t := i.(type) {
		case *ssa.UnOp:
			return t.Op == token.ARROW && same(t.X)
		case *ssa.MakeClosure, *ssa.Go, *ssa.Defer:
			return mayReceive(t, ch)
		case *ssa.Select:
			for _, state := range t.States {
				if same(state.Chan) {
					return true
				}
			}
		case *ssa.Call:
			for _, a := range t.Call.Args {
				if same(a) {
					return true
				}
			}
		}
		return false
	}
	others := sync.OnceValue(func() bool { return x.receivedAlone(fieldKey(readFrom(ch))) })
	handedOver := func(r *ssa.Return) bool { return !failed(answered(r)) && others() }
	w := &walker{x: x, fn: fn, kind: &Kind{}, at: at, lock: &heldLock{gives: gone, handedOver: handedOver}}
	out := w.run(map[ssa.Value]role{}, known)
	if len(out.exits) == 0 || out.gaveUp || out.exits[0].panicked {
		return
	}
	left := out.exits[0]
	x.report(fn, "token", Finding{Rule: "goroutine/no-receiver", Verdict: "leak", pos: pos,
		Message: fmt.Sprintf("the token taken here is not given back on the way out in line %d", x.line(left.pos)),
		Cause:   "when the tokens are used up, whoever wants one waits for ever",
		Fix:     "defer func() { <-sem }() right after it is taken",
		Related: []Place{x.place(pos, "takes a token"), x.place(left.pos, "returns with it")}})
}

// mayReceive: a goroutine, a deferred call or a closure may give the token
// back; not the Close of something else.
func mayReceive(i ssa.Instruction, ch ssa.Value) bool {
	d, ok := i.(*ssa.Defer)
	if !ok {
		return true
	}
	callee := d.Call.StaticCallee()
	return !d.Call.IsInvoke() && (callee == nil || callee.Parent() != nil || len(callee.Blocks) > 0 && callee.Pkg == ch.Parent().Pkg)
}

// sameFieldName: both channels are read from the same field of a type.
func sameFieldName(a, b ssa.Value) bool {
	key := fieldKey(readFrom(a))
	return key != "" && key == fieldKey(readFrom(b))
}

// receivedAlone: a function of the package receives from the channel in a field
// without sending to it.
func (x *extractor) receivedAlone(field string) bool {
	return field != "" && anyOf(x.functions, func(fn *ssa.Function) bool {
		sends, receives := false, false
		instructions(fn, func(i ssa.Instruction) {
			switch t := i.(type) {
			case *ssa.Send:
				sends = sends || fieldKey(readFrom(t.Chan)) == field
			case *ssa.UnOp:
				receives = receives || t.Op == token.ARROW && fieldKey(readFrom(t.X)) == field
			case *ssa.Select:
				for _, state := range t.States {
					if fieldKey(readFrom(state.Chan)) == field {
						sends, receives = sends || state.Dir == types.SendOnly, receives || state.Dir == types.RecvOnly
					}
				}
			}
		})
		return receives && !sends
	})
}

// tokenHelper is what a method does with a semaphore in a field: takes a token
// and leaves with it, or gives one back.
type tokenHelper struct {
	field *types.Var
	takes bool
}

// tokenHelpers are the methods of the package that only take, or only give back.
func (x *extractor) tokenHelpers() map[*ssa.Function]tokenHelper {
	list := map[*ssa.Function]tokenHelper{}
	for _, fn := range x.functions {
		if fn.Signature.Recv() == nil || len(fn.AnonFuncs) > 0 {
			continue
		}
		var f *types.Var
		takes, gives := 0, 0
		note := func(ch ssa.Value, sends bool) {
			field := fieldRead(ch)
			if field == nil || !isToken(ch.Type()) {
				return
			}
			if f = field; sends {
				takes++
			} else {
				gives++
			}
		}
		instructions(fn, func(i ssa.Instruction) {
			switch i := i.(type) {
			case *ssa.Send:
				note(i.Chan, true)
			case *ssa.UnOp:
				if i.Op == token.ARROW {
					note(i.X, false)
				}
			case *ssa.Select:
				for _, s := range i.States {
					note(s.Chan, s.Dir == types.SendOnly)
				}
			}
		})
		if takes+gives == 1 {
			list[fn] = tokenHelper{f, takes == 1}
		}
	}
	return list
}

// helpedTokens: a function takes a token by a method and gives it back by
// another, but not on every way.
func (x *extractor) helpedTokens() {
	helpers := x.tokenHelpers()
	if len(helpers) == 0 {
		return
	}
	for _, fn := range x.functions {
		instructions(fn, func(i ssa.Instruction) {
			call, ok := i.(*ssa.Call)
			if !ok || call.Call.StaticCallee() == nil {
				return
			}
			h, ok := helpers[call.Call.StaticCallee()]
			if !ok || !h.takes {
				return
			}
			gives := func(i ssa.Instruction) bool {
				c, ok := i.(ssa.CallInstruction)
				if !ok || c.Common().StaticCallee() == nil {
					return false
				}
				o, ok := helpers[c.Common().StaticCallee()]
				return ok && !o.takes && o.field == h.field
			}
			from := i.Block()
			at := slices.Index(from.Instrs, i) + 1
			if call.Call.Signature().Results().Len() > 0 {
				if from, at = succeeded(call), 0; from == nil {
					return
				}
			}
			found := false
			instructions(fn, func(i ssa.Instruction) {
				found = found || gives(i) && (i.Block() == from || reaches(from, i.Block(), nil))
			})
			if !found {
				return // somebody else does
			}
			out, left := skipsFrom(from, at, func(i ssa.Instruction) bool {
				switch i.(type) {
				case *ssa.MakeClosure, *ssa.Go, *ssa.Defer:
					return true // may give it back
				}
				return gives(i)
			})
			if left {
				x.report(fn, "token", Finding{Rule: "goroutine/no-receiver", Verdict: "leak", pos: call.Pos(),
					Message: fmt.Sprintf("the token that %s takes is not given back on the way out in line %d", call.Call.StaticCallee().Name(), x.line(out)),
					Cause:   "when the tokens are used up, whoever wants one waits for ever",
					Fix:     "defer the call that gives it back right after it is taken",
					Related: []Place{x.place(call.Pos(), "takes a token"), x.place(out, "returns with it")}})
			}
		})
	}
}

// succeeded is the block behind a call in which its error is nil, or its bool true.
func succeeded(call *ssa.Call) *ssa.BasicBlock {
	if b := wentWell(call); b != nil {
		return b
	}
	for _, r := range *call.Referrers() {
		cond, truth := ssa.Value(call), 0
		if not, ok := r.(*ssa.UnOp); ok && not.Op == token.NOT {
			cond, truth = not, 1
		}
		for _, r := range *cond.Referrers() {
			if branch, ok := r.(*ssa.If); ok {
				return branch.Block().Succs[truth]
			}
		}
	}
	return nil
}

func isToken(t types.Type) bool {
	ch, ok := t.Underlying().(*types.Chan)
	if !ok {
		return false
	}
	s, ok := ch.Elem().Underlying().(*types.Struct)
	return ok && s.NumFields() == 0 && ch.Dir() == types.SendRecv
}

// sameChannel: both are the same value, or read from the same variable or
// field of the same thing.
func sameChannel(a, b ssa.Value) bool {
	if a == b {
		return true
	}
	x, ok := a.(*ssa.UnOp)
	y, alsoOk := b.(*ssa.UnOp)
	return ok && alsoOk && x.Op == token.MUL && y.Op == token.MUL && (x.X == y.X || sameField(x.X, y.X))
}

// stoppedRange: a goroutine ranges over a channel of signals, which Stop does
// not close.
func (x *extractor) stoppedRange(fn *ssa.Function, g *ssa.Go) {
	m, ok := g.Call.Value.(*ssa.MakeClosure)
	if !ok || x.oncePerProgram(fn) {
		return
	}
	for _, b := range m.Bindings {
		made := channelMadeHere(b)
		if made == nil || typeName(made.Type().Underlying().(*types.Chan).Elem()) != "os.Signal" || !rangesOver(m, made) {
			continue
		}
		stopped, closed := false, false
		look := func(within *ssa.Function, is func(ssa.Value) bool) {
			instructions(within, func(i ssa.Instruction) {
				c, ok := i.(ssa.CallInstruction)
				if !ok {
					return
				}
				for _, a := range c.Common().Args {
					if d, ok := a.(*ssa.ChangeType); ok {
						a = d.X
					}
					if !is(a) {
						continue
					}
					names := calleeNames(c.Common())
					b, builtin := c.Common().Value.(*ssa.Builtin)
					closed = closed || builtin && b.Name() == "close" || !builtin && (len(names) == 0 || names[0] != "os/signal.Notify" && names[0] != "os/signal.Stop")
					stopped = stopped || len(names) > 0 && names[0] == "os/signal.Stop"
				}
			})
		}
		look(fn, func(v ssa.Value) bool { return origin(v) == ssa.Value(made) })
		instructions(fn, func(i ssa.Instruction) {
			inner, ok := i.(*ssa.MakeClosure)
			if !ok {
				return
			}
			for n, b := range inner.Bindings {
				if channelMadeHere(b) == made {
					free := ssa.Value(inner.Fn.(*ssa.Function).FreeVars[n])
					look(inner.Fn.(*ssa.Function), func(v ssa.Value) bool {
						load, ok := v.(*ssa.UnOp)
						return v == free || ok && load.X == free
					})
				}
			}
		})
		if stopped && !closed {
			x.report(fn, "go", Finding{Rule: "goroutine/no-close", Verdict: "leak", pos: g.Pos(),
				Message: "the goroutine ranges over a channel of signals, and signal.Stop does not close it",
				Cause:   "the loop waits for the next signal for ever",
				Fix:     "close the channel after signal.Stop, or select with a done channel",
				Related: []Place{x.place(made.Pos(), "the channel")}})
		}
	}
}

// reschedules: a method sets a timer that calls it again on every way, and
// keeps no timer that could be stopped.
func (x *extractor) reschedules(fn *ssa.Function) {
	if fn.Signature.Recv() == nil || len(fn.Blocks) == 0 {
		return
	}
	var again *ssa.Call
	instructions(fn, func(instr ssa.Instruction) {
		c, ok := instr.(*ssa.Call)
		if !ok || len(*c.Referrers()) > 0 || again != nil {
			return
		}
		names := calleeNames(c.Common())
		if len(names) == 0 || names[0] != "time.AfterFunc" {
			return
		}
		m, ok := c.Call.Args[1].(*ssa.MakeClosure)
		if ok && len(m.Bindings) == 1 && origin(m.Bindings[0]) == ssa.Value(fn.Params[0]) && m.Fn.(*ssa.Function).Object() == fn.Object() {
			again = c
		}
	})
	if again == nil {
		return
	}
	if named, ok := types.Unalias(deref(fn.Signature.Recv().Type())).(*types.Named); !ok || x.isGlobal(named.Origin()) {
		return
	}
	if _, stops := skips(fn, nil, func(i ssa.Instruction) bool { return i == ssa.Instruction(again) }); stops {
		return
	}
	x.report(fn, "AfterFunc", Finding{Rule: "goroutine/no-exit", Verdict: "suspect", pos: again.Pos(),
		Message: "each call sets a timer for the next one, and nothing can stop that",
		Cause:   "what has the method is called for ever, and kept with all that it refers to",
		Fix:     "keep the timer in a field and stop it in Close, or ask for a flag or context before the next one is set"})
}
