package syncfacts

import (
	"sort"

	"golang.org/x/tools/go/ssa"
)

// doers are the operations that a function may do for its caller.
var doers = map[string]bool{"send": true, "receive": true, "close": true, "wg-done": true, "cond-signal": true, "cond-broadcast": true}

// maxCallers bounds the callers told for one use.
const maxCallers = 8

// helpers finds the calls of functions of the package that always do such an
// operation, where the caller has ways out that skip the call.
func (b *body) helpers() []HelperCall {
	calls := map[*ssa.Function]ssa.CallInstruction{}
	for _, block := range b.fn.Blocks {
		for _, instr := range block.Instrs {
			call, ok := instr.(ssa.CallInstruction)
			if _, spawned := instr.(*ssa.Go); !ok || spawned {
				continue
			}
			callee := call.Common().StaticCallee()
			if callee == nil {
				continue
			}
			if origin := callee.Origin(); origin != nil {
				callee = origin
			}
			if callee != b.fn && callee.Pkg == b.x.unit.SSA && callee.Blocks != nil && calls[callee] == nil && b.x.body(callee).does() {
				calls[callee] = call
			}
		}
	}
	var list []HelperCall
	for callee, call := range calls {
		exits := b.graph.skipping(b.fn.Blocks[0], 0, func(instr ssa.Instruction) bool {
			other, ok := instr.(ssa.CallInstruction)
			if !ok {
				return false
			}
			target := other.Common().StaticCallee()
			return target != nil && (target == callee || target.Origin() == callee)
		})
		if len(exits) > 0 {
			list = append(list, HelperCall{b.x.names.Key(callee), b.x.line(call.Pos()), exits})
		}
	}
	sort.Slice(list, func(i, j int) bool {
		return list[i].Line < list[j].Line || list[i].Line == list[j].Line && list[i].Callee < list[j].Callee
	})
	return list
}

// does says whether the function has an operation that none of its own
// returns skips.
func (b *body) does() bool {
	for _, op := range b.ops {
		if doers[op.Kind] && op.Select == 0 && !sure(op.SkippedBy) {
			return true
		}
	}
	return false
}

// sure says whether one of the ways out needs no luck.
func sure(exits []Exit) bool { return len(exits) > 0 && !exits[0].Possible }

// helpers gathers who calls each function for what it does.
func (j *joiner) helpers(units []*Unit) {
	j.callers = map[string][]Caller{}
	for _, u := range units {
		for _, f := range u.Functions {
			for _, h := range f.Helpers {
				if list := j.callers[h.Callee]; len(list) < maxCallers {
					j.exits(h.SkippedBy)
					j.callers[h.Callee] = append(list, Caller{f.Name, f.File, h.Line, h.SkippedBy})
				}
			}
		}
	}
}
