package bounded

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// What looks bounded and is not.

var perUser = map[int]int{}

func leakInteger(id int) {
	perUser[id]++ // want heap/holder-only-added
}

type userID uint64

var perUserID = map[userID]int{}

func leakNamedInteger(id userID) {
	perUserID[id]++ // want heap/holder-only-added
}

var perDivided = map[int64]int{}

func leakDivided(t time.Time) {
	perDivided[t.Unix()/60]++ // want heap/holder-only-added
}

var perText = map[string]int{}

func leakDefault(key string) {
	if key == "" {
		key = "none"
	}
	perText[key]++ // want heap/holder-only-added
}

func label(code int, user string) string {
	if code >= 500 {
		return "server"
	}
	return user
}

var perLabel = map[string]int{}

func leakHelperName(code int, user string) {
	perLabel[label(code, user)]++ // want heap/holder-only-added
}

var seen = map[string]bool{}

func leakUnseen(key string) error {
	if seen[key] {
		return errors.New("twice")
	}
	seen[key] = true // want heap/holder-only-added
	return nil
}

var denied = map[string]bool{"root": true}
var perGuest = map[string]int{}

func leakAllButDenied(name string) {
	if denied[name] {
		return
	}
	perGuest[name]++ // want heap/holder-only-added
}

type flags struct {
	name string
	ok   bool
}

var perFlags = map[flags]int{}

func leakStructKey(name string, ok bool) {
	perFlags[flags{name, ok}]++ // want heap/holder-only-added
}

var sized = map[string]int{}

func leakLoggedSize(key string, log func(string)) {
	sized[key]++ // want heap/holder-only-added
	log(strconv.Itoa(len(sized)))
}

var (
	stored sync.Map
	total  atomic.Int64
)

func leakCountedOnly(key string) int64 {
	stored.Store(key, true) // want heap/holder-only-added
	return total.Add(1)
}

var perSwitch = map[string]int{}

func leakSwitchDefault(method string) {
	switch method {
	case http.MethodGet:
		return
	default:
		perSwitch[method]++ // want heap/holder-only-added
	}
}

var once sync.Once
var afterOnce = map[string]int{}

func leakAfterOnce(key string) {
	once.Do(func() { afterOnce["first"] = 1 })
	afterOnce[key]++ // want heap/holder-only-added
}

var lines []string

func leakFormatted(n int) {
	lines = append(lines, fmt.Sprintf("line %d", n)) // want heap/holder-only-added
}

var sessions = &sessionTable{m: map[string][]byte{}}

type sessionTable struct {
	mu sync.Mutex
	m  map[string][]byte
}

func (t *sessionTable) leakSession(id string, b []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.m[id] = b // want heap/holder-only-added
}

func login(id string) { sessions.leakSession(strings.ToLower(id), nil) }

// What is deleted is another map's.
var here, there = map[string]int{}, map[string]int{}

func leakOtherDeleted(key string) {
	here[key]++ // want heap/holder-only-added
	there[key]++
	delete(there, key)
}

var perParam = map[string]string{}

func leakParams(r *http.Request, key string) {
	if v, ok := r.Form[key]; ok {
		perParam[key] = v[0] // want heap/holder-only-added
	}
}

var perWord = map[string]int{}

func leakWords(text string) {
	words := map[string]bool{}
	for _, w := range strings.Fields(text) {
		words[w] = true
	}
	for _, w := range strings.Fields(text) {
		if words[w] {
			perWord[w]++ // want heap/holder-only-added
		}
	}
}

var instance *sessionTable

func theInstance() *sessionTable {
	if instance == nil {
		instance = &sessionTable{m: map[string][]byte{}}
	}
	return instance
}

type connection struct {
	opened sync.Once
	id     string
}

var everOpened = map[string]bool{}

func (c *connection) leakOnceEach() {
	c.opened.Do(func() {
		everOpened[c.id] = true // want heap/holder-only-added
	})
}

var looked sync.Map

func leakLoadAsValue(key string, later func(func(any) (any, bool))) {
	looked.Store(key, true) // want heap/holder-only-added
	later(looked.Load)
}
