// Package sourcelines makes the section "source" of a facts file: the lines of
// code around the places that other sections name, so that a report can show
// them where there is no source.
package sourcelines

import (
	"bufio"
	"os"
	"sort"
	"strings"
	"unicode/utf8"
)

// Version of the section's shape.
const Version = 1

// Around is how many lines before and after a place are kept.
const Around = 3

// Bounds of what is kept: bytes of a line, lines in all.
const (
	maxLineBytes = 240
	maxLines     = 400_000
)

// Section is the kept source. Truncated: there were more than maxLines.
type Section struct {
	Version   int    `json:"version"`
	Truncated bool   `json:"truncated,omitempty"`
	Files     []File `json:"files"`
}

// File is runs of lines of one file.
type File struct {
	File string `json:"file"`
	Runs []Run  `json:"runs"`
}

// Run is lines that follow each other; Start is the number of the first.
type Run struct {
	Start int      `json:"start"`
	Lines []string `json:"lines"`
}

// Wanted collects lines by file name.
type Wanted map[string]map[int]bool

// Add asks for a line and those around it.
func (w Wanted) Add(file string, line int) {
	if file == "" || line <= 0 {
		return
	}
	if w[file] == nil {
		w[file] = map[int]bool{}
	}
	for n := max(1, line-Around); n <= line+Around; n++ {
		w[file][n] = true
	}
}

// Read reads the wanted lines; sources gives each file's name on disk. Files
// that cannot be read are left out.
func Read(w Wanted, sources map[string]string) *Section {
	s := &Section{Version: Version, Files: []File{}}
	names := make([]string, 0, len(w))
	for name := range w {
		names = append(names, name)
	}
	sort.Strings(names)
	left := maxLines
	for _, name := range names {
		if left <= 0 {
			s.Truncated = true
			break
		}
		if path, ok := sources[name]; ok {
			if runs := read(path, w[name], &left); len(runs) > 0 {
				s.Files = append(s.Files, File{name, runs})
			}
		}
	}
	return s
}

func read(path string, wanted map[int]bool, left *int) []Run {
	file, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer file.Close()
	last := 0
	for n := range wanted {
		last = max(last, n)
	}
	var runs []Run
	scanner := bufio.NewScanner(file)
	scanner.Buffer(make([]byte, 64<<10), 16<<20)
	for n := 1; n <= last && scanner.Scan() && *left > 0; n++ {
		if !wanted[n] {
			continue
		}
		*left--
		if k := len(runs); k > 0 && runs[k-1].Start+len(runs[k-1].Lines) == n {
			runs[k-1].Lines = append(runs[k-1].Lines, clip(scanner.Text()))
		} else {
			runs = append(runs, Run{n, []string{clip(scanner.Text())}})
		}
	}
	return runs
}

func clip(line string) string {
	line = strings.TrimRight(line, " \t\r")
	if len(line) > maxLineBytes {
		line = line[:maxLineBytes]
		for !utf8.ValidString(line) && len(line) > maxLineBytes-4 {
			line = line[:len(line)-1]
		}
		line += "…"
	}
	return strings.ToValidUTF8(line, "\uFFFD")
}
