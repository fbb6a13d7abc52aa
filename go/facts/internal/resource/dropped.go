package resource

import (
	"fmt"
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// droppedWhenFull: a free list puts what it is given into a channel, and where
// that is full drops it open, with no way to tell the caller.
func (x *extractor) droppedWhenFull(fn *ssa.Function) {
	if fn.Signature.Results().Len() > 0 || fn.Parent() != nil {
		return
	}
	instructions(fn, func(i ssa.Instruction) {
		s, ok := i.(*ssa.Select)
		if !ok || s.Blocking {
			return
		}
		for n, state := range s.States {
			p, ok := origin(state.Send).(*ssa.Parameter)
			if state.Dir != types.SendOnly || !ok || !closes(p.Type()) || len(s.States) > 1 {
				continue
			}
			if x.givenElsewhere(fn, p, s) {
				continue
			}
			rule := "resource/client"
			switch name := typeName(p.Type()); {
			case name == "os.File":
				rule = "resource/file"
			case name == "net.Conn", name == "net.TCPConn", name == "net.UnixConn", name == "crypto/tls.Conn":
				rule = "resource/net-conn"
			}
			x.report(fn, fmt.Sprintf("send %d", n), Finding{Rule: rule, Verdict: "suspect", pos: state.Pos,
				Message: fmt.Sprintf("where the channel is full, %s is dropped here without being closed", p.Name()),
				Cause:   "what it has open stays open: nobody has it any more",
				Fix:     "close it in the default case",
				Related: []Place{x.place(s.Pos(), "gives up here")}})
		}
	})
}

// closes: the type has Close() error, and nothing less to end it.
func closes(t types.Type) bool {
	obj, _, _ := types.LookupFieldOrMethod(t, true, nil, "Close")
	f, ok := obj.(*types.Func)
	if !ok {
		return false
	}
	sig := f.Type().(*types.Signature)
	return sig.Params().Len() == 0 && sig.Results().Len() == 1 && isError(sig.Results().At(0).Type())
}

// givenElsewhere: the function does more with the argument than to send it.
func (x *extractor) givenElsewhere(fn *ssa.Function, p *ssa.Parameter, s *ssa.Select) bool {
	return x.acts(fn, p, s, func(_ ssa.Instruction, e Effect) bool { return e > Borrowed })
}
