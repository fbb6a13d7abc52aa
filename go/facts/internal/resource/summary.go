package resource

import (
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"

	"github.com/tidemark-go/tidemark/go/facts/internal/names"
)

// Bound of the rounds in which the values that stand for a thing are collected.
const maxRounds = 6

// summaryOf makes the summary of a function of this package, once. While it is
// being made (recursion), its arguments count as kept: that hides a leak and
// never invents one.
func (x *extractor) summaryOf(fn *ssa.Function) *Summary {
	if s, ok := x.own[fn]; ok {
		return s
	}
	x.own[fn] = nil
	s := &Summary{}
	for n, p := range fn.Params {
		if !followed(p.Type()) {
			continue
		}
		if e := x.effectIn(fn, p, anyKind); e != Borrowed {
			if s.Params == nil {
				s.Params = map[int]Effect{}
			}
			s.Params[n] = e
		}
	}
	s.Ends = neverReturns(fn)
	e := &endless{x: x}
	s.Loops = e.runs(fn) && (e.loops || e.parks) && !x.endsOtherwise(fn)
	s.Ends = s.Ends || s.Loops
	if !s.Ends {
		s.Until = x.until(fn)
	}
	s.Endless = x.endlessResults(fn)
	s.Starts = starts(fn)
	s.Feeds = feeds(fn)
	x.answeredChannels(fn, s)
	x.own[fn] = s
	return s
}

// followed: types that can be, or have in them, something to give back.
func followed(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return false
	case *types.Slice:
		return followed(u.Elem())
	}
	return true
}

// effectIn is the strongest thing that a function does to one of its values,
// on any path.
func (x *extractor) effectIn(fn *ssa.Function, start ssa.Value, kind *Kind) Effect {
	if len(fn.Blocks) == 0 {
		return Kept
	}
	f := &flow{x: x, kind: kind, held: map[ssa.Value]role{start: container}}
	strongest := Borrowed
	for range maxRounds {
		before := len(f.held)
		for _, b := range fn.Blocks {
			for _, i := range b.Instrs {
				strongest = max(strongest, f.step(i))
			}
		}
		if len(f.held) == before || strongest == Released {
			break
		}
	}
	return strongest
}

// acts: an instruction of the function, other than the one that is known, does
// something to a value that counts.
func (x *extractor) acts(fn *ssa.Function, v ssa.Value, known ssa.Instruction, counts func(ssa.Instruction, Effect) bool) bool {
	f := &flow{x: x, kind: anyKind, held: map[ssa.Value]role{v: thing}}
	for range 2 {
		for _, b := range fn.Blocks {
			for _, i := range b.Instrs {
				if i != known && counts(i, f.step(i)) {
					return true
				}
			}
		}
	}
	return false
}

type freeKey struct {
	fn *ssa.Function
	n  int
}

// freeEffect is what a closure does to its n-th captured variable.
func (x *extractor) freeEffect(fn *ssa.Function, n int, _ *Kind) Effect {
	key := freeKey{fn, n}
	if e, ok := x.free[key]; ok {
		return e
	}
	x.free[key] = Kept
	e := Borrowed
	switch {
	case len(fn.Blocks) == 0:
		e = Kept
	case n < len(fn.FreeVars):
		e = x.effectIn(fn, fn.FreeVars[n], anyKind)
	}
	x.free[key] = e
	return e
}

// reachable says whether others get hold of a local value: then what is put
// into it is theirs.
func (x *extractor) reachable(a *ssa.Alloc) bool {
	if known, ok := x.allocs[a]; ok {
		return known
	}
	x.allocs[a] = true
	result := x.effectIn(a.Parent(), a, &Kind{}) == Kept
	x.allocs[a] = result
	return result
}

// argument is what a call does to its n-th argument. inside: the argument is a
// value of the program that has the thing in it.
func (x *extractor) argument(c *ssa.CallCommon, n int, inside bool) Effect {
	if b, ok := c.Value.(*ssa.Builtin); ok {
		if b.Name() == "append" {
			return Kept
		}
		if b.Name() == "ssa:wrapnilchk" {
			return Returned
		}
		return Borrowed
	}
	if c.IsInvoke() {
		if pkg := c.Method.Pkg(); pkg != nil && borrows[pkg.Path()] || x.onlyLent(c, n) {
			return Borrowed
		}
		return Kept
	}
	callee := c.StaticCallee()
	if callee == nil {
		if x.onlyLent(c, n) {
			return Borrowed
		}
		return Kept
	}
	if origin := callee.Origin(); origin != nil {
		callee = origin
	}
	if s := x.known(callee); s != nil {
		return s.Params[n]
	}
	obj, ok := callee.Object().(*types.Func)
	if !ok || obj.Pkg() == nil {
		return Kept
	}
	path := obj.Pkg().Path()
	full := funcName(obj)
	switch {
	case owners[full]:
		return Returned
	case takers[full] || !x.isStandard(path):
		return Kept
	case n == 0 && obj.Type().(*types.Signature).Recv() != nil:
		return Borrowed
	case full == "net/http.Client.Do" || full == "net/http.Transport.RoundTrip":
		return Kept
	case borrows[path]:
		return Borrowed
	}
	return Kept
}

// onlyLent: code that is not seen gets the thing as an interface that cannot
// release it, or as a transaction, and gives nothing back that could keep it.
func (x *extractor) onlyLent(c *ssa.CallCommon, n int) bool {
	if n >= len(c.Args) {
		return false
	}
	results := c.Signature().Results()
	for i := range results.Len() {
		if t := results.At(i).Type(); !isBasic(t) && !isError(t) {
			return false
		}
	}
	t := c.Args[n].Type()
	if i, ok := t.Underlying().(*types.Interface); ok {
		return i.NumMethods() > 0 && !x.hasRelease(t)
	}
	return typeName(t) == "database/sql.Tx"
}

// known is the summary of a function: of this package, or as an import handed it down.
func (x *extractor) known(fn *ssa.Function) *Summary {
	if fn.Pkg == x.unit.SSA || fn.Parent() != nil {
		if len(fn.Blocks) == 0 {
			return nil
		}
		return x.summaryOf(fn)
	}
	if obj, ok := fn.Object().(*types.Func); ok && obj.Pkg() != nil && !x.isStandard(obj.Pkg().Path()) {
		if fn.Synthetic != "" && len(fn.Blocks) > 0 && fn.Pkg == nil {
			return nil // a wrapper
		}
		return x.imported(names.Func(obj))
	}
	return nil
}

// neverReturns: no path from the entry leads to a return.
func neverReturns(fn *ssa.Function) bool {
	ends := func(b *ssa.BasicBlock) bool {
		for _, i := range b.Instrs {
			if c, ok := i.(*ssa.Call); ok && endsProgram(c.Common()) {
				return true
			}
		}
		return false
	}
	return noReturn(fn, ends, func(*ssa.BasicBlock, int) bool { return true })
}

// noReturn walks from the entry and says whether it meets no return. stays:
// nothing comes after the block; taken: whether its n-th branch can be.
func noReturn(fn *ssa.Function, stays func(*ssa.BasicBlock) bool, taken func(b *ssa.BasicBlock, n int) bool) bool {
	if len(fn.Blocks) == 0 {
		return false
	}
	seen := make([]bool, len(fn.Blocks))
	queue := []*ssa.BasicBlock{fn.Blocks[0]}
	seen[0] = true
	for len(queue) > 0 {
		b := queue[0]
		queue = queue[1:]
		if stays(b) {
			continue
		}
		if _, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return); ok {
			return false
		}
		for n, s := range b.Succs {
			if n == 1 && onlyWhenTickerCloses(b) || !taken(b, n) {
				continue
			}
			if !seen[s.Index] {
				seen[s.Index] = true
				queue = append(queue, s)
			}
		}
	}
	return true
}

// onlyWhenTickerCloses: the second branch of "for range ticker.C" is taken when
// the channel is closed, which no ticker does.
func onlyWhenTickerCloses(b *ssa.BasicBlock) bool {
	branch, ok := b.Instrs[len(b.Instrs)-1].(*ssa.If)
	if !ok {
		return false
	}
	extract, ok := branch.Cond.(*ssa.Extract)
	if !ok || extract.Index != 1 {
		return false
	}
	receive, ok := extract.Tuple.(*ssa.UnOp)
	if !ok || receive.Op != token.ARROW {
		return false
	}
	switch ch := receive.X.(type) {
	case *ssa.UnOp:
		field, ok := ch.X.(*ssa.FieldAddr)
		return ok && (typeName(field.X.Type()) == "time.Ticker" || typeName(field.X.Type()) == "time.Timer")
	case *ssa.Call:
		for _, n := range calleeNames(ch.Common()) {
			if n == "time.Tick" {
				return true
			}
		}
	}
	return false
}

func endsProgram(c *ssa.CallCommon) bool {
	for _, n := range calleeNames(c) {
		if ends[n] {
			return true
		}
	}
	return false
}
