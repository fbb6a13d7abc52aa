package syncfacts

import (
	"cmp"
	"sort"
)

// taken is an example of a place that takes a lock.
type taken struct {
	function *Function
	line     int
}

// order finds which locks are taken while others are held, through calls as
// well, and the cycles among them.
func (j *joiner) order(units []*Unit) {
	reach := j.acquires(units)
	best := map[Order]Order{}
	put := func(o Order) {
		// One entry for a lock, another and a place; the first of several ways.
		key := Order{Held: o.Held, Taken: o.Taken, Function: o.Function, File: o.File, Line: o.Line}
		known, ok := best[key]
		if !ok || o.before(known) {
			best[key] = o
		}
	}
	for _, u := range units {
		for _, f := range u.Functions {
			for _, op := range f.Ops {
				if !isLock(op.Kind) {
					continue
				}
				for _, h := range op.Held {
					for _, held := range h.Objects {
						for _, id := range op.Objects {
							if j.answers[held] != nil && j.answers[id] != nil {
								put(Order{Held: held, HeldLine: h.Line, Taken: id, Function: f.Name, File: f.File, Line: op.Line})
							}
						}
					}
				}
			}
			for _, c := range f.Calls {
				if c.Kind != "call" {
					continue
				}
				for callee := range j.s.resolve[siteKey(f.Key, c.Line, "call")] {
					for id, at := range reach[callee] {
						for _, h := range c.Held {
							for _, held := range h.Objects {
								if j.answers[held] != nil {
									put(Order{Held: held, HeldLine: h.Line, Taken: id, Function: f.Name, File: f.File, Line: c.Line,
										AtFunction: at.function.Name, AtFile: at.function.File, AtLine: at.line})
								}
							}
						}
					}
				}
			}
		}
	}
	for _, o := range best {
		j.section.LockOrder = append(j.section.LockOrder, o)
	}
	sort.Slice(j.section.LockOrder, func(a, b int) bool { return j.section.LockOrder[a].before(j.section.LockOrder[b]) })
	j.section.LockCycles = cycles(j.section.LockOrder)
}

// before is the order in which entries are listed.
func (o Order) before(p Order) bool {
	return cmp.Or(cmp.Compare(o.Held, p.Held), cmp.Compare(o.Taken, p.Taken), cmp.Compare(o.File, p.File), cmp.Compare(o.Line, p.Line),
		cmp.Compare(o.Function, p.Function), cmp.Compare(o.HeldLine, p.HeldLine), cmp.Compare(o.AtFile, p.AtFile), cmp.Compare(o.AtLine, p.AtLine)) < 0
}

func isLock(kind string) bool { return kind == "lock" || kind == "rlock" || kind == "once-do" }

// acquires finds for every function the locks that it or a callee takes.
func (j *joiner) acquires(units []*Unit) map[string]map[string]taken {
	reach := map[string]map[string]taken{}
	callers := map[string][]string{}
	var work []string
	for _, u := range units {
		for _, f := range u.Functions {
			for _, callee := range sorted(j.s.calls[f.Key]) {
				callers[callee] = append(callers[callee], f.Key)
			}
			for _, op := range f.Ops {
				if !isLock(op.Kind) {
					continue
				}
				for _, id := range op.Objects {
					if j.answers[id] == nil {
						continue
					}
					if reach[f.Key] == nil {
						reach[f.Key] = map[string]taken{}
						work = append(work, f.Key)
					}
					if _, ok := reach[f.Key][id]; !ok {
						reach[f.Key][id] = taken{f, op.Line}
					}
				}
			}
		}
	}
	for len(work) > 0 {
		at := work[0]
		work = work[1:]
		for _, caller := range callers[at] {
			grown := false
			for id, t := range reach[at] {
				if reach[caller] == nil {
					reach[caller] = map[string]taken{}
				}
				known, ok := reach[caller][id]
				if !ok || less(t, known) && known.function.Key != caller {
					reach[caller][id] = t
					grown = true
				}
			}
			if grown {
				work = append(work, caller)
			}
		}
	}
	return reach
}

// less orders examples, so that the same one is kept in every run.
func less(a, b taken) bool {
	return a.function.Key < b.function.Key || a.function.Key == b.function.Key && a.line < b.line
}

// cycles lists the sets of locks that are taken in a circle; a lock that is
// taken while one of its own kind of place is held is a circle of one.
func cycles(order []Order) [][]string {
	next := map[string][]string{}
	self := map[string]bool{}
	var nodes []string
	for _, o := range order {
		if next[o.Held] == nil {
			nodes = append(nodes, o.Held)
		}
		next[o.Held] = append(next[o.Held], o.Taken)
		self[o.Held] = self[o.Held] || o.Held == o.Taken
	}
	index, low, on := map[string]int{}, map[string]int{}, map[string]bool{}
	var stack []string
	out := [][]string{}
	var visit func(v string)
	visit = func(v string) {
		index[v] = len(index) + 1
		low[v] = index[v]
		stack, on[v] = append(stack, v), true
		for _, w := range next[v] {
			if index[w] == 0 {
				visit(w)
				low[v] = min(low[v], low[w])
			} else if on[w] {
				low[v] = min(low[v], index[w])
			}
		}
		if low[v] != index[v] {
			return
		}
		var set []string
		for {
			w := stack[len(stack)-1]
			stack, on[w] = stack[:len(stack)-1], false
			set = append(set, w)
			if w == v {
				break
			}
		}
		if len(set) > 1 || self[v] {
			sort.Strings(set)
			out = append(out, set)
		}
	}
	for _, v := range nodes {
		if index[v] == 0 {
			visit(v)
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i][0] < out[j][0] })
	return out
}
