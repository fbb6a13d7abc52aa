package holderfacts

import "sort"

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
	later := shared(units)
	for _, u := range units {
		for _, use := range u.Uses {
			use.Shared, use.Of = use.Shared || later[use.Of], ""
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
	later, growing := false, false
	for _, u := range a.Adds {
		if !u.Initial {
			later = true
			growing = growing || !u.ConstKey
		}
	}
	switch {
	case !later:
		return "initial"
	case len(a.Removes)+len(a.Resets) > 0:
		return "removed"
	case !growing || len(a.Bounds) > 0:
		return "bounded"
	case len(a.Exposed) > 0:
		return "unknown"
	}
	return "only-added"
}
