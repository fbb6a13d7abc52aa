package resource

import (
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// Pair is a row that a user adds to the table: what takes something, and what
// gives it back.
type Pair struct {
	// Acquire is the function or method: example.com/pool.Get, example.com/pool.Pool.Get; or a
	// struct type whose literal takes: example.com/pool.Pool{}.
	Acquire string `json:"acquire"`
	// Result is which of its results is the thing, from 0.
	Result int `json:"result,omitempty"`
	// Release are methods of the thing, ReleaseFunctions functions and methods
	// that get it as an argument. One of both is needed.
	Release          []string `json:"release,omitempty"`
	ReleaseFunctions []string `json:"releaseFunctions,omitempty"`
	// Noun names the thing in the message, Consequence what stays behind, Fix the change.
	Noun        string `json:"noun,omitempty"`
	Consequence string `json:"consequence,omitempty"`
	Fix         string `json:"fix,omitempty"`
	// Rule is the id of the findings; default resource/pair.
	Rule string `json:"rule,omitempty"`
}

// Bounds of what is read.
const (
	maxPairs     = 1000
	maxPairsRead = 1 << 20
)

var ruleID = regexp.MustCompile(`^[a-z]+/[a-z0-9-]+$`)

// ReadPairs reads {"pairs": […]} and says what is wrong with it.
func ReadPairs(r io.Reader) ([]Pair, error) {
	var file struct {
		Pairs []Pair `json:"pairs"`
	}
	decoder := json.NewDecoder(io.LimitReader(r, maxPairsRead))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&file); err != nil {
		return nil, fmt.Errorf("pairs: %w", err)
	}
	return file.Pairs, CheckPairs(file.Pairs)
}

// CheckPairs says what is wrong with a list of pairs.
func CheckPairs(list []Pair) error {
	if len(list) > maxPairs {
		return fmt.Errorf("pairs: more than %d", maxPairs)
	}
	for n, p := range list {
		switch {
		case p.Acquire == "":
			return fmt.Errorf("pairs[%d]: acquire is missing: the function that takes, as example.com/pool.Pool.Get", n)
		case len(p.Release) == 0 && len(p.ReleaseFunctions) == 0:
			return fmt.Errorf("pairs[%d]: %s has neither release nor releaseFunctions", n, p.Acquire)
		case p.Result < 0:
			return fmt.Errorf("pairs[%d]: result counts from 0", n)
		case p.Rule != "" && !ruleID.MatchString(p.Rule):
			return fmt.Errorf("pairs[%d]: a rule is written like resource/pair", n)
		}
	}
	return nil
}

// pairTable has a user's rows beside the table of this program, which they overrule.
type pairTable struct {
	acquires map[string]*Acquire
	kinds    map[string]*Kind
	packages map[string]bool // answers of takesFrom
}

func newPairTable(list []Pair) *pairTable {
	t := &pairTable{map[string]*Acquire{}, map[string]*Kind{}, map[string]bool{}}
	for _, p := range list {
		id := "pair " + p.Acquire
		t.acquires[p.Acquire] = &Acquire{Function: p.Acquire, Kind: id, Result: p.Result}
		t.kinds[id] = &Kind{Rule: or(p.Rule, "resource/pair"), Noun: or(p.Noun, "thing"), Release: p.Release, ReleaseFuncs: p.ReleaseFunctions,
			WhenNot: or(p.Consequence, "it is never given back"), Fix: or(p.Fix, "give it back on every path: defer the release right after the error check")}
	}
	return t
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// acquire are the rows of a function.
func (t *pairTable) acquire(name string) []Acquire {
	if a := t.acquires[name]; a != nil {
		return []Acquire{*a}
	}
	return byFunction[name]
}

// takesFrom: a function of the package takes something.
func (t *pairTable) takesFrom(path string) bool {
	known, ok := t.packages[path]
	if ok {
		return known
	}
	for name := range t.acquires {
		known = known || strings.HasPrefix(name, path+".")
	}
	for name := range byFunction {
		known = known || strings.HasPrefix(name, path+".")
	}
	t.packages[path] = known
	return known
}

// literal is the kind of a value of a type that is written down, "" for most.
func (t *pairTable) literal(name string) string {
	if a := t.acquires[name+"{}"]; a != nil {
		return a.Kind
	}
	return literals[name]
}

// kind is the row of a kind; nil when nobody knows it.
func (t *pairTable) kind(name string) *Kind {
	if k := t.kinds[name]; k != nil {
		return k
	}
	return kinds[name]
}
