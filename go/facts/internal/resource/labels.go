package resource

import (
	"go/token"
	"go/types"
	"regexp"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/tidemark-go/tidemark/go/facts/internal/load"
)

// outside follows a string to what a client of the service chose, or to what
// is another one each time.
type outside struct {
	x    *extractor
	busy map[ssa.Value]bool
}

// unboundedFields are parts of a request that its sender chooses.
var unboundedFields = map[string]bool{
	"net/http.Request.RemoteAddr": true, "net/http.Request.RequestURI": true, "net/http.Request.Host": true,
	"github.com/segmentio/kafka-go.Message.Key": true, "github.com/IBM/sarama.ConsumerMessage.Key": true,
	"net/url.URL.Path": true, "net/url.URL.RawQuery": true, "net/url.URL.RawPath": true, "net/http.Cookie.Value": true,
}

// unboundedResults are functions whose text is chosen by a client, or is new each time.
var unboundedResults = map[string]bool{
	"net/http.Header.Get": true, "net/http.Request.FormValue": true, "net/http.Request.PostFormValue": true, "net/http.Request.UserAgent": true,
	"net/http.Request.Referer": true, "net/http.Request.PathValue": true, "net/url.Values.Get": true, "net/url.URL.String": true,
	"net/url.URL.Query": true, "net/url.URL.EscapedPath": true, "net/url.URL.RequestURI": true, "net/textproto.MIMEHeader.Get": true,
	"net.Addr.String": true, "net/netip.Addr.String": true, "net/netip.AddrPort.String": true, "net.IP.String": true, "net.TCPAddr.String": true,
	"time.Time.String": true, "time.Time.Format": true, "time.Time.Unix": true, "time.Time.UnixNano": true, "time.Time.UnixMilli": true,
	"github.com/google/uuid.NewString": true, "github.com/google/uuid.UUID.String": true, "crypto/rand.Text": true,
	"github.com/go-chi/chi/v5.URLParam": true, "github.com/gin-gonic/gin.Context.Param": true, "github.com/gin-gonic/gin.Context.Query": true,
	"github.com/gin-gonic/gin.Context.ClientIP": true, "github.com/gin-gonic/gin.Context.GetHeader": true, "github.com/labstack/echo/v4.Context.Param": true,
	"net/http.Request.BasicAuth": true, "net/url.Userinfo.Username": true, "net/url.URL.Hostname": true, "net/url.URL.Redacted": true,
	"google.golang.org/grpc/internal/status.Status.Message": true, "github.com/labstack/echo/v4.Context.QueryParam": true, "github.com/labstack/echo/v4.Context.RealIP": true,
}

// passOn are functions that leave of a text what it says.
var passOn = map[string]bool{
	"strings.ToLower": true, "strings.ToUpper": true, "strings.TrimSpace": true, "strings.Trim": true, "strings.TrimPrefix": true,
	"strings.TrimSuffix": true, "strings.TrimRight": true, "strings.TrimLeft": true, "fmt.Sprint": true, "fmt.Sprintf": true, "path.Clean": true,
	"strings.Clone": true, "strings.ReplaceAll": true, "strings.ToValidUTF8": true, "strings.Join": true, "path.Join": true, "net/url.PathEscape": true,
	"net/url.QueryEscape": true, "strconv.Quote": true, "strconv.Itoa": true, "strconv.FormatInt": true, "strconv.FormatUint": true,
}

func (o *outside) from(v ssa.Value, at *ssa.BasicBlock, depth int) (string, bool) {
	v = origin(v)
	if depth > 8 || v == nil || o.busy[v] {
		return "", false
	}
	if p, ok := v.(*ssa.Parameter); ok {
		return o.parameter(p, depth)
	}
	o.busy[v] = true
	defer delete(o.busy, v)
	if o.x.finite.Is(v, at) {
		return "", false
	}
	next := func(v ssa.Value) (string, bool) { return o.from(v, at, depth+1) }
	switch t := v.(type) {
	case *ssa.UnOp:
		return o.loaded(t, at, depth)
	case *ssa.Convert:
		return next(t.X)
	case *ssa.Slice:
		if isString(t.Type()) && !shortCut(t) {
			return next(t.X)
		}
	case *ssa.TypeAssert:
		return next(t.X)
	case *ssa.BinOp:
		if t.Op != token.ADD {
			return "", false
		}
		for _, side := range []ssa.Value{t.X, t.Y} {
			if what, ok := next(side); ok {
				return what, true
			}
		}
	case *ssa.Phi:
		for n, e := range t.Edges {
			if what, ok := o.from(e, t.Block().Preds[n], depth+1); ok && !o.x.finite.Is(t, at) {
				return what, true
			}
		}
	case *ssa.Lookup:
		if isString(t.Type()) && ofRequest(t.X) {
			return "what the request has", true
		}
	case *ssa.Extract:
		if l, ok := t.Tuple.(*ssa.Lookup); ok && t.Index == 0 && ofRequest(l.X) {
			return "what the request has", true
		}
		if a, ok := t.Tuple.(*ssa.TypeAssert); ok && t.Index == 0 {
			return next(a.X)
		}
		if c, ok := t.Tuple.(*ssa.Call); ok {
			return o.called(c, t.Index, at, depth)
		}
	case *ssa.Call:
		return o.called(t, 0, at, depth)
	}
	return "", false
}

func (o *outside) loaded(t *ssa.UnOp, at *ssa.BasicBlock, depth int) (string, bool) {
	if t.Op != token.MUL {
		return "", false
	}
	switch a := t.X.(type) {
	case *ssa.FieldAddr:
		s := structOf(a.X.Type())
		name := s.Field(a.Field).Name()
		if unboundedFields[typeName(a.X.Type())+"."+name] {
			return "r." + name, true
		}
		if local, ok := a.X.(*ssa.Alloc); ok { // a struct that is filled here
			if isString(t.Type()) && !saysFew.MatchString(name) && decodedFromRequest(local) {
				return "what the request's body has", true
			}
			for _, stored := range storesTo(local, a.Field) {
				if what, ok := o.from(stored.Val, stored.Block(), depth+1); ok {
					return what, true
				}
			}
		}
	case *ssa.FreeVar:
		if b := bindingOf(a); b != nil {
			if local, ok := b.(*ssa.Alloc); ok {
				if only := load.OnlyStore(local); only != nil {
					return o.from(only, local.Block(), depth+1)
				}
			}
		}
	case *ssa.IndexAddr:
		if call, ok := a.X.(*ssa.Call); ok && isString(t.Type()) { // parts of a path
			for _, n := range calleeNames(call.Common()) {
				if strings.HasPrefix(n, "strings.Split") || n == "strings.Fields" {
					return o.from(call.Call.Args[0], at, depth+1)
				}
			}
		}
		if l, ok := a.X.(*ssa.Lookup); ok && ofRequest(l.X) {
			return "what the request has", true
		}
	case *ssa.Alloc:
		for _, r := range *a.Referrers() {
			if s, ok := r.(*ssa.Store); ok && s.Addr == ssa.Value(a) {
				if what, ok := o.from(s.Val, s.Block(), depth+1); ok {
					return what, true
				}
			}
		}
	}
	return "", false
}

// saysFew are names of fields of which there are few values, by what they say.
var saysFew = regexp.MustCompile(`(?i)(type|kind|level|status|state|method|action|op|mode|region|zone|format|version|lang|language|locale|currency|country|severity|priority|category|env|plan|role|channel|platform|os|result|code)$`)

// decodedFromRequest: a decoder fills the struct with the body of a request.
func decodedFromRequest(a *ssa.Alloc) bool {
	for _, r := range *a.Referrers() {
		m, ok := r.(*ssa.MakeInterface)
		if !ok {
			continue
		}
		for _, r := range *m.Referrers() {
			c, ok := r.(*ssa.Call)
			if !ok || !strings.HasSuffix(firstName(c.Common()), ".Decoder.Decode") {
				continue
			}
			if made, ok := origin(c.Call.Args[0]).(*ssa.Call); ok && len(made.Call.Args) > 0 && readsFromClient(made) {
				return true
			}
		}
	}
	return false
}

// readsFromClient: a reader that is made over the body of a request or a connection.
func readsFromClient(v ssa.Value) bool {
	for range 4 {
		made, ok := origin(v).(*ssa.Call)
		if !ok {
			break
		}
		args := made.Call.Args
		if firstName(made.Common()) == "net/http.MaxBytesReader" {
			args = args[1:]
		}
		if len(args) == 0 {
			return false
		}
		v = args[0]
	}
	v = origin(v)
	if typeName(v.Type()) == "net.Conn" {
		return true
	}
	load, ok := v.(*ssa.UnOp)
	if !ok {
		return false
	}
	f, ok := load.X.(*ssa.FieldAddr)
	return ok && typeName(f.X.Type()) == "net/http.Request" && structOf(f.X.Type()).Field(f.Field).Name() == "Body"
}

func (o *outside) called(t *ssa.Call, result int, at *ssa.BasicBlock, depth int) (string, bool) {
	c := t.Common()
	if c.IsInvoke() && c.Method.Name() == "Error" && isString(t.Type()) && c.Signature().Params().Len() == 0 {
		return "an error's text", true
	}
	for _, n := range calleeNames(c) {
		if unboundedResults[n] {
			return shortName(n), true
		}
		if (n == "bufio.Scanner.Text" || n == "bufio.Reader.ReadString") && readsFromClient(origin(c.Args[0])) {
			return "what a client sends", true
		}
		if n == "context.Context.Value" {
			return "a value of the request's context", true
		}
		if n == "strings.Cut" || n == "strings.CutPrefix" || n == "net.SplitHostPort" {
			return o.from(c.Args[0], at, depth+1)
		}
		if passOn[n] {
			for _, a := range c.Args {
				for _, e := range elements(a) {
					if isError(origin(e).Type()) {
						return "an error's text", true
					}
					if what, ok := o.from(e, at, depth+1); ok {
						return what, true
					}
				}
			}
			return "", false
		}
	}
	callee := c.StaticCallee()
	if callee == nil || callee.Pkg != o.x.unit.SSA || len(callee.Blocks) == 0 || depth > 4 {
		return "", false
	}
	// A helper of the package: what it returns.
	for _, b := range callee.Blocks {
		if r, ok := b.Instrs[len(b.Instrs)-1].(*ssa.Return); ok && result < len(r.Results) {
			if what, ok := o.from(r.Results[result], b, depth+2); ok {
				return what, true
			}
		}
	}
	return "", false
}

// parameter: a caller in the package gives what comes from outside.
func (o *outside) parameter(p *ssa.Parameter, depth int) (string, bool) {
	if o.busy[p] || !isBasic(p.Type()) && !types.IsInterface(p.Type()) {
		return "", false
	}
	o.busy[p] = true
	defer delete(o.busy, p)
	list, _ := o.x.finite.Arguments(p)
	for _, a := range list {
		if what, ok := o.from(a.Value, a.Block, depth+1); ok {
			return what, true
		}
	}
	return "", false
}

// shortCut: at most two characters of a text.
func shortCut(t *ssa.Slice) bool {
	high, ok := t.High.(*ssa.Const)
	return ok && high.Value != nil && high.Int64() <= 2
}

// ofRequest: a map of headers, values or path variables.
func ofRequest(m ssa.Value) bool {
	switch typeName(m.Type()) {
	case "net/http.Header", "net/url.Values", "google.golang.org/grpc/metadata.MD":
		return true
	}
	if c, ok := m.(*ssa.Call); ok {
		return firstName(c.Common()) == "github.com/gorilla/mux.Vars"
	}
	return false
}

func isString(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsString != 0
}

// storesTo are the stores to one field of a local struct.
func storesTo(a *ssa.Alloc, field int) (list []*ssa.Store) {
	for _, r := range *a.Referrers() {
		if f, ok := r.(*ssa.FieldAddr); ok && f.Field == field {
			for _, r := range *f.Referrers() {
				if s, ok := r.(*ssa.Store); ok && s.Addr == ssa.Value(f) {
					list = append(list, s)
				}
			}
		}
	}
	return list
}

// bindingOf is what a captured variable is where its closure is made.
func bindingOf(fv *ssa.FreeVar) ssa.Value {
	fn := fv.Parent()
	if fn.Parent() == nil {
		return nil
	}
	var found ssa.Value
	for n, v := range fn.FreeVars {
		if v == fv {
			instructions(fn.Parent(), func(i ssa.Instruction) {
				if m, ok := i.(*ssa.MakeClosure); ok && m.Fn == ssa.Value(fn) {
					found = m.Bindings[n]
				}
			})
		}
	}
	return found
}

// Names of things that there is one of for each user, request or connection.
var identities = regexp.MustCompile(`(?i)^((user|account|customer|visitor|member|request|req|session|sess|trace|span|correlation|transaction|txn|order|cart|payment|message|msg|device|connection|conn|upload|event|object|entity|record|row)_?(id|uid|uuid|guid|key)|uid|uuid|guid|e?mail|email_?addr(ess)?|(client|remote|peer|source|src|user)_?(ip|addr|address)|ip_?addr(ess)?|session|token|api_?key|user_?name|login|raw_?(url|path|query)|user_?agent)$`)

// Names of labels that say the same.
var identityLabels = regexp.MustCompile(`(?i)^(user|customer|visitor|ip|session|url|uri|query|sql|sql_?text)$`)

func isIdentity(name, label string) bool {
	label = strings.NewReplacer(".", "_", "-", "_").Replace(label) // as attributes are written: user.id
	return identities.MatchString(name) || identities.MatchString(label) || identityLabels.MatchString(label)
}

// identity: the name of the value, or of the label it is for, says that there
// is one for each user, request or connection.
func identity(v ssa.Value, label string) (string, bool) {
	for range 6 {
		switch t := origin(v).(type) {
		case *ssa.Parameter:
			if isBasic(t.Type()) && isIdentity(t.Name(), label) {
				return t.Name(), true
			}
			return "", false
		case *ssa.UnOp:
			f, ok := t.X.(*ssa.FieldAddr)
			if !ok {
				return "", false
			}
			name := structOf(f.X.Type()).Field(f.Field).Name()
			if isBasic(t.Type()) && isIdentity(name, label) {
				return name, true
			}
			return "", false
		case *ssa.Field:
			name := structOf(t.X.Type()).Field(t.Field).Name()
			return name, isBasic(t.Type()) && isIdentity(name, label)
		case *ssa.Convert:
			v = t.X
		case *ssa.Call:
			n := firstName(t.Common())
			if !passOn[n] || len(t.Call.Args) == 0 {
				return "", false
			}
			for _, a := range t.Call.Args {
				for _, e := range elements(a) {
					if what, ok := identity(e, label); ok {
						return what, true
					}
				}
			}
			return "", false
		case *ssa.BinOp:
			if what, ok := identity(t.X, label); ok {
				return what, true
			}
			v = t.Y
		default:
			return "", false
		}
	}
	return "", false
}

// labelOf is the name of the label that a value of a call is for, where the
// vector is made in this package, or the labels are written out with names.
func (x *extractor) labelOf(call *ssa.Call, v ssa.Value) string {
	for _, arg := range call.Call.Args {
		if m, ok := origin(arg).(*ssa.MakeMap); ok {
			for _, r := range *m.Referrers() {
				if u, ok := r.(*ssa.MapUpdate); ok && u.Value == v {
					return constantText(u.Key)
				}
			}
		}
	}
	if len(call.Call.Args) < 2 {
		return ""
	}
	position := -1
	for n, e := range orderedElements(call.Call.Args[len(call.Call.Args)-1]) {
		if e == v {
			position = n
		}
	}
	names := x.vectors()[vectorOf(call.Common())]
	if position < 0 || position >= len(names) {
		return ""
	}
	return names[position]
}

// vectors are the label names of the vectors that the package makes.
func (x *extractor) vectors() map[string][]string {
	if x.labels != nil {
		return x.labels
	}
	x.labels = map[string][]string{}
	for _, fn := range x.functions {
		instructions(fn, func(i ssa.Instruction) {
			s, ok := i.(*ssa.Store)
			if !ok {
				return
			}
			made, ok := origin(s.Val).(*ssa.Call)
			if !ok || !strings.HasSuffix(firstName(made.Common()), "Vec") || len(made.Call.Args) < 2 {
				return
			}
			var list []string
			for _, e := range orderedElements(made.Call.Args[len(made.Call.Args)-1]) {
				list = append(list, constantText(e))
			}
			x.labels[poolKey(s.Addr)] = list
		})
	}
	return x.labels
}

func constantText(v ssa.Value) string {
	if c, ok := v.(*ssa.Const); ok && c.Value != nil && isString(c.Type()) {
		return strings.Trim(c.Value.ExactString(), `"`)
	}
	return ""
}

// orderedElements are those of a list that is written out, by position.
func orderedElements(v ssa.Value) []ssa.Value {
	s, ok := v.(*ssa.Slice)
	if !ok {
		return nil
	}
	a, ok := s.X.(*ssa.Alloc)
	if !ok {
		return nil
	}
	arr, ok := deref(a.Type()).Underlying().(*types.Array)
	if !ok || arr.Len() > 64 {
		return nil
	}
	list := make([]ssa.Value, arr.Len())
	for _, r := range *a.Referrers() {
		index, ok := r.(*ssa.IndexAddr)
		if !ok {
			continue
		}
		c, ok := index.Index.(*ssa.Const)
		if !ok || c.Int64() >= arr.Len() {
			continue
		}
		for _, r := range *index.Referrers() {
			if s, ok := r.(*ssa.Store); ok {
				list[c.Int64()] = s.Val
			}
		}
	}
	return list
}
