package feed

type peer struct {
	name  string
	inbox chan string
	other *peer
}

func (p *peer) talk() string {
	p.other.inbox <- "hello from " + p.name // victim: send-to-each-other // holder: send-to-each-other
	return <-p.inbox
}

func leakPeers() {
	a := &peer{name: "a", inbox: make(chan string)}
	b := &peer{name: "b", inbox: make(chan string), other: a}
	a.other = b
	go a.talk()
	go b.talk()
}

type friend struct {
	name  string
	inbox chan string
	other *friend
}

func (f *friend) talk() string {
	f.other.inbox <- "hello from " + f.name
	return <-f.inbox
}

func fixedPeers() {
	a := &friend{name: "a", inbox: make(chan string, 1)}
	b := &friend{name: "b", inbox: make(chan string, 1), other: a}
	a.other = b
	done := make(chan string, 1)
	go func() { done <- a.talk() }()
	b.talk()
	<-done
}
