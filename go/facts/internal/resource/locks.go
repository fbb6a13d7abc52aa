package resource

import (
	"fmt"
	"go/types"
	"regexp"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// locks confirms, with what conditions say on the way, that a lock taken in a
// function is still held at one of its returns. Package syncfacts finds more,
// because it does not look at conditions; only what both find is told.
func (x *extractor) locks(fn *ssa.Function) {
	for _, anon := range fn.AnonFuncs {
		if anon.Synthetic == "range-over-func yield" {
			return // a return inside leaves by way of the iterator
		}
	}
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			call, ok := instr.(*ssa.Call)
			if !ok || len(call.Call.Args) == 0 {
				continue
			}
			unlock := unlockOf(call.Common())
			if unlock == "" {
				continue
			}
			w := &walker{x: x, fn: fn, kind: &Kind{}, at: instr, lock: &heldLock{path: pathOf(call.Call.Args[0]), unlock: unlock}}
			known := map[ssa.Value]fact{}
			if isBasic(call.Type()) {
				known[call] = notNil // TryLock: where it was taken
			}
			out := w.run(map[ssa.Value]role{call: thing}, known)
			if len(out.exits) == 0 && !out.gaveUp {
				x.heldAtPanic(fn, call, known)
			}
			if len(out.exits) == 0 || out.gaveUp {
				continue
			}
			p := x.place(call.Pos(), "")
			x.out.Held = append(x.out.Held, fmt.Sprintf("%s:%d", p.File, p.Line))
			x.repair("goroutine/holder-gone", call.Pos(), x.repairLock(fn, call, unlock))
			if out.exits[0].panicked {
				x.reportHeld(fn, call, out.exits[0])
			} else if wrong := wrongUnlock(fn, call, unlock); wrong != nil {
				x.reportWrongUnlock(fn, call, wrong)
			} else if !x.unlocks(fn) && !x.isHelper(fn, call) {
				x.reportHeld(fn, call, out.exits[0])
			}
		}
	}
}

func (x *extractor) reportHeld(fn *ssa.Function, call *ssa.Call, e exit) {
	verdict, message := "suspect", fmt.Sprintf("locked here, and nothing in %s ever unlocks it", fn.Name())
	if e.panicked {
		verdict, message = "leak", fmt.Sprintf("locked here, and still locked when a panic of the call in line %d is recovered", x.line(e.pos))
	}
	x.report(fn, "lock", Finding{Rule: "goroutine/holder-gone", Verdict: verdict, pos: call.Pos(), Message: message,
		Cause: "everybody who wants the lock after that waits for ever", Fix: "defer the unlock right after the lock",
		Related: []Place{x.place(call.Pos(), "locked here"), x.place(e.pos, e.text)}})
}

// wrongUnlock: the function unlocks the same lock in the other mode only.
func wrongUnlock(fn *ssa.Function, call *ssa.Call, unlock string) (wrong ssa.CallInstruction) {
	path := pathOf(call.Call.Args[0])
	right := false
	instructions(fn, func(i ssa.Instruction) {
		c, ok := i.(ssa.CallInstruction)
		if !ok || len(c.Common().Args) == 0 || pathOf(c.Common().Args[0]) != path {
			return
		}
		switch calleeName(c.Common()) {
		case unlock:
			right = true
		case "Unlock", "RUnlock":
			wrong = c
		case "Lock", "RLock", "TryLock", "TryRLock":
			right = right || unlockOf(c.Common()) != unlock // locked in both modes: others look at that
		}
	})
	if right {
		return nil
	}
	return wrong
}

func (x *extractor) reportWrongUnlock(fn *ssa.Function, call *ssa.Call, wrong ssa.CallInstruction) {
	x.report(fn, "lock", Finding{Rule: "goroutine/holder-gone", Verdict: "leak", pos: call.Pos(),
		Message: fmt.Sprintf("%s takes the lock here, and %s in line %d gives back the other kind", calleeName(call.Common()), calleeName(wrong.Common()), x.line(wrong.Pos())),
		Cause:   "the lock stays held, or the program ends at the unlock of what is not locked", Fix: "RLock goes with RUnlock, Lock with Unlock",
		Related: []Place{x.place(call.Pos(), "locked here"), x.place(wrong.Pos(), "not what was locked")}})
}

// droppedUnlocks: a call locks and answers with the function that unlocks, and
// nobody calls that: it is dropped, or only the call that locks is deferred.
func (x *extractor) droppedUnlocks(fn *ssa.Function) {
	instructions(fn, func(i ssa.Instruction) {
		c, ok := i.(ssa.CallInstruction)
		if !ok {
			return
		}
		callee := c.Common().StaticCallee()
		if callee == nil || callee.Pkg != x.unit.SSA || !answersUnlock(callee) {
			return
		}
		text := "the function that unlocks is dropped"
		if call, ok := i.(*ssa.Call); ok {
			for _, r := range *call.Referrers() {
				if _, debug := r.(*ssa.DebugRef); !debug {
					return
				}
			}
		} else {
			text = "the call that locks is deferred, not the one that unlocks"
		}
		x.report(fn, "lock", Finding{Rule: "goroutine/holder-gone", Verdict: "leak", pos: i.Pos(),
			Message: fmt.Sprintf("%s locks and answers with the function that unlocks: %s", callee.Name(), text),
			Cause:   "everybody who wants the lock after that waits for ever", Fix: fmt.Sprintf("defer %s()()", callee.Name()),
			Related: []Place{x.place(i.Pos(), "locked here")}})
	})
}

// answersUnlock: the function locks, and its one result is what unlocks.
func answersUnlock(fn *ssa.Function) bool {
	sig := fn.Signature
	if sig.Results().Len() != 1 {
		return false
	}
	f, ok := sig.Results().At(0).Type().Underlying().(*types.Signature)
	if !ok || f.Params().Len() > 0 || f.Results().Len() > 0 {
		return false
	}
	locks, unlocks := false, false
	instructions(fn, func(i ssa.Instruction) {
		switch t := i.(type) {
		case *ssa.Call:
			locks = locks || unlockOf(t.Common()) != ""
		case *ssa.Return:
			m, ok := unnamed(t.Results[0]).(*ssa.MakeClosure)
			unlocks = ok && unlocksOnly(m)
		}
	})
	return locks && unlocks
}

// unlocksOnly: a closure that unlocks, or the method value.
func unlocksOnly(m *ssa.MakeClosure) (found bool) {
	inner := m.Fn.(*ssa.Function)
	if strings.HasSuffix(inner.Name(), "nlock$bound") {
		return true
	}
	instructions(inner, func(i ssa.Instruction) {
		if c, ok := i.(ssa.CallInstruction); ok {
			name := calleeName(c.Common())
			found = found || name == "Unlock" || name == "RUnlock"
		}
	})
	return found
}

var lockers = regexp.MustCompile(`(?i)lock|begin|start|acquire|enter|hold|suspend|pause|freeze|guard|take|open|reserve|init`)

// isHelper: the function locks for its callers. Its name says so, or something
// of the package unlocks the same field without having locked it.
func (x *extractor) isHelper(fn *ssa.Function, call *ssa.Call) bool {
	mutex := fieldKey(call.Call.Args[0])
	if mutex == "" || lockers.MatchString(fn.Name()) || fn.Parent() != nil {
		return true
	}
	for _, other := range x.functions {
		locks, unlocks, bound := false, false, false
		instructions(other, func(i ssa.Instruction) {
			if m, ok := i.(*ssa.MakeClosure); ok && strings.Contains(m.Fn.Name(), "nlock$bound") {
				bound = true
			}
			c, ok := i.(ssa.CallInstruction)
			if !ok || len(c.Common().Args) == 0 || fieldKey(c.Common().Args[0]) != mutex {
				return
			}
			switch calleeName(c.Common()) {
			case "Lock", "RLock", "TryLock", "TryRLock":
				locks = true
			case "Unlock", "RUnlock":
				unlocks = true
			}
		})
		if unlocks && !locks || other == fn && bound {
			return true
		}
	}
	return false
}

// fieldKey names a field of a type of the program, or a package variable.
func fieldKey(v ssa.Value) string {
	switch t := v.(type) {
	case *ssa.Global:
		return t.Name()
	case *ssa.FieldAddr:
		if s := structOf(t.X.Type()); s != nil && typeName(t.X.Type()) != "" {
			return typeName(t.X.Type()) + "." + s.Field(t.Field).Name()
		}
	}
	return ""
}

// heldLock is a lock that a walk follows: where it lies, and what unlocks it.
type heldLock struct {
	path, unlock string
	weight       bool // of a semaphore
	atPanic      bool // ask for panics of the function, not for returns
	anyPanic     bool // also for those that no argument decides
}

func unlockOf(c *ssa.CallCommon) string {
	for _, n := range calleeNames(c) {
		switch n {
		case "sync.Mutex.Lock", "sync.RWMutex.Lock", "sync.Mutex.TryLock", "sync.RWMutex.TryLock":
			return "Unlock"
		case "sync.RWMutex.RLock", "sync.RWMutex.TryRLock":
			return "RUnlock"
		}
	}
	return ""
}

// step: an unlock of the same lock, or anything that may unlock it.
func (l *heldLock) step(x *extractor, instr ssa.Instruction) Effect {
	if l.weight {
		return l.stepWeight(x, instr)
	}
	call, ok := instr.(ssa.CallInstruction)
	if !ok {
		return Borrowed
	}
	c := call.Common()
	if c.IsInvoke() {
		if c.Method.Name() == l.unlock {
			return Released
		}
		return Borrowed
	}
	callee := c.StaticCallee()
	if callee == nil {
		if _, builtin := c.Value.(*ssa.Builtin); builtin {
			return Borrowed
		}
		for _, anon := range instr.Parent().AnonFuncs {
			if x.unlocks(anon) {
				return Released
			}
		}
		if sig := c.Signature(); instr.Parent().Parent() != nil && sig.Params().Len() == 0 && sig.Results().Len() == 0 {
			return Released // a function value from outside that can be an unlock: nobody knows
		}
		return Borrowed
	}
	if callee.Name() == l.unlock && len(c.Args) > 0 && (pathOf(c.Args[0]) == l.path || callee.Pkg == nil || callee.Pkg.Pkg.Path() != "sync") {
		return Released
	}
	if (callee.Pkg == x.unit.SSA || callee.Parent() != nil) && x.unlocks(callee) {
		return Released
	}
	for _, arg := range c.Args {
		if m, ok := arg.(*ssa.MakeClosure); ok && x.unlocks(m.Fn.(*ssa.Function)) {
			return Released
		}
	}
	return Borrowed
}

// unlocks says whether a function, or what it calls in this package, unlocks
// anything.
func (x *extractor) unlocks(fn *ssa.Function) bool {
	if known, ok := x.unlocking[fn]; ok {
		return known
	}
	x.unlocking[fn] = false
	result := false
	for _, b := range fn.Blocks {
		for _, instr := range b.Instrs {
			call, ok := instr.(ssa.CallInstruction)
			if !ok {
				continue
			}
			c := call.Common()
			if c.IsInvoke() {
				result = result || c.Method.Name() == "Unlock" || c.Method.Name() == "RUnlock"
				continue
			}
			callee := c.StaticCallee()
			if callee == nil {
				continue
			}
			result = result || callee.Name() == "Unlock" || callee.Name() == "RUnlock" ||
				(callee.Pkg == x.unit.SSA || callee.Parent() != nil) && x.unlocks(callee)
		}
	}
	for _, anon := range fn.AnonFuncs {
		result = result || x.unlocks(anon)
	}
	x.unlocking[fn] = result
	return result
}

// pathOf writes where an address lies, equal for equal places.
func pathOf(v ssa.Value) string {
	switch t := v.(type) {
	case *ssa.FieldAddr:
		return fmt.Sprintf("%s.%d", pathOf(t.X), t.Field)
	case *ssa.UnOp:
		return "*" + pathOf(t.X)
	case *ssa.IndexAddr:
		return pathOf(t.X) + "[" + name(t.Index) + "]"
	}
	return v.Name()
}
