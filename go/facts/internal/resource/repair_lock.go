package resource

import (
	"go/ast"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// What is known of a lock at a place, over all ways there.
type lockState int8

const (
	notReached lockState = iota
	free
	locked
	unsure
)

// lockUse is all that a function does with one lock.
type lockUse struct {
	path, unlock string
	locks        []*ssa.Call
	unlocks      []*ssa.Call
	defers       []*ssa.Defer
	at           map[ssa.Instruction]lockState
}

// lockUses follows the lock over the function; nil where a closure or a
// deferred call may unlock it as well.
func (x *extractor) lockUses(fn *ssa.Function, path, unlock string) *lockUse {
	for _, anon := range fn.AnonFuncs {
		if x.unlocks(anon) {
			return nil
		}
	}
	u := &lockUse{path: path, unlock: unlock, at: map[ssa.Instruction]lockState{}}
	held := &heldLock{path: path, unlock: unlock}
	type event func(lockState) lockState
	events := map[ssa.Instruction]event{}
	same := func(c *ssa.CallCommon) bool { return len(c.Args) > 0 && pathOf(c.Args[0]) == path }
	clear := true
	instructions(fn, func(i ssa.Instruction) {
		if d, ok := i.(*ssa.Defer); ok {
			u.defers = append(u.defers, d)
			clear = clear && held.step(x, d) != Released
			return
		}
		call, ok := i.(*ssa.Call)
		if !ok {
			return
		}
		c := call.Common()
		switch {
		case unlockOf(c) == unlock && same(c) && isBasic(call.Type()): // TryLock
			events[i] = func(lockState) lockState { return unsure }
		case unlockOf(c) == unlock && same(c):
			u.locks = append(u.locks, call)
			events[i] = func(s lockState) lockState {
				if s == free {
					return locked
				}
				return unsure
			}
		case same(c) && c.StaticCallee() != nil && c.StaticCallee().Name() == unlock:
			u.unlocks = append(u.unlocks, call)
			events[i] = func(s lockState) lockState {
				if s == locked {
					return free
				}
				return unsure
			}
		case held.step(x, i) == Released:
			events[i] = func(lockState) lockState { return unsure }
		}
	})
	if !clear {
		return nil
	}
	in := map[*ssa.BasicBlock]lockState{fn.Blocks[0]: free}
	queue := []*ssa.BasicBlock{fn.Blocks[0]}
	for len(queue) > 0 {
		b := queue[0]
		queue = queue[1:]
		s := in[b]
		for _, i := range b.Instrs {
			u.at[i] = s
			if e := events[i]; e != nil {
				s = e(s)
			}
		}
		for _, to := range b.Succs {
			joined := s
			if known := in[to]; known != notReached && known != s {
				joined = unsure
			}
			if joined != in[to] {
				in[to] = joined
				queue = append(queue, to)
			}
		}
	}
	return u
}

// repairLock defers the unlock, or adds it before the returns that forget it.
// nil where neither is safe: where the function may not be the one that has to
// unlock, or the lock is not surely held.
func (x *extractor) repairLock(fn *ssa.Function, call *ssa.Call, unlock string) []Edit {
	taken := x.statementOf(call)
	if taken == nil {
		return nil
	}
	body := taken.body()
	root := x.steady(taken.on, body)
	u := x.lockUses(fn, pathOf(call.Call.Args[0]), unlock)
	if body == nil || root == nil || u == nil || len(u.unlocks) == 0 {
		return nil
	}
	text := types.ExprString(taken.on) + "." + unlock + "()"
	if edits := x.deferUnlock(taken, u, text); edits != nil {
		return edits
	}
	return x.unlockBeforeReturns(fn, body, root, u, text)
}

// deferUnlock puts a deferred unlock behind the lock and takes the others away,
// where each of them is the last that the function does: the lock is then held
// no longer than before.
func (x *extractor) deferUnlock(taken *called, u *lockUse, text string) []Edit {
	if len(u.locks) != 1 || inLoopStatement(taken.around) {
		return nil
	}
	for _, d := range u.defers {
		if u.at[d] != free {
			return nil // would run with the lock held
		}
	}
	edits := []Edit{x.insertion(taken.stmt.End(), "\ndefer "+text)}
	for _, call := range u.unlocks {
		released := x.statementOf(call)
		if released == nil || u.at[call] != locked || !x.atEnd(released) {
			return nil
		}
		e, ok := x.removal(released)
		if !ok {
			return nil
		}
		edits = append(edits, e)
	}
	return edits
}

func (x *extractor) unlockBeforeReturns(fn *ssa.Function, body *ast.BlockStmt, root *types.Var, u *lockUse, text string) (edits []Edit) {
	written := map[int]*ast.ReturnStmt{}
	ast.Inspect(body, func(n ast.Node) bool {
		if r, ok := n.(*ast.ReturnStmt); ok {
			written[int(r.Return)] = r
		}
		_, other := n.(*ast.FuncLit)
		return !other
	})
	for _, b := range fn.Blocks {
		back, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return)
		if !ok {
			continue
		}
		switch u.at[back] {
		case unsure:
			return nil
		case locked:
			at := body.Rbrace
			if back.Pos().IsValid() {
				r := written[int(back.Pos())]
				if r == nil || !x.allAtHand(r.Results) {
					return nil
				}
				at = r.Return
			}
			if !x.means(root, at) {
				return nil
			}
			edits = append(edits, x.insertion(at, text+"\n"))
		}
	}
	return edits
}

// repairDone defers the Done of a goroutine as the first that it does, where
// it was the last: it then comes no later than before.
func (x *extractor) repairDone(fn *ssa.Function) {
	if fn.Parent() == nil || !onlyStarted(fn) {
		return
	}
	lit, ok := fn.Syntax().(*ast.FuncLit)
	if !ok {
		return
	}
	var dones []*called
	defers := false
	instructions(fn, func(i ssa.Instruction) {
		switch i := i.(type) {
		case *ssa.Defer:
			defers = true // would run before Done
		case *ssa.Call:
			if callee := i.Call.StaticCallee(); callee != nil && fullName(callee) == "sync.WaitGroup.Done" {
				done := x.statementOf(i)
				if inLoop(i.Block()) {
					done = nil
				}
				dones = append(dones, done)
			}
		}
	})
	if defers || len(dones) == 0 {
		return
	}
	var edits []Edit
	for n, done := range dones {
		if done == nil || done.body() != lit.Body || !x.atEnd(done) || types.ExprString(done.on) != types.ExprString(dones[0].on) {
			return
		}
		root := x.steady(done.on, lit.Body)
		e, ok := x.removal(done)
		if root == nil || root.Pos() > lit.Body.Pos() && root.Pos() < lit.Body.End() || !ok {
			return
		}
		if n == 0 {
			if x.line(lit.Body.List[0].Pos()) == x.line(lit.Body.Lbrace) {
				return
			}
			edits = append(edits, x.insertion(lit.Body.Lbrace+1, "\ndefer "+types.ExprString(done.on)+".Done()"))
		}
		edits = append(edits, e)
	}
	for _, done := range dones {
		x.repair("goroutine/waitgroup-count", done.stmt.Pos(), edits)
	}
}

// onlyStarted: the closure is a goroutine and nothing else.
func onlyStarted(fn *ssa.Function) bool {
	starts := 0
	other := false
	instructions(fn.Parent(), func(i ssa.Instruction) {
		for _, op := range i.Operands(nil) {
			if *op == nil {
				continue
			}
			made, _ := (*op).(*ssa.MakeClosure)
			if *op != ssa.Value(fn) && (made == nil || made.Fn != ssa.Value(fn)) {
				continue
			}
			switch i.(type) {
			case *ssa.MakeClosure, *ssa.DebugRef:
			case *ssa.Go:
				starts++
			default:
				other = true
			}
		}
	})
	return starts == 1 && !other && !strings.Contains(fn.Synthetic, "range-over-func")
}
