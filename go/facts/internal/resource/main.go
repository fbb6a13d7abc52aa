package resource

import (
	"golang.org/x/tools/go/ssa"

	"github.com/tidemark-go/tidemark/go/facts/internal/load"
)

// calledOnceFromMain are the functions of a command that only its main calls,
// directly or over one another, once and not in a loop: what they leave open
// lives as long as the program.
func calledOnceFromMain(unit *load.Unit, functions []*ssa.Function) map[*ssa.Function]bool {
	if unit.Name != "main" {
		return nil
	}
	return load.CalledOnce(functions, func(call ssa.Instruction, once bool) bool {
		caller := call.Parent()
		return (isMain(caller) || once || caller.Name() == "init") && !inLoop(call.Block())
	})
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
