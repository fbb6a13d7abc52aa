package escape

import (
	"bufio"
	"errors"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/tidemark-go/tidemark/go/facts/internal/names"
)

// Folders gives the import path of each folder of a build.
type Folders map[string]string

// maxLine bounds a line that is kept whole: what is longer is the body of a
// function that can be inlined, and not of interest.
const maxLine = 64 << 10

// ReadCompiler reads what go build -gcflags=all=-m=2 prints, when run in the
// folder work, line by line. It never holds more than one package's flows.
func ReadCompiler(r io.Reader, work string, folders Folders) (Unit, error) {
	p := &parser{work: work, folders: folders, out: Unit{}, seen: map[place]map[string]bool{}}
	p.newPackage("")
	reader := bufio.NewReaderSize(r, maxLine)
	for {
		line, err := reader.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			for errors.Is(err, bufio.ErrBufferFull) {
				_, err = reader.ReadSlice('\n')
			}
			line = nil
		}
		if len(line) > 0 {
			p.line(strings.TrimRight(string(line), "\r\n"))
		}
		if err == io.EOF {
			return p.out, nil
		} else if err != nil {
			return p.out, err
		}
	}
}

// place is a position as the compiler prints it: file:line:column.
type place string

type parser struct {
	work     string
	folders  Folders
	out      Unit
	seen     map[place]map[string]bool
	path     string // import path of the package at hand
	flows    map[place][]*flow
	open     *flow
	at       place
	fileName map[string]string
}

func (p *parser) newPackage(header string) {
	p.path, _, _ = strings.Cut(header, " ")
	p.flows, p.open, p.fileName = map[place][]*flow{}, nil, map[string]string{}
}

func (p *parser) line(line string) {
	if header, ok := strings.CutPrefix(line, "# "); ok {
		p.newPackage(header)
		return
	}
	at, text, ok := splitPlace(line)
	if !ok {
		return
	}
	if step, ok := strings.CutPrefix(text, "  "); ok {
		if p.open != nil && at == p.at {
			p.open.add(step)
		}
		return
	}
	p.open = nil
	switch {
	case strings.HasSuffix(text, " escapes to heap"):
		p.site(at, strings.TrimSuffix(text, " escapes to heap"), "")
	case strings.HasPrefix(text, "moved to heap: "):
		p.site(at, strings.TrimPrefix(text, "moved to heap: "), Variable)
	case strings.HasSuffix(text, ":"):
		// "x escapes to heap in F:", without F before Go 1.22.
		if what, _, ok := strings.Cut(text, " escapes to heap"); ok {
			p.open, p.at = &flow{what: what}, at
			p.flows[at] = append(p.flows[at], p.open)
		}
	}
}

// splitPlace cuts file:line:column off the front of a line.
func splitPlace(line string) (at place, text string, ok bool) {
	for from := 0; ; {
		i := strings.Index(line[from:], ": ")
		if i < 0 {
			return "", "", false
		}
		end := from + i
		if _, _, _, ok := place(line[:end]).split(); ok {
			return place(line[:end]), line[end+2:], true
		}
		from = end + 2
	}
}

func (at place) split() (file string, line, column int, ok bool) {
	text := string(at)
	c := strings.LastIndexByte(text, ':')
	if c < 0 {
		return "", 0, 0, false
	}
	l := strings.LastIndexByte(text[:c], ':')
	if l <= 0 {
		return "", 0, 0, false
	}
	line, err := strconv.Atoi(text[l+1 : c])
	column, err2 := strconv.Atoi(text[c+1:])
	return text[:l], line, column, err == nil && err2 == nil && line > 0
}

func (p *parser) site(at place, what, kind string) {
	name, line, column, _ := at.split()
	file := p.file(name)
	if file == "" {
		return
	}
	var way *flow
	for _, f := range p.flows[at] {
		if f.what == what || what == "append" && strings.HasPrefix(f.what, "append(") {
			way = f
			break
		}
	}
	if way != nil {
		what = way.what
	}
	if kind == "" {
		kind = kindOf(what)
	}
	s := Site{Line: line, Column: column, Kind: kind, What: clip(plain(what))}
	if way != nil {
		s.Why = way.words()
	}
	// A generic function is compiled once a shape, an inlined one in every caller.
	key := place(file + ":" + strconv.Itoa(line) + ":" + strconv.Itoa(column))
	if p.seen[key] == nil {
		p.seen[key] = map[string]bool{}
	}
	if !p.seen[key][s.What] {
		p.seen[key][s.What] = true
		p.out[file] = append(p.out[file], s)
	}
}

// file is the name that the facts use for a file of the compiler's output; ""
// for what has no source.
func (p *parser) file(name string) string {
	if known, ok := p.fileName[name]; ok {
		return known
	}
	full := name
	if !filepath.IsAbs(full) {
		full = filepath.Join(p.work, name)
	}
	path, ok := p.folders[filepath.Dir(full)]
	if !ok || !strings.ContainsRune(filepath.ToSlash(name), '/') && strings.HasPrefix(name, "_cgo_") {
		path = p.path
	}
	file := ""
	if path != "" && !strings.HasPrefix(name, "<") {
		file = names.File(path, full)
	}
	p.fileName[name] = file
	return file
}

// kindOf tells an expression's kind by how the compiler writes it.
func kindOf(what string) string {
	switch {
	case what == "func literal":
		return Closure
	case what == "... argument":
		return Arguments
	case strings.HasPrefix(what, "new("):
		return New
	case strings.HasPrefix(what, "make("):
		return Make
	case what == "append" || strings.HasPrefix(what, "append("):
		return Append
	case strings.HasPrefix(what, "&") && strings.HasSuffix(what, "}"), strings.HasSuffix(what, "{...}"), strings.HasSuffix(what, "{}"):
		return Literal
	case strings.HasPrefix(what, "([]byte)("), strings.HasPrefix(what, "([]rune)("), strings.HasPrefix(what, "string("):
		return Convert
	case strings.Contains(what, " + "):
		return Concat
	}
	return Box
}
