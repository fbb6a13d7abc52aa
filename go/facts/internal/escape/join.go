package escape

import "sort"

// Join puts together what the compiler said and what the source says. Where
// both speak of one place, the compiler's reason is kept.
func Join(compiled Unit, sources []Unit, incomplete string) *Section {
	s := &Section{Version: Version, Incomplete: incomplete, Files: []File{}}
	all := Unit{}
	for file, sites := range compiled {
		all[file] = append([]Site{}, sites...)
	}
	for _, unit := range sources {
		for file, sites := range unit {
			all[file] = merge(all[file], sites, len(compiled) > 0 && incomplete == "")
		}
	}
	files := make([]string, 0, len(all))
	for file := range all {
		files = append(files, file)
	}
	sort.Strings(files)
	left := maxSites
	for _, file := range files {
		sites := all[file]
		if len(sites) == 0 {
			continue
		}
		if len(sites) > left {
			s.Truncated = true
			break
		}
		left -= len(sites)
		sort.Slice(sites, func(i, j int) bool {
			a, b := sites[i], sites[j]
			if a.Line != b.Line {
				return a.Line < b.Line
			}
			if a.Column != b.Column {
				return a.Column < b.Column
			}
			return a.Kind < b.Kind || a.Kind == b.Kind && a.What < b.What
		})
		s.Files = append(s.Files, File{file, sites})
	}
	return s
}

type spot struct{ line, column int }

// silent says what it means that the compiler does not list what the source
// has: the runtime allocates all the same where the size turns out too large
// for what is kept free on the stack.
var silent = map[string]string{
	Concat:  "used in the function only, but longer than 32 bytes",
	Convert: "used in the function only, but longer than 32 bytes",
	Make:    "used in the function only, but of a size that is not constant",
}

type expression struct {
	line int
	what string
}

// merge adds the source's sites to the compiler's. answered: the compiler has
// spoken, so what it lists and did not is on the stack.
func merge(compiled, source []Site, answered bool) []Site {
	at := map[spot]string{}
	for _, c := range compiled {
		at[spot{c.Line, c.Column}] = c.Kind
	}
	concats, methods := map[int]bool{}, map[expression]bool{}
	for _, s := range source {
		switch s.Kind {
		case Concat:
			concats[s.Line] = true
		case Method:
			methods[expression{s.Line, s.What}] = true
		}
		if at[spot{s.Line, s.Column}] == s.Kind || answered && s.Kind == Method {
			continue
		}
		if answered {
			s.Why = silent[s.Kind]
		}
		compiled = append(compiled, s)
	}
	// The compiler writes a sum and a bound method like any other expression.
	for i, c := range compiled {
		switch {
		case c.Kind == Concat && !concats[c.Line]:
			compiled[i].Kind = Box
		case c.Kind == Box && methods[expression{c.Line, c.What}]:
			compiled[i].Kind = Method
		}
	}
	return compiled
}
