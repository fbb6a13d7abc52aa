package subject

import (
	"bufio"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
)

// Role says what happens at a site.
type Role string

const (
	// Allocates: the memory that stays is made here; a heap profile has the function on the stack.
	Allocates Role = "allocates"
	// Waits: the goroutines that stay are blocked here; the function is on their stack.
	Waits Role = "waits"
	// Creates: the goroutines that stay are started here ("created by" in a dump).
	Creates Role = "creates"
	// Causes: the mistake is here, although no profile need have the function on a stack.
	Causes Role = "causes"
)

// Site is one place in the code, by a function value that the compiler has checked, so that a
// renamed function cannot leave a wrong truth behind.
type Site struct {
	Role     Role
	Function string // as the runtime and pprof print it
	file     string // base name of the source file
}

// At returns the site of a function or method expression.
func At(role Role, function any) Site {
	f := runtime.FuncForPC(reflect.ValueOf(function).Pointer())
	file, _ := f.FileLine(f.Entry())
	return Site{Role: role, Function: f.Name(), file: filepath.Base(file)}
}

// In returns the site of a function literal within the function, such as "func1".
func In(role Role, function any, literal string) Site {
	site := At(role, function)
	site.Function += "." + literal
	return site
}

// Of returns a site by its name, for functions of the standard library that are not exported.
func Of(role Role, function string) Site { return Site{Role: role, Function: function} }

// Place is a site with the line of its marker comment.
type Place struct {
	Role     Role   `json:"role"`
	Function string `json:"function"`
	File     string `json:"file,omitempty"` // relative to the module; none for the standard library
	Line     int    `json:"line,omitempty"`
}

// Locate finds the line that the comment `// leak: ROLE` marks in the site's file.
// sources holds the package's files, dir is the package's folder in the module.
func (s Site) Locate(sources fs.FS, dir string) (Place, error) {
	place := Place{Role: s.Role, Function: s.Function}
	if s.file == "" {
		return place, nil
	}
	place.File = path.Join(dir, s.file)
	file, err := sources.Open(s.file)
	if err != nil {
		return place, err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for n := 1; lines.Scan(); n++ {
		if strings.HasSuffix(lines.Text(), "// leak: "+string(s.Role)) {
			place.Line = n
			return place, nil
		}
	}
	return place, fmt.Errorf("%s has no line with the comment // leak: %s", place.File, s.Role)
}
