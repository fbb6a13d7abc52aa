package holderfacts

import (
	"slices"
	"sort"
	"strings"
)

// Join answers for every container of a program what is done to it.
func Join(units []*Unit, library bool) *Section {
	next := map[string][]string{}
	answers := map[string]*Answer{}
	for _, u := range units {
		for _, a := range u.Aliases {
			next[a[0]] = append(next[a[0]], a[1])
		}
		for _, h := range u.Holders {
			answers[h.ID] = &Answer{Holder: h, Adds: []Use{}}
		}
	}
	// behind lists the containers that a place can be.
	behind := func(place string) []string {
		seen := map[string]bool{place: true}
		list := []string{place}
		for i := 0; i < len(list) && i < 256; i++ {
			for _, to := range next[list[i]] {
				if !seen[to] {
					seen[to] = true
					list = append(list, to)
				}
			}
		}
		return list
	}
	dead := unreferred(units)
	// What leaves a container, or is replaced, does not live long.
	lost := map[string]bool{}
	for _, u := range units {
		for _, r := range u.Replaced {
			lost[r] = true
		}
		for _, use := range u.Uses {
			if use.Op != "add" && use.Op != "bound" && use.Op != "handed" && !use.Initial {
				for _, id := range behind(use.Place) {
					lost[id] = true
				}
			}
		}
	}
	loses := func(via string) bool {
		for _, id := range strings.Split(via, "|") {
			for _, id := range behind(id) {
				if lost[id] {
					return true
				}
			}
		}
		return false
	}
	long, adds := solveLives(units, loses), newAdded(units)
	served := servedFunctions(units)
	for _, u := range units {
		for _, use := range u.Uses {
			if use.Op == "handed" {
				kind := adds.to(use.How)
				if kind == nothing {
					continue
				}
				use.Op, use.How, use.ConstKey = "add", "by a function that it is handed to", kind == fewKeys
			}
			use.Dead = !library && dead(use.Key)
			use.Often = served[use.Key]
			use.Shared = (use.Shared || long.long(use)) && !loses(use.Via)
			use.Of, use.Via, use.Again, use.Calm = "", "", false, false
			for _, id := range behind(use.Place) {
				if a := answers[id]; a != nil {
					a.put(use)
				}
			}
		}
	}
	s := &Section{Version: Version, ImportersNotSeen: library, Holders: []Answer{}}
	for _, a := range answers {
		if len(a.Adds) == 0 {
			continue
		}
		for _, list := range [][]Use{a.Adds, a.Removes, a.Resets, a.Exposed, a.Bounds} {
			sort.SliceStable(list, func(i, j int) bool {
				return list[i].File < list[j].File || list[i].File == list[j].File && list[i].Line < list[j].Line
			})
		}
		a.Verdict = a.verdict()
		s.Holders = append(s.Holders, *a)
	}
	sort.Slice(s.Holders, func(i, j int) bool { return s.Holders[i].ID < s.Holders[j].ID })
	return s
}

func (a *Answer) put(u Use) {
	list := map[string]*[]Use{"add": &a.Adds, "remove": &a.Removes, "reset": &a.Resets, "exposed": &a.Exposed, "bound": &a.Bounds}[u.Op]
	u.Place, u.Key = "", ""
	if u.Initial && u.Op != "add" {
		return
	}
	for _, known := range *list {
		if known == u {
			return
		}
	}
	*list = append(*list, u)
}

func (a *Answer) verdict() string {
	later, growing, alive := false, false, false
	for _, u := range a.Adds {
		if !u.Initial {
			later = true
			growing = growing || !u.ConstKey
			alive = alive || !u.Dead
		}
	}
	// A function that nothing calls removes nothing, where others do add.
	removes := func(u Use) bool { return !alive || !u.Dead }
	switch {
	case !later:
		return "initial"
	case slices.ContainsFunc(a.Removes, removes) || slices.ContainsFunc(a.Resets, removes):
		return "removed"
	case !growing || len(a.Bounds) > 0:
		return "bounded"
	case len(a.Exposed) > 0:
		return "unknown"
	}
	return "only-added"
}

// unreferred says of a function, by its key, that nothing in the program calls it.
func unreferred(units []*Unit) func(key string) bool {
	referred, invoked := map[string]bool{}, map[string]bool{}
	for _, u := range units {
		for _, r := range u.Referred {
			referred[r] = true
		}
		for _, m := range u.Invoked {
			invoked[m] = true
		}
	}
	return func(key string) bool {
		name := key[strings.LastIndex(key, ".")+1:]
		return !referred[key] && !invoked[name] && name != "main" && !strings.HasPrefix(name, "init") && !isClosure(key)
	}
}

// isClosure: the runtime's names of functions in functions (f.func1, f.gowrap2).
func isClosure(key string) bool {
	name := key[strings.LastIndex(key, ".")+1:]
	return strings.HasPrefix(name, "func") || strings.HasPrefix(name, "gowrap") || strings.HasPrefix(name, "deferwrap") || name != "" && name[0] >= '0' && name[0] <= '9'
}

func servedFunctions(units []*Unit) map[string]bool {
	list := map[string]bool{}
	for _, u := range units {
		for _, s := range u.Served {
			list[s] = true
		}
	}
	return list
}
