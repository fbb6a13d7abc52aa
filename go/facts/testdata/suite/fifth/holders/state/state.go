// Package state has parts that services hold: they know nothing of who holds them.
package state

import (
	"sync"
	"time"
)

// Topics never lose a subscriber.
type Topics struct {
	mu   sync.Mutex
	subs map[string][]chan string
}

func NewTopics() *Topics { return &Topics{subs: map[string][]chan string{}} }

func (t *Topics) Listen(topic string) <-chan string {
	ch := make(chan string, 4)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.subs[topic] = append(t.subs[topic], ch) // want heap/holder-only-added
	return ch
}

// LeavableTopics forget who has left.
type LeavableTopics struct {
	mu   sync.Mutex
	subs map[string]map[chan string]bool
}

func NewLeavableTopics() *LeavableTopics {
	return &LeavableTopics{subs: map[string]map[chan string]bool{}}
}

func (t *LeavableTopics) Listen(topic string) (ch chan string, leave func()) {
	ch = make(chan string, 4)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.subs[topic] == nil {
		t.subs[topic] = map[chan string]bool{}
	}
	t.subs[topic][ch] = true
	return ch, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if delete(t.subs[topic], ch); len(t.subs[topic]) == 0 {
			delete(t.subs, topic)
		}
	}
}

// Visits counts by the address of the client.
type Visits struct {
	mu sync.Mutex
	by map[string]*int
}

func NewVisits() *Visits { return &Visits{by: map[string]*int{}} }

func (v *Visits) Count(addr string) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	n := v.by[addr]
	if n == nil {
		n = new(int)
		v.by[addr] = n // want heap/holder-only-added
	}
	*n++
	return *n
}

// HourlyVisits starts with a new map each hour.
type HourlyVisits struct {
	mu   sync.Mutex
	by   map[string]int
	hour int
}

func NewHourlyVisits() *HourlyVisits { return &HourlyVisits{by: map[string]int{}} }

func (v *HourlyVisits) Count(addr string) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	if now := time.Now().Hour(); now != v.hour {
		v.hour, v.by = now, map[string]int{}
	}
	v.by[addr]++
	return v.by[addr]
}

type page struct {
	body []byte
	till time.Time
}

// Pages does not give what is too old, and keeps it.
type Pages struct {
	mu    sync.RWMutex
	pages map[string]page
}

func NewPages() *Pages { return &Pages{pages: map[string]page{}} }

func (p *Pages) Get(url string) []byte {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if one, ok := p.pages[url]; ok && time.Now().Before(one.till) {
		return one.body
	}
	return nil
}

func (p *Pages) Put(url string, body []byte) {
	p.mu.Lock()
	p.pages[url] = page{body, time.Now().Add(time.Minute)} // want heap/holder-only-added
	p.mu.Unlock()
}

// FreshPages removes what is too old when it is asked for.
type FreshPages struct {
	mu    sync.Mutex
	pages map[string]page
}

func NewFreshPages() *FreshPages { return &FreshPages{pages: map[string]page{}} }

func (p *FreshPages) Get(url string) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	one, ok := p.pages[url]
	if ok && time.Now().After(one.till) {
		delete(p.pages, url)
		return nil
	}
	return one.body
}

func (p *FreshPages) Put(url string, body []byte) {
	p.mu.Lock()
	p.pages[url] = page{body, time.Now().Add(time.Minute)}
	p.mu.Unlock()
}

// Rooms forgets a guest, and not the guest's name.
type Rooms struct {
	mu     sync.Mutex
	guests map[int]func()
	names  map[int]string
}

func NewRooms() *Rooms { return &Rooms{guests: map[int]func(){}, names: map[int]string{}} }

func (r *Rooms) Enter(id int, name string, end func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.guests[id] = end
	r.names[id] = name // want heap/holder-only-added
}

func (r *Rooms) Leave(id int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.guests, id)
}

// TidyRooms forgets both.
type TidyRooms struct {
	mu     sync.Mutex
	guests map[int]func()
	names  map[int]string
}

func NewTidyRooms() *TidyRooms {
	return &TidyRooms{guests: map[int]func(){}, names: map[int]string{}}
}

func (r *TidyRooms) Enter(id int, name string, end func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.guests[id], r.names[id] = end, name
}

func (r *TidyRooms) Leave(id int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.guests, id)
	delete(r.names, id)
}

// Failures are kept for ever.
type Failures struct {
	mu   sync.Mutex
	list []error
}

func (f *Failures) Note(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = append(f.list, err) // want heap/holder-only-added
}

// LastFailures keeps a few.
type LastFailures struct {
	mu   sync.Mutex
	list []error
}

func (f *LastFailures) Note(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.list) >= 32 {
		return
	}
	f.list = append(f.list, err)
}

// Fields belong to one request.
type Fields struct{ bad map[string]string }

func NewFields() *Fields { return &Fields{bad: map[string]string{}} }

func (f *Fields) Wrong(name, why string) { f.bad[name] = why }

func (f *Fields) Len() int { return len(f.bad) }

// Levels has as many keys as there are levels.
type Levels struct {
	mu sync.Mutex
	by map[string]int
}

func NewLevels() *Levels { return &Levels{by: map[string]int{}} }

func (l *Levels) Count(failed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if failed {
		l.by["error"]++
		return
	}
	l.by["info"]++
}

// Report is made once, for one run of a command.
type Report struct {
	lines []string
	sizes map[string]int
}

func NewReport() *Report { return &Report{sizes: map[string]int{}} }

func (r *Report) Add(name string, size int) {
	r.lines = append(r.lines, name)
	r.sizes[name] = size
}

func (r *Report) Lines() int { return len(r.lines) + len(r.sizes) }

// Own has the addresses of this machine, which it asks for when it starts.
type Own struct {
	mu    sync.Mutex
	known map[string]bool
}

func NewOwn() *Own { return &Own{known: map[string]bool{}} }

func (o *Own) Start(addrs []string) { background(func() { o.learn(addrs) }) }

func (o *Own) learn(addrs []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, addr := range addrs {
		o.known[addr] = true
	}
}

func background(f func()) { go f() }
