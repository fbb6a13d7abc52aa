// Package holderfacts makes the section "holder" of a facts file: maps, slices
// and lists that outlive a call (package variables, struct fields, captured
// variables), and where they are added to, removed from and emptied.
package holderfacts

// Version of the section's shape.
const Version = 1

// Unit is what one package adds.
type Unit struct {
	Holders []Holder `json:"holders,omitempty"`
	Uses    []Use    `json:"uses,omitempty"`
	// Aliases are pairs of a parameter or result and the container it can be.
	Aliases [][2]string `json:"aliases,omitempty"`
	// Passes are calls that are given what lives as long as the program.
	Passes []Pass `json:"passes,omitempty"`
	// Holdings are what interfaces hold.
	Holdings []Holding `json:"holdings,omitempty"`
	// Referred are functions that something calls or has as a value, Invoked
	// names of methods that are called through interfaces, Served functions
	// that are called for each request.
	Referred []string `json:"referred,omitempty"`
	Invoked  []string `json:"invoked,omitempty"`
	Served   []string `json:"served,omitempty"`
	// Replaced are fields and variables whose pointer is set anew after the start.
	Replaced []string `json:"replaced,omitempty"`
}

// Holder is a container where it is declared.
type Holder struct {
	ID   string `json:"id"`
	Kind string `json:"kind"` // map, slice, sync.Map, list
	Name string `json:"name"`
	Type string `json:"type"`
	File string `json:"file"`
	Line int    `json:"line"`
	// Where: "global", "field" or "local" (captured by a closure).
	Where  string `json:"where"`
	Struct string `json:"struct,omitempty"`
}

// Use is one operation on a container.
type Use struct {
	Place    string `json:"place,omitempty"`
	Key      string `json:"key,omitempty"` // function key
	Function string `json:"function"`
	File     string `json:"file"`
	Line     int    `json:"line"`
	// Op: "add", "remove", "reset" (emptied or replaced), "exposed" (handed
	// to code that is not followed), "bound" (its length is compared),
	// "handed" (to a parameter that How names).
	Op  string `json:"op"`
	How string `json:"how"` // "m[k] = v", "append", "delete", "Store", …
	// Initial: in an init function or on a value that was just made.
	Initial bool `json:"initial,omitempty"`
	// ConstKey: the key is a constant, so it adds once.
	ConstKey bool `json:"constKey,omitempty"`
	InLoop   bool `json:"inLoop,omitempty"`
	// Shared: the container is a part of something that lives as long as the
	// program, and this runs after the start. Of: it is a part of that
	// parameter. Again, Calm, Via: see Pass.
	Shared bool   `json:"shared,omitempty"`
	Of     string `json:"of,omitempty"`
	Again  bool   `json:"again,omitempty"`
	Calm   bool   `json:"calm,omitempty"`
	Via    string `json:"via,omitempty"`
	// Often: this is called for each request.
	Often bool `json:"often,omitempty"`
	// Dead: nothing in the program calls the function.
	Dead bool `json:"dead,omitempty"`
}

// Section is the whole-program answer.
type Section struct {
	Version          int      `json:"version"`
	ImportersNotSeen bool     `json:"importersNotSeen"`
	Holders          []Answer `json:"holders"`
}

// Answer is a container with all that is done to it.
type Answer struct {
	Holder
	// Verdict: "only-added" (something is added after the start, and nothing
	// ever removed), "removed" (something removes or empties it), "bounded"
	// (constant keys or a compared length), "unknown" (handed to code that is
	// not followed), "initial" (filled at the start only).
	Verdict string `json:"verdict"`
	Adds    []Use  `json:"adds"`
	Removes []Use  `json:"removes,omitempty"`
	Resets  []Use  `json:"resets,omitempty"`
	Exposed []Use  `json:"exposed,omitempty"`
	Bounds  []Use  `json:"bounds,omitempty"`
}
