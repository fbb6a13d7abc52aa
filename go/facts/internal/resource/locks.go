package resource

import (
	"fmt"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strings"
	"sync"

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
			if ok && call.Call.IsInvoke() {
				x.locker(fn, call)
			}
			if !ok || len(call.Call.Args) == 0 {
				continue
			}
			unlock := unlockOf(call.Common())
			if unlock == "" {
				continue
			}
			w := &walker{x: x, fn: fn, kind: &Kind{}, at: instr, lock: &heldLock{path: pathOf(call.Call.Args[0]), unlock: unlock, handedOver: x.handedOver(call, unlock)}}
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

// locker: the lock of a condition, or another that is only known as a
// sync.Locker: the function unlocks it, but not on every way.
func (x *extractor) locker(fn *ssa.Function, call *ssa.Call) {
	names := calleeNames(call.Common())
	if len(names) == 0 || names[0] != "sync.Locker.Lock" {
		return
	}
	path := pathOf(call.Call.Value)
	unlocks := false
	instructions(fn, func(i ssa.Instruction) {
		c, ok := i.(*ssa.Call)
		unlocks = unlocks || ok && c.Call.IsInvoke() && c.Call.Method.Name() == "Unlock" && pathOf(c.Call.Value) == path
	})
	if !unlocks {
		return
	}
	w := &walker{x: x, fn: fn, kind: &Kind{}, at: call, lock: &heldLock{path: path, unlock: "Unlock"}}
	if out := w.run(map[ssa.Value]role{call: thing}, map[ssa.Value]fact{}); len(out.exits) > 0 && !out.gaveUp {
		e := out.exits[0]
		x.report(fn, "lock", Finding{Rule: "goroutine/holder-gone", Verdict: "leak", pos: call.Pos(),
			Message: fmt.Sprintf("locked here, and still held when line %d is left", x.line(e.pos)),
			Cause:   "everybody who wants the lock after that waits for ever", Fix: "defer the unlock right after the lock",
			Related: []Place{x.place(call.Pos(), "locked here"), x.place(e.pos, e.text)}})
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
		if call, ok := i.(*ssa.Call); !ok {
			text = "the call that locks is deferred, not the one that unlocks"
		} else if !dropped(call) {
			return
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
	bound := false
	instructions(fn, func(i ssa.Instruction) {
		m, ok := i.(*ssa.MakeClosure)
		bound = bound || ok && strings.Contains(m.Fn.Name(), "nlock$bound")
	})
	return bound || x.givenBackAlone(mutex, "Unlock") || x.givenBackAlone(mutex, "RUnlock")
}

// givenBackAlone: a function of the package gives back what lies in a field
// without having taken it.
func (x *extractor) givenBackAlone(field, release string) bool {
	for _, fn := range x.functions {
		takes, gives := false, false
		instructions(fn, func(i ssa.Instruction) {
			c, ok := i.(ssa.CallInstruction)
			if !ok || len(c.Common().Args) == 0 || fieldKey(readFrom(c.Common().Args[0])) != field {
				return
			}
			switch calleeName(c.Common()) {
			case "Lock", "RLock", "TryLock", "TryRLock", "Acquire", "TryAcquire":
				takes = true
			case release:
				gives = true
			}
		})
		if gives && !takes {
			return true
		}
	}
	return false
}

// readFrom is the variable or field that a pointer was read from.
func readFrom(v ssa.Value) ssa.Value {
	if load, ok := v.(*ssa.UnOp); ok && load.Op == token.MUL {
		return load.X
	}
	return v
}

// handedOver says of a return whether it answers, without an error, something
// that stands for the lock: what the lock is a part of, or, where other
// functions give back what they have not taken, anything.
func (x *extractor) handedOver(call *ssa.Call, release string) func(*ssa.Return) bool {
	lock := call.Call.Args[0]
	alone := sync.OnceValue(func() bool {
		field := fieldKey(readFrom(lock))
		return field != "" && x.givenBackAlone(field, release)
	})
	return func(r *ssa.Return) bool {
		results := answered(r)
		if failed(results) {
			return false
		}
		for _, v := range results {
			if _, constant := v.(*ssa.Const); constant || isBasic(v.Type()) || isError(v.Type()) {
				continue
			}
			part, ok := lock.(*ssa.FieldAddr)
			return ok && part.X == v || alone()
		}
		return false
	}
}

// failed: the last of the results is an error, and not nil.
func failed(results []ssa.Value) bool {
	if len(results) == 0 || !isError(results[len(results)-1].Type()) {
		return false
	}
	c, ok := results[len(results)-1].(*ssa.Const)
	return !ok || !c.IsNil()
}

// answered are the results of a return, read through the variables that a
// function with deferred calls puts them into.
func answered(r *ssa.Return) []ssa.Value {
	results := slices.Clone(r.Results)
	for n, v := range results {
		load, ok := v.(*ssa.UnOp)
		if !ok || load.Op != token.MUL {
			continue
		}
		for _, i := range r.Block().Instrs {
			if s, ok := i.(*ssa.Store); ok && s.Addr == load.X {
				results[n] = s.Val
			}
		}
	}
	return results
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
	anyPanic     bool // also for those that no argument decides
	// gives: any other way to give it back.
	gives func(ssa.Instruction) bool
	// handedOver: who gets what a return answers is to give it back.
	handedOver func(*ssa.Return) bool
	atPanic    bool // ask for panics of the function, not for returns
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
	if l.gives != nil {
		if l.gives(instr) {
			return Released
		}
		return Borrowed
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
	if own := x.ownCallee(c); own != nil && x.unlocks(own) {
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
			own := x.ownCallee(c)
			result = result || callee.Name() == "Unlock" || callee.Name() == "RUnlock" || own != nil && x.unlocks(own)
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
