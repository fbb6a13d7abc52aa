package resource

import (
	"golang.org/x/tools/go/ssa"

	"github.com/tidemark-go/tidemark/go/facts/internal/load"
)

// calledOnceFromMain are the functions of a command that only its main calls,
// directly or over one another, once and not in a loop: what they leave open
// lives as long as the program.
func calledOnceFromMain(unit *load.Unit, functions []*ssa.Function) map[*ssa.Function]bool {
	calls := map[*ssa.Function][]ssa.CallInstruction{}
	taken := map[*ssa.Function]bool{}
	for _, fn := range functions {
		for _, b := range fn.Blocks {
			for _, instr := range b.Instrs {
				call, isCall := instr.(ssa.CallInstruction)
				if isCall {
					if callee := call.Common().StaticCallee(); callee != nil {
						calls[callee] = append(calls[callee], call)
					}
				}
				for _, op := range instr.Operands(nil) {
					if *op == nil || isCall && *op == call.Common().Value {
						continue
					}
					if f, ok := (*op).(*ssa.Function); ok {
						taken[f] = true
					}
				}
			}
		}
	}
	once := map[*ssa.Function]bool{}
	for changed := true; changed; {
		changed = false
		for _, fn := range functions {
			if once[fn] || taken[fn] || unit.Name != "main" || len(calls[fn]) != 1 {
				continue
			}
			at := calls[fn][0]
			caller := at.Parent()
			if (isMain(caller) || once[caller] || caller.Name() == "init") && !inLoop(at.Block()) {
				once[fn] = true
				changed = true
			}
		}
	}
	return once
}

// oncePerProgram: what the function starts or opens is there once in a program.
func (x *extractor) oncePerProgram(fn *ssa.Function) bool {
	for fn.Parent() != nil {
		fn = fn.Parent()
	}
	name := fn.Name()
	return isMain(fn) || x.fromMain[fn] || name == "init" || len(name) > 5 && name[:5] == "init#" || name == "TestMain"
}

// inLoop: the block can be reached from itself.
func inLoop(b *ssa.BasicBlock) bool { return reaches(b, b, nil) }

// reaches says whether a path leads from behind one block to another, without
// passing a block for which avoid says true.
func reaches(from, to *ssa.BasicBlock, avoid func(*ssa.BasicBlock) bool) bool {
	seen := map[*ssa.BasicBlock]bool{}
	queue := append([]*ssa.BasicBlock{}, from.Succs...)
	for len(queue) > 0 {
		b := queue[0]
		queue = queue[1:]
		if seen[b] || avoid != nil && avoid(b) {
			continue
		}
		if b == to {
			return true
		}
		seen[b] = true
		queue = append(queue, b.Succs...)
	}
	return false
}
