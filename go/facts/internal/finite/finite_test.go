package finite_test

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"testing"

	"golang.org/x/tools/go/ssa"
	"golang.org/x/tools/go/ssa/ssautil"

	"github.com/tidemark-go/tidemark/go/facts/internal/finite"
)

// Each function hands one value to use. Those whose name begins with few must
// be recognised as finite, those that begin with many must not.
const source = `package p

import (
	"errors"
	"fmt"
	"math/rand"
	"os"
	"strconv"
	"strings"
)

func use[T any](T) {}

type color string

const (
	red   color = "red"
	green color = "green"
	blue  color = "blue"
)

type free string

const start free = "start"

var (
	allowed  = map[string]bool{"get": true, "put": true}
	sessions = map[string]bool{}
	seen     = map[string]bool{}
	table    = []string{"a", "b"}
	backlog  []string
)

func open(s string)   { sessions[s] = true; backlog = append(backlog, s); seen[s] = true }
func forget(s string) { delete(sessions, s) }

func fewConstant()               { use("x") }
func fewBool(b bool)             { use(b) }
func fewByte(b uint8)            { use(b) }
func fewOfType(c color)          { use(c) }
func fewTextOfType(c color)      { use(strings.ToUpper(string(c))) }
func fewRemainder(id int)        { use(id % 4096) }
func fewShards(id, n uint64)     { use(id % n) }
func fewMasked(id uint64)        { use(id & 0xff) }
func fewMaskedByLength(h uint64) { use(h & uint64(len(table)-1)) }
func fewHighBits(h uint32)       { use(h >> 16) }
func fewRandom()                 { use(rand.Intn(16)) }
func fewOrdered(a, b int)        { use(a < b) }
func fewText(id int)             { use("shard-" + strconv.Itoa(id%16)) }
func fewFormatted(id int)        { use(fmt.Sprintf("%d-%v", id%16, true)) }
func fewErrors()                 { use(errors.New("closed")) }
func fewPairs(id int, c color)   { use([2]uint8{uint8(id), uint8(len(c))}) }
func fewAtStart()                { use(os.Args[0][:1] == "x") }
func fewEnvironment()            { use(os.Getenv("HOME")) }
func fewFixedLoop() {
	for i := 0; i < 10; i++ {
		use(i)
	}
}
func fewGuarded(s string) {
	if s == "get" || s == "put" {
		use(s)
	}
}
func fewBounded(n int) {
	if n < 0 || n > 1000 {
		return
	}
	use(n)
}
func fewListed(s string) {
	if !allowed[s] {
		s = "other"
	}
	use(s)
}
func fewSwitched(s string) {
	name := "other"
	switch s {
	case "get", "put":
		name = s
	}
	use(name)
}
func fewKeys() {
	for k := range allowed {
		use(k)
	}
}
func fewMembers(i int) { use(table[i]) }
func class(n int) string {
	if n > 499 {
		return "5xx"
	}
	return "ok"
}
func fewResults(n int)     { use(class(n)) }
func fewInside()           { given("a"); given("b") }
func given(s string)       { fewGiven(s) }
func fewGiven(s string)    { use(s) }
func fewLiteral(n int)     { use([]string{"a", "b"}[n]) }
func fewFirstOf(n int)     { use(min(n, 8)) }
func fewVariable(b bool) {
	name := "a"
	if b {
		name = "b"
	}
	func() { use(name) }()
}

func manyParameter(s string)        { use(s) }
func manyNumbers(n int)             { use(n) }
func manyOfFreeType(s free)         { use(s) }
func manyRemainder(id int)          { use(id % (1 << 30)) }
func manyMasked(id uint64)          { use(id & 0xffffffffff) }
func manyHighBits(h uint64)         { use(h >> 16) }
func manyText(id int)               { use("shard-" + strconv.Itoa(id)) }
func manyFormatted(id int)          { use(fmt.Sprintf("%d", id)) }
func manyErrors(err error)          { use(err.Error()) }
func manyPairs(a uint8, b string)   { use(a); use(struct{ a uint8; b string }{a, b}) }
func manyRandom()                   { use(rand.Int63()) }
func manyBackwards(s string) {
	if s != "get" {
		use(s)
	}
}
func manyHalfBounded(n int) {
	if n > 1000 {
		use(n)
	}
}
func manyOneWay(s string, b bool) {
	name := "other"
	if b {
		name = s
	}
	use(name)
}
func manyOpen(s string) {
	if sessions[s] { // what is removed from there may come back under any name
		use(s)
	}
}
func manyAdded() {
	for k := range seen {
		use(k)
	}
}
func manyBacklog(i int) { use(backlog[i]) }
func manyCounted() {
	n := 0
	for {
		n++
		use(n)
	}
}
func named(s string) string { return "user-" + s }
func manyResults(s string)  { use(named(s)) }
func manyInside(s string)   { passed(s); passed("a") }
func passed(s string)       { manyGiven(s) }
func manyGiven(s string)    { use(s) }
func manyVariable(s string) {
	name := "a"
	set := func() { name = s }
	set()
	use(name)
}
`

func TestIs(t *testing.T) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", source, 0)
	if err != nil {
		t.Fatal(err)
	}
	config := &types.Config{Importer: importer.ForCompiler(fset, "source", nil)}
	pkg, _, err := ssautil.BuildPackage(config, fset, types.NewPackage("p", ""), []*ast.File{file}, 0)
	if err != nil {
		t.Fatal(err)
	}
	var functions []*ssa.Function
	for fn := range ssautil.AllFunctions(pkg.Prog) {
		if fn.Package() == pkg {
			functions = append(functions, fn)
		}
	}
	p, cases := finite.New(pkg, functions), 0
	for _, fn := range functions {
		top := fn
		for top.Parent() != nil {
			top = top.Parent()
		}
		few, many := strings.HasPrefix(top.Name(), "few"), strings.HasPrefix(top.Name(), "many")
		if !few && !many {
			continue
		}
		last, at := handed(fn)
		if last == nil {
			continue
		}
		cases++
		if got := p.Is(last, at); got != few {
			t.Errorf("%s: finite %v, want %v", fn, got, few)
		}
	}
	if want := strings.Count(source, "func few") + strings.Count(source, "func many") - 2; cases != want { // fewInside and manyInside hand on
		t.Errorf("%d cases looked at, want %d", cases, want)
	}
}

// handed is the value that the last use in a function gets.
func handed(fn *ssa.Function) (v ssa.Value, at *ssa.BasicBlock) {
	for _, b := range fn.Blocks {
		for _, i := range b.Instrs {
			if c, ok := i.(*ssa.Call); ok && c.Call.StaticCallee() != nil && strings.HasPrefix(c.Call.StaticCallee().Name(), "use") {
				v, at = c.Call.Args[0], b
			}
		}
	}
	return v, at
}
