// Package codelines makes the section "lines" of a facts file: for every
// function of the program's own packages the lines on which a stack can stand
// in it. A capture whose places are not among them is of another build.
package codelines

import "sort"

// Version of the section's shape.
const Version = 1

// maxLines is the most lines of a section.
const maxLines = 2_000_000

// Section is where stacks can stand.
type Section struct {
	Version int `json:"version"`
	// Truncated: there were more than maxLines.
	Truncated bool   `json:"truncated,omitempty"`
	Packages  []Unit `json:"packages"`
}

// Unit is one package.
type Unit struct {
	Path  string `json:"path"`
	Main  bool   `json:"main,omitempty"`
	Files []File `json:"files"`
}

// File is one file, by its base name.
type File struct {
	File      string     `json:"file"`
	Functions []Function `json:"functions"`
}

// Function is a declared function with the closures in it; what initialises
// the package's variables is "init".
type Function struct {
	// Name is what the runtime prints behind the package: "(*Server).Close".
	Name string `json:"name"`
	// Lines ascend: the first one, then how far each next one is from the one before.
	Lines []int `json:"lines"`
}

// Join sorts the packages by path.
func Join(units []*Unit) *Section {
	s := &Section{Version: Version, Packages: []Unit{}}
	sorted := append([]*Unit{}, units...)
	sort.Slice(sorted, func(i, j int) bool { return sorted[i].Path < sorted[j].Path })
	left := maxLines
	for _, u := range sorted {
		for _, f := range u.Files {
			for _, fn := range f.Functions {
				left -= len(fn.Lines)
			}
		}
		if left < 0 {
			s.Truncated = true
			break
		}
		s.Packages = append(s.Packages, *u)
	}
	return s
}
