package load

import "golang.org/x/tools/go/ssa"

// CalledOnce are the functions that have one call in a package, are no values
// there, and are called where at says so: which it tells from the place of the
// call and from whether the caller is such a function itself.
func CalledOnce(functions []*ssa.Function, at func(call ssa.Instruction, once bool) bool) map[*ssa.Function]bool {
	calls, taken := map[*ssa.Function][]ssa.Instruction{}, map[*ssa.Function]bool{}
	for _, fn := range functions {
		for _, b := range fn.Blocks {
			for _, i := range b.Instrs {
				call, isCall := i.(ssa.CallInstruction)
				if isCall && call.Common().StaticCallee() != nil {
					calls[call.Common().StaticCallee()] = append(calls[call.Common().StaticCallee()], i)
				}
				for _, op := range i.Operands(nil) {
					if f, ok := (*op).(*ssa.Function); ok && !(isCall && *op == call.Common().Value) {
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
			if once[fn] || taken[fn] || len(calls[fn]) != 1 {
				continue
			}
			if call := calls[fn][0]; at(call, once[call.Parent()]) {
				once[fn], changed = true, true
			}
		}
	}
	return once
}
