package resource

import (
	"fmt"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// fieldChannel is all that a package does with the channels in a field.
type fieldChannel struct {
	sends    []*ssa.Send // outside of any select
	guarded  bool        // some sends can give up
	receiver *ssa.Function
	unknown  bool // others have it too, or receive from it
}

// consumers looks for channels in fields that one function alone receives
// from: it leaves at an error, and those who send go on.
func (x *extractor) consumers() {
	x.channelFields(func(f *types.Var) {
		if c := x.fieldChannel(f); !c.unknown && c.receiver != nil && len(c.sends) > 0 {
			x.consumerLeaves(f, c)
		}
	})
}

func (x *extractor) fieldChannel(f *types.Var) *fieldChannel {
	c := &fieldChannel{}
	for _, addr := range x.placesOf(f) {
		for _, r := range *addr.Referrers() {
			switch i := r.(type) {
			case *ssa.DebugRef:
			case *ssa.Store:
				_, made := origin(i.Val).(*ssa.MakeChan)
				c.unknown = c.unknown || i.Addr != ssa.Value(addr) || !made
			case *ssa.UnOp:
				c.uses(i)
			default:
				c.unknown = true
			}
		}
	}
	return c
}

func (c *fieldChannel) uses(v ssa.Value) {
	receives := func(fn *ssa.Function) {
		c.unknown = c.unknown || c.receiver != nil && c.receiver != fn
		c.receiver = fn
	}
	for _, r := range *v.Referrers() {
		switch i := r.(type) {
		case *ssa.DebugRef:
		case *ssa.UnOp:
			receives(i.Parent())
		case *ssa.Send:
			c.unknown = c.unknown || i.X == v
			c.sends = append(c.sends, i)
		case *ssa.Select:
			for _, s := range i.States {
				if s.Chan == v && s.Dir == types.RecvOnly {
					receives(i.Parent())
				}
				c.guarded = c.guarded || s.Chan == v && s.Dir == types.SendOnly
				c.unknown = c.unknown || s.Send == v
			}
		case *ssa.Call:
			b, ok := i.Call.Value.(*ssa.Builtin)
			c.unknown = c.unknown || !ok || b.Name() == "append"
		case *ssa.Defer:
			_, ok := i.Call.Value.(*ssa.Builtin)
			c.unknown = c.unknown || !ok
		default:
			c.unknown = true
		}
	}
}

// consumerLeaves: the one that receives leaves before the channel is closed,
// tells nobody, and a send behind no condition goes on.
func (x *extractor) consumerLeaves(f *types.Var, c *fieldChannel) {
	fn := c.receiver
	at, leaves := leavesAfter(fn, func(v ssa.Value) bool { return fieldRead(v) == f })
	if !leaves || c.guarded || tells(fn, at, x) {
		return
	}
	var started *ssa.Go
	others := false // who is not started may be called again, and goes on then
	for _, g := range x.functions {
		instructions(g, func(i ssa.Instruction) {
			call, ok := i.(ssa.CallInstruction)
			if !ok || call.Common().StaticCallee() != fn {
				return
			}
			if s, goes := i.(*ssa.Go); goes && !inLoop(s.Block()) {
				started = s
			} else {
				others = true
			}
		})
	}
	for _, send := range c.sends {
		if send.Parent() == fn || asksField(send) {
			continue
		}
		if started != nil && !others && !x.oncePerProgram(started.Parent()) {
			x.reportConsumer(started.Parent(), started, f, send, at)
			return
		}
		if started == nil && (inLoop(send.Block()) || runsOften(send.Block())) {
			if g := startOf(fn, send.Parent()); g != nil {
				x.reportConsumer(fn, g, f, send, at)
				return
			}
		}
	}
}

// leavesAfter is a way out of the loop that receives from a channel which is
// taken when something fails, not for the case of a select that says so.
func leavesAfter(fn *ssa.Function, is func(ssa.Value) bool) (at token.Pos, leaves bool) {
	w := &receiveWalk{}
	instructions(fn, func(i ssa.Instruction) {
		received, ok := i.(ssa.Value)
		if !ok || leaves || !inLoop(i.Block()) {
			return
		}
		var from []*ssa.BasicBlock
		switch i := i.(type) {
		case *ssa.UnOp:
			if i.Op == token.ARROW && is(i.X) {
				from = append(from, i.Block())
			}
		case *ssa.Select:
			if !slices.ContainsFunc(i.States, func(s *ssa.SelectState) bool { return s.Dir == types.RecvOnly && is(s.Chan) }) {
				return
			}
			for _, b := range fn.Blocks { // what a case does may fail, whichever it is
				if w.chosenBy(b, 0, func(ssa.Value) bool { return true }) && i.Block().Dominates(b) {
					from = append(from, b.Succs[0])
				}
			}
		}
		loop := loopOf(i.Block())
		for _, start := range from {
			for b := range loop {
				if _, fails := b.Instrs[len(b.Instrs)-1].(*ssa.If); !fails || !start.Dominates(b) || closedBranch(b, received) || counted(b) {
					continue
				}
				for _, to := range b.Succs {
					if !loop[to] && returns(to) {
						at, leaves = firstPos(to), true
					}
				}
			}
		}
	})
	return at, leaves
}

func isParameter(v ssa.Value) bool {
	_, ok := v.(*ssa.Parameter)
	return ok
}

func (x *extractor) reportConsumer(fn *ssa.Function, g *ssa.Go, f *types.Var, send *ssa.Send, at token.Pos) {
	if x.reportedAt("goroutine/no-receiver", g.Pos()) {
		return
	}
	x.report(fn, "go", Finding{Rule: "goroutine/no-receiver", Verdict: "suspect", pos: g.Pos(),
		Message: fmt.Sprintf("line %d stops to receive from field %s, and line %d sends on, come what may", x.line(at), f.Name(), x.line(send.Pos())),
		Cause:   "when the channel is full, whoever sends waits for ever",
		Fix:     "receive the rest, or close a done channel where the loop is left, and send in a select with it",
		Related: []Place{x.place(f.Pos(), "the channel"), x.place(at, "leaves without the rest"), x.place(send.Pos(), "sends here")}})
}

// startOf is where a function starts another as a goroutine.
func startOf(fn, callee *ssa.Function) (found *ssa.Go) {
	instructions(fn, func(i ssa.Instruction) {
		if g, ok := i.(*ssa.Go); ok && g.Call.StaticCallee() == callee {
			found = g
		}
	})
	return found
}

// tells: on its way out the function closes a channel, sets a field, sends, or
// calls something of the package or a function value: those who send may learn
// from it that they are not heard any more.
func tells(fn *ssa.Function, at token.Pos, x *extractor) (found bool) {
	var out []*ssa.BasicBlock
	for _, b := range fn.Blocks {
		if !inLoop(b) {
			out = append(out, b)
		}
	}
	way := map[*ssa.BasicBlock]bool{}
	for _, b := range out {
		if firstPos(b) == at {
			way[b] = true
			for _, to := range out {
				way[to] = way[to] || reaches(b, to, nil)
			}
		}
	}
	instructions(fn, func(i ssa.Instruction) {
		_, deferred := i.(*ssa.Defer)
		if !way[i.Block()] && !deferred {
			return
		}
		switch i := i.(type) {
		case *ssa.Store:
			_, local := addressRoot(i.Addr).(*ssa.Alloc)
			found = found || !local
		case *ssa.Send, *ssa.Select:
			found = true
		case ssa.CallInstruction:
			c := i.Common()
			callee := c.StaticCallee()
			switch b, builtin := c.Value.(*ssa.Builtin); {
			case builtin:
				found = found || b.Name() == "close"
			case c.IsInvoke():
			case callee == nil || callee.Pkg == x.unit.SSA || callee.Parent() != nil:
				found = true
			default:
				name := fullName(callee)
				found = found || len(name) > 12 && name[:12] == "sync/atomic."
			}
		}
	})
	return found
}

// asksField: a branch before the instruction asks for a field: it may know
// that nobody receives any more.
func asksField(i ssa.Instruction) bool {
	return behindCondition(i, func(cond ssa.Value) bool { return readsField(cond, 0) })
}

func readsField(v ssa.Value, depth int) bool {
	if depth > 4 {
		return false
	}
	i, ok := v.(ssa.Instruction)
	if !ok {
		return false
	}
	switch t := v.(type) {
	case *ssa.FieldAddr:
		return true
	case *ssa.Call: // what a method of the same value, or an atomic one, answers
		callee := t.Call.StaticCallee()
		return callee != nil && callee.Signature.Recv() != nil && len(t.Call.Args) > 0 && (readsField(t.Call.Args[0], depth+1) || isParameter(t.Call.Args[0]))
	}
	for _, op := range i.Operands(nil) {
		if *op != nil && readsField(*op, depth+1) {
			return true
		}
	}
	return false
}
