package syncfacts

import (
	"fmt"
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/tidemark-go/tidemark/go/facts/internal/names"
)

// unknown is the object of values that come from code that is not analysed.
const unknown = "unknown"

// outside is the node of everything handed to code that is not analysed.
const outside = "outside"

// resultNode is the place of the i-th result of a call.
func (x *extractor) resultNode(fn *ssa.Function, call ssa.CallInstruction, i int) string {
	v := call.Value()
	if v == nil {
		return ""
	}
	if tuple, ok := v.Type().(*types.Tuple); ok {
		if i >= tuple.Len() || !x.follows(tuple.At(i).Type()) {
			return ""
		}
		return fmt.Sprintf("call %s %s %d", x.names.Key(fn), v.Name(), i)
	}
	return x.node(fn, v)
}

func (x *extractor) call(fn *ssa.Function, instr ssa.CallInstruction) {
	common := instr.Common()
	if b, ok := common.Value.(*ssa.Builtin); ok {
		x.builtin(fn, instr, b.Name())
		return
	}
	if callee := common.StaticCallee(); callee != nil {
		if x.standard(callee) {
			x.model(fn, instr, callee)
			return
		}
		key := x.calleeKey(callee)
		for i, arg := range common.Args {
			x.edge(x.node(fn, arg), param(key, i), arg.Type())
			if isNil(arg) && isChan(arg.Type()) {
				x.add(param(key, i), "nil")
			}
		}
		results := common.Signature().Results()
		for i := 0; i < results.Len(); i++ {
			x.edge(result(key, i), x.resultNode(fn, instr, i), results.At(i).Type())
		}
		return
	}
	c := Call{Function: x.names.Key(fn), Line: x.line(instr.Pos()), Node: x.node(fn, common.Value)}
	if common.IsInvoke() {
		if names.Func(common.Method) == "context.Context.Done" {
			x.add(x.resultNode(fn, instr, 0), "done "+c.Node)
			return
		}
		c.Method = common.Method.Name()
	}
	switch instr.(type) {
	case *ssa.Go:
		c.Go = true
	case *ssa.Defer:
		c.Deferred = true
	}
	for _, arg := range common.Args {
		c.Args = append(c.Args, x.node(fn, arg))
	}
	results := common.Signature().Results()
	for i := 0; i < results.Len(); i++ {
		c.Results = append(c.Results, x.resultNode(fn, instr, i))
	}
	if c.Node != "" {
		x.out.Calls = append(x.out.Calls, c)
	}
}

// calleeKey names a static callee; a bound or promoted method is the method.
func (x *extractor) calleeKey(callee *ssa.Function) string {
	if method, ok := callee.Object().(*types.Func); ok && callee.Synthetic != "" && callee.Parent() == nil {
		return names.Func(method)
	}
	return x.names.Key(callee)
}

func (x *extractor) builtin(fn *ssa.Function, instr ssa.CallInstruction, name string) {
	args := instr.Common().Args
	switch name {
	case "append":
		for _, a := range args {
			x.edge(x.node(fn, a), x.resultNode(fn, instr, 0), a.Type())
		}
	case "copy":
		x.edge(x.node(fn, args[1]), x.node(fn, args[0]), args[1].Type())
	}
}

// standard says whether a function is the standard library's.
func (x *extractor) standard(callee *ssa.Function) bool {
	if origin := callee.Origin(); origin != nil {
		callee = origin
	}
	obj := callee.Object()
	return obj != nil && obj.Pkg() != nil && x.isStandard(obj.Pkg().Path())
}

// model says what the standard library does with what is followed.
func (x *extractor) model(fn *ssa.Function, instr ssa.CallInstruction, callee *ssa.Function) {
	args := instr.Common().Args
	method, ok := callee.Object().(*types.Func)
	if !ok {
		return
	}
	name := names.Func(method)
	made := func(kind string) Object {
		o := Object{Kind: kind, Name: x.nameAt(instr.Pos(), kind), Function: x.names.Key(fn), From: method.Name()}
		o.ID = fmt.Sprintf("%s:%s@%d", o.Function, o.Name, x.line(instr.Pos()))
		return o
	}
	switch name {
	case "context.WithCancel", "context.WithTimeout", "context.WithDeadline",
		"context.WithCancelCause", "context.WithTimeoutCause", "context.WithDeadlineCause", "os/signal.NotifyContext":
		o := made("context")
		o.Parents = []string{x.node(fn, args[0])}
		o.ID = x.object(o, instr.Pos(), name)
		x.add(x.resultNode(fn, instr, 0), o.ID)
		x.add(x.resultNode(fn, instr, 1), "cancel "+o.ID)
		return
	case "sync.(*RWMutex).RLocker":
		x.edge(x.node(fn, args[0]), x.resultNode(fn, instr, 0), args[0].Type())
		return
	case "context.WithValue":
		x.edge(x.node(fn, args[0]), x.resultNode(fn, instr, 0), args[0].Type())
		return
	case "context.Background", "context.TODO", "context.WithoutCancel":
		x.add(x.resultNode(fn, instr, 0), "context.Background")
		return
	case "time.NewTimer", "time.NewTicker":
		kind := "timer"
		if method.Name() == "NewTicker" {
			kind = "ticker"
		}
		id := x.object(made(kind), instr.Pos(), name)
		x.add(x.resultNode(fn, instr, 0), id)
		return
	case "time.After", "time.Tick":
		id := x.object(made("timer"), instr.Pos(), name)
		x.add("timer "+id, id)
		x.add(x.resultNode(fn, instr, 0), "tick timer "+id)
		return
	case "time.AfterFunc":
		id := x.object(made("timer"), instr.Pos(), name)
		x.add(x.resultNode(fn, instr, 0), id)
	case "sync.NewCond":
		id := x.object(made("cond"), instr.Pos(), name)
		x.add(x.resultNode(fn, instr, 0), id)
		x.edge(x.node(fn, args[0]), locker(id), args[0].Type())
		return
	}
	spawns := name == "time.AfterFunc" || name == "sync.(*WaitGroup).Go"
	if _, isGo := instr.(*ssa.Go); isGo {
		spawns = true
	}
	for _, arg := range args {
		node := x.node(fn, arg)
		if node == "" {
			continue
		}
		if _, isFunc := arg.Type().Underlying().(*types.Signature); isFunc {
			x.out.Calls = append(x.out.Calls, Call{Function: x.names.Key(fn), Line: x.line(instr.Pos()), Node: node, Go: spawns})
			continue
		}
		if method.Pkg().Path() != "sync" && method.Pkg().Path() != "time" {
			x.edge(node, outside, types.Typ[types.Int])
		}
	}
	results := instr.Common().Signature().Results()
	for i := 0; i < results.Len(); i++ {
		x.add(x.resultNode(fn, instr, i), unknown)
	}
}
