// Package resource makes the section "resource" of a facts file: what is taken
// and on some path never given back, and further shapes of code that leak by
// themselves: goroutines without an exit, deferred calls in loops, pools that
// keep too much, small slices that keep big arrays.
//
// A walk over the SSA form of a function follows the paths behind each place
// that takes something (table.go), with what the conditions on the way say
// about errors, nil and flags. What callees do to their arguments, and which of
// them hand out something that the caller has to give back, are summaries,
// made once a function and kept for the packages that import it.
package resource

import "go/token"

// Version of the section's shape.
const Version = 1

// Unit is what one package adds.
type Unit struct {
	Findings  []Finding           `json:"findings,omitempty"`
	Summaries map[string]*Summary `json:"summaries,omitempty"`
	// Ignores are the suppressions that the comments of the package ask for.
	Ignores []Ignore `json:"ignores,omitempty"`
	// Held are the places (file:line) that lock what a return leaves locked.
	Held []string `json:"held,omitempty"`
	// Repairs are safe changes for findings of other passes.
	Repairs []Repair `json:"repairs,omitempty"`
	// LocalChannels are the places (file:line) that make a channel which only
	// its function, and what that starts, ever has.
	LocalChannels []string `json:"localChannels,omitempty"`
	// FieldChannels are those made for an unexported field of something that
	// there may be many of.
	FieldChannels []string `json:"fieldChannels,omitempty"`
	// GlobalTypes are the types of the package's variables: one of each lives
	// as long as the program.
	GlobalTypes []string `json:"globalTypes,omitempty"`
	// MadeTypes are struct types that its functions make values of.
	MadeTypes []string `json:"madeTypes,omitempty"`
	// LocalTypes are those of which a function makes a value that ends with it.
	LocalTypes []string `json:"localTypes,omitempty"`
	// OldTimers: a //go:debug line of the package asks for the timers before Go 1.23.
	OldTimers bool `json:"oldTimers,omitempty"`
}

// Section is the part of a facts file.
type Section struct {
	Version          int       `json:"version"`
	ImportersNotSeen bool      `json:"importersNotSeen"`
	Findings         []Finding `json:"findings"`
}

// Finding is one place that takes, starts or keeps something, and why that is
// not undone.
type Finding struct {
	Rule    string `json:"rule"`
	Verdict string `json:"verdict"` // leak or suspect
	// Kind of resource, from the table; "" for other shapes.
	Kind     string `json:"kind,omitempty"`
	Package  string `json:"package"`
	Key      string `json:"key"`
	Function string `json:"function"`
	File     string `json:"file"`
	RepoFile string `json:"repoFile,omitempty"`
	Line     int    `json:"line"`
	Column   int    `json:"column,omitempty"`
	// Anchor names the place in its function: callee and its ordinal.
	Anchor  string  `json:"anchor"`
	Message string  `json:"message"`
	Cause   string  `json:"cause,omitempty"`
	Fix     string  `json:"fix,omitempty"`
	Related []Place `json:"related,omitempty"`
	// Edits make the change, where that is safe.
	Edits []Edit `json:"edits,omitempty"`
	// Before: true only for a main module whose go line is below this.
	Before string `json:"before,omitempty"`
	// Ignored is the reason of a suppression comment.
	Ignored string `json:"ignored,omitempty"`
	// Generated: the file says that it was generated.
	Generated bool `json:"generated,omitempty"`

	pos token.Pos
}

// Place is a step on the way.
type Place struct {
	File     string `json:"file"`
	RepoFile string `json:"repoFile,omitempty"`
	Line     int    `json:"line"`
	Message  string `json:"message"`

	pos token.Pos
}

// Summary is what the callers of a function have to know.
type Summary struct {
	// Params says what happens to an argument, receiver first. Absent: it is
	// only used during the call.
	Params map[int]Effect `json:"params,omitempty"`
	// Owns are results that the caller has to give back.
	Owns []Owned `json:"owns,omitempty"`
	// Feeds are results that are channels which a goroutine fills in a loop, come what may.
	Feeds []int `json:"feeds,omitempty"`
	// Unclosed are results that are channels which nobody closes when those who send
	// have ended. Sends: those that a goroutine sends on, without room and come what
	// may; Floods: those that it so fills in a loop.
	Unclosed []int `json:"unclosed,omitempty"`
	Sends    []int `json:"sends,omitempty"`
	Floods   []int `json:"floods,omitempty"`
	// Ends: it never returns. Loops: since it goes on for ever, and does not end the program.
	Ends  bool `json:"ends,omitempty"`
	Loops bool `json:"loops,omitempty"`
	// Until are arguments, contexts and channels, that alone can end it.
	Until []int `json:"until,omitempty"`
	// Labels are arguments, texts, that become labels of metrics as they are.
	Labels []int `json:"labels,omitempty"`
	// Endless are results that are contexts which never end.
	Endless []int `json:"endless,omitempty"`
	// Starts are arguments, functions, that it runs in a goroutine.
	Starts []int `json:"starts,omitempty"`
}

// Owned is a result that holds something open.
type Owned struct {
	Result int    `json:"result"`
	Kind   string `json:"kind"`
	// Inside: the result is a value of the program that has the thing in a field.
	Inside bool `json:"inside,omitempty"`
	// Closer: the result is a function that gives it back.
	Closer bool `json:"closer,omitempty"`
}

// Effect is what is done to a value.
type Effect int

// Effects from weak to strong; the strongest on any path counts.
const (
	Borrowed Effect = iota // only used
	Returned               // comes back as (part of) a result
	Kept                   // stored where others reach it, or handed to code not seen
	Released
)

// Ignore is a comment //tidemark:ignore rule reason. It holds for its own line and the next.
type Ignore struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Rule   string `json:"rule"`
	Reason string `json:"reason"`
}
