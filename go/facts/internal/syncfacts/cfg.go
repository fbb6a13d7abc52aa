package syncfacts

import (
	"go/ast"
	"go/token"
	"sort"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// graph answers questions about the ways through one function.
type graph struct {
	x    *extractor
	fn   *ssa.Function
	loop []int // block index -> number of its loop, -1 outside of any
	// leave says how an instruction leaves the function, if it does.
	leave map[ssa.Instruction]Exit
}

// loops numbers the strongly connected sets of blocks (Tarjan).
func (g *graph) loops() {
	n := len(g.fn.Blocks)
	g.loop = make([]int, n)
	index, low, on := make([]int, n), make([]int, n), make([]bool, n)
	for i := range g.loop {
		g.loop[i] = -1
	}
	var stack []int
	next, loops := 1, 0
	var visit func(b *ssa.BasicBlock)
	visit = func(b *ssa.BasicBlock) {
		i := b.Index
		index[i], low[i] = next, next
		next++
		stack, on[i] = append(stack, i), true
		self := false
		for _, s := range b.Succs {
			if s == b {
				self = true
			}
			if index[s.Index] == 0 {
				visit(s)
				low[i] = min(low[i], low[s.Index])
			} else if on[s.Index] {
				low[i] = min(low[i], index[s.Index])
			}
		}
		if low[i] != index[i] {
			return
		}
		size := 0
		for at := len(stack) - 1; ; at-- {
			size++
			if stack[at] == i {
				break
			}
		}
		members := stack[len(stack)-size:]
		stack = stack[:len(stack)-size]
		for _, m := range members {
			on[m] = false
			if size > 1 || self {
				g.loop[m] = loops
			}
		}
		loops++
	}
	for _, b := range g.fn.Blocks {
		if index[b.Index] == 0 {
			visit(b)
		}
	}
}

func (g *graph) inLoop(b *ssa.BasicBlock) bool { return g.loop[b.Index] >= 0 }

// loopExits lists the ways out of the loop around b, except its own end (the
// condition of a for, the end of a range).
func (g *graph) loopExits(b *ssa.BasicBlock) []Exit {
	if !g.inLoop(b) {
		return nil
	}
	var exits []Exit
	for _, from := range g.fn.Blocks {
		if g.loop[from.Index] != g.loop[b.Index] || strings.HasSuffix(from.Comment, ".loop") {
			continue
		}
		for _, to := range from.Succs {
			if g.loop[to.Index] == g.loop[b.Index] {
				continue
			}
			exits = append(exits, g.ends(to)...)
		}
		if exit, ok := g.leave[from.Instrs[len(from.Instrs)-1]]; ok && len(from.Succs) == 0 {
			exits = append(exits, exit)
		}
	}
	return unique(exits)
}

// ends follows the way out of a loop to its end: a return, a panic, or a break
// to what stands behind the loop. The tests by which a select finds its case
// are no ends of their own.
func (g *graph) ends(b *ssa.BasicBlock) []Exit {
	for at, steps := b, 0; steps < 8; steps++ {
		for _, instr := range at.Instrs {
			if exit, ok := g.leave[instr]; ok && !exit.Possible {
				return []Exit{exit}
			}
		}
		if never(at) {
			return nil
		}
		if at.Comment == "select.next" && len(at.Succs) == 2 {
			return append(g.ends(at.Succs[0]), g.ends(at.Succs[1])...)
		}
		if len(at.Succs) != 1 {
			break
		}
		at = at.Succs[0]
	}
	return []Exit{{Kind: "break", Line: g.firstLine(b)}}
}

// never says whether a block is the builder's own panic behind a select
// without default, which is not reached.
func never(b *ssa.BasicBlock) bool {
	p, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Panic)
	return ok && !p.Pos().IsValid()
}

func (g *graph) firstLine(b *ssa.BasicBlock) int {
	for _, instr := range b.Instrs {
		if instr.Pos().IsValid() {
			return g.x.line(instr.Pos())
		}
	}
	return 0
}

// skipping lists the ways out that can be reached from start without passing
// an instruction for which stop holds.
func (g *graph) skipping(start *ssa.BasicBlock, at int, stop func(ssa.Instruction) bool) []Exit {
	var exits []Exit
	seen := map[*ssa.BasicBlock]bool{}
	var visit func(b *ssa.BasicBlock, at int)
	visit = func(b *ssa.BasicBlock, at int) {
		for _, instr := range b.Instrs[at:] {
			if stop(instr) {
				return
			}
			if exit, ok := g.leave[instr]; ok {
				exits = append(exits, exit)
				if !exit.Possible {
					return
				}
			}
			if g.x.endsProcess(instr) {
				return
			}
		}
		for _, s := range b.Succs {
			if !seen[s] {
				seen[s] = true
				visit(s, 0)
			}
		}
	}
	visit(start, at)
	return unique(exits)
}

const maxExits = 12

// unique sorts the exits, sure ones first, and drops repetitions.
func unique(exits []Exit) []Exit {
	sort.Slice(exits, func(i, j int) bool {
		a, b := exits[i], exits[j]
		if a.Possible != b.Possible {
			return b.Possible
		}
		if a.Line != b.Line {
			return a.Line < b.Line
		}
		return a.Kind < b.Kind
	})
	out := exits[:0]
	for i, e := range exits {
		if i == 0 || e != exits[i-1] {
			out = append(out, e)
		}
	}
	if len(out) > maxExits {
		out = out[:maxExits]
	}
	return out
}

// returnLine is the line of a return; one that is not written is the closing
// brace of the function.
func (g *graph) returnLine(r *ssa.Return) int {
	if r.Pos().IsValid() {
		return g.x.line(r.Pos())
	}
	switch s := g.fn.Syntax().(type) {
	case *ast.FuncDecl:
		if s.Body != nil {
			return g.x.line(s.Body.Rbrace)
		}
	case *ast.FuncLit:
		return g.x.line(s.Body.Rbrace)
	}
	return 0
}

// endsProcess says whether the call ends the whole program.
func (x *extractor) endsProcess(instr ssa.Instruction) bool {
	call, ok := instr.(*ssa.Call)
	if !ok {
		return false
	}
	callee := call.Call.StaticCallee()
	if callee == nil || callee.Object() == nil || callee.Object().Pkg() == nil {
		return false
	}
	switch x.calleeKey(callee) {
	case "os.Exit", "log.Fatal", "log.Fatalf", "log.Fatalln", "log.(*Logger).Fatal", "log.(*Logger).Fatalf", "log.(*Logger).Fatalln", "syscall.Exit":
		return true
	}
	return false
}

// posOf is the position that the runtime reports for an instruction.
func posOf(instr ssa.Instruction) token.Pos {
	switch i := instr.(type) {
	case *ssa.Defer:
		return i.Pos()
	case *ssa.Go:
		return i.Pos()
	}
	return instr.Pos()
}
