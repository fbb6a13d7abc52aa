package resource

import (
	"go/constant"
	"go/token"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/tidemark-go/tidemark/go/facts/internal/load"
)

// Passes up to which a loop counts as a few lines written in a row.
const fewPasses = 16

// headers are the heads of the loops around a block, innermost first.
func headers(b *ssa.BasicBlock) (list []*ssa.BasicBlock) {
	for h := b; h != nil; h = h.Idom() {
		for _, p := range h.Preds {
			if h.Dominates(p) && (p == b || reaches(b, p, func(o *ssa.BasicBlock) bool { return o == h })) {
				list = append(list, h)
				break
			}
		}
	}
	return list
}

// runsOften: the block is in a loop whose number of passes is not a small
// constant.
func runsOften(b *ssa.BasicBlock) bool {
	for _, h := range headers(b) {
		if !fewTimes(h) {
			return true
		}
	}
	return false
}

// fewTimes: the head compares with a small constant, or with the length of a
// list that is written out.
func fewTimes(h *ssa.BasicBlock) bool {
	branch, ok := h.Instrs[len(h.Instrs)-1].(*ssa.If)
	if !ok {
		return false
	}
	op, ok := branch.Cond.(*ssa.BinOp)
	if !ok || op.Op != token.LSS && op.Op != token.LEQ {
		return false
	}
	switch n := op.Y.(type) {
	case *ssa.Const:
		if n.Value == nil || n.Value.Kind() != constant.Int {
			return false
		}
		return n.Int64() <= fewPasses
	case *ssa.Call:
		if b, ok := n.Call.Value.(*ssa.Builtin); ok && b.Name() == "len" {
			if s, ok := n.Call.Args[0].(*ssa.Slice); ok {
				_, literal := s.X.(*ssa.Alloc)
				return literal
			}
		}
	}
	return false
}

// loopOf are the blocks of the outermost cycle through a block.
func loopOf(b *ssa.BasicBlock) map[*ssa.BasicBlock]bool {
	loop := map[*ssa.BasicBlock]bool{}
	if !inLoop(b) {
		return loop
	}
	for _, other := range b.Parent().Blocks {
		if other == b || reaches(b, other, nil) && reaches(other, b, nil) {
			loop[other] = true
		}
	}
	return loop
}

// origin follows conversions, and variables that are set once, to the value.
func origin(v ssa.Value) ssa.Value {
	for range 8 {
		switch t := v.(type) {
		case *ssa.ChangeType:
			v = t.X
		case *ssa.MakeInterface:
			v = t.X
		case *ssa.ChangeInterface:
			v = t.X
		case *ssa.UnOp:
			alloc, ok := t.X.(*ssa.Alloc)
			if !ok || t.Op != token.MUL {
				return v
			}
			only := load.OnlyStore(alloc)
			if only == nil {
				return v
			}
			v = only
		default:
			return v
		}
	}
	return v
}

// instructions runs over a function.
func instructions(fn *ssa.Function, do func(ssa.Instruction)) {
	for _, b := range fn.Blocks {
		for _, i := range b.Instrs {
			do(i)
		}
	}
}

// skips looks for a way from an instruction (nil: the entry) to a return that
// passes nothing for which stop says true, and tells where it returns.
func skips(fn *ssa.Function, from ssa.Instruction, stop func(ssa.Instruction) bool) (token.Pos, bool) {
	b, at := fn.Blocks[0], 0
	if from != nil {
		b, at = from.Block(), slices.Index(from.Block().Instrs, from)+1
	}
	return skipsFrom(b, at, stop)
}

// skipsFrom is skips from an instruction of a block on, by its number.
func skipsFrom(b *ssa.BasicBlock, at int, stop func(ssa.Instruction) bool) (token.Pos, bool) {
	type entry struct {
		b    *ssa.BasicBlock
		from int
	}
	queue := []entry{{b, at}}
	seen := map[*ssa.BasicBlock]bool{}
	for len(queue) > 0 {
		e := queue[0]
		queue = queue[1:]
		ended := false
		for _, i := range e.b.Instrs[e.from:] {
			if c, ok := i.(*ssa.Call); ok && endsProgram(c.Common()) || stop(i) {
				ended = true
				break
			}
			if r, ok := i.(*ssa.Return); ok {
				return exitPos(r), true
			}
		}
		if ended {
			continue
		}
		for _, s := range e.b.Succs {
			if !seen[s] {
				seen[s] = true
				queue = append(queue, entry{s, 0})
			}
		}
	}
	return token.NoPos, false
}

// exitPos is where a return stands; one that is not written is the closing brace.
func exitPos(r *ssa.Return) token.Pos {
	if r.Pos().IsValid() {
		return r.Pos()
	}
	if p := lastPos(r.Block()); p.IsValid() {
		return p
	}
	return r.Parent().Syntax().End() - 1
}
