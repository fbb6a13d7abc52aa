package load

import "golang.org/x/tools/go/ssa"

// OnlyStore is the one value that a variable ever has, nil where there are several.
func OnlyStore(a *ssa.Alloc) (only ssa.Value) {
	for _, r := range *a.Referrers() {
		if s, ok := r.(*ssa.Store); ok && s.Addr == ssa.Value(a) {
			if only != nil {
				return nil
			}
			only = s.Val
		}
	}
	return only
}
