// Package syncfacts finds out which functions lock, unlock, send, receive,
// close, add, wait and signal which object, and on which paths they do not.
//
// Extract reads one package into a Unit, a small value that can be kept.
// Solve joins the units of a whole program: it follows channels, contexts,
// functions and pointers to locks through fields, calls and closures, from
// where they are made to where they are used, and answers per object.
package syncfacts

import "go/token"

// Unit is what one package adds to the facts of a program. Nodes are places a
// value can be in (a register, a field, a parameter); an edge says that a
// value flows from one to the other. All names in it are keys of package names.
type Unit struct {
	Path      string      `json:"path"`
	Name      string      `json:"name"`
	Functions []*Function `json:"functions"`
	Objects   []Object    `json:"objects,omitempty"`
	// Edges are pairs of node names.
	Edges [][2]string `json:"edges,omitempty"`
	// Adds are pairs of node name and object id: the object is made there.
	Adds [][2]string `json:"adds,omitempty"`
	// Calls are those whose callee is known only by what flows.
	Calls []Call `json:"calls,omitempty"`
	// Methods maps a concrete type to its methods by name.
	Methods map[string]map[string]string `json:"methods,omitempty"`
	// Exported are parameter nodes that code outside of the program may fill.
	Exported []string `json:"exported,omitempty"`
}

// Call is a call through a function value or an interface.
type Call struct {
	Function string   `json:"function"`
	Line     int      `json:"line"`
	Node     string   `json:"node"`
	Method   string   `json:"method,omitempty"`
	Args     []string `json:"args,omitempty"`
	Results  []string `json:"results,omitempty"`
	Go       bool     `json:"go,omitempty"`
	Deferred bool     `json:"deferred,omitempty"`
}

// Object is something goroutines wait for, at the place that makes it: a
// channel, a lock, a group, a condition, a context, a timer.
type Object struct {
	ID       string `json:"id"`
	Kind     string `json:"kind"`
	Name     string `json:"name,omitempty"`
	Type     string `json:"type,omitempty"`
	Function string `json:"function,omitempty"`
	File     string `json:"file,omitempty"`
	Line     int    `json:"line,omitempty"`
	// Capacity of a channel; nil when it is not a constant.
	Capacity *int64 `json:"capacity,omitempty"`
	// Struct, Offset and Size place a field in its struct, in bytes.
	Struct string `json:"struct,omitempty"`
	Offset *int64 `json:"offset,omitempty"`
	Size   int64  `json:"size,omitempty"`
	// Parents are the nodes of a context's parent.
	Parents []string `json:"parents,omitempty"`
	// From says which function made a context or timer, e.g. WithTimeout.
	From string `json:"from,omitempty"`
}

// Function is a function, method or closure of the package.
type Function struct {
	Key      string    `json:"key"`
	Name     string    `json:"name"`
	File     string    `json:"file"`
	RepoFile string    `json:"repoFile,omitempty"`
	Line     int       `json:"line"`
	EndLine  int       `json:"endLine"`
	Receiver *Receiver `json:"receiver,omitempty"`
	Params   []Param   `json:"params,omitempty"`
	Ops      []*Op     `json:"ops,omitempty"`
	// Calls are the calls made with a lock held, and every go statement.
	Calls []Site `json:"calls,omitempty"`
	// Callees are the functions it calls, without go statements.
	Callees []string `json:"callees,omitempty"`
	// Helpers are calls of functions that do one thing for their caller (send,
	// receive, close, Done, Signal), with the ways out that skip the call.
	Helpers []HelperCall `json:"helpers,omitempty"`
	// Leaves are the ways out that are not a return: panic, goexit.
	Leaves   []Exit `json:"leaves,omitempty"`
	Recovers bool   `json:"recovers,omitempty"`
	// Goroutines are the functions that goroutines start with from which this
	// one can be reached.
	Goroutines []string `json:"goroutines,omitempty"`
}

// Receiver describes the first argument of a method.
type Receiver struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Pointer bool   `json:"pointer"`
	Size    int64  `json:"size"`
}

// Param is an argument; Word is the index of its first word in the list that a
// traceback prints.
type Param struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Word int    `json:"word"`
}

// Op is one operation on an object.
type Op struct {
	Line int    `json:"line"`
	Kind string `json:"op"`
	// Node is the place whose objects the operation is on; Object an object
	// that is known without following values.
	Node   string `json:"node,omitempty"`
	Object string `json:"object,omitempty"`
	// Objects is the answer of Solve: ids, "nil" or "unknown".
	Objects []string `json:"objects,omitempty"`
	// Static names the one instance, where the operand is (in) a package variable.
	Static string `json:"static,omitempty"`
	// Path is the operand as written from the function's view, e.g. s.mu.
	Path string `json:"path,omitempty"`
	Base *Base  `json:"base,omitempty"`
	// Deferred: runs when the function ends. Delta: the constant of Add.
	Deferred bool   `json:"deferred,omitempty"`
	Delta    *int64 `json:"delta,omitempty"`
	// Expr is the argument of Add as written, where it is no constant.
	Expr   string `json:"expr,omitempty"`
	Callee string `json:"callee,omitempty"`
	// Cases and HasDefault of a select; Select is the line of the select of
	// which this op is a case.
	Cases      []Case `json:"cases,omitempty"`
	HasDefault bool   `json:"hasDefault,omitempty"`
	Select     int    `json:"select,omitempty"`
	InLoop     bool   `json:"inLoop,omitempty"`
	// LoopOver is the head of the loop around it as written: "range jobs".
	LoopOver string `json:"loopOver,omitempty"`
	// LoopExits leave the loop around this op from its middle.
	LoopExits []Exit `json:"loopExits,omitempty"`
	// SkippedBy are ways out of the function on which this op is never reached.
	SkippedBy []Exit `json:"skippedBy,omitempty"`
	// LeaksOn (lock, rlock): ways out with the lock still held.
	LeaksOn []Exit `json:"leaksOn,omitempty"`
	// ReturnsHeld: the function is meant to return with the lock held.
	ReturnsHeld bool `json:"returnsHeld,omitempty"`
	// DeferUnlock: on every path a deferred unlock is set up.
	DeferUnlock bool `json:"deferUnlock,omitempty"`
	// RunsAt are the lines of the returns at which a deferred op that can wait
	// runs; the runtime shows those, not the line of the defer.
	RunsAt []int `json:"runsAt,omitempty"`
	// Held are the locks held when the op is reached.
	Held []Held `json:"held,omitempty"`

	pos token.Pos
	key string
}

// Case is one communication of a select.
type Case struct {
	Line    int      `json:"line"`
	Kind    string   `json:"op"`
	Node    string   `json:"node,omitempty"`
	Object  string   `json:"object,omitempty"`
	Objects []string `json:"objects,omitempty"`
	Path    string   `json:"path,omitempty"`
	// Leads says where the case goes: "return", "loop" (again), "return or
	// loop", or "on" (behind the select).
	Leads string `json:"leads,omitempty"`
	// Exits are the ways out behind a case that returns.
	Exits []Exit `json:"exits,omitempty"`
}

// Exit is a way out. Kind: return, panic, goexit, break. Possible: only when
// the call at Line does so, which the source does not tell.
type Exit struct {
	Kind     string `json:"kind"`
	Line     int    `json:"line"`
	Possible bool   `json:"possible,omitempty"`
	Callee   string `json:"callee,omitempty"`
}

// Base places a lock relative to an argument: its address is the value of
// the argument's first word plus Offset.
type Base struct {
	Param  int   `json:"param"`
	Word   int   `json:"word"`
	Offset int64 `json:"offset"`
}

// Held is a lock held at a place.
type Held struct {
	Node    string   `json:"node,omitempty"`
	Object  string   `json:"object,omitempty"`
	Objects []string `json:"objects,omitempty"`
	Path    string   `json:"path"`
	Base    *Base    `json:"base,omitempty"`
	Mode    string   `json:"mode"`
	Line    int      `json:"line"`
	// Static names the one instance, where the lock is (in) a package variable.
	Static string `json:"static,omitempty"`
	// Deferred: a deferred unlock is set up. Maybe: not on every path.
	Deferred bool `json:"deferred,omitempty"`
	Maybe    bool `json:"maybe,omitempty"`
	// Via is the helper that took the lock, when the function did so itself.
	Via string `json:"via,omitempty"`

	key string
}

// HelperCall is a call of a function that does something to an object for its
// caller, and the ways out of the caller on which it is never made.
type HelperCall struct {
	Callee    string `json:"callee"`
	Line      int    `json:"line"`
	SkippedBy []Exit `json:"skippedBy"`
}

// Site is a call or go statement.
type Site struct {
	Line   int    `json:"line"`
	Kind   string `json:"kind"`
	Callee string `json:"callee,omitempty"`
	Node   string `json:"node,omitempty"`
	Method string `json:"method,omitempty"`
	// Callees is the answer of Solve: whom the call can reach.
	Callees []string `json:"callees,omitempty"`
	InLoop  bool     `json:"inLoop,omitempty"`
	// LoopOver is the head of the loop around it as written.
	LoopOver string `json:"loopOver,omitempty"`
	Held     []Held `json:"held,omitempty"`
}
