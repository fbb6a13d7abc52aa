package resource

import (
	"go/token"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/tidemark-go/tidemark/go/facts/internal/load"
)

// started is what a goroutine runs.
type started struct {
	pos      token.Pos
	callee   *ssa.Function
	args     []ssa.Value
	bindings []ssa.Value // of the variables that a closure captures
}

func bindings(v ssa.Value) []ssa.Value {
	if m, ok := v.(*ssa.MakeClosure); ok {
		return m.Bindings
	}
	return nil
}

// startedByHelper: the call hands a function to one that runs it in a
// goroutine, as errgroup.Group.Go does.
func (x *extractor) startedByHelper(fn *ssa.Function, call *ssa.Call) {
	callee := call.Call.StaticCallee()
	if callee == nil {
		return
	}
	if origin := callee.Origin(); origin != nil {
		callee = origin
	}
	var list []int
	if fullName(callee) == "sync.WaitGroup.Go" {
		list = []int{1}
	} else if s := x.known(callee); s != nil {
		list = s.Starts
	}
	for _, n := range list {
		if n >= len(call.Call.Args) {
			continue
		}
		arg := call.Call.Args[n]
		if c, ok := arg.(*ssa.ChangeType); ok {
			arg = c.X
		}
		switch f := arg.(type) {
		case *ssa.MakeClosure:
			x.noExit(fn, started{call.Pos(), f.Fn.(*ssa.Function), nil, f.Bindings})
		case *ssa.Function:
			x.noExit(fn, started{call.Pos(), f, nil, nil})
		}
	}
}

// noExit: the goroutine runs for ever: without any way out, or with one that
// waits for what never ends. What a program starts once lives as long as it;
// anything else adds one each time.
func (x *extractor) noExit(fn *ssa.Function, g started) {
	callee := g.callee
	if callee == nil || x.oncePerProgram(fn) || x.underOnce(fn) {
		return
	}
	if origin := callee.Origin(); origin != nil {
		callee = origin
	}
	finding := Finding{Rule: "goroutine/no-exit", Verdict: "suspect", pos: g.pos,
		Message: "starts a goroutine that has no way out: no return, no case for the end",
		Cause:   "every call leaves one more goroutine, with its stack and all that it refers to",
		Fix:     "give it a context or a done channel, and return when that ends: case <-ctx.Done(): return"}
	if callee.Pos().IsValid() && len(callee.Blocks) > 0 {
		finding.Related = []Place{x.place(callee.Pos(), "this loop never ends")}
	}
	outer := &endless{x: x, outlives: true}
	if len(callee.Blocks) == 0 {
		s := x.known(callee)
		if s == nil {
			return
		}
		ends := !s.Loops
		for _, n := range s.Until {
			if n < len(g.args) && outer.never(g.args[n]) {
				ends = false
			}
		}
		if !ends {
			x.report(fn, "go", outer.words(finding))
		}
		return
	}
	if x.endsOtherwise(callee) {
		return
	}
	plain := &endless{x: x}
	if plain.runs(callee) && !plain.context && !plain.channel && !plain.flag {
		if plain.loops || plain.parks {
			x.report(fn, "go", finding)
		}
		return
	}
	e := &endless{x: x, dead: map[ssa.Value]bool{}}
	for n, a := range g.args {
		if n < len(callee.Params) && outer.never(a) {
			e.dead[callee.Params[n]] = true
		}
	}
	for n, b := range g.bindings {
		if a, ok := b.(*ssa.Alloc); ok && n < len(callee.FreeVars) {
			if only := load.OnlyStore(a); only != nil && outer.never(only) {
				e.dead[callee.FreeVars[n]] = true
			}
		}
	}
	if e.runs(callee) && (e.loops || e.parks) {
		if e.made == nil {
			e.made = outer.made
		}
		x.report(fn, "go", e.words(finding))
		return
	}
	x.parked(fn, g, callee)
}

// neverStopped: a method that is not seen is started with a channel which it
// can only receive from, and which nobody can close or send on.
func (x *extractor) neverStopped(fn *ssa.Function, g *ssa.Go) {
	if !g.Call.IsInvoke() || x.oncePerProgram(fn) || x.underOnce(fn) {
		return
	}
	for n, a := range g.Call.Args {
		made, ok := origin(a).(*ssa.MakeChan)
		if !ok || !receiveOnly(g.Call.Signature().Params().At(n).Type()) || !x.silent(made) {
			continue
		}
		x.report(fn, "go", Finding{Rule: "goroutine/no-exit", Verdict: "suspect", pos: g.Pos(),
			Message: "starts a goroutine with a channel to stop it, and nobody can close that channel",
			Cause:   "every call leaves one more goroutine, with its stack and all that it refers to",
			Fix:     "close the channel where what started the goroutine ends",
			Related: []Place{x.place(made.Pos(), "the channel")}})
		return
	}
}

// words says what the goroutine waits for.
func (e *endless) words(f Finding) Finding {
	if e.made != nil {
		f.Related = append(f.Related, e.x.place(e.made.Pos(), "the channel"))
	}
	switch {
	case e.context:
		f.Rule = "goroutine/context-never-cancelled"
		f.Message = "starts a goroutine that only the end of its context can end, and nobody can cancel that context"
		f.Fix = "give it a context that whoever started it cancels: ctx, cancel := context.WithCancel(…), and call cancel in Close"
	case e.flag && !e.channel:
		f.Message = "starts a goroutine that only a flag can end, and nothing ever sets that flag"
		f.Fix = "set the flag where what started it ends, or give it a context"
	case e.channel:
		f.Message = "starts a goroutine that only a channel can end, and nobody ever closes that channel"
		f.Fix = "give it a channel of its own, and close that where what started it ends"
	}
	return f
}

// parked: a way through the goroutine ends in select {}.
func (x *extractor) parked(fn *ssa.Function, g started, callee *ssa.Function) {
	instructions(callee, func(instr ssa.Instruction) {
		s, ok := instr.(*ssa.Select)
		if !ok || !s.Blocking || len(s.States) > 0 || !reaches(callee.Blocks[0], s.Block(), nil) && s.Block() != callee.Blocks[0] {
			return
		}
		at := s.Pos()
		if !at.IsValid() {
			at = callee.Pos()
		}
		x.report(fn, "go", Finding{Rule: "goroutine/empty-select", Verdict: "suspect", pos: g.pos,
			Message: "starts a goroutine that ends in select {}: it waits for nothing, for ever",
			Cause:   "every call leaves one more goroutine, with its deferred calls that never run and all that it refers to",
			Fix:     "wait for a context or a done channel: <-ctx.Done()",
			Related: []Place{x.place(at, "waits here")}})
	})
}

// endsOtherwise: it panics or ends the program on some way.
func (x *extractor) endsOtherwise(fn *ssa.Function) (found bool) {
	instructions(fn, func(instr ssa.Instruction) {
		switch i := instr.(type) {
		case *ssa.Panic:
			found = found || !isSelectPanic(i)
		case ssa.CallInstruction:
			found = found || endsProgram(i.Common())
			if callee := i.Common().StaticCallee(); callee != nil && callee != fn {
				s := x.known(callee)
				found = found || s != nil && s.Ends && !s.Loops
			}
		}
	})
	return found
}

// isSelectPanic: the builder ends every select without default in a panic that
// is never reached.
func isSelectPanic(p *ssa.Panic) bool {
	m, ok := p.X.(*ssa.MakeInterface)
	if !ok {
		return false
	}
	c, ok := m.X.(*ssa.Const)
	return ok && c.Value != nil && strings.Contains(c.Value.ExactString(), "blocking select matched no case")
}
