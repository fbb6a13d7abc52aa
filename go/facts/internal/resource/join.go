package resource

import (
	"sort"
	"strconv"
	"strings"
)

// Join makes the section: the findings of all packages that hold for this
// program, with the suppressions of their comments. goLine is the go line of
// the main module ("1.22"), "" when it is not known.
func Join(units []*Unit, library bool, goLine string, oldTimers bool) *Section {
	s := &Section{Version: Version, ImportersNotSeen: library, Findings: []Finding{}}
	for _, u := range units {
		for _, f := range u.Findings {
			if f.Before != "" && !oldTimers && !(goLine != "" && older(goLine, f.Before)) {
				continue
			}
			f.Ignored = Reason(u.Ignores, f.Rule, f.File, f.Line)
			s.Findings = append(s.Findings, f)
		}
	}
	sort.SliceStable(s.Findings, func(i, j int) bool {
		a, b := s.Findings[i], s.Findings[j]
		return a.File < b.File || a.File == b.File && a.Line < b.Line
	})
	return s
}

// Reason is that of the comment which suppresses a rule in this line or the one
// before; a comment without a reason suppresses nothing.
func Reason(ignores []Ignore, rule, file string, line int) string {
	for _, i := range ignores {
		if i.File == file && (i.Line == line || i.Line == line-1) && i.Reason != "" && (i.Rule == rule || i.Rule == "*") {
			return i.Reason
		}
	}
	return ""
}

// older compares Go lines: "1.22.3" is older than "1.23".
func older(a, b string) bool {
	x, y := numbers(a), numbers(b)
	return x[0] < y[0] || x[0] == y[0] && x[1] < y[1]
}

func numbers(version string) (n [2]int) {
	parts := strings.SplitN(strings.TrimPrefix(version, "go"), ".", 3)
	for i := range min(2, len(parts)) {
		digits := parts[i]
		for k, c := range digits {
			if c < '0' || c > '9' {
				digits = digits[:k]
				break
			}
		}
		n[i], _ = strconv.Atoi(digits)
	}
	return n
}
