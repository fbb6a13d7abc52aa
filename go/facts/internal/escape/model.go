// Package escape makes the section "escape" of a facts file: for every line of
// a build that allocates, what allocates there and why it cannot live on the
// stack. What the compiler decides is read from its -m=2 output; what the
// runtime allocates for a statement (a map that grows, a channel, a goroutine)
// has no line in it and is named from the source.
package escape

// Version of the section's shape.
const Version = 1

// Bounds of what is kept.
const (
	// maxSites is the most sites of a section.
	maxSites = 400_000
	// maxText is the most bytes of a site's expression, and of its reason.
	maxText = 240
	// maxSteps is the most steps of a flow that are told.
	maxSteps = 6
)

// Kinds of sites. A variable was moved to the heap; box is a value put into an
// interface; arguments the slice of a variadic call; method a method bound to
// its receiver; from ConcatAssign (s += t) on they are allocations of the runtime
// that the compiler does not list.
const (
	Variable     = "variable"
	Literal      = "literal"
	New          = "new"
	Make         = "make"
	Closure      = "closure"
	Method       = "method"
	Box          = "box"
	Arguments    = "arguments"
	Append       = "append"
	Concat       = "concat"
	Convert      = "convert"
	ConcatAssign = "concat-assign"
	MapAssign    = "map-assign"
	Channel      = "chan"
	Go           = "go"
	Defer        = "defer"
	Runtime      = "runtime"
)

// Section is what the build allocates, by file and line.
type Section struct {
	Version int `json:"version"`
	// Truncated: there were more than maxSites.
	Truncated bool `json:"truncated,omitempty"`
	// Incomplete says why the compiler's answer is missing for some packages.
	Incomplete string `json:"incomplete,omitempty"`
	Files      []File `json:"files"`
}

// File has the sites of one file, by line and column.
type File struct {
	File  string `json:"file"`
	Sites []Site `json:"sites"`
}

// Site is one allocation.
type Site struct {
	Line   int    `json:"line"`
	Column int    `json:"column,omitempty"`
	Kind   string `json:"kind"`
	// What is the expression or variable, as the compiler or the source writes it.
	What string `json:"what"`
	// Why is the way by which it leaves the stack, in words; empty where the
	// kind says it all.
	Why string `json:"why,omitempty"`
}

// Unit is what one package adds from its source, by file.
type Unit map[string][]Site
