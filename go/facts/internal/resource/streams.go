package resource

import (
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/tidemark-go/tidemark/go/facts/internal/load"
)

// endlessStream: a call that opens a gRPC stream under a context which nobody
// can cancel: who stops to receive leaves it open.
func (x *extractor) endlessStream(i *ssa.Call) (taking, bool) {
	c := i.Common()
	results := c.Signature().Results()
	if results.Len() != 2 || !isError(results.At(1).Type()) || !isClientStream(results.At(0).Type()) || !takesContext(c.Signature()) {
		return taking{}, false
	}
	args := c.Args
	if !c.IsInvoke() && c.Signature().Recv() != nil {
		args = args[1:]
	}
	if len(args) == 0 || !(&endless{x: x, outlives: true}).never(args[0]) {
		return taking{}, false
	}
	how := "the call"
	if c.IsInvoke() {
		how = c.Method.Name()
	} else if callee := c.StaticCallee(); callee != nil {
		how = callee.Name()
	}
	v, typ := result(i, 0)
	return taking{kind: "stream", value: v, typ: typ, how: how, held: map[ssa.Value]role{i: thing}}, true
}

// isClientStream: an interface with the methods of grpc.ClientStream.
func isClientStream(t types.Type) bool {
	i, ok := t.Underlying().(*types.Interface)
	if !ok {
		return false
	}
	var close, receive bool
	for n := range i.NumMethods() {
		m := i.Method(n)
		fromGRPC := m.Pkg() != nil && strings.HasPrefix(m.Pkg().Path(), "google.golang.org/grpc")
		close = close || m.Name() == "CloseSend" && fromGRPC
		receive = receive || m.Name() == "RecvMsg" && fromGRPC
	}
	return close && receive
}

// readEnd: a goroutine is started that writes to a pipe which the function
// made: from here on the reading end has to be read to its end, or closed.
func (x *extractor) readEnd(g *ssa.Go) []taking {
	for _, v := range append(bindings(g.Call.Value), g.Call.Args...) {
		writer := originOf(v)
		e, ok := writer.(*ssa.Extract)
		if !ok || e.Index != 1 {
			continue
		}
		call, ok := e.Tuple.(*ssa.Call)
		if !ok || call.Parent() != g.Parent() || len(calleeNames(call.Common())) == 0 || calleeNames(call.Common())[0] != "io.Pipe" {
			continue
		}
		reader, typ := result(call, 0)
		if reader == nil || usedBy(e, g) {
			return nil
		}
		held := map[ssa.Value]role{reader: thing}
		partial := false
		for _, r := range *reader.Referrers() {
			if s, ok := r.(*ssa.Store); ok && s.Val == reader {
				if a, ok := s.Addr.(*ssa.Alloc); ok {
					held[a] = thing
				}
			}
			if d, ok := r.(*ssa.Defer); ok && before(d, g) && isReleaseName(d.Call.StaticCallee().Name()) {
				return nil
			}
			partial = partial || x.readsPart(r)
		}
		if len(held) > 1 || !partial {
			return nil // a variable that others share
		}
		return []taking{{kind: "pipe-reader", value: reader, typ: typ, how: "io.Pipe", pos: call.Pos(), held: held}}
	}
	return nil
}

// originOf is the one value of a captured variable, or what a value comes from.
func originOf(v ssa.Value) ssa.Value {
	if a, ok := v.(*ssa.Alloc); ok {
		if only := load.OnlyStore(a); only != nil {
			return origin(only)
		}
	}
	return origin(v)
}

// usedBy: the function does more with the writing end than to start its writer:
// perhaps it closes it.
func usedBy(writer ssa.Value, g *ssa.Go) bool {
	queue := []ssa.Value{writer}
	for n := 0; n < len(queue); n++ {
		for _, r := range *queue[n].Referrers() {
			switch i := r.(type) {
			case *ssa.DebugRef:
			case *ssa.Store:
				if a, ok := i.Addr.(*ssa.Alloc); ok && i.Val == queue[n] {
					queue = append(queue, a)
				}
			case *ssa.MakeClosure:
				if ssa.Value(i) != g.Call.Value {
					return true
				}
			case *ssa.MakeInterface, *ssa.UnOp, *ssa.ChangeInterface:
				queue = append(queue, i.(ssa.Value))
			case *ssa.Go:
				if i != g {
					return true
				}
			default:
				return true
			}
		}
	}
	return false
}

// readsPart: a use that reads a part and not all: Read, io.ReadFull, a
// scanner, or code that can stop at an error of its own.
func (x *extractor) readsPart(r ssa.Instruction) bool {
	switch i := r.(type) {
	case *ssa.MakeInterface:
		for _, u := range *i.Referrers() {
			if x.readsPart(u) {
				return true
			}
		}
	case *ssa.Call:
		names := calleeNames(i.Common())
		return len(names) > 0 && slices.Contains(readPart, names[0]) || x.mayStop(i)
	}
	return false
}

// readsPart: the callee reads a part of the thing. A scanner over it stands for it.
func (f *flow) readsPart(c *ssa.CallCommon, result ssa.Value) bool {
	if call, ok := result.(*ssa.Call); ok && f.x.mayStop(call) {
		return true
	}
	names := calleeNames(c)
	if len(names) == 0 || !slices.Contains(f.kind.PartBy, names[0]) {
		return false
	}
	if names[0] == "bufio.NewScanner" && result != nil {
		f.held[result] = thing
	}
	return true
}

// mayStop: the call hands a reader to code that can only read from it and may
// give up with an error of its own: a function value or a method of others, or
// a function of the package that reads by and by.
func (x *extractor) mayStop(call *ssa.Call) bool {
	c := call.Common()
	results := c.Signature().Results()
	if results.Len() == 0 || !isError(results.At(results.Len()-1).Type()) {
		return false
	}
	reader := -1
	params := c.Signature().Params()
	for n := range params.Len() {
		if typeName(params.At(n).Type()) == "io.Reader" {
			reader = n
		}
	}
	if reader < 0 || results.Len() > 1 && !isBasic(results.At(0).Type()) {
		return false // what comes back may be a reader of it
	}
	callee := c.StaticCallee()
	if callee == nil {
		_, builtin := c.Value.(*ssa.Builtin)
		return !builtin
	}
	if callee.Pkg != x.unit.SSA && callee.Parent() == nil || len(callee.Blocks) == 0 {
		return false
	}
	p := callee.Params[len(callee.Params)-params.Len()+reader]
	if s := x.known(callee); s == nil || s.Params[len(callee.Params)-params.Len()+reader] != Borrowed {
		return false
	}
	byAndBy := false
	for _, r := range *p.Referrers() {
		if inner, ok := r.(*ssa.Call); ok {
			name := firstName(inner.Common())
			byAndBy = byAndBy || name == "bufio.NewScanner" || name == "bufio.NewReader" || x.mayStop(inner)
		}
	}
	return byAndBy
}

// finished: the branch is taken when code that reads from the pipe had no
// error: then it has read all.
func (w *walker) finished(s *state, cond ssa.Value, truth fact) bool {
	op, ok := cond.(*ssa.BinOp)
	if !ok || w.kind.PartBy == nil || !isError(op.X.Type()) || op.Op != token.EQL && op.Op != token.NEQ || (op.Op == token.EQL) != (truth == notNil) {
		return false
	}
	if k, isConst := op.Y.(*ssa.Const); !isConst || !k.IsNil() {
		return false
	}
	err := op.X
	if e, ok := err.(*ssa.Extract); ok {
		err = e.Tuple
	}
	call, ok := err.(*ssa.Call)
	return ok && w.x.mayStop(call) && slices.ContainsFunc(call.Call.Args, func(a ssa.Value) bool { return s.held[a] != 0 })
}
