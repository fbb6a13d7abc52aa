package resource

import (
	"fmt"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// exchanges looks at channels that a function makes and shares only with what
// it runs: are there as many receives as sends on every way?
func (x *extractor) exchanges(fn *ssa.Function) {
	instructions(fn, func(instr ssa.Instruction) {
		made, ok := instr.(*ssa.MakeChan)
		if !ok {
			return
		}
		u := x.channelUseOf(made)
		if u.unknown {
			return
		}
		if !x.tooFewReceives(u) && !x.leavesSenders(u) {
			x.sendSkipped(u)
			x.leftWaiting(u)
			x.waitsFirst(u)
		}
	})
}

// senders are the goroutines that send a number of times each; ok is false
// where one sends who knows how often, or where somebody else than the owner receives.
func (u *channelUse) senders() (send ssa.Instruction, runs []ssa.CallInstruction, looped, ok bool) {
	for fn, p := range u.parties {
		if fn == u.owner {
			if len(p.sends) > 0 {
				return nil, nil, false, false
			}
			continue
		}
		if len(p.receives) > 0 || len(p.sends) > 0 && !p.async {
			return nil, nil, false, false
		}
		if len(p.sends) == 0 {
			continue
		}
		for _, s := range p.sends {
			if _, selected := s.(*ssa.Select); selected || inLoop(s.Block()) {
				return nil, nil, false, false
			}
			if send == nil || s.Pos() < send.Pos() {
				send = s
			}
		}
		runs = append(runs, p.runs...)
	}
	for _, r := range runs {
		looped = looped || runsOften(r.Block())
		if inLoop(r.Block()) && !looped {
			return nil, nil, false, false
		}
	}
	slices.SortFunc(runs, func(a, b ssa.CallInstruction) int { return int(a.Pos() - b.Pos()) })
	return send, runs, looped, send != nil && len(runs) > 0
}

// left is how many values at most are sent and not received, on a way through
// the owner that ends at the position. Sends beyond most are not counted.
func (u *channelUse) left(runs []ssa.CallInstruction, looped bool, most int) (int, token.Pos) {
	starts := map[ssa.Instruction]int{}
	for _, r := range runs {
		starts[r] = u.sendsOf(r)
	}
	takesAll, takesNone, leavesAt := false, false, token.NoPos // receives in loops
	for _, r := range u.party(u.owner).receives {
		v, ok := r.(ssa.Value)
		if !ok || !inLoop(r.Block()) {
			continue
		}
		at, leaves := leavesOn(r.Block(), v, true)
		if !leaves || receivesAfter(u, r, at) {
			return 0, token.NoPos // takes what there is
		}
		takesAll, leavesAt = true, at
		if out, none := u.leavesWithNone(r); none {
			takesNone, leavesAt = true, out
		}
	}
	w := &receiveWalk{channel: u.made}
	is := func(v ssa.Value) bool { return u.values[v] }
	type state struct {
		b *ssa.BasicBlock
		n int
	}
	worst, at := 0, token.NoPos
	start := state{u.made.Block(), 0}
	seen := map[state]bool{start: true}
	for queue := []state{start}; len(queue) > 0; queue = queue[1:] {
		b, n := queue[0].b, queue[0].n
		ended := false
		for _, instr := range b.Instrs {
			switch i := instr.(type) {
			case *ssa.UnOp:
				if i.Op == token.ARROW && is(i.X) && !takesAll {
					n--
				}
			case *ssa.Call:
				ended = ended || endsProgram(i.Common())
			case *ssa.Return:
				if n > worst && !ended {
					worst, at = n, exitPos(i)
				}
			}
			if k := starts[instr]; k > 0 {
				if n += k; looped {
					n = most
				}
			}
		}
		for k, s := range b.Succs {
			next := state{s, max(min(n, most), -1)}
			if !takesAll && w.chosenBy(b, k, is) {
				next.n--
			}
			if !ended && !seen[next] {
				seen[next] = true
				queue = append(queue, next)
			}
		}
	}
	switch {
	case takesNone:
		return worst, leavesAt
	case takesAll:
		return worst - 1, leavesAt
	}
	return worst, at
}

// leavesWithNone: a select in a loop leaves the function by another case, in
// the first pass already.
func (u *channelUse) leavesWithNone(r ssa.Instruction) (token.Pos, bool) {
	s, ok := r.(*ssa.Select)
	if !ok {
		return token.NoPos, false
	}
	w := &receiveWalk{channel: u.made}
	seen := map[*ssa.BasicBlock]bool{s.Block(): true}
	for queue := []*ssa.BasicBlock{s.Block()}; len(queue) > 0; queue = queue[1:] {
		b := queue[0]
		if ret, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return); ok {
			return exitPos(ret), true
		}
		for k, to := range b.Succs {
			if !seen[to] && !w.chosenBy(b, k, func(v ssa.Value) bool { return u.values[v] }) {
				seen[to] = true
				queue = append(queue, to)
			}
		}
	}
	return token.NoPos, false
}

// sendsOf is how often at most what is run sends on one way through.
func (u *channelUse) sendsOf(run ssa.CallInstruction) int {
	for fn, p := range u.parties {
		if slices.Contains(p.runs, run) && len(p.sends) > 0 {
			return mostOf(fn, slices.DeleteFunc(slices.Clone(p.sends), decidedByCaller))
		}
	}
	return 1
}

// decidedByCaller: a branch that asks an argument decides whether the
// instruction runs: what starts the function may know that it does not.
func decidedByCaller(i ssa.Instruction) bool {
	return behindCondition(i, func(cond ssa.Value) bool { return asksArgument(cond, 0) })
}

// behindCondition: a branch on every way to the instruction has such a condition.
func behindCondition(i ssa.Instruction, is func(cond ssa.Value) bool) bool {
	for at := i.Block(); at.Idom() != nil; at = at.Idom() {
		branch, ok := at.Idom().Instrs[len(at.Idom().Instrs)-1].(*ssa.If)
		if ok && is(branch.Cond) {
			return true
		}
	}
	return false
}

// mostOf is how many of the instructions, none of which is in a loop, one way
// through the function passes at most.
func mostOf(fn *ssa.Function, list []ssa.Instruction) int {
	type state struct {
		b *ssa.BasicBlock
		n int
	}
	most, seen := 0, map[state]bool{}
	for queue := []state{{fn.Blocks[0], 0}}; len(queue) > 0; queue = queue[1:] {
		s := queue[0]
		if seen[s] {
			continue
		}
		seen[s] = true
		for _, i := range s.b.Instrs {
			if slices.Contains(list, i) {
				s.n++
			}
		}
		most = max(most, s.n)
		for _, to := range s.b.Succs {
			queue = append(queue, state{to, s.n})
		}
	}
	return most
}

// total is how many values the runs send together.
func (u *channelUse) total(runs []ssa.CallInstruction) (n int) {
	for _, r := range runs {
		n += u.sendsOf(r)
	}
	return n
}

// receivesAfter: behind the way out of a loop the rest is received after all.
func receivesAfter(u *channelUse, in ssa.Instruction, at token.Pos) bool {
	for _, r := range u.party(u.owner).receives {
		if r != in && r.Pos() > at {
			return true
		}
	}
	return false
}

// tooFewReceives: more goroutines send than the function takes, and the
// channel has no room for the rest.
func (x *extractor) tooFewReceives(u *channelUse) bool {
	send, runs, looped, ok := u.senders()
	if !ok || len(u.party(u.owner).receives) == 0 {
		return false
	}
	room, constant := capacity(u.made)
	if !constant || x.toldOf(u.made) {
		return false
	}
	most := u.total(runs)
	if looped {
		most = int(room) + 2
	}
	if most < 2 || most > 16 {
		return false
	}
	left, at := u.left(runs, looped, most)
	if left <= int(room) {
		return false
	}
	pos := send.Pos()
	if own := u.parties[send.Parent()].runs; len(own) == 1 {
		pos = own[0].Pos()
	}
	if x.reportedAt("goroutine/no-receiver", pos) {
		return true
	}
	x.report(u.owner, "go", Finding{Rule: "goroutine/no-receiver", Verdict: "leak", pos: pos,
		Message: fmt.Sprintf("more goroutines send on the channel than the function receives when it leaves in line %d", x.line(at)),
		Cause:   "the sender waits for ever when nobody receives any more",
		Fix:     "give the channel room for all that is sent: make(chan T, n) with n senders",
		Related: []Place{x.place(u.made.Pos(), "the channel"), x.place(runs[0].Pos(), "starts a sender"), x.place(at, "leaves without the rest")}})
	return true
}

// toldOf: the channel has a finding already.
func (x *extractor) toldOf(made *ssa.MakeChan) bool {
	for _, f := range x.out.Findings {
		if f.Rule == "goroutine/no-receiver" && len(f.Related) > 0 && f.Related[0].pos == made.Pos() {
			return true
		}
	}
	return false
}

// leftInside: values that were sent stay in the channel: more goroutines send
// than the function receives, and it has room for them.
func (x *extractor) leftInside(u *channelUse) bool {
	_, runs, looped, ok := u.senders()
	if !ok || u.unknown || len(u.party(u.owner).receives) == 0 {
		return false
	}
	most := u.total(runs)
	if looped {
		most = 16
	}
	if room, constant := capacity(u.made); most < 2 && constant && room == 0 {
		return false // the sender stays, and is told of
	}
	left, _ := u.left(runs, looped, most)
	return left > 0
}

// sendSkipped: the function waits for what a goroutine sends, and a way
// through the goroutine returns without having sent.
func (x *extractor) sendSkipped(u *channelUse) {
	own := u.party(u.owner)
	if len(own.sends) > 0 || len(own.stops) > 0 || len(own.receives) != 1 {
		return
	}
	receive, ok := own.receives[0].(*ssa.UnOp)
	if !ok {
		return
	}
	var sender *ssa.Function
	for fn, p := range u.parties {
		if fn == u.owner || len(p.sends)+len(p.stops)+len(p.receives) == 0 {
			continue
		}
		if sender != nil || !p.async || len(p.runs) != 1 || len(p.receives) > 0 {
			return
		}
		sender = fn
	}
	if sender == nil {
		return
	}
	p := u.parties[sender]
	run := p.runs[0]
	if inLoop(run.Block()) || inLoop(receive.Block()) {
		if receive.CommaOk || !sameCount(run.Block(), receive.Block()) {
			return
		}
	} else if _, leaves := skips(u.owner, run, func(i ssa.Instruction) bool { return i == ssa.Instruction(receive) }); leaves {
		return // perhaps for the same reason
	}
	wakes := map[ssa.Instruction]bool{}
	for _, s := range append(p.sends, p.stops...) {
		wakes[s] = true
	}
	at, skipped := skips(sender, nil, func(i ssa.Instruction) bool { return wakes[i] || hasClosure(i, u) })
	if !skipped {
		return
	}
	x.report(u.owner, "receive", Finding{Rule: "goroutine/no-sender", Verdict: "leak", pos: receive.Pos(),
		Message: fmt.Sprintf("waits for what the goroutine sends, and that can return in line %d without having sent", x.line(at)),
		Cause:   "whoever receives waits for ever",
		Fix:     "send on every path (a result with an error in it), or defer close(ch) in the goroutine",
		Related: []Place{x.place(u.made.Pos(), "the channel"), x.place(at, "returns without sending")}})
}

// hasClosure: a deferred closure has the channel: it may close it.
func hasClosure(i ssa.Instruction, u *channelUse) bool {
	m, ok := i.(*ssa.MakeClosure)
	if !ok {
		return false
	}
	for _, b := range m.Bindings {
		if u.values[b] {
			return true
		}
	}
	return false
}

// sameCount: two loops run as often as each other.
func sameCount(a, b *ssa.BasicBlock) bool {
	x, y := headers(a), headers(b)
	if len(x) != 1 || len(y) != 1 {
		return false
	}
	m, n := bound(x[0]), bound(y[0])
	return m != nil && m == n
}

// bound is what the number of passes of a loop depends on: the list that it
// ranges over, or the number that it counts to.
func bound(h *ssa.BasicBlock) ssa.Value {
	branch, ok := h.Instrs[len(h.Instrs)-1].(*ssa.If)
	if !ok {
		return nil
	}
	op, ok := branch.Cond.(*ssa.BinOp)
	if !ok || op.Op != token.LSS {
		return nil
	}
	if c, ok := op.Y.(*ssa.Call); ok {
		if b, ok := c.Call.Value.(*ssa.Builtin); ok && b.Name() == "len" {
			return origin(c.Call.Args[0])
		}
	}
	return origin(op.Y)
}

// staysBehind: the instruction puts the thing into a channel whose last values
// nobody receives, or into a struct that is only sent there.
func (x *extractor) staysBehind(instr ssa.Instruction, held map[ssa.Value]role) bool {
	switch i := instr.(type) {
	case *ssa.Send:
		return held[i.X] != 0 && x.leftover[i.Chan]
	case *ssa.Store:
		a, ok := addressRoot(i.Addr).(*ssa.Alloc)
		if !ok || held[i.Val] == 0 || ssa.Value(a) == i.Addr {
			return false
		}
		sent := false
		for _, r := range *a.Referrers() {
			load, ok := r.(*ssa.UnOp)
			if !ok {
				continue
			}
			for _, r := range *load.Referrers() {
				s, ok := r.(*ssa.Send)
				if !ok || !x.leftover[s.Chan] {
					return false
				}
				sent = true
			}
		}
		return sent
	}
	return false
}

// leftovers notes the channels whose last values nobody receives.
func (x *extractor) leftovers() {
	x.leftover = map[ssa.Value]bool{}
	for _, fn := range x.functions {
		instructions(fn, func(instr ssa.Instruction) {
			made, ok := instr.(*ssa.MakeChan)
			if !ok || !followed(made.Type().Underlying().(*types.Chan).Elem()) {
				return
			}
			if u := x.channelUseOf(made); x.leftInside(u) {
				for v := range u.values {
					x.leftover[v] = true
				}
			}
		})
	}
}
