package resource

import (
	"fmt"
	"go/token"

	"golang.org/x/tools/go/ssa"
)

// group is what a function does with a sync.WaitGroup of its own.
type group struct {
	adds  []*ssa.Call
	waits map[ssa.Instruction]bool
	// starts count down sooner or later: a Done, or something started that calls it.
	starts   map[ssa.Instruction]bool
	deferred *ssa.Defer // of Wait
	// left is a goroutine whose function can return before it counts down.
	left    *leftDone
	unknown bool // others have it too
}

// leftDone is a way through a started function that leaves out Done.
type leftDone struct {
	start  ssa.CallInstruction
	at     token.Pos
	panics bool // a call there may panic, and that is recovered
}

// waitGroups: a group that counts more than is started, on some way to Wait.
func (x *extractor) waitGroups(fn *ssa.Function) {
	instructions(fn, func(instr ssa.Instruction) {
		a, ok := instr.(*ssa.Alloc)
		if !ok || typeName(deref(a.Type())) != "sync.WaitGroup" {
			return
		}
		g := groupOf(a)
		if g.unknown || len(g.adds) == 0 || len(g.starts) == 0 || len(g.waits) == 0 && g.deferred == nil {
			return
		}
		add, at, lost := g.lost()
		if !lost && g.left == nil {
			return
		}
		pos := a.Pos()
		if lost {
			pos = add.Pos()
		}
		for w := range g.waits {
			pos = w.Pos()
		}
		if g.deferred != nil {
			pos = g.deferred.Pos()
		}
		if !lost && g.left.panics {
			x.report(fn, "Wait", Finding{Rule: "goroutine/waitgroup-count", Verdict: "suspect", pos: pos,
				Message: fmt.Sprintf("when the call in line %d panics, that is recovered and Done is left out, and Wait waits for it", x.line(g.left.at)),
				Cause:   "the counter never comes back to zero: whoever waits, waits for ever",
				Fix:     "defer wg.Done() as the first line of what is started",
				Related: []Place{x.place(g.left.start.Pos(), "started here"), x.place(g.left.at, "may panic")}})
			return
		}
		if !lost {
			x.report(fn, "Wait", Finding{Rule: "goroutine/waitgroup-count", Verdict: "suspect", pos: pos,
				Message: fmt.Sprintf("what line %d starts can return in line %d before it calls Done, and Wait waits for it", x.line(g.left.start.Pos()), x.line(g.left.at)),
				Cause:   "the counter never comes back to zero: whoever waits, waits for ever",
				Fix:     "defer wg.Done() as the first line of what is started",
				Related: []Place{x.place(g.left.start.Pos(), "started here"), x.place(g.left.at, "returns without Done")}})
			return
		}
		x.report(fn, "Wait", Finding{Rule: "goroutine/waitgroup-count", Verdict: "suspect", pos: pos,
			Message: fmt.Sprintf("line %d adds to the group, and the way over line %d starts nothing that calls Done", x.line(add.Pos()), x.line(at)),
			Cause:   "the counter never comes back to zero: whoever waits, waits for ever",
			Fix:     "call Add(1) right before each go statement, or use wg.Go",
			Related: []Place{x.place(add.Pos(), "counts here"), x.place(at, "starts nothing")}})
	})
}

func groupOf(a *ssa.Alloc) *group {
	g := &group{waits: map[ssa.Instruction]bool{}, starts: map[ssa.Instruction]bool{}}
	direct := false // the function counts down itself, perhaps for what did not
	for _, r := range *a.Referrers() {
		switch i := r.(type) {
		case *ssa.DebugRef:
		case *ssa.MakeClosure:
			g.closure(i, a)
		case ssa.CallInstruction:
			switch method(i.Common(), a) {
			case "Add":
				if call, ok := i.(*ssa.Call); ok {
					g.adds = append(g.adds, call)
				}
			case "Done", "Go":
				direct = true
				if _, ok := i.(*ssa.Defer); ok {
					g.unknown = true
				}
				g.starts[i] = true
			case "Wait":
				if d, ok := i.(*ssa.Defer); ok {
					g.deferred = d
				} else {
					g.waits[i] = true
				}
			default:
				callee := i.Common().StaticCallee()
				handed := false
				for n, arg := range i.Common().Args {
					if arg == ssa.Value(a) && callee != nil && n < len(callee.Params) && uses(callee, callee.Params[n], "Done") {
						handed = true
						if at, left := skipsDone(callee, callee.Params[n]); left && g.left == nil && !callsDone(callee, callee.Params[n]) {
							g.left = &leftDone{start: i, at: at}
						}
					}
				}
				if !handed {
					g.unknown = true
				}
				g.starts[i] = true
			}
		default:
			g.unknown = true
		}
	}
	if direct {
		g.left = nil
	}
	return g
}

// callsDone: not deferred; package scan asks for the ways around such a call.
func callsDone(fn *ssa.Function, v ssa.Value) (found bool) {
	instructions(fn, func(i ssa.Instruction) {
		c, ok := i.(*ssa.Call)
		found = found || ok && method(c.Common(), v) == "Done"
	})
	return found
}

// skipsDone: a way through the function returns without a Done, called or deferred.
func skipsDone(fn *ssa.Function, v ssa.Value) (token.Pos, bool) {
	return skips(fn, nil, func(i ssa.Instruction) bool {
		switch t := i.(type) {
		case ssa.CallInstruction:
			if _, builtin := t.Common().Value.(*ssa.Builtin); builtin {
				return false
			}
			for _, a := range t.Common().Args {
				if a == v {
					return true // Done, or somebody who may call it
				}
			}
		case *ssa.MakeClosure:
			for _, b := range t.Bindings {
				if b == v {
					return true
				}
			}
		case *ssa.Store:
			return t.Val == v
		}
		return false
	})
}

// closure: one that calls Done is started where it is used, one that waits, waits there.
func (g *group) closure(m *ssa.MakeClosure, a *ssa.Alloc) {
	fn := m.Fn.(*ssa.Function)
	for n, b := range m.Bindings {
		if b != ssa.Value(a) {
			continue
		}
		if uses(fn, fn.FreeVars[n], "Add") || countsInLoop(fn, fn.FreeVars[n]) {
			g.unknown = true
		}
		for _, r := range *m.Referrers() {
			i, ok := r.(ssa.CallInstruction)
			switch {
			case !ok:
				g.unknown = true // kept in a variable: called who knows how often
			case uses(fn, fn.FreeVars[n], "Wait"):
				g.waits[i] = true
			case uses(fn, fn.FreeVars[n], "Done"):
				g.starts[i] = true
				if g.left == nil {
					g.left = panicSkipsDone(i, fn, fn.FreeVars[n])
				}
			default:
				g.unknown = true
			}
		}
	}
}

// countsInLoop: the function calls Done more than once, who knows how often.
func countsInLoop(fn *ssa.Function, v ssa.Value) (found bool) {
	instructions(fn, func(i ssa.Instruction) {
		if c, ok := i.(ssa.CallInstruction); ok && method(c.Common(), v) == "Done" {
			found = found || inLoop(i.Block())
		}
	})
	return found
}

// method is the name of the WaitGroup's method that a call calls on v.
func method(c *ssa.CallCommon, v ssa.Value) string {
	callee := c.StaticCallee()
	if callee == nil || len(c.Args) == 0 || c.Args[0] != v {
		return ""
	}
	switch fullName(callee) {
	case "sync.WaitGroup.Add", "sync.WaitGroup.Done", "sync.WaitGroup.Wait", "sync.WaitGroup.Go":
		return callee.Name()
	}
	return ""
}

// uses: the function, or a closure in it, calls the method on the group.
func uses(fn *ssa.Function, v ssa.Value, name string) (found bool) {
	instructions(fn, func(i ssa.Instruction) {
		if c, ok := i.(ssa.CallInstruction); ok {
			found = found || method(c.Common(), v) == name
		}
		if m, ok := i.(*ssa.MakeClosure); ok {
			inner := m.Fn.(*ssa.Function)
			for n, b := range m.Bindings {
				found = found || b == v && uses(inner, inner.FreeVars[n], name)
			}
		}
	})
	return found
}

// lost finds an Add and a way from it to Wait that starts too little.
func (g *group) lost() (*ssa.Call, token.Pos, bool) {
	loops := false
	for s := range g.starts {
		loops = loops || inLoop(s.Block())
	}
	for _, add := range g.adds {
		n, constant := add.Call.Args[1].(*ssa.Const)
		switch {
		case inLoop(add.Block()):
			if constant && n.Int64() == 1 {
				if at, ok := g.around(add, add.Block()); ok {
					return add, at, true
				}
			}
		case loops && len(g.adds) == 1 && !constant:
			if at, ok := g.skippedPass(); ok {
				return add, at, true
			}
		}
	}
	if loops {
		if g.moreThanStarted() {
			return g.adds[0], g.adds[0].Pos(), true
		}
		return nil, token.NoPos, false
	}
	total := int64(0)
	for _, add := range g.adds {
		n, constant := add.Call.Args[1].(*ssa.Const)
		if !constant || inLoop(add.Block()) {
			return nil, token.NoPos, false
		}
		total += n.Int64()
	}
	if total > 16 {
		return nil, token.NoPos, false
	}
	at, ok := g.balance(g.adds[0])
	return g.adds[0], at, ok
}

// around: from an Add in a loop to itself, or to Wait, without a start.
func (g *group) around(add *ssa.Call, b *ssa.BasicBlock) (token.Pos, bool) {
	var at token.Pos
	_, reached := skips(add.Parent(), add, func(i ssa.Instruction) bool {
		if g.starts[i] {
			return true
		}
		if i == ssa.Instruction(add) || g.waits[i] {
			if !at.IsValid() {
				at = add.Pos()
			}
			return true
		}
		return false
	})
	if reached && g.deferred != nil && !at.IsValid() {
		at = add.Pos()
	}
	return at, at.IsValid()
}

// skippedPass: a pass of the loop that starts them starts none, or the loop is left early.
func (g *group) skippedPass() (token.Pos, bool) {
	starting := map[*ssa.BasicBlock]bool{}
	var first *ssa.BasicBlock
	for s := range g.starts {
		starting[s.Block()] = true
		if inLoop(s.Block()) && (first == nil || s.Pos() < first.Instrs[0].Pos()) {
			first = s.Block()
		}
	}
	heads := headers(first)
	if len(heads) == 0 {
		return token.NoPos, false
	}
	h := heads[0]
	loop := map[*ssa.BasicBlock]bool{h: true}
	for _, b := range first.Parent().Blocks {
		if h.Dominates(b) && reaches(b, h, nil) {
			loop[b] = true
		}
	}
	avoid := func(b *ssa.BasicBlock) bool { return starting[b] }
	for _, s := range h.Succs {
		if loop[s] && !starting[s] && (s == h || reaches(s, h, avoid)) {
			return firstPos(s), true
		}
	}
	for b := range loop {
		if b == h || starting[b] {
			continue
		}
		for _, s := range b.Succs {
			if loop[s] || !reaches(h, b, avoid) {
				continue
			}
			if g.deferred != nil && returns(s) || g.waitsFrom(s) {
				return firstPos(s), true
			}
		}
	}
	return token.NoPos, false
}

func (g *group) waitsFrom(b *ssa.BasicBlock) bool {
	for w := range g.waits {
		if w.Block() == b || reaches(b, w.Block(), nil) {
			return true
		}
	}
	return false
}

func firstPos(b *ssa.BasicBlock) token.Pos {
	for _, i := range b.Instrs {
		if i.Pos().IsValid() {
			return i.Pos()
		}
	}
	for _, s := range b.Preds {
		if p := lastPos(s); p.IsValid() {
			return p
		}
	}
	return b.Parent().Pos()
}

// balance counts on all ways without loops: something left at Wait is never counted down.
func (g *group) balance(first *ssa.Call) (token.Pos, bool) {
	type state struct {
		b    *ssa.BasicBlock
		left int64
	}
	fn := first.Parent()
	queue := []state{{fn.Blocks[0], 0}}
	seen := map[state]bool{}
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		if seen[s] || len(seen) > maxStates {
			continue
		}
		seen[s] = true
		left := s.left
		ended := false
		for _, i := range s.b.Instrs {
			for _, add := range g.adds {
				if i == ssa.Instruction(add) {
					left += add.Call.Args[1].(*ssa.Const).Int64()
				}
			}
			_, isReturn := i.(*ssa.Return)
			switch {
			case g.starts[i]:
				left--
			case g.waits[i] || isReturn && g.deferred != nil && g.deferred.Block().Dominates(s.b):
				if left > 0 {
					return i.Pos(), true
				}
				ended = true
			}
			if c, ok := i.(*ssa.Call); ok && endsProgram(c.Common()) {
				ended = true
			}
		}
		if ended {
			continue
		}
		for _, to := range s.b.Succs {
			queue = append(queue, state{to, left})
		}
	}
	return token.NoPos, false
}
