package holderfacts

import (
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/tidemark-go/tidemark/go/facts/internal/load"
	"github.com/tidemark-go/tidemark/go/facts/internal/names"
)

// What a value lies in, as far as its life is concerned.
const (
	nobody   = iota
	argument // a parameter of the function
	program  // a package variable, or a variable of main
	local    // made by the function before its loops
)

// life is where a value lies.
type life struct {
	kind  int
	param int  // of an argument: which
	later bool // this runs when the program is up, as a closure of main does
	// via are the containers that it is an element of, and the pointers that it
	// is behind: what leaves them lives no longer.
	via []string
	// from is the field or variable that the value itself was loaded from.
	from string
}

// Bounds of the way to an owner.
const (
	maxOwnerSteps = 24
	maxOwnerCalls = 3
)

// owner follows an address or value to what it is a part of.
func (x *extractor) owner(v ssa.Value) life { return x.ownerOf(v, 0) }

func (x *extractor) ownerOf(v ssa.Value, depth int) (l life) {
	for range maxOwnerSteps {
		switch t := v.(type) {
		case *ssa.Global:
			l.kind, l.later = program, !x.isMain(x.fn) && !isInit(x.fn) && !x.startOnly[x.fn]
			return l
		case *ssa.FieldAddr:
			v = t.X
		case *ssa.Field:
			v = t.X
		case *ssa.UnOp:
			if t.Op != token.MUL {
				return life{}
			}
			if id := x.pointerCell(t.X, t.Type()); id != "" {
				l.via = append(l.via, id)
				if l.from == "" {
					l.from = id
				}
			}
			v = t.X
		case *ssa.IndexAddr:
			l.via, v = append(l.via, x.place(t.X)), t.X
		case *ssa.Lookup:
			l.via, v = append(l.via, x.place(t.X)), t.X
		case *ssa.Slice:
			v = t.X
		case *ssa.ChangeType:
			v = t.X
		case *ssa.MakeInterface:
			v = t.X
		case *ssa.ChangeInterface:
			v = t.X
		case *ssa.TypeAssert:
			v = t.X
		case *ssa.FreeVar:
			if v = x.bindings[t]; v == nil {
				return life{}
			}
		case *ssa.Parameter:
			for n, p := range t.Parent().Params {
				if p == t {
					l.kind, l.param, l.later = argument, n, t.Parent() != x.fn && x.runsAgain(x.fn)
					return l
				}
			}
			return life{}
		case *ssa.Alloc:
			if only := load.OnlyStore(t); only != nil {
				v = only
				continue
			}
			return x.madeBy(t, l)
		case *ssa.MakeMap:
			return x.madeBy(t, l)
		case *ssa.Phi: // get, or else make
			if depth >= maxOwnerCalls {
				return life{}
			}
			for _, e := range t.Edges {
				if o := x.ownerOf(e, depth+1); o.kind == argument || o.kind == program {
					o.via = append(o.via, l.via...)
					return o
				}
			}
			return life{}
		case *ssa.Call:
			if from := x.resultOf(t, 0, &l, depth); from != nil {
				v = from
				continue
			}
			return x.madeBy(t, l)
		case *ssa.Extract:
			switch tuple := t.Tuple.(type) {
			case *ssa.Lookup:
				l.via, v = append(l.via, x.place(tuple.X)), tuple.X
				continue
			case *ssa.TypeAssert:
				v = tuple.X
				continue
			case *ssa.Next:
				if r, ok := tuple.Iter.(*ssa.Range); ok {
					l.via, v = append(l.via, x.place(r.X)), r.X
					continue
				}
			case *ssa.Call:
				if from := x.resultOf(tuple, t.Index, &l, depth); from != nil {
					v = from
					continue
				}
			}
			return x.madeBy(t, l)
		default:
			return life{}
		}
	}
	return life{}
}

// resultOf is the argument of a call that its result is a part of, as that of a
// getter is; nil where it is none.
func (x *extractor) resultOf(c *ssa.Call, result int, l *life, depth int) ssa.Value {
	callee := c.Call.StaticCallee()
	if callee == nil {
		return nil
	}
	if x.standard(callee) {
		switch fullName(callee) {
		case "sync.Map.Load", "sync.Map.LoadOrStore":
			l.via = append(l.via, x.place(c.Call.Args[0]))
			return c.Call.Args[0]
		case "sync/atomic.Pointer.Load":
			return c.Call.Args[0]
		}
		return nil
	}
	if len(callee.Blocks) == 0 || depth >= maxOwnerCalls {
		return nil
	}
	key := getter{callee, result}
	known, ok := x.getters[key]
	if !ok {
		x.getters[key] = life{}
		for _, b := range callee.Blocks {
			if r, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return); ok && result < len(r.Results) && known.kind == nobody {
				if o := x.ownerOf(r.Results[result], depth+1); o.kind == argument {
					known = o
				}
			}
		}
		x.getters[key] = known
	}
	if known.kind != argument || known.param >= len(c.Call.Args) {
		return nil
	}
	l.via = append(l.via, known.via...)
	return c.Call.Args[known.param]
}

type getter struct {
	fn     *ssa.Function
	result int
}

// madeBy: a value that main makes once lives as long as the program, and one
// that another function makes before it loops as long as these loops.
func (x *extractor) madeBy(v ssa.Instruction, l life) life {
	if x.inLoop(v.Block()) {
		return life{}
	}
	l.kind = local
	if fn := v.Parent(); x.isMain(fn) || x.fromMain[fn] {
		l.kind, l.later = program, x.fn != fn && x.runsAgain(x.fn)
	} else if x.fn != fn {
		return life{}
	}
	return l
}

// pointerCell names a field or package variable that holds a pointer or an interface.
func (x *extractor) pointerCell(addr ssa.Value, t types.Type) string {
	switch t.Underlying().(type) {
	case *types.Pointer, *types.Interface:
	default:
		return ""
	}
	return cellName(addr)
}

func cellName(addr ssa.Value) string {
	switch a := addr.(type) {
	case *ssa.Global:
		return "at " + a.Pkg.Pkg.Path() + "." + a.Name()
	case *ssa.FieldAddr:
		t := a.X.Type()
		if p, ok := types.Unalias(t).Underlying().(*types.Pointer); ok {
			t = p.Elem()
		}
		owner := names.Type(t)
		st, ok := types.Unalias(t).Underlying().(*types.Struct)
		if owner == "" || !ok {
			return ""
		}
		return "at " + owner + "." + st.Field(a.Field).Name()
	}
	return ""
}

func (x *extractor) isMain(fn *ssa.Function) bool {
	return x.unit.Name == "main" && fn.Name() == "main" && fn.Parent() == nil && fn.Signature.Recv() == nil
}

// declared is the function that a closure is in.
func declared(fn *ssa.Function) *ssa.Function {
	for fn.Parent() != nil {
		fn = fn.Parent()
	}
	return fn
}

// runsAgain: a closure may run more often than what it is in: it is not only
// called, deferred or started there, outside of loops that go on.
func (x *extractor) runsAgain(fn *ssa.Function) bool {
	known, ok := x.again[fn]
	if ok || fn.Parent() == nil {
		return known
	}
	found, plain := false, true
	for _, b := range fn.Parent().Blocks {
		for _, i := range b.Instrs {
			if m, ok := i.(*ssa.MakeClosure); ok && m.Fn == ssa.Value(fn) {
				found = true
				plain = plain && endsSoon(b) && runsPlainly(m, 0)
				continue
			}
			for _, op := range i.Operands(nil) {
				if *op == ssa.Value(fn) {
					found = true
					plain = plain && endsSoon(b) && plainUse(fn, i, 0)
				}
			}
		}
	}
	known = !found || !plain || x.runsAgain(fn.Parent())
	x.again[fn] = known
	return known
}

// runsPlainly: a function value that is called, deferred or started, here or
// by a function that it is handed to.
func runsPlainly(v ssa.Value, depth int) bool {
	if v.Referrers() == nil {
		return false
	}
	for _, r := range *v.Referrers() {
		if !plainUse(v, r, depth) {
			return false
		}
	}
	return true
}

func plainUse(v ssa.Value, by ssa.Instruction, depth int) bool {
	if depth > 3 {
		return false
	}
	switch i := by.(type) {
	case *ssa.DebugRef:
		return true
	case *ssa.ChangeType:
		return runsPlainly(i, depth+1)
	case ssa.CallInstruction:
		c := i.Common()
		if !endsSoon(by.Block()) {
			return false
		}
		if c.Value == v {
			return true
		}
		callee := c.StaticCallee()
		if callee == nil {
			return false
		}
		if walks(callee) || runsItsArgument[fullName(callee)] {
			return true
		}
		for n, a := range c.Args {
			if a == v && (n >= len(callee.Params) || len(callee.Blocks) == 0 || !runsPlainly(callee.Params[n], depth+1)) {
				return false
			}
		}
		return true
	}
	return false
}

// runsItsArgument are functions that run what they are given once.
var runsItsArgument = map[string]bool{
	"golang.org/x/sync/errgroup.Group.Go": true, "sync.WaitGroup.Go": true, "time.AfterFunc": true, "context.AfterFunc": true,
	"runtime.AddCleanup": true, "runtime.SetFinalizer": true,
}

// waits are calls that a loop of a service waits in.
var waits = map[string]bool{
	"Accept": true, "AcceptTCP": true, "Sleep": true, "Wait": true, "Recv": true, "RecvMsg": true, "Receive": true, "ReceiveMessage": true,
	"ReadMessage": true, "FetchMessage": true, "ReadFrom": true, "ReadFromUDP": true, "Poll": true, "NextMsg": true, "BRPop": true, "BLPop": true,
}

// goesOn: the block is in a loop without an end of its own that waits in each pass.
func goesOn(b *ssa.BasicBlock) bool {
	for h := b; h != nil; h = h.Idom() {
		back := false
		for _, p := range h.Preds {
			back = back || h.Dominates(p)
		}
		if !back || !strings.HasPrefix(h.Comment, "for.body") && !strings.HasPrefix(h.Comment, "rangechan.loop") {
			continue
		}
		if strings.HasPrefix(h.Comment, "rangechan.loop") {
			return true
		}
		for _, in := range b.Parent().Blocks {
			if !h.Dominates(in) {
				continue
			}
			for _, i := range in.Instrs {
				switch i := i.(type) {
				case *ssa.Select:
					return true
				case *ssa.UnOp:
					if i.Op == token.ARROW {
						return true
					}
				case *ssa.Call:
					if c := i.Common(); c.IsInvoke() && waits[c.Method.Name()] || c.StaticCallee() != nil && waits[c.StaticCallee().Name()] {
						return true
					}
				}
			}
		}
	}
	return false
}
