package syncfacts

import (
	"sort"
	"strings"
)

// maxObjects bounds what one place can hold; more becomes "unknown".
const maxObjects = 256

// solver follows objects along edges until nothing is new (an inclusion-based,
// field-based and flow-insensitive points-to analysis).
type solver struct {
	ids     map[string]int
	label   []string
	edges   [][]int
	edgeSet map[[2]int]bool
	points  []map[string]bool
	work    []int
	pending []map[string]bool
	callsAt map[int][]*Call
	methods map[string]map[string]string
	// callees of a function, by call and by go, and the places of cancel calls.
	calls   map[string]map[string]bool
	starts  map[string]map[string]bool
	resolve map[string]map[string]bool // "function line go|call" -> callees
	cancels map[string][]*Call
	called  map[string]bool
	params  map[string]int
}

func newSolver() *solver {
	return &solver{ids: map[string]int{}, edgeSet: map[[2]int]bool{}, callsAt: map[int][]*Call{}, methods: map[string]map[string]string{},
		calls: map[string]map[string]bool{}, starts: map[string]map[string]bool{}, resolve: map[string]map[string]bool{},
		cancels: map[string][]*Call{}, called: map[string]bool{}, params: map[string]int{}}
}

func (s *solver) id(node string) int {
	if id, ok := s.ids[node]; ok {
		return id
	}
	id := len(s.label)
	s.ids[node] = id
	s.label = append(s.label, node)
	s.edges = append(s.edges, nil)
	s.points = append(s.points, nil)
	s.pending = append(s.pending, nil)
	return id
}

func (s *solver) connect(from, to string) {
	if from == "" || to == "" {
		return
	}
	a, b := s.id(from), s.id(to)
	if a == b || s.edgeSet[[2]int{a, b}] {
		return
	}
	s.edgeSet[[2]int{a, b}] = true
	s.edges[a] = append(s.edges[a], b)
	for object := range s.points[a] {
		s.put(b, object)
	}
}

func (s *solver) put(node int, object string) {
	if s.points[node][object] {
		return
	}
	if len(s.points[node]) >= maxObjects {
		object = unknown
		if s.points[node][object] {
			return
		}
	}
	if s.points[node] == nil {
		s.points[node] = map[string]bool{}
	}
	s.points[node][object] = true
	if s.pending[node] == nil {
		s.pending[node] = map[string]bool{}
		s.work = append(s.work, node)
	}
	s.pending[node][object] = true
}

func (s *solver) run() {
	for len(s.work) > 0 {
		node := s.work[len(s.work)-1]
		s.work = s.work[:len(s.work)-1]
		news := s.pending[node]
		s.pending[node] = nil
		list := sorted(news)
		for _, to := range s.edges[node] {
			for _, object := range list {
				s.put(to, object)
			}
		}
		for _, c := range s.callsAt[node] {
			for _, object := range list {
				s.reach(c, object)
			}
		}
	}
}

// reach connects a call with a function that turned out to be its callee.
func (s *solver) reach(c *Call, object string) {
	kind, rest, _ := strings.Cut(object, " ")
	key, shift := "", 0
	switch {
	case object == unknown: // may be any code: so may be what it gives back
		for _, to := range c.Results {
			if to != "" {
				s.put(s.id(to), unknown)
			}
		}
		return
	case kind == "cancel" && c.Method == "":
		for _, known := range s.cancels[rest] {
			if known == c {
				return
			}
		}
		s.cancels[rest] = append(s.cancels[rest], c)
		return
	case kind == "func" && c.Method == "":
		key = rest
	case kind == "bound" && c.Method == "":
		key, shift = rest, 1
	case kind == "type" && c.Method != "":
		key, shift = s.methods[rest][c.Method], 1
	}
	if key == "" {
		return
	}
	s.link(c.Function, key, c.Line, c.Go)
	for i, arg := range c.Args {
		s.connect(arg, param(key, i+shift))
	}
	if len(c.Args) == 0 { // called by code that is not analysed
		for i := shift; i < s.params[key]; i++ {
			s.put(s.id(param(key, i)), unknown)
		}
	}
	_, analysed := s.params[key]
	for i, to := range c.Results {
		s.connect(result(key, i), to)
		if !analysed && to != "" {
			s.put(s.id(to), unknown)
		}
	}
}

func (s *solver) link(caller, callee string, line int, isGo bool) {
	table, kind := s.calls, "call"
	if isGo {
		table, kind = s.starts, "go"
	}
	if table[caller] == nil {
		table[caller] = map[string]bool{}
	}
	table[caller][callee] = true
	s.called[callee] = true
	at := siteKey(caller, line, kind)
	if s.resolve[at] == nil {
		s.resolve[at] = map[string]bool{}
	}
	s.resolve[at][callee] = true
}

func sorted(set map[string]bool) []string {
	list := make([]string, 0, len(set))
	for k := range set {
		list = append(list, k)
	}
	sort.Strings(list)
	return list
}

// solve runs the analysis over the units. library: code that is not seen may
// call what is exported.
func solve(units []*Unit, library bool) *solver {
	s := newSolver()
	for _, u := range units {
		for key, table := range u.Methods {
			s.methods[key] = table
		}
		for _, f := range u.Functions {
			s.params[f.Key] = len(f.Params)
			for _, callee := range f.Callees {
				s.link(f.Key, callee, 0, false)
			}
			for _, c := range f.Calls {
				if c.Callee != "" {
					s.link(f.Key, c.Callee, c.Line, c.Kind == "go")
				}
			}
		}
	}
	for _, u := range units {
		for i := range u.Calls {
			c := &u.Calls[i]
			s.callsAt[s.id(c.Node)] = append(s.callsAt[s.id(c.Node)], c)
		}
		for _, e := range u.Edges {
			s.connect(e[0], e[1])
		}
		for _, a := range u.Adds {
			s.put(s.id(a[0]), a[1])
		}
		if library {
			for _, node := range u.Exported {
				s.put(s.id(node), unknown)
			}
		}
	}
	s.run()
	// What nobody calls is called by code that is not seen, or never.
	for _, u := range units {
		for _, f := range u.Functions {
			if !s.called[f.Key] {
				for i := range f.Params {
					s.put(s.id(param(f.Key, i)), unknown)
				}
			}
		}
	}
	s.run()
	return s
}

// of lists the objects in a place.
func (s *solver) of(node string) []string {
	id, ok := s.ids[node]
	if !ok {
		return nil
	}
	return sorted(s.points[id])
}
