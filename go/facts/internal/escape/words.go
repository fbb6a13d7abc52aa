package escape

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// flow is the way of a value out of its function, as -m=2 prints it: pieces
// "flow: to ← from:", each with its steps "from expr (verb) at place".
type flow struct {
	what  string
	steps []step
	heap  bool // the last piece ends in {heap}
}

type step struct {
	expr, verb string
	line       int
}

// maxRead bounds the steps that are looked at: a cycle through many variables
// makes flows of thousands.
const maxRead = 64

func (f *flow) add(text string) {
	if piece, ok := strings.CutPrefix(text, "flow: "); ok {
		f.heap = strings.HasPrefix(piece, "{heap}")
		return
	}
	rest, ok := strings.CutPrefix(strings.TrimLeft(text, " "), "from ")
	if !ok || len(f.steps) >= maxRead {
		return
	}
	at := strings.LastIndex(rest, " at ")
	if at < 0 {
		return
	}
	expr := rest[:at]
	open := strings.LastIndex(expr, " (")
	if open < 0 || !strings.HasSuffix(expr, ")") {
		return
	}
	_, line, _, _ := place(rest[at+len(" at "):]).split()
	f.steps = append(f.steps, step{expr[:open], expr[open+2 : len(expr)-1], line})
}

// words tells the flow: "assigned to x (27), passed to append (28), which lets
// it escape".
func (f *flow) words() string {
	var told []string
	last := ""
	for _, s := range f.steps {
		text := s.words()
		if text == "" {
			continue
		}
		last = s.verb
		if n := len(told); n > 0 && strings.HasPrefix(told[n-1], text+" (") {
			continue
		}
		if s.line > 0 {
			text = fmt.Sprintf("%s (%d)", text, s.line)
		}
		told = append(told, text)
	}
	if len(told) > maxSteps {
		told = append(append(told[:2:2], "…"), told[len(told)-maxSteps+2:]...)
	}
	text := strings.Join(told, ", ")
	switch {
	case last == "call parameter" && f.heap:
		text += ", which lets it escape"
	case last == "return" && !f.heap:
		text += ", so it outlives the call"
	case text == "" && f.heap:
		text = "it outlives the function"
	}
	return clip(plain(text))
}

func (s step) words() string {
	switch s.verb {
	case "spill", "dot", "dot of pointer", "indirection", "... arg":
		return "" // moves nothing out
	case "address-of":
		return "its address is taken"
	case "slice":
		return "sliced"
	case "assign", "assign-pair", "assign-pair-dot-type", "assign-pair-mapr", "assign-pair-receive", "assign-pair-func-call":
		to, _, ok := strings.Cut(s.expr, " = ")
		if !ok {
			if to, _, ok = strings.Cut(s.expr, " := "); !ok || strings.Contains(to, ".") {
				return "" // a parameter of an inlined function
			}
		}
		if strings.HasPrefix(to, "~") {
			return "" // a result of an inlined function
		}
		return "assigned to " + to
	case "return":
		return "returned"
	case "call parameter":
		return "passed to " + callee(s.expr)
	case "interface-converted":
		return "put into an interface"
	case "captured by a closure":
		return "captured by a closure"
	case "slice-literal-element", "array literal element", "struct literal element", "map literal key", "map literal value":
		if s.expr == "... argument" {
			return ""
		}
		return "put into " + s.expr
	case "key of map put", "value of map put":
		return "kept as a " + strings.TrimSuffix(s.verb, " of map put") + " of a map"
	case "send":
		return "sent on a channel"
	case "too large for stack", "non-constant size":
		return "of " + map[string]string{"too large for stack": "a size too large for the stack", "non-constant size": "a size that is not constant"}[s.verb]
	}
	return s.verb
}

// callee is what is called in "(*T).m(a, b)", "f(g(x))(y)".
func callee(call string) string {
	depth := 0
	for i := len(call) - 1; i >= 0; i-- {
		switch call[i] {
		case ')':
			depth++
		case '(':
			if depth--; depth == 0 {
				return call[:i]
			}
		}
	}
	return call
}

// plain takes the compiler's shapes of type arguments out of a name.
func plain(text string) string {
	for {
		shape := strings.Index(text, "[go.shape.")
		if shape < 0 {
			return text
		}
		depth, end := 0, -1
		for i := shape; i < len(text) && end < 0; i++ {
			switch text[i] {
			case '[':
				depth++
			case ']':
				if depth--; depth == 0 {
					end = i
				}
			}
		}
		if end < 0 {
			return text
		}
		text = text[:shape] + "[...]" + text[end+1:]
	}
}

func clip(text string) string {
	if len(text) <= maxText {
		return text
	}
	end := maxText - len("…")
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}
